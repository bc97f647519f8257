//! A folded text as words, with what stands between them. Where a script sets no blanks, every character is a word.
//!
//! Knows no language: it says how a word looks and gives it a key under which every spelling of it is the same.

use std::ops::Range;

use unicode_normalization::char::{decompose_canonical, is_combining_mark};

use super::fold::HOLE;
use crate::triage::alike;

/// One word.
#[derive(Debug, Clone)]
pub(super) struct Word {
    /// Its bytes in the folded text.
    pub range: Range<usize>,
    /// The same for all spellings of the word.
    pub key: u64,
    /// The same only for the word with all its marks.
    pub exact: u64,
    /// Whether Latin letters in it have marks.
    pub is_accented: bool,
    /// How it looks.
    pub shape: Shape,
    /// What stands between it and the word before.
    pub before: Break,
    /// Whether a colon or the like stands before it.
    pub is_after_colon: bool,
    /// Where its prefixes' keys stand.
    pub stems: Range<usize>,
}

/// How a word looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// First letter large.
    Capital,
    /// All letters large, two or more.
    Upper,
    /// First letter small.
    Lower,
    /// Letters of a script that knows no large ones.
    Uncased,
    /// One character of a script without blanks.
    Unspaced,
    /// Digits.
    Number,
    /// Letters and digits.
    Mixed,
}

impl Shape {
    pub(super) fn has_digits(self) -> bool {
        matches!(self, Self::Number | Self::Mixed)
    }

    pub(super) fn is_large(self) -> bool {
        matches!(self, Self::Capital | Self::Upper)
    }
}

/// What stands between two words, the weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Break {
    /// Nothing, or a sign that joins.
    Joined,
    /// Blanks.
    Blank,
    /// A comma, a bracket, a colon.
    Soft,
    /// A full stop with a blank behind it: an abbreviation's or a sentence's.
    Dot,
    /// The end of a sentence.
    Sentence,
    /// The end of a line.
    Line,
    /// Something that was taken out before.
    Hole,
}

/// The words of a text.
#[derive(Debug, Default)]
pub(super) struct Words {
    pub list: Vec<Word>,
    /// Keys of prefixes, as [`Word::stems`] says.
    pub stems: Vec<u64>,
    /// Whether letters stand in it that only Vietnamese writes.
    pub is_marked: bool,
}

const FNV_START: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0100_0000_01b3;

fn mixed(hash: u64, character: char) -> u64 {
    (hash ^ u64::from(u32::from(character))).wrapping_mul(FNV_PRIME)
}

/// Sets the keys of prefixes apart from those of words.
pub(super) fn stem_key(key: u64) -> u64 {
    key.rotate_left(17) ^ 0x5354_454d
}

/// Folded letters of one character, for comparing.
fn folded(character: char, mut each: impl FnMut(char)) {
    if character.is_ascii() {
        return each(character.to_ascii_lowercase());
    }
    let mut put = |letter: char| {
        if let Some(letter) = alike(letter) {
            each(letter);
        }
    };
    if is_plain_letter(character) {
        if let Some(letter) = alike(character) {
            each(letter);
        }
        return;
    }
    for lower in character.to_lowercase() {
        match u32::from(lower) {
            // Latin, Greek and Cyrillic letters lose their marks; in other scripts marks are vowels.
            0xC0..=0x2AF | 0x300..=0x52F | 0x1E00..=0x1FFF => decompose_canonical(lower, |part| {
                if !is_combining_mark(part) {
                    put(part);
                }
            }),
            _ => put(lower),
        }
    }
}

/// Letters of scripts that put no blanks between words, and their marks.
pub(super) fn is_unspaced(character: char) -> bool {
    matches!(u32::from(character), 0xE00..=0xEFF | 0x1000..=0x109F | 0x1780..=0x17D3 | 0x17D7..=0x17FF | 0x3041..=0x30FF | 0x3400..=0x9FFF | 0xA9E0..=0xA9FF | 0xAA60..=0xAA7F | 0xF900..=0xFAFF | 0x20000..=0x3FFFF)
        // Signs between sentences, and the dot in names of other peoples' in Chinese.
        && !matches!(character, '၊' | '။' | '・' | '๏' | '๚' | '๛')
}

