//! Finds what stands behind a cue for a number, a user name or a day of birth.
//!
//! Whatever the writer calls an account or a badge is taken, whether or not its check digit fits.

use std::ops::Range;

use super::RedactionKind;
use super::cues::{Mark, Role, Side};
use super::reading::Reading;
use super::span::{Rank, Span};
use super::words::{Break, Shape};

/// How far from its cue a long number may stand, in bytes.
const REACH: usize = 48;
/// A number that is long enough to be found at a distance.
const LONG: usize = 8;

/// Everything behind cues, in bytes of the folded text. `is_guarded` says whether a byte belongs to an amount or a date.
pub(super) fn find(reading: &Reading<'_>, is_guarded: &dyn Fn(usize) -> bool, spans: &mut Vec<Span>) {
    for mark in &reading.marks {
        let (kind, least) = match mark.role {
            Role::Employee => (RedactionKind::EmployeeId, 3),
            Role::National => (RedactionKind::NationalId, 5),
            Role::Passport => (RedactionKind::Passport, 5),
            Role::Bank => (RedactionKind::Bank, 6),
            Role::Handle => {
                handle(reading, mark, spans);
                continue;
            }
            Role::Birth => {
                birth(reading, mark, spans);
                continue;
            }
            Role::Location => {
                location(reading, mark, spans);
                continue;
            }
            _ => continue,
        };
        let range = match mark.side {
            Side::Behind => behind(reading, mark, least, is_guarded),
            Side::InFront => in_front(reading, mark, least),
            Side::Opens => between(reading, mark, least),
            Side::Closes => None,
        };
        spans.extend(range.map(|range| Span { range, kind, rank: Rank::Cued }));
    }
}

fn n_digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

/// The value behind a cue: right behind it, or a long number a little further on.
fn behind(reading: &Reading<'_>, mark: &Mark, least: usize, is_guarded: &dyn Fn(usize) -> bool) -> Option<Range<usize>> {
    // `Tk` is an account in one language and money in another.
    if !reading.is_spoken(mark.table) && reading.is_unit(mark.start) {
        return None;
    }
    let first = reading.behind_links(mark.end, mark.table);
    let far = reading.words.get(mark.end.checked_sub(1)?)?.range.end + REACH;
    let mut at = first;
    while at < reading.words.len() && reading.words[at].range.start < far {
        let is_next = at == first;
        let limit = if is_next { Break::Dot } else { Break::Soft };
        // A form may have its value on the next line.
        let is_form = is_next && reading.break_before(at) == Break::Line && reading.words[at].is_after_colon;
        if reading.break_before(at) > limit && !is_form {
            return None;
        }
        // Another cue: the number belongs to that one. A cue inside of this one is no other.
        let is_other = at >= mark.end && !is_next && reading.is_cue(at, mark.table);
        if is_other {
            return None;
        }
        if let Some(range) = code(reading, at, mark.table, matches!(mark.role, Role::Bank | Role::National | Role::Passport)) {
            let written = &reading.text[range.clone()];
            let digits = n_digits(written);
            let has_letters = written.bytes().any(|byte| byte.is_ascii_alphabetic());
            let enough = if is_next { digits >= least || (has_letters && digits + 1 >= least) } else { digits >= LONG };
            let is_address = written.contains('@');
            // Right behind its cue a number belongs to it, unless it is plainly a day or a quantity.
            let is_other = if is_next { is_day(written) || is_amount(written) } else { range.clone().any(is_guarded) };
            if is_address || (enough && !is_other && !is_counted(reading, &range)) {
                return Some(range);
            }
            if is_next && !enough && digits > 0 {
                // `employee no 2 account 123456`: go on behind the short one.
                at = reading.word_at(range.end);
                continue;
            }
            return None;
        }
        at += 1;
    }
    None
}

/// Whether a code is a day: `17/05/2024`.
fn is_day(written: &str) -> bool {
    let parts: Vec<&str> = written.split(['-', '/', '.']).collect();
    let [first, second, third] = parts[..] else { return false };
    let fits = |part: &str, most: u32| part.len() <= 2 && part.parse().is_ok_and(|number: u32| (1..=most).contains(&number));
    let is_year = |part: &str| matches!(part.len(), 2 | 4) && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_middle = fits(second, 31);
    is_middle && ((fits(first, 31) && is_year(third)) || (first.len() == 4 && is_year(first) && fits(third, 31)))
}

