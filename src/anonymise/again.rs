//! What was found once is found everywhere in a case: later in the text, in the subject, in file names, in later messages.

use std::collections::{BTreeMap, HashMap};

use zeroize::{Zeroize, ZeroizeOnDrop};

use super::RedactionKind;
use super::reading::Reading;
use super::span::{Rank, Span};
use super::words::{Break, Shape, Words};

/// What was taken out of one case so far, so that the same value keeps its number and is found again.
///
/// Holds values; it lives as long as the texts of one report are read and is wiped afterwards.
#[derive(Default, Zeroize, ZeroizeOnDrop)]
pub struct Memory {
    values: Vec<Value>,
    #[zeroize(skip)]
    last: BTreeMap<RedactionKind, usize>,
    /// What an earlier message of the case left.
    #[zeroize(skip)]
    traces: Vec<Trace>,
}

static_assertions::assert_not_impl_any!(Memory: std::fmt::Debug, Clone, serde::Serialize);

#[derive(Zeroize, ZeroizeOnDrop)]
struct Value {
    #[zeroize(skip)]
    kind: RedactionKind,
    /// In the spelling that all its spellings share.
    plain: String,
    number: usize,
}

/// A value of an earlier message, under a key: it can be recognised and not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// The keyed digest of the value.
    pub digest: [u8; 16],
    /// What it was.
    pub kind: RedactionKind,
    /// The number in its placeholder.
    pub number: usize,
}

/// Makes keyed digests of values; the key is the desk's.
pub type Digester<'a> = &'a dyn Fn(&[u8]) -> [u8; 16];

impl Memory {
    /// Goes on where the earlier messages of a case stopped.
    #[must_use]
    pub fn resumed(traces: Vec<Trace>) -> Self {
        let mut memory = Self::default();
        for trace in &traces {
            let last = memory.last.entry(trace.kind).or_insert(0);
            *last = (*last).max(trace.number);
        }
        memory.traces = traces;
        memory
    }

    /// What a later message needs to go on: no value, only digests of them. Parts of names are in it as well.
    #[must_use]
    pub fn traces(&self, digest: Digester<'_>) -> Vec<Trace> {
        let mut traces = self.traces.clone();
        for value in &self.values {
            for part in parts(value.kind, &value.plain) {
                let trace = Trace { digest: digest(part.as_bytes()), kind: value.kind, number: value.number };
                if !traces.iter().any(|other| other.digest == trace.digest) {
                    traces.push(trace);
                }
            }
        }
        traces
    }

    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// What is remembered of this report.
    pub(super) fn values(&self) -> impl Iterator<Item = (RedactionKind, &str)> {
        self.values.iter().map(|value| (value.kind, value.plain.as_str()))
    }

    /// Continues behind the highest number that a text already has.
    pub(super) fn at_least(&mut self, kind: RedactionKind, number: usize) {
        let last = self.last.entry(kind).or_insert(0);
        *last = (*last).max(number);
    }

    /// The number of a value: the one it has, or the next.
    pub(super) fn number(&mut self, kind: RedactionKind, written: &str, digest: Option<Digester<'_>>) -> usize {
        let plain = plain(kind, written);
        let of_name = |value: &&Value| value.kind == kind && (value.plain == plain || is_part(kind, &value.plain, &plain));
        if let Some(value) = self.values.iter().find(of_name) {
            return value.number;
        }
        let earlier = digest.and_then(|digest| {
            let digest = digest(plain.as_bytes());
            self.traces.iter().find(|trace| trace.digest == digest && trace.kind == kind).map(|trace| trace.number)
        });
        let number = earlier.unwrap_or_else(|| {
            let last = self.last.entry(kind).or_insert(0);
            *last += 1;
            *last
        });
        self.values.push(Value { kind, plain, number });
        number
    }
}

