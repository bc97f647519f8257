//! All tables as one tree of words: one walk over a text finds every phrase of every language.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use super::phrase::{self, Piece};
use super::table::Table;
use crate::anonymise::fold::Fold;
use crate::anonymise::words::{Break, Shape, Words, is_unspaced, stem_key};

/// What a phrase does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::anonymise) enum Role {
    NameStrong,
    NameWeak,
    NameLabel,
    Stop,
    NotName,
    Surname,
    Particle,
    Title,
    Filler,
    Link,
    Phone,
    Handle,
    Email,
    Employee,
    National,
    Passport,
    Bank,
    Birth,
    Month,
    Location,
    AddressStrong,
    AddressWeak,
    AddressLabel,
    AddressBefore,
    AddressAfter,
    AddressStop,
    Closing,
    Greeting,
    Wrote,
    From,
    Unit,
    Thing,
    Employer,
    Place,
    Person,
    Other,
}

/// Where what is looked for stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::anonymise) enum Side {
    /// Behind the phrase.
    Behind,
    /// In front of it.
    InFront,
    /// Behind it, and the other half of the cue behind that.
    Opens,
    /// The other half.
    Closes,
}

/// A phrase found in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::anonymise) struct Mark {
    /// Its first word.
    pub start: usize,
    /// One past its last word.
    pub end: usize,
    /// What it does.
    pub role: Role,
    /// Where its value stands.
    pub side: Side,
    /// The table it comes from.
    pub table: u8,
    /// Tells the two halves of one cue from those of another.
    pub pair: u16,
}

/// What a node of the tree stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Meaning {
    role: Role,
    side: Side,
    table: u8,
    pair: u16,
    /// The words with all their marks; 0 where that does not matter.
    exact: u64,
    /// Whether the language makes other words of the same letters by marks.
    is_strict: bool,
}

/// How the names of a language are written.
#[derive(Debug, Clone)]
pub(in crate::anonymise) struct Writing {
    pub language: String,
    pub blanks: bool,
    pub capitals: bool,
    pub has_surnames: bool,
    /// What hangs on the end of a name behind an apostrophe, without it.
    pub endings: Vec<String>,
}

/// More tables than a set of bits holds.
pub(super) const MOST_TABLES: usize = 128;

type Tree = HashMap<(u32, u64), u32, BuildHasherDefault<Mixing>>;

/// All tables.
#[derive(Debug)]
pub(in crate::anonymise) struct Lexicon {
    pub writings: Vec<Writing>,
    /// Which table is the English one: people of every language mix it in.
    pub english: Option<u8>,
    tree: Tree,
    meanings: Vec<Vec<Meaning>>,
    has_gap: HashSet<u32, BuildHasherDefault<Mixing>>,
    stems: HashSet<u64, BuildHasherDefault<Mixing>>,
    fillers: HashSet<u64, BuildHasherDefault<Mixing>>,
    scripts: HashSet<u32, BuildHasherDefault<Mixing>>,
}

/// Stands for a gap in the tree.
const GAP: u64 = 1;
/// The most words a gap holds.
const GAP_WORDS: usize = 3;

impl Lexicon {
    pub(super) fn of(tables: &[Table]) -> Self {
        let mut lexicon = Self {
            writings: Vec::new(),
            english: None,
            tree: Tree::default(),
            meanings: vec![Vec::new()],
            has_gap: HashSet::default(),
            stems: HashSet::default(),
            fillers: HashSet::default(),
            scripts: HashSet::default(),
        };
        for (number, table) in tables.iter().take(MOST_TABLES).enumerate() {
            lexicon.take(u8::try_from(number).expect("there are fewer tables"), table);
        }
        lexicon
    }

