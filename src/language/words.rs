//! Cleans a text for language detection: what is no language is dropped, and the rest comes as words with their script.

use unicode_normalization::{IsNormalized, UnicodeNormalization, char::is_combining_mark, is_nfc_quick};

use super::script::Script;

/// A longer text says nothing more about its language.
const ENOUGH_CHARS: usize = 2000;

/// The lower-cased words of a text.
#[derive(Debug, Default)]
pub(super) struct Words {
    words: Vec<(Script, String)>,
    profile: Vec<(Script, usize)>,
}

impl Words {
    /// Reads the words of a text; addresses, user names and numbers are left out.
    pub(super) fn read(text: &str) -> Self {
        let start: String = text.chars().take(ENOUGH_CHARS).collect();
        let composed = if is_nfc_quick(start.chars()) == IsNormalized::Yes { start } else { start.nfc().collect() };
        let mut read = Self::default();
        for chunk in composed.split_whitespace().filter(|chunk| !is_address(chunk)) {
            read.take_chunk(chunk);
        }
        for (_, word) in &mut read.words {
            word.truncate(word.trim_end_matches('\'').len());
        }
        read
    }

    /// Splits a chunk without blanks into words of one script each.
    fn take_chunk(&mut self, chunk: &str) {
        let mut open = false;
        for character in chunk.chars() {
            if is_silent(character) {
                continue;
            }
            if is_apostrophe(character) {
                if let (true, Some((_, word))) = (open, self.words.last_mut()) {
                    word.push('\'');
                }
                continue;
            }
            if is_combining_mark(character) {
                // A mark goes with its letter, whatever block it comes from; a vowel sign counts like a letter.
                let letter_like = Script::of(character);
                if let (true, Some((script, word))) = (open, self.words.last_mut()) {
                    word.push(character);
                    let script = *script;
                    if letter_like == Some(script) {
                        self.count(script);
                    }
                }
                continue;
            }
            let Some(script) = Script::of(character).filter(|_| character.is_alphabetic()) else {
                open = false;
                continue;
            };
            self.count(script);
            if !open || self.words.last().is_none_or(|(last, _)| *last != script) {
                self.words.push((script, String::new()));
                open = true;
            }
            if let Some((_, word)) = self.words.last_mut() {
                // Lower-casing the dotted capital I leaves a stray mark.
                word.extend(character.to_lowercase().filter(|lower| *lower != '\u{307}'));
            }
        }
    }

    fn count(&mut self, script: Script) {
        match self.profile.iter_mut().find(|(seen, _)| *seen == script) {
            Some((_, n_letters)) => *n_letters += 1,
            None => self.profile.push((script, 1)),
        }
    }

    /// The number of letters of each script, in order of appearance.
    pub(super) fn profile(&self) -> &[(Script, usize)] {
        &self.profile
    }

    /// The number of letters of one script.
    pub(super) fn n_letters(&self, script: Script) -> usize {
        self.profile.iter().find(|(seen, _)| *seen == script).map_or(0, |(_, n_letters)| *n_letters)
    }

    /// The number of letters of all scripts.
    pub(super) fn n_signs(&self) -> usize {
        self.profile.iter().map(|(_, n_letters)| n_letters).sum()
    }

    /// The script that carries most of the text, and its share of the letters, each counted for what it says.
    pub(super) fn main_script(&self) -> Option<(Script, f64)> {
        let weighed: Vec<(Script, f64)> = self
            .profile
            .iter()
            .map(|(script, n_letters)| (*script, script.weight() * f64::from(u32::try_from(*n_letters).unwrap_or(u32::MAX))))
            .collect();
        let sum: f64 = weighed.iter().map(|(_, weight)| weight).sum();
        // Brand names and borrowed words in Latin letters stand in texts of every script, hardly ever the other way round.
        let favour = |script: Script, weight: f64| if script == Script::Latin { weight / 2.0 } else { weight };
        let main = weighed
            .into_iter()
            .max_by(|(one, weight), (other, other_weight)| favour(*one, *weight).total_cmp(&favour(*other, *other_weight)));
        main.map(|(script, weight)| (script, weight / sum))
    }

    /// The words of one script alone, as a text of its own.
    pub(super) fn only(&self, script: Script) -> Self {
        Self {
            words: self.words.iter().filter(|(is, _)| *is == script).cloned().collect(),
            profile: self.profile.iter().filter(|(is, _)| *is == script).copied().collect(),
        }
    }

    /// All words, in order.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(|(_, word)| word.as_str())
    }

    /// The words of one script.
    pub(super) fn of(&self, script: Script) -> impl Iterator<Item = &str> {
        self.words.iter().filter(move |(is, _)| *is == script).map(|(_, word)| word.as_str())
    }
}

/// Web addresses, mail addresses and user names are in no language.
fn is_address(chunk: &str) -> bool {
    const ENDINGS: [&str; 6] = [".com", ".org", ".net", ".info", ".io", ".me"];
    let tidy = chunk.trim_end_matches(|character: char| character.is_ascii_punctuation());
    let cut = |ending: &str| tidy.len().checked_sub(ending.len()).and_then(|at| tidy.get(at..));
    chunk.contains('@')
        || chunk.contains("://")
        || chunk.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("www."))
        || (chunk.is_ascii() && chunk.contains('.') && chunk.contains('/'))
        || (chunk.is_ascii() && ENDINGS.iter().any(|ending| cut(ending).is_some_and(|end| end.eq_ignore_ascii_case(ending))))
}

/// Characters that stand in a word but are not written in its usual spelling: vowel signs of Arabic, the stretching stroke,
/// joiners, directions, soft hyphens.
fn is_silent(character: char) -> bool {
    matches!(u32::from(character), 0xAD | 0x640 | 0x64B..=0x652 | 0x670 | 0x200B | 0x200D..=0x200F | 0x202A..=0x202E | 0x2060..=0x2069 | 0xFE00..=0xFE0F | 0xFEFF)
}

fn is_apostrophe(character: char) -> bool {
    matches!(character, '\'' | '’' | '‘' | 'ʻ' | 'ʼ' | '`' | '´' | '＇')
}
