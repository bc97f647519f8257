//! Finds telephone numbers in folded text, and keeps amounts, dates and order numbers out of them.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use rlibphonenumber::phonenumber_matcher::{Leniency, PHONE_MATCHER_FACTORY};
use rlibphonenumber::{PHONE_NUMBER_UTIL, Region};
use serde::Deserialize;

use super::RedactionKind;
use super::span::{Rank, Span};

/// Fewer digits are no telephone number that leads to a person.
const LEAST_DIGITS: usize = 7;
/// More digits than any network has.
const MOST_DIGITS: usize = 15;
/// More windows than a text may have that is read in time.
const MOST_WINDOWS: usize = 64;
/// How far before a number its cue may stand, in characters.
const CUE_REACH: usize = 24;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NumbersFile {
    phone_cues: Vec<String>,
    units: Vec<String>,
    thing_words: Vec<String>,
}

struct Patterns {
    /// Dates, amounts, and the numbers of things.
    guarded: Regex,
    cue: Regex,
    /// What may follow a number and is part of it.
    extension: Regex,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let file: NumbersFile =
        toml::from_str(include_str!("../../config/anonymise/numbers.toml")).expect("the file compiled in is tested");
    let compiled = |pattern: &str| Regex::new(pattern).expect("the patterns written here compile");
    let amount = r"(?-u:\b)[0-9]{1,3}(?:[ .,'][0-9]{2,3})+(?:[.,][0-9]{1,2})?(?-u:\b)|(?-u:\b)[0-9]+(?:[.,][0-9]{1,2})?";
    let date = r"(?-u:\b)(?:[0-3]?[0-9][-./][01]?[0-9]|[01]?[0-9][-./][0-3]?[0-9])[-./](?:(?:19|20|25)[0-9]{2}|[0-9]{2})(?-u:\b)|(?-u:\b)(?:19|20|25)[0-9]{2} ?[-./年] ?[01]?[0-9] ?[-./月] ?[0-3]?[0-9](?-u:\b)|(?-u:\b)(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?-u:\b)";
    // Words may be inflected, and a word or sign for "number" may follow. Without it a leading zero speaks for a telephone.
    let thing = format!(
        r"(?:(?:{words})[^\s0-9!-/:-@]{{0,3}}[ \t]?(?:{number}|[.:#])|(?-u:\b)po[ \t]?(?:{number}|#))[ \t.:#-]{{0,4}}[a-z]{{0,5}}-?[0-9][0-9/-]*|(?:(?:{words})[^\s0-9!-/:-@]{{0,3}}|(?-u:\b)(?-i:PO|P\.O\.))[ \t-]?[a-z]{{0,5}}-?[1-9][0-9/-]*",
        words = alternatives(&file.thing_words, BEFORE_NUMBER),
        number =
            "no|nos|nr|num|number|số|so|号|號|号码|id|code|nº|n°|numero|número|numer|nomor|номер|नंबर|नम्बर|নম্বর|نمبر|رقم|เลขที่",
    );
    let unit_behind = alternatives(&file.units, AFTER_NUMBER);
    let unit_before = alternatives(&file.units, BEFORE_NUMBER);
    Patterns {
        guarded: compiled(&format!(
            r"(?i){thing}|{date}|(?:{amount}) ?(?:{unit_behind})|(?:{unit_before})[ .:]{{0,2}}(?:{amount})"
        )),
        cue: compiled(&format!(r"(?i)(?:{})", alternatives(&file.phone_cues, NEAR_NUMBER))),
        extension: compiled(r"(?i)^[ ,;]{0,2}(?:extension|extn|ext|anexo|доб|x|#)[ .:]{0,2}[0-9]{1,6}(?-u:\b)"),
    }
});

/// Where an entry in Latin letters must end a word. Other scripts set no blanks, so there it may stand anywhere.
#[derive(Clone, Copy)]
struct Bounds {
    start: &'static str,
    end: &'static str,
}

/// Stands right after a number (`4500tk`).
const AFTER_NUMBER: Bounds = Bounds { start: "", end: r"(?-u:\b)" };
/// Stands right before a number (`tk4500`).
const BEFORE_NUMBER: Bounds = Bounds { start: r"(?-u:\b)", end: "" };
/// Stands somewhere before a number (`sdt0905`, `tel1: 0905`, but not `tell`).
const NEAR_NUMBER: Bounds = Bounds { start: r"(?-u:\b)", end: r"(?:(?-u:\b)|[0-9])" };

/// The entries as one alternation, the longest first.
fn alternatives(entries: &[String], bounds: Bounds) -> String {
    let mut entries: Vec<&String> = entries.iter().collect();
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.len()));
    let bounded = |entry: &&String| {
        let is_latin = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_alphanumeric());
        let start = if is_latin(entry.chars().next()) { bounds.start } else { "" };
        let end = if is_latin(entry.chars().next_back()) { bounds.end } else { "" };
        format!("{start}{}{end}", regex::escape(entry))
    };
    entries.iter().map(bounded).collect::<Vec<_>>().join("|")
}