/// Whether one value is a part of another and means the same: `rosa` of `rosa reyes`, `a` of `a@example.org`.
fn is_part(kind: RedactionKind, one: &str, other: &str) -> bool {
    let (whole, part) = if one.len() > other.len() { (one, other) } else { (other, one) };
    match kind {
        RedactionKind::Name => !part.is_empty() && whole.split(' ').any(|word| word == part),
        RedactionKind::Email => whole.split_once('@').is_some_and(|(local, _)| local == part),
        RedactionKind::Phone
        | RedactionKind::Url
        | RedactionKind::Handle
        | RedactionKind::Address
        | RedactionKind::BirthDate
        | RedactionKind::EmployeeId
        | RedactionKind::NationalId
        | RedactionKind::Passport
        | RedactionKind::Bank
        | RedactionKind::Gps
        | RedactionKind::Network => false,
    }
}

/// The spelling that all spellings of a value share.
fn plain(kind: RedactionKind, written: &str) -> String {
    match kind {
        RedactionKind::Phone
        | RedactionKind::NationalId
        | RedactionKind::Bank
        | RedactionKind::EmployeeId
        | RedactionKind::Passport => {
            super::fold::Fold::of(written).text().chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
        }
        RedactionKind::Email | RedactionKind::Url | RedactionKind::Handle => {
            let folded = super::fold::Fold::of(written);
            folded.text().trim_start_matches('@').chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
        }
        RedactionKind::Name | RedactionKind::Address | RedactionKind::BirthDate | RedactionKind::Gps | RedactionKind::Network => {
            let lower: String = super::fold::Fold::of(written).text().chars().flat_map(char::to_lowercase).collect();
            lower
                .split(|c: char| c.is_whitespace() || matches!(c, ',' | '.' | '-'))
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(" ")
        }
    }
}

/// A value and, of a name, its parts.
fn parts(kind: RedactionKind, plain: &str) -> Vec<&str> {
    let mut parts = vec![plain];
    if kind == RedactionKind::Name {
        parts.extend(plain.split(' ').filter(|part| part.chars().count() >= 3 && part.len() < plain.len()));
    }
    parts
}

/// What to look for again, made ready.
pub(super) struct Needles {
    /// By the key of the first word: the keys of all words, the kind, and whether it is only a part of a name.
    by_first: HashMap<u64, Vec<Needle>>,
}

struct Needle {
    keys: Vec<u64>,
    kind: RedactionKind,
    is_part: bool,
}

impl Needles {
    /// Takes what was found in folded texts: what it is, and the words.
    pub(super) fn of<'a>(values: impl Iterator<Item = (RedactionKind, &'a str)>) -> Self {
        let mut needles = Self { by_first: HashMap::new() };
        for (kind, text) in values {
            let is_text = matches!(kind, RedactionKind::Name);
            let words = Words::of(text).list;
            if words.is_empty() || (!is_text && text.len() < 5) {
                continue;
            }
            let is_single = words.len() == 1;
            let is_unspaced = words[0].shape == Shape::Unspaced;
            // One character stands everywhere.
            if is_unspaced && is_single {
                continue;
            }
            needles.put(words.iter().map(|word| word.key).collect(), kind, is_text && is_single && !is_unspaced);
            if is_text && !is_unspaced && !is_single {
                for word in words.iter().filter(|word| text[word.range.clone()].chars().count() >= 3) {
                    needles.put(vec![word.key], kind, true);
                }
            }
            if is_text && is_unspaced {
                // Thai and its neighbours put a blank between given name and family name.
                for run in
                    words.chunk_by(|_, next| next.before == Break::Joined).filter(|run| run.len() >= 4 && run.len() < words.len())
                {
                    needles.put(run.iter().map(|word| word.key).collect(), kind, false);
                }
            }
        }
        needles
    }

    fn put(&mut self, keys: Vec<u64>, kind: RedactionKind, is_part: bool) {
        let list = self.by_first.entry(keys[0]).or_default();
        if !list.iter().any(|needle| needle.keys == keys) {
            list.push(Needle { keys, kind, is_part });
        }
    }

    /// A name with something hanging on it: `Rosa's`, `Ayşe'nin`.
    fn possessive(&self, reading: &Reading<'_>, at: usize, spans: &mut Vec<Span>) {
        let written = reading.word(at);
        let Some(end) = written.find(['\'', '\u{2019}']).filter(|end| *end > 0) else { return };
        let Some(word) = Words::of(&written[..end]).list.pop() else { return };
        for needle in self.by_first.get(&word.key).into_iter().flatten().filter(|needle| needle.keys.len() == 1) {
            let start = reading.words[at].range.start;
            spans.push(Span { range: start..start + end, kind: needle.kind, rank: Rank::Again });
        }
    }

    /// Every place where one of them stands.
    pub(super) fn find(&self, reading: &Reading<'_>, spans: &mut Vec<Span>) {
        if self.by_first.is_empty() {
            return;
        }
        for (at, word) in reading.words.iter().enumerate() {
            self.possessive(reading, at, spans);
            for needle in self.by_first.get(&word.key).into_iter().flatten() {
                let end = at + needle.keys.len();
                if end > reading.words.len()
                    || !reading.words[at..end].iter().map(|word| word.key).eq(needle.keys.iter().copied())
                {
                    continue;
                }
                if (at + 1..end).any(|next| reading.break_before(next) > Break::Dot)
                    || (needle.is_part && !is_name_again(reading, at))
                {
                    continue;
                }
                spans.push(Span { range: reading.bytes(&(at..end)), kind: needle.kind, rank: Rank::Again });
            }
        }
    }
}