/// Letters and vowel signs of Arabic and of most of India's scripts, none of them large or small: a shortcut past slow tables.
fn is_plain_letter(character: char) -> bool {
    matches!(
        u32::from(character),
        0x620..=0x65F | 0x671..=0x6D3 | 0x900..=0x963 | 0x971..=0x9E3 | 0xA01..=0xA65 | 0xA81..=0xAE3 | 0xB82..=0xBE5
            | 0xC00..=0xC63 | 0xC80..=0xCE3 | 0xD81..=0xDDF
    )
}

/// Characters of Korean.
pub(super) fn is_syllable(character: char) -> bool {
    matches!(character, '\u{AC00}'..='\u{D7A3}')
}

fn is_part_of_word(character: char) -> bool {
    is_plain_letter(character) || character.is_alphanumeric() || is_combining_mark(character)
}

fn is_vietnamese(letter: char) -> bool {
    matches!(letter, '\u{1EA0}'..='\u{1EF9}' | 'đ' | 'Đ' | 'ơ' | 'Ơ' | 'ư' | 'Ư')
}

impl Words {
    /// Splits a folded text.
    pub(super) fn of(text: &str) -> Self {
        let mut words = Self { list: Vec::with_capacity(text.len() / 5 + 4), ..Self::default() };
        let mut characters = text.char_indices().peekable();
        let mut gap = Gap { strongest: Break::Line, is_colon: false };
        while let Some((start, first)) = characters.next() {
            if is_unspaced(first) {
                words.one(start, first, &gap);
                gap = Gap::NONE;
                continue;
            }
            if !is_part_of_word(first) {
                let next = characters.peek().map(|(_, next)| *next);
                gap.take(first, next);
                continue;
            }
            let mut end = start + first.len_utf8();
            let mut run = Run::new();
            run.take(first, &mut words);
            while let Some((at, next)) = characters.peek().copied() {
                let is_inner = matches!(next, '\'' | '\u{2019}' | '\u{2BC}')
                    && text[at + next.len_utf8()..].chars().next().is_some_and(char::is_alphabetic)
                    && !run.has_digits;
                if !is_inner && (!is_part_of_word(next) || is_unspaced(next)) {
                    break;
                }
                run.take(if is_inner { '\'' } else { next }, &mut words);
                end = at + next.len_utf8();
                characters.next();
            }
            run.finish(start..end, &gap, &mut words);
            gap = Gap::NONE;
        }
        words
    }

    fn one(&mut self, start: usize, character: char, gap: &Gap) {
        let mut key = FNV_START;
        folded(character, |letter| key = mixed(key, letter));
        self.list.push(Word {
            range: start..start + character.len_utf8(),
            key,
            exact: mixed(FNV_START, character),
            is_accented: false,
            shape: Shape::Unspaced,
            before: gap.strongest,
            is_after_colon: gap.is_colon,
            stems: 0..0,
        });
    }
}

/// What stands between two words.
struct Gap {
    strongest: Break,
    is_colon: bool,
}

impl Gap {
    const NONE: Self = Self { strongest: Break::Joined, is_colon: false };

    fn take(&mut self, character: char, next: Option<char>) {
        let is_before_blank = next.is_none_or(char::is_whitespace);
        let sign = match character {
            _ if character == char::from(HOLE) => Break::Hole,
            '\n' | '\r' => Break::Line,
            '.' if is_before_blank => Break::Dot,
            '.' | '\'' | '\u{2019}' | '·' | '・' | '-' | '/' | '_' | '@' | '#' | '№' | '&' if !is_before_blank => {
                Break::Joined
            }
            '!' | '?' | ';' | '…' | '।' | '॥' | '。' | '؟' | '؛' | '۔' | '።' | '။' | '។' | '៕' | '|' | '•' => {
                Break::Sentence
            }
            _ if character.is_whitespace() => Break::Blank,
            '\'' | '\u{2019}' | '#' | '№' | '_' => Break::Blank,
            _ => Break::Soft,
        };
        self.is_colon |= matches!(character, ':' | '=' | '፡' | '፦') || (character == '-' && is_before_blank);
        self.strongest = self.strongest.max(sign);
    }
}