/// All telephone numbers in a folded text, national ones in the spelling of `regions`. Spans may overlap.
///
/// `guarded` is the text as [`guarded`] makes it; `cue_ends` says where words for a telephone end.
pub(super) fn find(text: &str, guarded: &str, cue_ends: &[usize], regions: &[Region], spans: &mut Vec<Span>) {
    let mut take = |range: Range<usize>| {
        let end = range.end + PATTERNS.extension.find(&text[range.end..]).map_or(0, |found| found.end());
        spans.push(Span { range: range.start..end, kind: RedactionKind::Phone, rank: Rank::Form });
    };
    // A plus sign or a double zero says more than anything around.
    for cluster in clusters(text) {
        international(text, &cluster).into_iter().for_each(&mut take);
    }
    let mut n_windows = 0;
    for cluster in clusters(guarded).filter(|cluster| n_digits(&text[cluster.clone()]) >= LEAST_DIGITS) {
        if has_cue(guarded, cue_ends, cluster.start) && n_digits(&text[cluster.clone()]) <= MOST_DIGITS {
            take(cluster);
            continue;
        }
        for window in windows(guarded, &cluster) {
            n_windows += 1;
            if n_windows > MOST_WINDOWS {
                // Nobody needs so many numbers to tell what happened; rather lose them than let one through unread.
                take(window);
            } else {
                national(guarded, &window, regions, &mut take);
            }
        }
    }
}

/// A cluster in pieces of bounded size, which overlap by more than a number is long: the work on one cluster grows faster than
/// its length.
fn windows(text: &str, cluster: &Range<usize>) -> Vec<Range<usize>> {
    const SIZE: usize = 48;
    const STEP: usize = 32;
    let digits: Vec<usize> = text[cluster.clone()]
        .bytes()
        .enumerate()
        .filter(|(_, byte)| byte.is_ascii_digit())
        .map(|(at, _)| cluster.start + at)
        .collect();
    if digits.len() <= SIZE {
        return vec![cluster.clone()];
    }
    (0..digits.len() - (SIZE - STEP))
        .step_by(STEP)
        .map(|first| digits[first]..digits[(first + SIZE).min(digits.len()) - 1] + 1)
        .collect()
}

/// Whether there is a number that could be a telephone's.
pub(super) fn is_any(text: &str) -> bool {
    clusters(text).any(|cluster| n_digits(&text[cluster]) >= LEAST_DIGITS)
}

/// Stands for a digit that is none of a person's.
pub(super) const GUARDED: u8 = b'#';

/// The text with the digits of amounts, dates and things made unreadable, byte for byte.
pub(super) fn guarded(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for found in PATTERNS.guarded.find_iter(text) {
        bytes[found.range()].iter_mut().filter(|byte| byte.is_ascii_digit()).for_each(|byte| *byte = GUARDED);
    }
    String::from_utf8(bytes).expect("one ASCII byte was put in place of another")
}

/// Runs of digits with what may stand between the digits of one number. A dot with a blank behind it ends a sentence.
pub(super) fn clusters(text: &str) -> impl Iterator<Item = Range<usize>> {
    static CLUSTER: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"[+(]{0,2}[0-9](?:(?:[ \t/()~-]{0,4}|[ \t/()~-]{0,2}\.)[0-9])*").expect("the pattern written here compiles")
    });
    CLUSTER.find_iter(text).map(|found| found.range())
}

pub(super) fn n_digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

/// A number with its country code, behind a plus sign or a double zero. Other digits may follow it, so its end is tried out.
fn international(text: &str, cluster: &Range<usize>) -> Option<Range<usize>> {
    let written = &text[cluster.clone()];
    let start = written.find('+').or_else(|| written.trim_start_matches('(').starts_with("00").then_some(0))?;
    let digits = written.bytes().enumerate().skip(start).filter(|(_, byte)| byte.is_ascii_digit());
    let ends = digits.take(MOST_DIGITS + 2).map(|(at, _)| at + 1);
    let is_end = |end: &usize| !written[*end..].starts_with(|next: char| next.is_ascii_digit());
    let ends: Vec<usize> = ends.filter(is_end).collect();
    let end = ends.into_iter().rev().find(|end| is_international(&written[start..*end]))?;
    Some(cluster.start + start..cluster.start + end)
}

fn is_international(written: &str) -> bool {
    let digits: String = written.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.strip_prefix("00").unwrap_or(&digits);
    (LEAST_DIGITS..=MOST_DIGITS).contains(&digits.len())
        && PHONE_NUMBER_UTIL.parse(format!("+{digits}"), None).is_ok_and(|number| number.is_valid())
}

/// The numbers that a network of the regions could have given out.
fn national(text: &str, window: &Range<usize>, regions: &[Region], take: &mut impl FnMut(Range<usize>)) {
    // The matcher refuses numbers that touch letters or currency signs, so it must see one character more on each side.
    let start = text[..window.start].chars().next_back().map_or(window.start, |before| window.start - before.len_utf8());
    let end = text[window.end..].chars().next().map_or(window.end, |after| window.end + after.len_utf8());
    // Its limit on tries must stay as it is: version 2.2 counts below zero when an inner match uses them up.
    let matcher = PHONE_MATCHER_FACTORY
        .matcher_builder(&text[start..end])
        .leniency(Leniency::Valid)
        .regions(regions.iter().copied())
        .build();
    for found in matcher {
        take(start + found.start..start + found.end());
    }
}

/// Whether a word for telephone stands shortly before.
fn has_cue(text: &str, cue_ends: &[usize], at: usize) -> bool {
    let start = text[..at].char_indices().rev().nth(CUE_REACH - 1).map_or(0, |(start, _)| start);
    cue_ends.iter().any(|end| (start..=at).contains(end)) || PATTERNS.cue.is_match(&text[start..at])
}