    fn take(&mut self, number: u8, table: &Table) {
        if table.language == "eng" {
            self.english = Some(number);
        }
        self.writings.push(Writing {
            language: table.language.clone(),
            blanks: table.blanks,
            capitals: table.capitals,
            has_surnames: !table.surnames.is_empty(),
            endings: table.endings.iter().map(|ending| ending.trim_start_matches(['\'', '’']).to_lowercase()).collect(),
        });
        let is_marked = table.name.stop.iter().any(|word| Words::of(word).is_marked);
        let mut pair = 0;
        for (role, entries) in table.cue_lists() {
            for entry in entries {
                pair += 1;
                // The table was checked when it was read.
                for pieces in phrase::parse(entry, table.blanks).unwrap_or_default() {
                    // A single word is easily another one with other marks: `VA` and `và`.
                    let exact = if let [Piece::Word(word, false), Piece::Slot] = &pieces[..] { exact_of(word) } else { 0 };
                    self.cue(&pieces, Meaning { role, side: Side::Behind, table: number, pair, exact, is_strict: false });
                }
            }
        }
        for (role, entries) in table.word_lists() {
            for entry in entries {
                let exact = exact_of(entry);
                self.cue(
                    &words_of(entry),
                    Meaning { role, side: Side::Behind, table: number, pair: 0, exact, is_strict: is_marked },
                );
            }
        }
        for filler in &table.fillers {
            if let [word] = &read(filler).list[..] {
                self.fillers.insert(word.key);
            }
        }
        for word in table.name.stop.iter().chain(&table.name.strong) {
            self.scripts.extend(word.chars().filter(|letter| letter.is_alphabetic()).map(script_block));
        }
    }

    /// Puts the words of a cue in front of its slot, and those behind it, into the tree.
    fn cue(&mut self, pieces: &[Piece], meaning: Meaning) {
        let slot = pieces.iter().position(|piece| *piece == Piece::Slot).unwrap_or(pieces.len());
        let (front, behind) = (&pieces[..slot], pieces.get(slot + 1..).unwrap_or_default());
        let (opening, closing) = match (front.is_empty(), behind.is_empty()) {
            (false, false) => (Side::Opens, Side::Closes),
            (_, true) => (Side::Behind, Side::Closes),
            (true, false) => (Side::Behind, Side::InFront),
        };
        for (pieces, side) in [(front, opening), (behind, closing)] {
            if !pieces.is_empty() {
                self.put(pieces, Meaning { side, ..meaning });
            }
        }
    }

    fn put(&mut self, pieces: &[Piece], meaning: Meaning) {
        let mut node = 0;
        for piece in pieces {
            match piece {
                Piece::Word(text, is_stem) => {
                    let words = read(text);
                    let last = words.list.len();
                    for (at, word) in words.list.iter().enumerate() {
                        let key = if *is_stem && at + 1 == last { stem_key(word.key) } else { word.key };
                        if key != word.key {
                            self.stems.insert(key);
                        }
                        node = self.child(node, key);
                    }
                }
                Piece::Gap => {
                    self.has_gap.insert(node);
                    node = self.child(node, GAP);
                }
                Piece::Slot => {}
            }
        }
        let at = usize::try_from(node).expect("a node is an index");
        if node != 0 && !self.meanings[at].contains(&meaning) {
            self.meanings[at].push(meaning);
        }
    }

    fn child(&mut self, node: u32, key: u64) -> u32 {
        let next = u32::try_from(self.meanings.len()).expect("tables are smaller");
        let child = *self.tree.entry((node, key)).or_insert(next);
        if child == next {
            self.meanings.push(Vec::new());
        }
        child
    }

    /// Whether a language with a table is written in letters like this one.
    pub(in crate::anonymise) fn covers(&self, letter: char) -> bool {
        self.scripts.contains(&script_block(letter))
    }

    /// Whether there is a table of the language.
    pub(in crate::anonymise) fn speaks(&self, language: &str) -> bool {
        self.writings.iter().any(|writing| writing.language == language)
    }

    /// All phrases in a text, in the order of their first words.
    pub(in crate::anonymise) fn marks(&self, text: &str, words: &Words) -> Vec<Mark> {
        let mut walk = Walk { text, lexicon: self, words, start: 0, marks: Vec::with_capacity(words.list.len() * 4) };
        for start in 0..words.list.len() {
            walk.start = start;
            walk.on(start, 0, Seen::default());
        }
        walk.marks
    }
}

/// One walk through the tree, from one word of a text on.
struct Walk<'a> {
    text: &'a str,
    lexicon: &'a Lexicon,
    words: &'a Words,
    start: usize,
    marks: Vec<Mark>,
}

