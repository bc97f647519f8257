//! A text made ready for those who look for people in it: folded, split into words, and with every cue marked.

use std::ops::Range;

use super::cues::{Lexicon, Mark, Role, Side};
use super::words::{Break, Shape, Word, Words};

/// A set of tables.
pub(super) type Tables = u128;

/// A folded text, read.
pub(super) struct Reading<'a> {
    pub text: &'a str,
    pub words: Vec<Word>,
    pub marks: Vec<Mark>,
    pub lexicon: &'a Lexicon,
    /// Whether large letters say something in this text: it has both kinds.
    pub is_cased: bool,
    /// For every word, where its first mark stands.
    firsts: Vec<usize>,
    /// For every word, the tables that know it as…
    sets: Vec<Sets>,
    /// The tables whose stop words end names of any language: English, that of the text and those of the desk.
    everywhere: Tables,
    /// The tables whose weak cues count: the same, or all where nobody knows the language.
    trusted: Tables,
}

/// For one word, the tables that know a phrase beginning here as …
#[derive(Debug, Clone, Copy, Default)]
struct Sets {
    stop: Tables,
    not_name: Tables,
    particle: Tables,
    title: Tables,
    surname: Tables,
    /// Firms, sites and people who are spoken of.
    thing: Tables,
    /// A cue of any kind.
    cue: Tables,
    address: Tables,
    address_stop: Tables,
    unit: Tables,
}

fn bit(table: u8) -> Tables {
    1 << table
}

impl<'a> Reading<'a> {
    /// Reads a folded text. `language` is what the text is probably in.
    pub(super) fn of(text: &'a str, lexicon: &'a Lexicon, language: &str, own: &[String]) -> Self {
        let words = Words::of(text);
        let marks = lexicon.marks(text, &words);
        let words = words.list;
        let mut firsts = Vec::with_capacity(words.len() + 1);
        let mut sets = vec![Sets::default(); words.len()];
        let mut next = 0;
        for (at, set) in sets.iter_mut().enumerate() {
            firsts.push(next);
            while let Some(mark) = marks.get(next).filter(|mark| mark.start == at) {
                set.take(mark);
                next += 1;
            }
        }
        firsts.push(marks.len());
        let n_large = words.iter().filter(|word| word.shape == Shape::Capital).count();
        let n_small = words.iter().filter(|word| word.shape == Shape::Lower).count();
        let base = |code: &str| code.trim_end_matches("-Latn").to_owned();
        let is_spoken = |code: &str| base(code) == base(language) || own.iter().any(|own| own == code);
        let spoken = lexicon.writings.iter().zip(0..).filter(|(writing, _)| is_spoken(&writing.language));
        let spoken: Tables = spoken.fold(0, |set, (_, table)| set | bit(table));
        let everywhere = lexicon.english.map_or(spoken, |english| spoken | bit(english));
        let trusted = if language == "und" { Tables::MAX } else { everywhere };
        Self { text, words, marks, lexicon, is_cased: n_large > 0 && n_small > 0, firsts, sets, everywhere, trusted }
    }

    /// All phrases that begin with the word.
    pub(super) fn marks_at(&self, at: usize) -> &[Mark] {
        if at >= self.words.len() { &[] } else { &self.marks[self.firsts[at]..self.firsts[at + 1]] }
    }

    /// What stands before the word; behind the last one the text ends.
    pub(super) fn break_before(&self, at: usize) -> Break {
        self.words.get(at).map_or(Break::Line, |word| word.before)
    }

    /// The tables that may say something about words near a cue of `table`.
    fn near(&self, table: u8) -> Tables {
        bit(table) | self.everywhere
    }

    /// Whether a weak cue of the table counts: in another language the same word may be any.
    pub(super) fn is_trusted(&self, table: u8) -> bool {
        self.trusted & bit(table) != 0
    }

    /// Whether the table is of the text's language, English, or the desk's.
    pub(super) fn is_spoken(&self, table: u8) -> bool {
        self.everywhere & bit(table) != 0
    }

    pub(super) fn is_stop(&self, at: usize, table: u8) -> bool {
        let Some(sets) = self.sets.get(at) else { return true };
        // In another language a large letter says that it is not that word.
        let others = if self.is_cased && self.words[at].shape.is_large() { bit(table) } else { self.near(table) };
        sets.stop & others != 0
    }

    pub(super) fn is_not_name(&self, at: usize, table: u8) -> bool {
        self.sets.get(at).is_some_and(|sets| sets.not_name & self.near(table) != 0)
    }

    /// Whether the word belongs to a firm, a site or a post.
    pub(super) fn is_thing(&self, at: usize, table: u8) -> bool {
        self.sets.get(at).is_some_and(|sets| sets.thing & self.near(table) != 0)
    }

