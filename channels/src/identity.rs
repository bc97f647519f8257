//! Who wrote: verbs, not a value.
//!
//! Whatever the channel knows of the sender goes in here and stays. From outside one can ask for a keyed pseudonym, have
//! the contact sealed, and learn where in a text the sender's own values stand; never read them.

use std::fmt;
use std::ops::Range;

use serde::Serialize;
use static_assertions::assert_not_impl_any;
use unicode_normalization::char::decompose_canonical;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::inbound::Medium;
use crate::keys::PseudonymKey;
use crate::phone::{Phone, digit_of};

/// The sender of a report.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Identity {
    /// Where an answer can go: E.164, a lower-cased mail address, a chat id. Empty when the reporter left none.
    pub(crate) address: String,
    /// Makes an anonymous reporter distinct from every other one.
    pub(crate) unique: String,
    /// Everything known of the sender, to be found in texts.
    pub(crate) known: Vec<Known>,
}

assert_not_impl_any!(Identity: fmt::Debug, fmt::Display, Clone, Serialize);

/// One known value of the sender.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(crate) struct Known {
    #[zeroize(skip)]
    pub(crate) kind: KnownKind,
    pub(crate) value: String,
}

/// What kind of known value stands in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KnownKind {
    /// The sender's number, however spelled.
    Phone,
    /// The sender's mail address.
    Email,
    /// A part of the sender's name.
    Name,
    /// The sender's user name.
    Handle,
}

/// A place in a text where the sender is named, in bytes of that text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownSpan {
    /// The bytes.
    pub range: Range<usize>,
    /// What stands there.
    pub kind: KnownKind,
}

/// A keyed stand-in for a sender: equal for equal senders of one deployment, and nothing to anybody without its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pseudonym(pub(crate) [u8; 16]);

impl Pseudonym {
    /// Takes a pseudonym back from a store.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Lower-case hexadecimal, as stores write it.
    #[must_use]
    pub fn to_hex(self) -> String {
        hex::encode(self.0)
    }
}

impl fmt::Display for Pseudonym {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "r_{}", hex::encode(self.0))
    }
}

impl Identity {
    /// A sender with a telephone number, or with whatever the network put in its place.
    pub(crate) fn phone(written: &str, country: Option<&str>) -> Self {
        let phone = Phone::read(written, country);
        let mut identity = Self { address: phone.canonical().to_owned(), unique: String::new(), known: Vec::new() };
        identity.also(KnownKind::Phone, phone.canonical());
        identity
    }

    /// A sender with a mail address.
    pub(crate) fn email(address: &str) -> Self {
        let address = address.trim().to_lowercase();
        let mut identity = Self { address: address.clone(), unique: String::new(), known: Vec::new() };
        identity.also(KnownKind::Email, &address);
        identity
    }

    /// A sender known by an account or a self-chosen address.
    pub(crate) fn account(id: &str) -> Self {
        let mut identity = Self { address: id.trim().to_owned(), unique: String::new(), known: Vec::new() };
        identity.also(KnownKind::Handle, id.trim());
        identity
    }

    /// A reporter who left no address. `unique` keeps two of them apart.
    pub(crate) fn nobody(unique: &str) -> Self {
        Self { address: String::new(), unique: unique.to_owned(), known: Vec::new() }
    }

    /// Adds something else that is known of the sender.
    pub(crate) fn also(&mut self, kind: KnownKind, value: &str) {
        let value = value.trim();
        if !value.is_empty() {
            self.known.push(Known { kind, value: value.to_owned() });
        }
    }

    /// Whether there is an address that an answer could go to.
    #[must_use]
    pub fn can_be_answered(&self) -> bool {
        !self.address.is_empty()
    }

    /// The keyed pseudonym of this sender on this kind of channel.
    #[must_use]
    pub fn pseudonym(&self, medium: Medium, key: &PseudonymKey) -> Pseudonym {
        let canonical = if self.address.is_empty() { &self.unique } else { &self.address };
        Pseudonym(key.mac(b"gw-index-v1", &[medium.as_str().as_bytes(), canonical.as_bytes()]))
    }