/// A word as it is read.
#[expect(clippy::struct_excessive_bools, reason = "what is seen of a word, letter by letter")]
struct Run {
    key: u64,
    exact: u64,
    n_letters: usize,
    n_upper: usize,
    is_first_upper: bool,
    is_cased: bool,
    has_digits: bool,
    is_accented: bool,
    stems_from: Option<usize>,
    n_folded: usize,
}

impl Run {
    fn new() -> Self {
        Self {
            key: FNV_START,
            exact: FNV_START,
            n_letters: 0,
            n_upper: 0,
            is_first_upper: false,
            is_cased: false,
            has_digits: false,
            is_accented: false,
            stems_from: None,
            n_folded: 0,
        }
    }

    fn take(&mut self, character: char, words: &mut Words) {
        let from = *self.stems_from.get_or_insert(words.stems.len());
        debug_assert!(from <= words.stems.len());
        if is_plain_letter(character) {
            self.n_letters += 1;
        } else if character.is_numeric() {
            self.has_digits = true;
        } else if character.is_alphabetic() {
            let is_upper = character.is_uppercase();
            self.is_first_upper |= self.n_letters == 0 && is_upper;
            self.is_cased |= is_upper || character.is_lowercase();
            self.n_letters += 1;
            self.n_upper += usize::from(is_upper);
        }
        self.is_accented |= matches!(u32::from(character), 0xC0..=0x24F | 0x1E00..=0x1EFF);
        words.is_marked |= !character.is_ascii() && is_vietnamese(character);
        if character.is_ascii() || is_plain_letter(character) {
            self.exact = mixed(self.exact, character.to_ascii_lowercase());
        } else {
            for lower in character.to_lowercase() {
                self.exact = mixed(self.exact, lower);
            }
        }
        let (mut key, mut n_folded) = (self.key, self.n_folded);
        folded(character, |letter| {
            key = mixed(key, letter);
            n_folded += 1;
            // A Korean character is a syllable and long enough to be a stem.
            if n_folded >= 2 || is_syllable(letter) {
                words.stems.push(stem_key(key));
            }
        });
        (self.key, self.n_folded) = (key, n_folded);
    }

    fn finish(self, range: Range<usize>, gap: &Gap, words: &mut Words) {
        let shape = match () {
            () if self.n_letters == 0 => Shape::Number,
            () if self.has_digits => Shape::Mixed,
            () if !self.is_cased => Shape::Uncased,
            () if self.n_upper == self.n_letters && self.n_letters > 1 => Shape::Upper,
            () if self.is_first_upper => Shape::Capital,
            () => Shape::Lower,
        };
        let from = self.stems_from.unwrap_or(words.stems.len());
        words.list.push(Word {
            range,
            key: self.key,
            exact: self.exact,
            is_accented: self.is_accented,
            shape,
            before: gap.strongest,
            is_after_colon: gap.is_colon,
            stems: from..words.stems.len(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<(String, Shape, Break)> {
        Words::of(text).list.into_iter().map(|word| (text[word.range].to_owned(), word.shape, word.before)).collect()
    }

    #[test]
    fn words_have_a_shape_and_a_break() {
        assert_eq!(
            shown("My name: O'Neil. ID W52, 我"),
            [
                ("My".to_owned(), Shape::Capital, Break::Line),
                ("name".to_owned(), Shape::Lower, Break::Blank),
                ("O'Neil".to_owned(), Shape::Capital, Break::Soft),
                ("ID".to_owned(), Shape::Upper, Break::Dot),
                ("W52".to_owned(), Shape::Mixed, Break::Blank),
                ("我".to_owned(), Shape::Unspaced, Break::Soft),
            ]
        );
    }

    #[test]
    fn spellings_of_a_word_share_a_key() {
        let keys = |text: &str| Words::of(text).list.iter().map(|word| word.key).collect::<Vec<_>>();
        assert_eq!(keys("Tôi TÊN là đó İl"), keys("toi ten la do il"));
        assert_ne!(keys("ten"), keys("net"));
    }
}
