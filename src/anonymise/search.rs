//! Everything in one text that leads to a person, by every way of looking for it.

use std::ops::Range;
use std::sync::LazyLock;

use channels::{Identity, KnownKind};
use regex::Regex;
use rlibphonenumber::Region;

use super::RedactionKind;
use super::cues::{Lexicon, Role, Side};
use super::fold::Fold;
use super::reading::Reading;
use super::span::{self, Rank, Span};
use super::words::Shape;
use super::{ThirdParties, address, code, home, name, number, structure};

/// What a search needs to know.
pub(super) struct Search<'a> {
    pub lexicon: &'a Lexicon,
    pub regions: &'a [Region],
    pub identity: &'a Identity,
    pub language: &'a str,
    /// What is spoken at the desk.
    pub own_languages: &'a [String],
    pub third_parties: ThirdParties,
}

/// A stage of the search, so that a bench can say where the time goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// What the channel knows of the sender.
    Known,
    /// Folding, splitting into words, finding every cue.
    Reading,
    /// Names.
    Names,
    /// Mail and web addresses, user names.
    Addresses,
    /// What stands behind cues, and what its form gives away.
    Codes,
    /// Telephone numbers.
    Numbers,
}

impl Stage {
    /// All of them, in order.
    pub const ALL: [Self; 6] = [Self::Known, Self::Reading, Self::Names, Self::Addresses, Self::Codes, Self::Numbers];
}

/// What a search found.
#[derive(Default)]
pub(super) struct Found {
    /// Sorted, disjoint, none of them in a placeholder; in bytes of the text.
    pub spans: Vec<Span>,
    /// Whether somebody began to say a name and none was recognised.
    pub is_name_missed: bool,
    /// Whether a long number is left that nothing explains.
    pub is_number_left: bool,
}

/// As many digits without explanation are rather a person's than not.
const LONG_NUMBER: usize = 9;

static PLACEHOLDER: LazyLock<Regex> = LazyLock::new(|| {
    let kinds: Vec<&str> = RedactionKind::ALL.into_iter().map(RedactionKind::as_str).collect();
    Regex::new(&format!(r"\[(?:{})(?:-([0-9]{{1,4}}))?\]", kinds.join("|"))).expect("the pattern written here compiles")
});

/// The placeholders in a text.
pub(super) fn placeholders(text: &str) -> Vec<Range<usize>> {
    if text.contains('[') { PLACEHOLDER.find_iter(text).map(|found| found.range()).collect() } else { Vec::new() }
}