    /// Where in `text` the sender's own values stand, in every spelling known here. Spans may overlap.
    #[must_use]
    pub fn spans_in(&self, text: &str) -> Vec<KnownSpan> {
        let mut spans = Vec::new();
        for known in &self.known {
            let ranges = match known.kind {
                KnownKind::Phone => phone_ranges(text, &known.value),
                KnownKind::Email => email_ranges(text, &known.value),
                KnownKind::Name => name_ranges(text, &known.value),
                KnownKind::Handle => handle_ranges(text, &known.value),
            };
            spans.extend(ranges.into_iter().map(|range| KnownSpan { range, kind: known.kind }));
        }
        spans.sort_by_key(|span| (span.range.start, span.range.end));
        spans
    }
}

/// Finds the digits of `number` whatever stands between them: blanks, dots, dashes, brackets, digits of another script.
fn phone_ranges(text: &str, number: &str) -> Vec<Range<usize>> {
    let (country_code, national) = match Phone::read(number, None) {
        Phone::Full { country_code, national, .. } => (country_code, national),
        Phone::Other(as_written) if as_written.bytes().any(|byte| byte.is_ascii_digit()) => {
            (String::new(), as_written.chars().filter(char::is_ascii_digit).collect())
        }
        Phone::Other(as_written) => return word_ranges(text, &as_written),
    };
    // A short code is no identity, and its few digits stand in every second price.
    if national.len() < 6 {
        return Vec::new();
    }
    let mut ranges = Vec::new();
    for run in digit_runs(text) {
        let digits: String = run.iter().map(|(digit, _)| char::from(b'0' + digit)).collect();
        for (at, _) in digits.match_indices(&national) {
            let last = at + national.len() - 1;
            let before = &digits[..at];
            // Take in whatever prefix belongs to the number: country code, trunk zero, 00.
            let prefix = [
                format!("00{country_code}0"),
                format!("00{country_code}"),
                format!("{country_code}0"),
                country_code.clone(),
                "0".into(),
            ]
            .into_iter()
            .find(|prefix| !prefix.is_empty() && before.ends_with(prefix.as_str()))
            .map_or(0, |prefix| prefix.len());
            let start = plus_before(text, run[at - prefix].1.start);
            ranges.push(start..run[last].1.end);
        }
    }
    ranges
}

/// Moves a start back over an opening bracket and a plus sign.
fn plus_before(text: &str, start: usize) -> usize {
    let mut begin = start;
    for character in text[..start].chars().rev() {
        match character {
            '+' | '＋' | '(' => begin -= character.len_utf8(),
            _ => break,
        }
    }
    begin
}

/// Digits of `text` in runs; a run goes on across at most three characters that are neither letters nor digits.
fn digit_runs(text: &str) -> Vec<Vec<(u8, Range<usize>)>> {
    let mut runs: Vec<Vec<(u8, Range<usize>)>> = Vec::new();
    let mut gap = usize::MAX;
    for (at, character) in text.char_indices() {
        if let Some(digit) = digit_of(character) {
            let place = (digit, at..at + character.len_utf8());
            match runs.last_mut() {
                Some(run) if gap <= 3 => run.push(place),
                _ => runs.push(vec![place]),
            }
            gap = 0;
        } else if character.is_alphabetic() {
            gap = usize::MAX;
        } else if !is_invisible(character) {
            gap = gap.saturating_add(1);
        }
    }
    runs
}

fn is_invisible(character: char) -> bool {
    matches!(u32::from(character), 0xAD | 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x2064 | 0x2066..=0x2069 | 0xFEFF)
}

/// The whole address, and its local part where that is long enough to be somebody.
fn email_ranges(text: &str, address: &str) -> Vec<Range<usize>> {
    let mut ranges = substring_ranges(text, address);
    if let Some((local, _)) = address.split_once('@')
        && local.chars().count() >= 5
    {
        ranges.extend(word_ranges(text, local));
    }
    ranges
}

