//! One plain spelling of a text for the detectors, with the way back to the original.
//!
//! Digits of every script and full-width signs become ASCII; what nobody sees is left out. What is found in the fold is
//! taken out of the original.

use std::ops::Range;

/// A folded text.
pub(super) struct Fold {
    text: String,
    /// For each byte of `text` the bytes of the original character it came from; empty where nothing changed.
    origins: Vec<Range<usize>>,
}

impl Fold {
    /// Folds a text.
    pub(super) fn of(original: &str) -> Self {
        Self::around(original, &[])
    }

    /// Folds a text, with a hole where each placeholder stands.
    pub(super) fn around(original: &str, placeholders: &[Range<usize>]) -> Self {
        // Most texts in Latin letters are their own fold.
        if original.is_ascii() {
            let mut bytes = original.as_bytes().to_vec();
            for placeholder in placeholders {
                bytes[placeholder.clone()].fill(HOLE);
            }
            let text = String::from_utf8(bytes).expect("one ASCII byte was put in place of another");
            return Self { text, origins: Vec::new() };
        }
        let mut holes = placeholders.iter().peekable();
        let mut fold = Self { text: String::with_capacity(original.len()), origins: Vec::with_capacity(original.len()) };
        for (at, character) in original.char_indices() {
            while holes.next_if(|hole| hole.end <= at).is_some() {}
            let is_hole = holes.peek().is_some_and(|hole| hole.start <= at);
            let Some(plain) = (if is_hole { Some(char::from(HOLE)) } else { plain(character) }) else { continue };
            fold.text.push(plain);
            let origin = at..at + character.len_utf8();
            fold.origins.extend(std::iter::repeat_n(origin, plain.len_utf8()));
        }
        fold
    }

    /// The folded text.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The bytes of the original behind a range of the folded text.
    pub(super) fn original(&self, range: &Range<usize>) -> Range<usize> {
        if self.origins.is_empty() || range.is_empty() {
            return range.clone();
        }
        self.origins[range.start].start..self.origins[range.end - 1].end
    }
}

/// Stands for every byte of a placeholder.
pub(super) const HOLE: u8 = 0x1A;

/// The plain form of a character; `None` if nobody sees it.
fn plain(character: char) -> Option<char> {
    let code = u32::from(character);
    match code {
        0..=0x7F => Some(character),
        // Soft hyphen, joiners, directions, variation selectors, tags.
        0xAD
        | 0x34F
        // Thai and Lao write one vowel as one sign or as two; the ring is dropped and the other half kept.
        | 0xE4D
        | 0xECD
        | 0x61C
        | 0x115F
        | 0x1160
        | 0x17B4
        | 0x17B5
        | 0x180B..=0x180E
        | 0x200B..=0x200F
        | 0x202A..=0x202E
        | 0x2060..=0x206F
        | 0x3164
        | 0xFE00..=0xFE0F
        | 0xFEFF
        | 0xFFA0
        | 0xE0000..=0xE01EF => None,
        0xA0 | 0x1680 | 0x2000..=0x200A | 0x202F | 0x205F | 0x3000 => Some(' '),
        0x2028 | 0x2029 => Some('\n'),
        0x2010..=0x2015 | 0x2212 | 0x2043 | 0xFE58 | 0xFE63 => Some('-'),
        0xE33 => Some('\u{E32}'),
        0xEB3 => Some('\u{EB2}'),
        0xFE6B => Some('@'),
        0xFE52 | 0xFF61 | 0x2024 => Some('.'),
        // The full-width copy of ASCII.
        0xFF01..=0xFF5E => char::from_u32(code - 0xFF01 + 0x21),
        _ => Some(digit(code).unwrap_or(character)),
    }
}

/// The ASCII form of a decimal digit of another script.
fn digit(code: u32) -> Option<char> {
    // The zero of each block of decimal digits; the ten follow each other in Unicode.
    const ZEROS: [u32; 32] = [
        0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6, 0xE50, 0xED0, 0xF20, 0x1040,
        0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1B50, 0x1BB0, 0xA8D0, 0xA9D0, 0xA9F0, 0xAA50, 0x1_D7CE, 0x1_D7D8, 0x1_D7E2,
        0x1_D7EC,
    ];
    let zero = ZEROS.iter().find(|zero| (**zero..**zero + 10).contains(&code))?;
    char::from_digit(code - zero, 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_and_signs_become_plain_and_the_way_back_is_kept() {
        let text = "আ ০১\u{200b}２＠x";
        let fold = Fold::of(text);
        assert_eq!(fold.text(), "আ 012@x");
        let at = fold.text().find("012@").expect("it is there");
        assert_eq!(&text[fold.original(&(at..at + 4))], "০১\u{200b}２＠");
    }
}
