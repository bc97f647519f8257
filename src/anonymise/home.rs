//! Finds where somebody says where she lives.
//!
//! Where she works must stay, so a bare place is no home: a cue must say so, and behind a weak one there must be a number or
//! a word such as "street".

use std::ops::Range;

use super::RedactionKind;
use super::cues::{Mark, Role, Side};
use super::reading::Reading;
use super::span::{Rank, Span};
use super::words::{Break, Shape};

/// The most words of an address, and the most characters where characters are words.
const MOST_WORDS: usize = 36;
const MOST_CHARACTERS: usize = 90;

/// All homes, in bytes of the folded text.
pub(super) fn find(reading: &Reading<'_>, spans: &mut Vec<Span>) {
    for mark in &reading.marks {
        if mark.role == Role::AddressWeak && !reading.is_trusted(mark.table) {
            continue;
        }
        let words = match (mark.role, mark.side) {
            (Role::AddressStrong, Side::Behind) => behind(reading, mark, false),
            (Role::AddressWeak, Side::Behind) => behind(reading, mark, true),
            (Role::AddressStrong | Role::AddressWeak, Side::InFront) => in_front(reading, mark),
            (Role::AddressStrong | Role::AddressWeak, Side::Opens) => between(reading, mark),
            (Role::AddressLabel, Side::Behind) => labelled(reading, mark),
            _ => None,
        };
        if let Some(words) = words.filter(|words| !words.is_empty()) {
            let mut range = reading.bytes(&words);
            // `… (room 4)`: the bracket belongs to it.
            let opened = reading.text[range.clone()].matches('(').count();
            if opened > reading.text[range.clone()].matches(')').count() && reading.text[range.end..].starts_with(')') {
                range.end += 1;
            }
            spans.push(Span { range, kind: RedactionKind::Address, rank: Rank::Cued });
        }
    }
}

fn behind(reading: &Reading<'_>, mark: &Mark, is_weak: bool) -> Option<Range<usize>> {
    let mut at = reading.behind_links(mark.end, mark.table);
    // A link may be the first word of the address: `no 12`.
    if at > mark.end && reading.words.get(at).is_some_and(|word| word.shape.has_digits()) {
        let link = at - 1;
        if reading.is_address_word(link, mark.table) && link >= mark.end {
            at = link;
        }
    }
    let is_form = reading.break_before(at) == Break::Line && reading.words.get(at).is_some_and(|word| word.is_after_colon);
    if at >= reading.words.len() || (reading.break_before(at) > Break::Dot && !is_form) {
        return None;
    }
    // `I live at the factory`: where she works.
    let is_unspaced = reading.words[at].shape == Shape::Unspaced;
    let is_site = reading.marks_at(at).iter().any(|other| {
        matches!(other.role, Role::Place | Role::Employer)
            && other.table == mark.table
            && (!is_unspaced || other.end - other.start >= 3)
    });
    if is_weak && is_site && !reading.is_address_word(at, mark.table) {
        return None;
    }
    let words = extent(reading, at, mark.table);
    let is_fine = has_evidence(reading, &words, mark.table) || (!is_weak && !reading.is_not_name(at, mark.table));
    is_fine.then_some(words)
}

fn labelled(reading: &Reading<'_>, mark: &Mark) -> Option<Range<usize>> {
    let word = reading.words.get(mark.end)?;
    let is_first = reading.break_before(mark.start) > Break::Blank;
    let is_form = word.is_after_colon && (word.before <= Break::Soft || word.before == Break::Line);
    (is_first && is_form).then(|| extent(reading, mark.end, mark.table))
}

fn in_front(reading: &Reading<'_>, mark: &Mark) -> Option<Range<usize>> {
    if reading.break_before(mark.start) > Break::Soft {
        return None;
    }
    let mut from = mark.start;
    while from > 0 && mark.start - from < MOST_WORDS && !reading.is_address_stop(from - 1, mark.table) {
        from -= 1;
        if reading.break_before(from) > Break::Dot {
            break;
        }
    }
    let words = from..mark.start;
    has_evidence(reading, &words, mark.table).then_some(words)
}

fn between(reading: &Reading<'_>, mark: &Mark) -> Option<Range<usize>> {
    let closes = |other: &Mark| {
        other.side == Side::Closes && other.pair == mark.pair && other.table == mark.table && other.role == mark.role
    };
    let unspaced = !reading.lexicon.writings[usize::from(mark.table)].blanks;
    let most = if unspaced { MOST_CHARACTERS } else { MOST_WORDS };
    for at in mark.end..reading.words.len().min(mark.end + most) {
        if reading.break_before(at) > Break::Dot {
            return None;
        }
        if at > mark.end && reading.marks_at(at).iter().any(closes) {
            let words = mark.end..at;
            return has_evidence(reading, &words, mark.table).then_some(words);
        }
    }
    None
}