/// Nobody has so many names; whoever writes more wants the search to take for ever.
const MOST_NAME_PARTS: usize = 32;

/// The whole name, then each part of it that is long enough, then short ones and initials that stand beside those.
fn name_ranges(text: &str, name: &str) -> Vec<Range<usize>> {
    let mut ranges = word_ranges(text, name);
    let is_between = |character: char| character.is_whitespace() || ",.;()\"'".contains(character);
    let parts: Vec<&str> = name.split(is_between).filter(|part| !part.is_empty()).take(MOST_NAME_PARTS).collect();
    for part in &parts {
        let n_chars = part.chars().count();
        if n_chars >= 3 || (n_chars >= 2 && part.chars().all(is_unspaced)) {
            ranges.extend(word_ranges(text, part));
        }
    }
    let n_whole = ranges.len();
    for part in &parts {
        let initial: String = part.chars().take(1).collect();
        let short = if part.chars().count() < 3 { *part } else { initial.as_str() };
        for range in word_ranges(text, short) {
            let is_beside = |other: &Range<usize>| {
                let (first, second) = if range.start < other.start { (&range, other) } else { (other, &range) };
                first.end <= second.start && text[first.end..second.start].chars().all(|between| between == ' ' || between == '.')
            };
            if ranges[..n_whole].iter().any(is_beside) {
                ranges.push(range);
            }
        }
    }
    ranges
}

/// A user name, with or without its `@`.
fn handle_ranges(text: &str, handle: &str) -> Vec<Range<usize>> {
    let bare = handle.trim_start_matches('@');
    if bare.chars().count() < 4 {
        return Vec::new();
    }
    let mut ranges = word_ranges(text, bare);
    for range in &mut ranges {
        if text[..range.start].ends_with('@') {
            range.start -= 1;
        }
    }
    ranges
}

/// Occurrences of `needle` that are not part of a longer word; in scripts without spaces, every occurrence.
fn word_ranges(text: &str, needle: &str) -> Vec<Range<usize>> {
    let unspaced = needle.chars().any(is_unspaced);
    let mut ranges = substring_ranges(text, needle);
    if !unspaced {
        ranges.retain(|range| {
            let before = text[..range.start].chars().next_back();
            let after = text[range.end..].chars().next();
            !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
        });
    }
    ranges
}

/// Letters of scripts that put no spaces between words.
fn is_unspaced(character: char) -> bool {
    matches!(u32::from(character), 0xE00..=0xEFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x3040..=0x30FF | 0x3400..=0x9FFF | 0x20000..=0x2FFFF)
}

/// Occurrences of `needle`, letter case and runs of blanks ignored, as ranges of the original text.
fn substring_ranges(text: &str, needle: &str) -> Vec<Range<usize>> {
    let needle: Vec<char> = folded(needle).map(|(character, _)| character).collect();
    if needle.is_empty() {
        return Vec::new();
    }
    let hay: Vec<(char, Range<usize>)> = folded(text).collect();
    let mut ranges = Vec::new();
    let mut at = 0;
    while at + needle.len() <= hay.len() {
        if hay[at..at + needle.len()].iter().map(|(character, _)| *character).eq(needle.iter().copied()) {
            ranges.push(hay[at].1.start..hay[at + needle.len() - 1].1.end);
            at += needle.len();
        } else {
            at += 1;
        }
    }
    ranges
}

/// Lower-cased characters without their Latin accents, with the bytes each came from; invisible ones left out, runs of blanks
/// made one.
fn folded(text: &str) -> impl Iterator<Item = (char, Range<usize>)> + '_ {
    let mut blank = false;
    text.char_indices()
        .filter(|(_, character)| !is_invisible(*character) && !matches!(character, '\u{300}'..='\u{36F}'))
        .filter(move |(_, character)| {
            let again = blank && character.is_whitespace();
            blank = character.is_whitespace();
            !again
        })
        .flat_map(|(at, character)| {
            let range = at..at + character.len_utf8();
            let shown = if character.is_whitespace() { ' ' } else { plain(character) };
            shown.to_lowercase().map(move |lower| (lower, range.clone()))
        })
}

