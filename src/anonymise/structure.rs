//! Finds accounts, cards, identity numbers, places on a map and network addresses by their form, in folded text.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::RedactionKind;
use super::checksum;
use super::number;
use super::reading::Reading;
use super::span::{Rank, Span};
use super::words::Shape;

struct Patterns {
    pair: Regex,
    degrees: Regex,
    plus_code: Regex,
    internet: Regex,
    long_internet: Regex,
    hardware: Regex,
    decimal: Regex,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let compiled = |pattern: &str| Regex::new(pattern).expect("the patterns written here compile");
    let sign = r"(?:°|º|deg\.?|degrees?|')";
    Patterns {
        pair: compiled(
            r"(?i)[-+]?(?-u:\b)[0-9]{1,3}\.[0-9]{3,}[ \t]?(?:°|º)?[ \t]?[NS]?[ \t]{0,2}[,;/|، ][ \t]{0,2}(?:lon|lng|long|longitude)?[ \t:=]{0,2}[-+]?[0-9]{1,3}\.[0-9]{3,}[ \t]?(?:°|º)?(?:[ \t]?[EW](?-u:\b))?",
        ),
        degrees: compiled(&format!(
            r#"(?i)[0-9]{{1,3}}(?:\.[0-9]+)?[ \t]?{sign}[ \t]?(?:[0-9]{{1,2}}(?:\.[0-9]+)?[ \t]?['′’m][ \t]?(?:[0-9]{{1,2}}(?:\.[0-9]+)?[ \t]?(?:"|″|”|''|s)[ \t]?)?)?[NSEWO](?:[ \t,;/]{{0,3}}[0-9]{{1,3}}(?:\.[0-9]+)?[ \t]?{sign}[ \t]?(?:[0-9]{{1,2}}(?:\.[0-9]+)?[ \t]?['′’m][ \t]?(?:[0-9]{{1,2}}(?:\.[0-9]+)?[ \t]?(?:"|″|”|''|s)[ \t]?)?)?[NSEWO])?"#
        )),
        plus_code: compiled(
            r"(?i)(?-u:\b)(?:[23456789CFGHJMPQRVWX]{8}|[23456789CFGHJMPQRVWX]{4})\+[23456789CFGHJMPQRVWX]{2,3}(?-u:\b)",
        ),
        internet: compiled(
            r"(?-u:\b)(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(?-u:\b)",
        ),
        long_internet: compiled(
            r"(?i)(?-u:\b)(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}(?-u:\b)|(?-u:\b)(?:[0-9a-f]{1,4}:){1,6}(?::[0-9a-f]{1,4}){1,6}(?-u:\b)",
        ),
        hardware: compiled(
            r"(?i)(?-u:\b)(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}(?-u:\b)|(?-u:\b)(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}(?-u:\b)",
        ),
        decimal: compiled(r"[-+]?(?-u:\b)[0-9]{1,3}\.[0-9]{4,}(?-u:\b)"),
    }
});

/// Decimal degrees, where a cue says that they are.
pub(super) fn degrees(text: &str) -> Vec<Range<usize>> {
    let pairs = PATTERNS.pair.find_iter(text).map(|found| found.range());
    // `13.06.2025` is a day.
    let is_alone =
        |range: &Range<usize>| !text[..range.start].ends_with(['.', '/', '-']) && !text[range.end..].starts_with(['.', '/', '-']);
    pairs.chain(PATTERNS.decimal.find_iter(text).map(|found| found.range()).filter(is_alone)).collect()
}

/// All such places. Spans may overlap. `is_guarded` says whether a byte belongs to an amount, a date or a thing.
pub(super) fn find(reading: &Reading<'_>, is_guarded: &dyn Fn(usize) -> bool, spans: &mut Vec<Span>) {
    let text = reading.text;
    let (mut n_digits, mut n_dots, mut n_colons, mut n_dashes, mut has_degree, mut has_plus) = (0, 0, 0, 0, false, false);
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' => n_digits += 1,
            b'.' => n_dots += 1,
            b':' => n_colons += 1,
            b'-' => n_dashes += 1,
            b'+' => has_plus = true,
            // The last byte of the signs for degrees.
            0xB0 | 0xBA => has_degree = true,
            _ => {}
        }
    }
    let mut all = |pattern: &Regex, kind| {
        spans.extend(pattern.find_iter(text).map(|found| Span { range: found.range(), kind, rank: Rank::Cued }));
    };
    if n_digits >= 8 && n_dots >= 2 {
        all(&PATTERNS.pair, RedactionKind::Gps);
    }
    if n_digits >= 4 && (has_degree || text.contains("deg")) {
        all(&PATTERNS.degrees, RedactionKind::Gps);
    }
    if has_plus {
        all(&PATTERNS.plus_code, RedactionKind::Gps);
    }
    if n_dots >= 3 && n_digits >= 4 {
        all(&PATTERNS.internet, RedactionKind::Network);
    }
    if n_colons >= 3 {
        all(&PATTERNS.long_internet, RedactionKind::Network);
    }
    if n_colons >= 5 || n_dashes >= 5 || n_dots >= 2 {
        all(&PATTERNS.hardware, RedactionKind::Network);
    }
    for at in 0..reading.words.len() {
        match reading.words[at].shape {
            Shape::Mixed => spans.extend(mixed(reading, at)),
            Shape::Upper | Shape::Lower | Shape::Capital if reading.words[at].range.len() >= 26 => {
                spans.extend(mixed(reading, at));
            }
            Shape::Number | Shape::Capital | Shape::Upper | Shape::Lower | Shape::Uncased | Shape::Unspaced => {}
        }
    }
    if n_digits >= 8 {
        for cluster in number::clusters(text) {
            if !cluster.clone().any(is_guarded) {
                spans.extend(numeric(text, &cluster));
            }
        }
    }
}