/// How far an address goes.
fn extent(reading: &Reading<'_>, from: usize, table: u8) -> Range<usize> {
    let mut at = from;
    let (mut n_words, mut n_characters) = (0, 0);
    while let Some(word) = reading.words.get(at) {
        let is_unspaced = word.shape == Shape::Unspaced;
        if at > from {
            let goes_on = match word.before {
                Break::Joined => true,
                Break::Blank => !is_over(reading, at, table),
                Break::Soft => !is_over(reading, at, table) && !is_clause(reading, at, table),
                Break::Dot => is_abbreviated(reading, at, table) && !is_over(reading, at, table),
                // An address in lines goes on behind a comma.
                Break::Line => {
                    reading.text[..word.range.start].trim_end().ends_with([',', '،', '，'])
                        && !is_over(reading, at, table)
                        && !is_clause(reading, at, table)
                }
                Break::Sentence | Break::Hole => false,
            };
            if !goes_on || (is_unspaced && is_over(reading, at, table)) {
                break;
            }
        }
        if is_unspaced {
            n_characters += 1;
        } else {
            n_words += 1;
        }
        if n_words > MOST_WORDS || n_characters > MOST_CHARACTERS {
            break;
        }
        at += 1;
    }
    from..at
}

/// Whether an address has ended before the word.
fn is_over(reading: &Reading<'_>, at: usize, table: u8) -> bool {
    let is_unspaced = reading.words[at].shape == Shape::Unspaced;
    let is_run_start = reading.break_before(at) >= Break::Blank;
    let is_large = reading.is_cased && reading.words[at].shape.is_large();
    reading.marks_at(at).iter().any(|mark| {
        let is_own = mark.table == table;
        let length = mark.end - mark.start;
        let is_word = !is_unspaced || is_run_start || length >= 3;
        match mark.role {
            Role::AddressStop => is_own && is_word && (!is_large || length > 1),
            Role::Phone
            | Role::Email
            | Role::Handle
            | Role::Employee
            | Role::National
            | Role::Passport
            | Role::Bank
            | Role::Birth
            | Role::NameStrong
            | Role::Location => {
                is_own
                    && (length >= 2 || reading.break_before(at) >= Break::Soft)
                    && is_word
                    && mark.side != Side::Closes
                    && !reading.is_address_word(at, table)
            }
            _ => false,
        }
    })
}

/// Whether a new clause begins behind a comma.
fn is_clause(reading: &Reading<'_>, at: usize, table: u8) -> bool {
    let word = &reading.words[at];
    let is_large = reading.is_cased && word.shape.is_large();
    let is_cue = reading.marks_at(at).iter().any(|mark| {
        mark.table == table
            && mark.side != Side::Closes
            && matches!(mark.role, Role::NameWeak | Role::NameLabel | Role::AddressWeak | Role::Person)
            && (mark.role != Role::NameLabel || reading.words.get(mark.end).is_some_and(|next| next.is_after_colon))
    });
    is_firm(reading, at, table)
        || (is_cue && !reading.is_address_word(at, table))
        || ((!is_large || reading.word(at).chars().count() >= 5)
            && word.shape != Shape::Unspaced
            && !word.shape.has_digits()
            && reading.is_stop(at, table)
            && !reading.is_address_word(at, table))
}

/// Whether a firm's name begins with the word: then the address has ended.
fn is_firm(reading: &Reading<'_>, at: usize, table: u8) -> bool {
    for next in at..reading.words.len().min(at + 4) {
        if (next > at && reading.break_before(next) > Break::Blank)
            || reading.words[next].shape.has_digits()
            || reading.words[next].shape == Shape::Unspaced
            || reading.is_address_word(next, table)
        {
            return false;
        }
        if reading.marks_at(next).iter().any(|mark| mark.role == Role::Employer && mark.table == table) {
            return true;
        }
    }
    false
}

/// Whether the full stop before the word ends an abbreviation.
fn is_abbreviated(reading: &Reading<'_>, at: usize, table: u8) -> bool {
    let before = &reading.words[at - 1];
    let n_letters = reading.word(at - 1).chars().count();
    if before.shape.has_digits() {
        return false;
    }
    (reading.is_address_word(at - 1, table) && n_letters <= 5)
        || n_letters <= 2
        || (n_letters <= 5 && reading.words[at].shape.has_digits())
        || reading.longest(at - 1, table, &[Role::Link]).is_some_and(|_| reading.words[at].shape.has_digits())
}

/// Whether words have what an address has: a number that counts nothing, or a word such as "street" beside a name.
fn has_evidence(reading: &Reading<'_>, words: &Range<usize>, table: u8) -> bool {
    words.clone().any(|at| {
        let word = &reading.words[at];
        if word.shape.has_digits() {
            let is_counted = reading.is_unit(at + 1) && reading.break_before(at + 1) <= Break::Blank;
            // `at factory 2`: where she works.
            let is_of_site =
                at > 0 && words.contains(&(at - 1)) && reading.is_thing(at - 1, table) && !reading.is_address_word(at - 1, table);
            return !is_counted && !is_of_site;
        }
        reading.marks_at(at).iter().any(|mark| {
            let is_name = |at: usize| {
                words.contains(&at)
                    && (!reading.is_cased || reading.words[at].shape != Shape::Lower)
                    && !reading.is_stop(at, table)
                    && !reading.is_not_name(at, table)
                    && !reading.is_thing(at, table)
            };
            let is_long = word.shape != Shape::Unspaced || mark.end - mark.start >= 2;
            mark.table == table
                && is_long
                && match mark.role {
                    Role::AddressBefore => is_name(mark.end),
                    Role::AddressAfter => mark.start > words.start && is_name(mark.start - 1),
                    _ => false,
                }
        })
    })
}
