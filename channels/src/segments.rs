//! Counts what a text costs as SMS: alphabet, units, segments.
//!
//! One segment holds 160 septets of the GSM 7-bit default alphabet, or 70 UTF-16 units as soon as one character is
//! outside it; longer texts pay for a header in each part. Knows nothing of providers.

/// What a network sends a text in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alphabet {
    /// The GSM 7-bit default alphabet (3GPP TS 23.038).
    Gsm7,
    /// Sixteen bits a unit.
    Ucs2,
}

impl Alphabet {
    const fn units_alone(self) -> usize {
        match self {
            Self::Gsm7 => 160,
            Self::Ucs2 => 70,
        }
    }

    const fn units_in_part(self) -> usize {
        match self {
            Self::Gsm7 => 153,
            Self::Ucs2 => 67,
        }
    }

    /// What one character takes up; zero when it is not in the alphabet.
    fn units_of(self, character: char) -> usize {
        match self {
            Self::Gsm7 if BASIC.contains(character) => 1,
            Self::Gsm7 if EXTENSION.contains(character) => 2,
            Self::Gsm7 => 0,
            Self::Ucs2 => character.len_utf16(),
        }
    }
}

/// One septet each.
pub(crate) const BASIC: &str = concat!(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?",
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
);
/// An escape and a septet each.
pub(crate) const EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// What a text costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// The alphabet it needs.
    pub alphabet: Alphabet,
    /// Septets or UTF-16 units.
    pub n_units: usize,
    /// How many messages the network bills; an empty text is one.
    pub n_segments: usize,
}

/// Measures `text`.
#[must_use]
pub fn cost(text: &str) -> Cost {
    let is_gsm7 = text.chars().all(|character| Alphabet::Gsm7.units_of(character) > 0);
    let alphabet = if is_gsm7 { Alphabet::Gsm7 } else { Alphabet::Ucs2 };
    let n_units = text.chars().map(|character| alphabet.units_of(character)).sum();
    let n_segments = if n_units <= alphabet.units_alone() { 1 } else { n_parts(text, alphabet) };
    Cost { alphabet, n_units, n_segments }
}

/// Counts the parts of a long text; a character of two units is never cut in half.
fn n_parts(text: &str, alphabet: Alphabet) -> usize {
    let mut n_parts = 1;
    let mut n_used = 0;
    for character in text.chars() {
        let n_units = alphabet.units_of(character);
        if n_used + n_units > alphabet.units_in_part() {
            n_parts += 1;
            n_used = 0;
        }
        n_used += n_units;
    }
    n_parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, alphabet: Alphabet, n_units: usize, n_segments: usize) {
        assert_eq!(cost(text), Cost { alphabet, n_units, n_segments });
    }

    #[test]
    fn a_segment_holds_160_septets_and_a_part_153() {
        check("", Alphabet::Gsm7, 0, 1);
        check(&"a".repeat(160), Alphabet::Gsm7, 160, 1);
        check(&"a".repeat(161), Alphabet::Gsm7, 161, 2);
        check(&"a".repeat(306), Alphabet::Gsm7, 306, 2);
        check(&"a".repeat(307), Alphabet::Gsm7, 307, 3);
    }

    #[test]
    fn a_segment_holds_70_units_and_a_part_67() {
        check(&"中".repeat(70), Alphabet::Ucs2, 70, 1);
        check(&"中".repeat(71), Alphabet::Ucs2, 71, 2);
        check(&"中".repeat(135), Alphabet::Ucs2, 135, 3);
    }

    #[test]
    fn the_alphabet_has_127_characters_and_10_more_behind_the_escape() {
        assert_eq!((BASIC.chars().count(), EXTENSION.chars().count()), (127, 10));
        check("{€}", Alphabet::Gsm7, 6, 1);
    }

    #[test]
    fn small_c_with_cedilla_and_typographic_quotes_are_outside_the_alphabet() {
        check("ç", Alphabet::Ucs2, 1, 1);
        check("it’s", Alphabet::Ucs2, 4, 1);
        check("Ç", Alphabet::Gsm7, 1, 1);
    }

    #[test]
    fn no_character_is_cut_in_half() {
        check(&format!("{}{}", "a".repeat(152), "€".repeat(77)), Alphabet::Gsm7, 306, 3);
        check(&"😀".repeat(67), Alphabet::Ucs2, 134, 3);
    }
}