/// Whether a code is an amount: `1.500.000`.
fn is_amount(written: &str) -> bool {
    let mut groups = written.split(['.', '\'']);
    let first = groups.next().unwrap_or_default();
    let rest: Vec<&str> = groups.collect();
    let is_number = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    (1..=3).contains(&first.len())
        && is_number(first)
        && !rest.is_empty()
        && rest.iter().all(|group| group.len() == 3 && is_number(group))
}

/// Whether a unit stands behind a number: it is a quantity.
fn is_counted(reading: &Reading<'_>, range: &Range<usize>) -> bool {
    let next = reading.word_at(range.end);
    n_digits(&reading.text[range.clone()]) <= 6 && reading.break_before(next) <= Break::Blank && reading.is_unit(next)
}

/// A code that begins with the word: letters and digits with signs, and groups with blanks between them.
fn code(reading: &Reading<'_>, at: usize, table: u8, has_groups: bool) -> Option<Range<usize>> {
    let text = reading.text;
    let word = &reading.words[at];
    let start = word.range.start;
    // `name@bank`
    let run = text[start..]
        .find(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '，' | '。' | '।'))
        .map_or(text.len(), |end| start + end);
    if let Some(sign) = text[start..run].find('@').filter(|sign| *sign > 0)
        && text[start + sign + 1..run].starts_with(|c: char| c.is_alphanumeric())
        && has_groups
    {
        let tidy = text[start..run].trim_end_matches(|c: char| !c.is_alphanumeric());
        return Some(start..start + tidy.len());
    }
    let is_prefix = !word.shape.has_digits()
        && word.shape != Shape::Unspaced
        && reading.word(at).chars().count() <= 5
        && reading.words.get(at + 1).is_some_and(|next| {
            next.shape.has_digits() && (next.before == Break::Joined || (next.before == Break::Blank && word.shape.is_large()))
        });
    if !word.shape.has_digits() && !is_prefix {
        return None;
    }
    // A prefix that is a word of the language is none.
    if is_prefix
        && reading.break_before(at + 1) == Break::Blank
        && (reading.is_stop(at, table)
            || reading.is_not_name(at, table)
            || reading.is_thing(at, table)
            || reading.is_cue(at, table))
    {
        return None;
    }
    let mut end = at + 1 + usize::from(is_prefix);
    let mut longest_group = n_digits(reading.word(end - 1));
    while let Some(next) = reading.words.get(end) {
        let between = &text[reading.words[end - 1].range.end..next.range.start];
        let is_sign = matches!(between, "-" | "/" | "." | "_" | "\\" | ":" | "'");
        let is_spaced_sign = matches!(between, " - " | " / " | "- " | " -") && next.shape.has_digits() && has_groups;
        let is_blank =
            between == " " && has_groups && longest_group <= 6 && next.shape.has_digits() && !is_quantity(reading, end);
        let is_letters = matches!(next.shape, Shape::Upper | Shape::Capital | Shape::Lower) && reading.word(end).len() <= 4;
        if !((is_sign && (next.shape.has_digits() || is_letters)) || is_spaced_sign || is_blank) {
            break;
        }
        longest_group = longest_group.max(n_digits(reading.word(end)));
        end += 1;
    }
    Some(start..reading.words[end - 1].range.end)
}

fn is_quantity(reading: &Reading<'_>, at: usize) -> bool {
    reading.break_before(at + 1) <= Break::Blank && reading.is_unit(at + 1)
}

/// The value in front of a cue: `GS/5748 is my badge number`.
fn in_front(reading: &Reading<'_>, mark: &Mark, least: usize) -> Option<Range<usize>> {
    let last = mark.start.checked_sub(1)?;
    if reading.break_before(mark.start) > Break::Soft || !reading.words[last].shape.has_digits() {
        return None;
    }
    let mut first = last;
    while first > 0 {
        let before = &reading.words[first - 1];
        let is_joined = reading.break_before(first) == Break::Joined && before.shape != Shape::Unspaced;
        let is_group = reading.break_before(first) == Break::Blank
            && before.shape == Shape::Number
            && reading.words[first].shape == Shape::Number;
        if !is_joined && !is_group {
            break;
        }
        first -= 1;
    }
    let range = reading.bytes(&(first..last + 1));
    (n_digits(&reading.text[range.clone()]) >= least).then_some(range)
}