    /// The same, in the table's own language only: in a text with large letters another language's word is a name's.
    pub(super) fn is_own_thing(&self, at: usize, table: u8) -> bool {
        self.sets.get(at).is_some_and(|sets| sets.thing & bit(table) != 0)
    }

    pub(super) fn is_particle(&self, at: usize, table: u8) -> bool {
        self.sets.get(at).is_some_and(|sets| sets.particle & self.near(table) != 0)
    }

    pub(super) fn is_title(&self, at: usize, table: u8) -> bool {
        self.sets.get(at).is_some_and(|sets| sets.title & self.near(table) != 0)
    }

    pub(super) fn is_surname(&self, at: usize) -> bool {
        self.sets.get(at).is_some_and(|sets| sets.surname != 0)
    }

    /// Whether something else about the writer begins here: a cue for a number or an address.
    pub(super) fn is_cue(&self, at: usize, table: u8) -> bool {
        self.sets.get(at).is_some_and(|sets| sets.cue & self.near(table) != 0)
    }

    pub(super) fn is_address_word(&self, at: usize, table: u8) -> bool {
        self.sets.get(at).is_some_and(|sets| sets.address & self.near(table) != 0)
    }

    pub(super) fn is_address_stop(&self, at: usize, table: u8) -> bool {
        self.sets.get(at).is_some_and(|sets| sets.address_stop & bit(table) != 0)
    }

    pub(super) fn is_unit(&self, at: usize) -> bool {
        self.sets.get(at).is_some_and(|sets| sets.unit != 0)
    }

    /// The longest phrase with one of the roles that begins with the word, in a table that may speak here.
    pub(super) fn longest(&self, at: usize, table: u8, roles: &[Role]) -> Option<usize> {
        let near = self.near(table);
        let fits = |mark: &&Mark| roles.contains(&mark.role) && mark.side == Side::Behind && near & bit(mark.table) != 0;
        self.marks_at(at).iter().filter(fits).map(|mark| mark.end).max()
    }

    /// Passes over what may stand between a cue and its value: "is", "no.", "please".
    pub(super) fn behind_links(&self, from: usize, table: u8) -> usize {
        let mut at = from;
        for _ in 0..6 {
            let limit = if at == from { Break::Dot } else { Break::Soft };
            if self.break_before(at) > limit.max(Break::Dot) {
                break;
            }
            match self.longest(at, table, &[Role::Link, Role::Filler]) {
                Some(end) => at = end,
                None => break,
            }
        }
        at
    }

    /// The bytes of some words.
    pub(super) fn bytes(&self, words: &Range<usize>) -> Range<usize> {
        self.words[words.start].range.start..self.words[words.end - 1].range.end
    }

    /// The text of a word.
    pub(super) fn word(&self, at: usize) -> &'a str {
        &self.text[self.words[at].range.clone()]
    }

    /// The closing half of a cue that opened with `mark`: where it begins. Only within a sentence and a few words.
    pub(super) fn closing(&self, mark: &Mark) -> Option<usize> {
        let most = if self.lexicon.writings[usize::from(mark.table)].blanks { 6 } else { 24 };
        for at in mark.end..self.words.len().min(mark.end + most + 1) {
            if self.break_before(at) > Break::Soft {
                return None;
            }
            let closes = |other: &Mark| {
                other.side == Side::Closes && other.pair == mark.pair && other.table == mark.table && other.role == mark.role
            };
            if at > mark.end && self.marks_at(at).iter().any(closes) {
                return Some(at);
            }
        }
        None
    }

    /// The first word that begins at or behind a byte.
    pub(super) fn word_at(&self, byte: usize) -> usize {
        self.words.partition_point(|word| word.range.start < byte)
    }
}

impl Sets {
    fn take(&mut self, mark: &Mark) {
        let bit = bit(mark.table);
        if mark.side == Side::Closes {
            return;
        }
        let set = match mark.role {
            Role::Stop => &mut self.stop,
            Role::NotName => &mut self.not_name,
            Role::Particle => &mut self.particle,
            Role::Title => &mut self.title,
            Role::Surname => &mut self.surname,
            Role::Employer | Role::Place | Role::Person | Role::Thing => &mut self.thing,
            Role::Unit => &mut self.unit,
            Role::AddressBefore | Role::AddressAfter => &mut self.address,
            Role::AddressStop => &mut self.address_stop,
            Role::Phone
            | Role::Handle
            | Role::Email
            | Role::Employee
            | Role::National
            | Role::Passport
            | Role::Bank
            | Role::Birth
            | Role::Location
            | Role::AddressStrong
            | Role::AddressWeak => &mut self.cue,
            Role::NameStrong
            | Role::NameWeak
            | Role::NameLabel
            | Role::Filler
            | Role::Link
            | Role::Month
            | Role::AddressLabel
            | Role::Closing
            | Role::Greeting
            | Role::Wrote
            | Role::From
            | Role::Other => return,
        };
        *set |= bit;
    }
}