/// Whether a part of a name stands here as a name: `Hope` may be one, `hope` is none.
fn is_name_again(reading: &Reading<'_>, at: usize) -> bool {
    let Some(table) = reading.lexicon.english else { return true };
    let word = &reading.words[at];
    if reading.is_cased && word.shape == Shape::Lower {
        return false;
    }
    // A family name is shared by many, and a word between other large ones is part of another name: a firm's, a town's.
    let is_other = |other: usize| {
        reading.words.get(other).is_some_and(|word| word.shape.is_large())
            && !reading.is_thing(other, table)
            && !reading.is_title(other, table)
    };
    let has_neighbour =
        (reading.break_before(at) <= Break::Blank && at > 0 && reading.break_before(at - 1) <= Break::Soft && is_other(at - 1))
            || (reading.break_before(at + 1) <= Break::Blank && is_other(at + 1));
    if reading.is_cased && (has_neighbour || reading.is_surname(at)) {
        return false;
    }
    !(reading.is_not_name(at, table) || reading.is_stop(at, table) || reading.is_thing(at, table))
        || (reading.is_cased && word.shape == Shape::Capital && reading.break_before(at) <= Break::Blank)
}

/// Places whose digest an earlier message left.
pub(super) fn find_traces(reading: &Reading<'_>, memory: &Memory, digest: Digester<'_>, spans: &mut Vec<Span>) {
    if memory.traces.is_empty() {
        return;
    }
    for at in 0..reading.words.len() {
        let most = if reading.words[at].shape == Shape::Unspaced { 12 } else { 5 };
        for end in at + 1..=(at + most).min(reading.words.len()) {
            if end > at + 1 && reading.break_before(end - 1) > Break::Dot {
                break;
            }
            let range = reading.bytes(&(at..end));
            let written = &reading.text[range.clone()];
            let spellings = [plain(RedactionKind::Name, written), plain(RedactionKind::Phone, written)];
            for (number, spelling) in spellings.iter().enumerate() {
                if spelling.len() < 3 || (number == 1 && *spelling == spellings[0]) {
                    continue;
                }
                let digest = digest(spelling.as_bytes());
                if let Some(trace) = memory.traces.iter().find(|trace| trace.digest == digest) {
                    spans.push(Span { range: range.clone(), kind: trace.kind, rank: Rank::Again });
                }
            }
        }
    }
}