/// The value between the halves of a cue.
fn between(reading: &Reading<'_>, mark: &Mark, least: usize) -> Option<Range<usize>> {
    let close = reading.closing(mark)?;
    let first = (mark.end..close).find(|at| reading.words[*at].shape.has_digits())?;
    let last = (mark.end..close).rev().find(|at| reading.words[*at].shape.has_digits())?;
    let range = reading.bytes(&(first..last + 1));
    (n_digits(&reading.text[range.clone()]) >= least).then_some(range)
}

/// A user name behind its messenger's.
fn handle(reading: &Reading<'_>, mark: &Mark, spans: &mut Vec<Span>) {
    let text = reading.text;
    let mut take = |range: Range<usize>| spans.push(Span { range, kind: RedactionKind::Handle, rank: Rank::Cued });
    let is_user = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    if mark.side == Side::InFront {
        let Some(last) = mark.start.checked_sub(1).filter(|_| reading.break_before(mark.start) <= Break::Soft) else { return };
        let end = reading.words[last].range.end;
        let n_bytes = text[..end].bytes().rev().take_while(|byte| is_user(*byte)).count();
        let start = end - n_bytes - usize::from(text[..end - n_bytes].ends_with('@'));
        let written = &text[start..end];
        if n_bytes >= 3 && (written.starts_with('@') || written.bytes().any(|byte| byte.is_ascii_digit() || byte == b'_')) {
            take(start..end);
        }
        return;
    }
    // `line B_12`: a messenger in one language and a place of work in another.
    let is_thing = |other: &Mark| other.role == Role::Thing && other.end == mark.end;
    if reading.marks_at(mark.start).iter().any(is_thing) && !reading.is_spoken(mark.table) {
        return;
    }
    let mut at = reading.behind_links(mark.end, mark.table);
    // `my telegram username is x`, `wechat id x`
    while let Some(end) = reading.longest(at, mark.table, &[Role::Handle]) {
        let next = reading.behind_links(end, mark.table);
        if next == at || reading.break_before(at) > Break::Soft {
            break;
        }
        at = next;
    }
    let Some(word) = reading.words.get(at).filter(|_| reading.break_before(at) <= Break::Soft) else { return };
    let start = word.range.start;
    let n_bytes = text[start..].bytes().take_while(|byte| is_user(*byte)).count();
    let written = text[start..start + n_bytes].trim_end_matches(['.', '-']);
    // A number alone is a line, a price or a day; some messengers number their users.
    let is_number = !written.bytes().any(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    if is_number && (n_digits(written) < 6 || n_digits(written) < written.len()) {
        return;
    }
    let is_signed = text[..start].ends_with('@');
    let has_signs =
        written.bytes().any(|byte| byte.is_ascii_digit() || matches!(byte, b'_')) || written.trim_matches('.').contains('.');
    // Between words of another script a Latin word is a user name.
    let is_foreign = written.len() >= 4
        && !text[..reading.words[mark.end - 1].range.end].ends_with(|c: char| c.is_ascii())
        && reading.marks_at(at).is_empty();
    let is_explained = word.is_after_colon || at > mark.end;
    if written.len() >= 3 && (is_signed || has_signs || is_foreign) {
        take(start - usize::from(is_signed)..start + written.len());
    } else if is_explained
        && reading.is_cased
        && word.shape.is_large()
        && let Some(words) = super::name::run(reading, at, mark.table)
        && !words.clone().any(|at| reading.is_not_name(at, mark.table) || reading.is_thing(at, mark.table))
    {
        take(reading.bytes(&words));
    } else if is_explained
        && word.is_after_colon
        && written.len() >= 4
        && reading.marks_at(at).is_empty()
        && reading.break_before(at + 1) > Break::Blank
    {
        take(start..start + written.len());
    }
}

/// A day of birth.
fn birth(reading: &Reading<'_>, mark: &Mark, spans: &mut Vec<Span>) {
    let range = match mark.side {
        Side::Behind => date(reading, reading.behind_links(mark.end, mark.table)),
        Side::InFront => date_in_front(reading, mark.start),
        Side::Opens => reading.closing(mark).and_then(|close| {
            let first = (mark.end..close).find(|at| reading.words[*at].shape.has_digits())?;
            date(reading, first).filter(|words| words.end <= close)
        }),
        Side::Closes => None,
    };
    if let Some(words) = range {
        spans.push(Span { range: reading.bytes(&words), kind: RedactionKind::BirthDate, rank: Rank::Cued });
    }
}

fn is_month(reading: &Reading<'_>, at: usize) -> bool {
    reading.marks_at(at).iter().any(|mark| mark.role == Role::Month && reading.is_trusted(mark.table))
}

fn month_end(reading: &Reading<'_>, at: usize) -> usize {
    reading.marks_at(at).iter().filter(|mark| mark.role == Role::Month).map(|mark| mark.end).max().unwrap_or(at + 1)
}

fn is_sign_of_date(word: &str) -> bool {
    matches!(word, "年" | "月" | "日" | "号" | "號" | "년" | "월" | "일")
}

/// Words that are a date: numbers, months and the little words between them.
fn date(reading: &Reading<'_>, from: usize) -> Option<Range<usize>> {
    let (mut at, mut start, mut end) = (from, None, from);
    let (mut n_numbers, mut has_month, mut has_year, mut n_others) = (0, false, false, 0);
    let mut is_year_first = false;
    while let Some(word) = reading.words.get(at) {
        if at > from && reading.break_before(at) > Break::Dot || n_numbers == 3 && !is_sign_of_date(reading.word(at)) {
            break;
        }
        let written = reading.word(at);
        // `4,500` is an amount.
        if at > from
            && word.shape.has_digits()
            && n_digits(written) == 3
            && reading.text[..word.range.start].ends_with([',', '.'])
        {
            return None;
        }
        if word.shape.has_digits() && written.starts_with(|first: char| first.is_ascii_digit()) {
            let digits = n_digits(written);
            if digits > 8 || (has_year && !is_year_first && n_numbers >= 2) {
                break;
            }
            has_year |= digits == 4;
            is_year_first |= digits == 4 && n_numbers == 0 && !has_month;
            n_numbers += if digits == 8 { 3 } else { 1 };
            start.get_or_insert(at);
            (n_others, end) = (0, at + 1);
            // `4 March 1996. 20 workers`
            if has_year && has_month && !is_year_first && n_numbers >= 2 {
                break;
            }
        } else if is_month(reading, at) {
            has_month = true;
            start.get_or_insert(at);
            let month = month_end(reading, at);
            (n_others, end) = (0, month);
            at = month;
            continue;
        } else if is_sign_of_date(written) && start.is_some() {
            end = at + 1;
        } else {
            n_others += 1;
            let most = if word.shape == Shape::Unspaced { 8 } else { 2 };
            if n_others > most || reading.break_before(at) > Break::Soft {
                break;
            }
        }
        at += 1;
    }
    if n_numbers < 3 && !has_month && reading.is_unit(end) && reading.break_before(end) <= Break::Blank {
        return None;
    }
    let is_date = n_numbers >= 2 || (n_numbers == 1 && (has_year || has_month));
    start.filter(|_| is_date).map(|start| start..end)
}

/// A date that ends before the word.
fn date_in_front(reading: &Reading<'_>, end: usize) -> Option<Range<usize>> {
    let mut first = end;
    let mut n_numbers = 0;
    while first > 0 && end - first < 8 && n_numbers < 3 {
        let at = first - 1;
        let is_part = reading.words[at].shape.has_digits() || is_month(reading, at) || is_sign_of_date(reading.word(at));
        if reading.break_before(first) > Break::Soft
            || !(is_part || (first == end && reading.words[at].shape != Shape::Number && end - at <= 2))
        {
            break;
        }
        n_numbers += usize::from(reading.words[at].shape.has_digits());
        first = at;
    }
    date(reading, first).filter(|words| words.end <= end)
}

/// Decimal degrees behind a word for a place on the map.
fn location(reading: &Reading<'_>, mark: &Mark, spans: &mut Vec<Span>) {
    if mark.side != Side::Behind {
        return;
    }
    let start = reading.words[mark.end - 1].range.end;
    let mut end = (start + REACH).min(reading.text.len());
    while !reading.text.is_char_boundary(end) {
        end -= 1;
    }
    let near = reading.text[start..end].split('\n').next().unwrap_or_default();
    for found in super::structure::degrees(near) {
        spans.push(Span { range: start + found.start..start + found.end, kind: RedactionKind::Gps, rank: Rank::Cued });
    }
}