impl Walk<'_> {
    fn on(&mut self, at: usize, node: u32, seen: Seen) {
        let Some(word) = self.words.list.get(at) else { return };
        if at > self.start && word.before > Break::Soft {
            return;
        }
        let tree = &self.lexicon.tree;
        if let Some(&child) = tree.get(&(node, word.key)) {
            self.arrive(at + 1, child, seen.with(word.exact, word.is_accented));
        }
        if !word.stems.is_empty() {
            for stem in &self.words.stems[word.stems.clone()] {
                if self.lexicon.stems.contains(stem)
                    && let Some(&child) = tree.get(&(node, *stem))
                {
                    self.arrive(at + 1, child, seen.with(*stem, false));
                }
            }
        }
        if node == 0 {
            return;
        }
        if self.lexicon.fillers.contains(&word.key) && at < self.start + 12 {
            self.on(at + 1, node, seen);
        }
        if self.lexicon.has_gap.contains(&node)
            && let Some(&behind) = tree.get(&(node, GAP))
        {
            for skipped in 0..=GAP_WORDS {
                self.on(at + skipped, behind, seen);
                if self.words.list.get(at + skipped).is_none_or(|word| word.before > Break::Soft) {
                    break;
                }
            }
        }
    }

    /// Whether a phrase of one character is there by chance: of Thai and its neighbours one is a letter, not a word, unless a
    /// full stop makes it an abbreviation.
    fn is_chance(&self, role: Role) -> bool {
        let word = &self.words.list[self.start];
        word.shape == Shape::Unspaced
            && !matches!(role, Role::Surname | Role::Particle)
            && self.text[word.range.clone()].chars().all(|letter| u32::from(letter) < 0x3000)
            && !self.text[word.range.end..].starts_with('.')
    }

    fn arrive(&mut self, end: usize, node: u32, seen: Seen) {
        for meaning in &self.lexicon.meanings[usize::try_from(node).expect("a node is an index")] {
            // Marks are dropped in haste, so a word without them may be any. One with marks is itself only, and in Vietnamese,
            // where it writes marks at all, so is one without.
            let is_itself = seen.is_accented || (meaning.is_strict && self.words.is_marked);
            if meaning.exact != 0 && is_itself && meaning.exact != seen.exact {
                continue;
            }
            if end == self.start + 1 && self.is_chance(meaning.role) {
                continue;
            }
            let mark =
                Mark { start: self.start, end, role: meaning.role, side: meaning.side, table: meaning.table, pair: meaning.pair };
            if self.marks.last() != Some(&mark) {
                self.marks.push(mark);
            }
        }
        self.on(end, node, seen);
    }
}

/// The words of an entry, in the spelling of texts.
fn read(entry: &str) -> Words {
    Words::of(Fold::of(entry).text())
}

/// The words of a phrase so far.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    exact: u64,
    is_accented: bool,
}

impl Seen {
    fn with(self, exact: u64, is_accented: bool) -> Self {
        Self { exact: self.exact.rotate_left(5) ^ exact, is_accented: self.is_accented || is_accented }
    }
}

fn exact_of(entry: &str) -> u64 {
    if entry.ends_with('*') {
        return 0;
    }
    read(entry).list.iter().fold(Seen::default(), |seen, word| seen.with(word.exact, false)).exact
}

/// An entry of a list of plain words.
fn words_of(entry: &str) -> Vec<Piece> {
    match entry.strip_suffix('*') {
        // Without blanks every word is the beginning of what follows it.
        Some(stem) if stem.ends_with(is_unspaced) => vec![Piece::Word(stem.to_owned(), false), Piece::Slot],
        Some(stem) => vec![Piece::Word(stem.to_owned(), true), Piece::Slot],
        None => vec![Piece::Word(entry.to_owned(), false), Piece::Slot],
    }
}

/// Letters of one block belong to one script, near enough. Everything Latin is one.
fn script_block(letter: char) -> u32 {
    match u32::from(letter) {
        0..=0x24F | 0x1E00..=0x1EFF => 0,
        0x3400..=0x9FFF | 0xF900..=0xFAFF => 1,
        0x600..=0x77F | 0xFB50..=0xFEFF => 2,
        code => code >> 7,
    }
}

/// A quick hash for keys that are hashes already.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Mixing(u64);

impl Hasher for Mixing {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u32(&mut self, value: u32) {
        self.write_u64(u64::from(value));
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = (self.0.rotate_left(5) ^ value).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
}