/// Numbers that their check digits give away.
fn numeric(text: &str, cluster: &Range<usize>) -> Option<Span> {
    let written = &text[cluster.clone()];
    let mut digits: Vec<u8> = written.bytes().filter(u8::is_ascii_digit).map(|byte| byte - b'0').collect();
    let mut end = cluster.end;
    if digits.len() == 17 && text[cluster.end..].starts_with(['X', 'x']) {
        digits.push(10);
        end += 1;
    }
    if written.starts_with(['+', '(']) {
        return None;
    }
    let shape: String = written.chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect();
    let kind = match digits.len() {
        9 if shape == "999-99-9999" => RedactionKind::NationalId,
        11 if shape == "999.999.999-99" => RedactionKind::NationalId,
        11 if checksum::cpf(&digits) || checksum::turkish(&digits) || checksum::pesel(&digits) => RedactionKind::NationalId,
        12 if (shape == "9999 9999 9999" || shape == "9999-9999-9999" || shape == "999999999999")
            && digits[0] > 1
            && checksum::verhoeff(&digits) =>
        {
            RedactionKind::NationalId
        }
        13 if shape == "99999-9999999-9" || shape == "999999-9999999" || shape.starts_with("9-9999-99999-99-9") => {
            RedactionKind::NationalId
        }
        13 if checksum::thai(&digits) => RedactionKind::NationalId,
        16 if checksum::nik(&digits) && shape.len() == 16 && !checksum::luhn(&digits) => RedactionKind::NationalId,
        18 if checksum::chinese(&digits) => RedactionKind::NationalId,
        18 if checksum::clabe(&digits) => RedactionKind::Bank,
        13..=19 if (3..=6).contains(&digits[0]) && checksum::luhn(&digits) => RedactionKind::Bank,
        _ => return None,
    };
    Some(Span { range: cluster.start..end, kind, rank: Rank::Cued })
}

/// Codes of letters and digits.
fn mixed(reading: &Reading<'_>, at: usize) -> Option<Span> {
    let written = reading.word(at);
    let range = reading.words[at].range.clone();
    if !written.is_ascii() {
        return None;
    }
    let upper = written.to_ascii_uppercase();
    let bytes = upper.as_bytes();
    let is_like = |pattern: &str| {
        pattern.len() == bytes.len()
            && pattern.bytes().zip(bytes).all(|(sign, byte)| match sign {
                b'A' => byte.is_ascii_uppercase(),
                b'9' => byte.is_ascii_digit(),
                _ => byte.is_ascii_alphanumeric(),
            })
    };
    let found = |kind| Some(Span { range: range.clone(), kind, rank: Rank::Cued });
    if is_like("AAAA999999AAAAAA99") || is_like("AAAA999999AAAAAAA9") || is_like("AAAAAA99A99A999A") || is_like("AAAAA9999A") {
        return found(RedactionKind::NationalId);
    }
    if (is_like("A9999999A") && (checksum::nric(bytes) || checksum::nif(bytes))) || (is_like("99999999A") && checksum::nif(bytes))
    {
        return found(RedactionKind::NationalId);
    }
    if written.len() >= 4 && bytes[..2].iter().all(u8::is_ascii_uppercase) && bytes[2..4].iter().all(u8::is_ascii_digit) {
        // Groups of an IBAN, with blanks between them.
        let mut code = String::new();
        let mut ends = Vec::new();
        for next in at..reading.words.len().min(at + 10) {
            let word = reading.word(next);
            let is_joined =
                next == at || &reading.text[reading.words[next - 1].range.end..reading.words[next].range.start] == " ";
            if !is_joined || !word.is_ascii() || code.len() + word.len() > 34 {
                break;
            }
            code.push_str(&word.to_ascii_uppercase());
            ends.push((reading.words[next].range.end, code.len()));
        }
        let end = ends.into_iter().rev().find(|(_, length)| checksum::iban(&code[..*length]));
        if let Some((end, _)) = end {
            return Some(Span { range: range.start..end, kind: RedactionKind::Bank, rank: Rank::Cued });
        }
    }
    let is_base58 = bytes.len() >= 26
        && written.bytes().all(|byte| byte.is_ascii_alphanumeric() && !matches!(byte, b'0' | b'O' | b'I' | b'l'));
    let n_digits = written.bytes().filter(u8::is_ascii_digit).count();
    let is_wallet = (written.starts_with("0x") && bytes.len() == 42 && bytes[2..].iter().all(u8::is_ascii_hexdigit))
        || ((written.starts_with("bc1") || written.starts_with("tb1") || written.starts_with("ltc1"))
            && bytes.len() >= 26
            && n_digits >= 3)
        || (is_base58 && bytes.len() <= 35 && n_digits >= 2 && written.starts_with(['1', '3', 'T', 'L', 'D']))
        || (is_base58 && (95..=106).contains(&bytes.len()));
    if is_wallet { found(RedactionKind::Bank) } else { None }
}