impl Search<'_> {
    /// Looks through `text`. `again` looks for what was found elsewhere.
    pub(super) fn run(&self, text: &str, again: &dyn Fn(&Reading<'_>, &mut Vec<Span>)) -> Found {
        self.timed(text, again, &mut |_| {})
    }

    /// The same; `done` is told when a stage has ended.
    pub(super) fn timed(&self, text: &str, again: &dyn Fn(&Reading<'_>, &mut Vec<Span>), done: &mut impl FnMut(Stage)) -> Found {
        let known = self.identity.spans_in(text).into_iter();
        let mut spans: Vec<Span> =
            known.map(|known| Span { range: known.range, kind: kind_of(known.kind), rank: Rank::Known }).collect();
        done(Stage::Known);
        let placeholders = placeholders(text);
        let fold = Fold::around(text, &placeholders);
        let reading = Reading::of(fold.text(), self.lexicon, self.language, self.own_languages);
        done(Stage::Reading);
        let mut found = Vec::new();
        let names = self.look(&reading, &mut found, done);
        again(&reading, &mut found);
        spans.extend(found.into_iter().map(|span| Span { range: fold.original(&span.range), ..span }));
        let spans = span::merged(span::without(spans, &placeholders));
        let is_number_left = is_number_left(&reading, &fold, &spans);
        Found { spans, is_name_missed: names.is_any_missed, is_number_left }
    }

    fn look(&self, reading: &Reading<'_>, found: &mut Vec<Span>, done: &mut impl FnMut(Stage)) -> name::Names {
        let text = reading.text;
        let mut names = name::find(reading);
        name::find_in_mail(reading, &mut names);
        if self.third_parties == ThirdParties::Placeholder {
            name::find_others(reading, &mut names);
        }
        found.extend(names.found.drain(..).map(|range| Span { range, kind: RedactionKind::Name, rank: Rank::Cued }));
        done(Stage::Names);
        address::find(text, found);
        done(Stage::Addresses);
        let has_numbers = number::is_any(text);
        let guarded = if has_numbers || reading.words.iter().any(|word| word.shape.has_digits()) {
            guarded(reading)
        } else {
            String::new()
        };
        let is_guarded = |byte: usize| guarded.as_bytes().get(byte) == Some(&number::GUARDED);
        code::find(reading, &is_guarded, found);
        structure::find(reading, &is_guarded, found);
        home::find(reading, found);
        done(Stage::Codes);
        if has_numbers {
            let cue_ends: Vec<usize> = reading
                .marks
                .iter()
                .filter(|mark| mark.role == Role::Phone && mark.side != Side::Closes)
                .map(|mark| reading.words[mark.end - 1].range.end)
                .collect();
            number::find(text, &guarded, &cue_ends, self.regions, found);
        }
        done(Stage::Numbers);
        names
    }
}

/// The text with the digits of amounts, dates, quantities and things made unreadable, byte for byte.
fn guarded(reading: &Reading<'_>) -> String {
    let mut bytes = number::guarded(reading.text).into_bytes();
    for (at, word) in reading.words.iter().enumerate().filter(|(_, word)| word.shape == Shape::Number) {
        let digits = number::n_digits(reading.word(at));
        let is_short = digits <= 6;
        let is_counted = is_short && reading.is_unit(at + 1) && reading.break_before(at + 1) <= super::words::Break::Blank;
        let is_of_thing = !reading.word(at).starts_with('0') && digits <= 12 && is_behind_thing(reading, at);
        if is_counted || is_of_thing {
            bytes[word.range.clone()].iter_mut().filter(|byte| byte.is_ascii_digit()).for_each(|byte| *byte = number::GUARDED);
        }
    }
    String::from_utf8(bytes).expect("one ASCII byte was put in place of another")
}

/// Whether the number belongs to an order, a line or the like: the word stands before it, perhaps with "no." between.
fn is_behind_thing(reading: &Reading<'_>, at: usize) -> bool {
    (at.saturating_sub(3)..at).any(|from| {
        reading.break_before(from + 1) <= super::words::Break::Dot
            && reading.marks_at(from).iter().any(|mark| {
                mark.role == Role::Thing
                    && mark.end <= at
                    && reading.behind_links(mark.end, mark.table) >= at
                    && (mark.end..=at).all(|next| reading.break_before(next) <= super::words::Break::Dot)
            })
    })
}

/// Whether a long number stays in the text that is no amount, date, order or the like.
fn is_number_left(reading: &Reading<'_>, fold: &Fold, spans: &[Span]) -> bool {
    if reading.text.bytes().filter(u8::is_ascii_digit).count() < LONG_NUMBER {
        return false;
    }
    let guarded = guarded(reading);
    number::clusters(&guarded).any(|cluster| {
        let original = fold.original(&cluster);
        let is_long = guarded[cluster].split(|c: char| !c.is_ascii_digit()).any(|run| run.len() >= LONG_NUMBER);
        is_long && !spans.iter().any(|span| span.range.start < original.end && original.start < span.range.end)
    })
}

fn kind_of(known: KnownKind) -> RedactionKind {
    match known {
        KnownKind::Phone => RedactionKind::Phone,
        KnownKind::Email => RedactionKind::Email,
        KnownKind::Name => RedactionKind::Name,
        KnownKind::Handle => RedactionKind::Handle,
    }
}

/// The numbers of the placeholders in a text.
pub(super) fn numbers_in(text: &str) -> impl Iterator<Item = (RedactionKind, usize)> + '_ {
    placeholders(text).into_iter().filter_map(|range| {
        let (word, number) = text[range.start + 1..range.end - 1].rsplit_once('-')?;
        Some((RedactionKind::parse(word)?, number.parse().ok()?))
    })
}