/// A Latin letter without its marks, and a full-width one as everybody types it.
fn plain(character: char) -> char {
    match character {
        'đ' | 'Đ' => 'd',
        'ı' | 'İ' => 'i',
        'ø' | 'Ø' => 'o',
        'ł' | 'Ł' => 'l',
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(character) - 0xFEE0).unwrap_or(character),
        '\u{C0}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}' => {
            let mut base = character;
            let mut is_first = true;
            decompose_canonical(character, |part| {
                if std::mem::take(&mut is_first) {
                    base = part;
                }
            });
            base
        }
        _ => character,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(identity: &Identity, text: &str, expect: &[&str]) {
        let found: Vec<&str> = identity.spans_in(text).into_iter().map(|span| &text[span.range]).collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn the_own_number_is_found_in_every_spelling() {
        let sender = Identity::phone("+84 90 555 01 23", None);
        check(&sender, "call +84 905 550 123 please", &["+84 905 550 123"]);
        check(&sender, "gọi 0905550123 nhé", &["0905550123"]);
        check(&sender, "00 84 90.555.0123", &["00 84 90.555.0123"]);
        check(&sender, "(84) 90-555-0123", &["(84) 90-555-0123"]);
        check(&sender, "৯০৫৫৫০১২৩", &["৯০৫৫৫০১২৩"]);
        check(&sender, "pay 905 per day, 550 people, 123 rooms", &[]);
    }

    #[test]
    fn names_are_found_as_words_only() {
        let mut sender = Identity::phone("+15550100", None);
        sender.also(KnownKind::Name, "Ann Wachira");
        check(&sender, "ann wachira here. Ann said annual leave, WACHIRA", &["ann", "ann wachira", "wachira", "Ann", "WACHIRA"]);
    }

    #[test]
    fn accents_and_short_parts_are_found() {
        let mut sender = Identity::nobody("x");
        sender.also(KnownKind::Name, "Đỗ Thị An");
        check(&sender, "toi la do thi an, an com", &["do", "do thi an", "thi", "an"]);
        let mut sender = Identity::nobody("x");
        sender.also(KnownKind::Name, "Ann Wachira");
        check(&sender, "A. Wachira wrote, not a line", &["A", "Wachira"]);
    }

    #[test]
    fn a_chinese_name_is_found_inside_a_sentence() {
        let mut sender = Identity::nobody("x");
        sender.also(KnownKind::Name, "王小明");
        check(&sender, "我叫王小明在三号线", &["王小明", "王小明"]);
    }

    #[test]
    fn addresses_and_handles_are_found() {
        let mut sender = Identity::email("Someone.Here@example.org");
        sender.also(KnownKind::Handle, "lan_worker");
        check(
            &sender,
            "write to someone.here@EXAMPLE.org or @lan_worker",
            &["someone.here", "someone.here@EXAMPLE.org", "@lan_worker"],
        );
    }

    #[test]
    fn the_pseudonym_depends_on_key_medium_and_sender() {
        let (one, two) = (PseudonymKey::new([1; 32]), PseudonymKey::new([2; 32]));
        let spaced = Identity::phone("+84 90 555 01 23", None);
        let plain = Identity::phone("84905550123", None);
        assert_eq!(spaced.pseudonym(Medium::Sms, &one), plain.pseudonym(Medium::Sms, &one));
        assert_ne!(spaced.pseudonym(Medium::Sms, &one), spaced.pseudonym(Medium::Sms, &two));
        assert_ne!(spaced.pseudonym(Medium::Sms, &one), spaced.pseudonym(Medium::Call, &one));
    }
}
