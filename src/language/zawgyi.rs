//! Burmese in the old Zawgyi encoding: the same code points as Unicode with other meanings, as old telephones send it.
//!
//! Recognises it and respells it in Unicode, with the way back to what was written. Knows spelling only, no words.

use std::ops::Range;

/// Whether a text is more likely Zawgyi than Unicode. Marks decide that only one of the two spellings allows.
pub(crate) fn is_zawgyi(text: &str) -> bool {
    let (mut zawgyi, mut unicode) = (0_usize, 0_usize);
    let (mut before, mut earlier) = (None, None);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let next = characters.peek().copied();
        match character {
            // Unicode stacks one of a few consonants under another with this mark; in Zawgyi it kills the vowel, as in every
            // second word.
            '\u{1039}' if before == Some('\u{103A}') => unicode += 1,
            '\u{1039}' if before.zip(next).is_some_and(|(upper, lower)| stacks(upper, lower)) => {}
            '\u{1039}' => zawgyi += 1,
            // Unicode writes the vowel behind its consonant; Zawgyi in front, as it is seen.
            '\u{1031}' if !before.is_some_and(|before| is_consonant(before) || is_medial(before)) => zawgyi += 1,
            // Zawgyi's second shapes of letters; in Unicode they belong to languages other than Burmese.
            '\u{1033}' | '\u{1034}' | '\u{105A}' | '\u{1060}'..='\u{1097}' => zawgyi += 1,
            '\u{103E}' | '\u{103F}' => unicode += 1,
            // A killed consonant with its tone, or at the end of a word. In Zawgyi the same code point is a medial, which
            // is hardly ever last, unless the vowel stands in front.
            '\u{103A}' if before == Some('\u{1037}') => unicode += 1,
            '\u{103A}' if earlier != Some('\u{1031}') && next.is_none_or(ends_word) => unicode += 1,
            _ => {}
        }
        earlier = before;
        before = Some(character);
    }
    zawgyi > unicode
}

/// A text respelled in Unicode.
pub(crate) struct Respelled {
    /// The text.
    pub(crate) text: String,
    /// For each syllable its bytes in `text` and in what was written.
    pieces: Vec<(Range<usize>, Range<usize>)>,
}

impl Respelled {
    /// Respells a Zawgyi text; what is not Burmese stays as it is.
    pub(crate) fn of(written: &str) -> Self {
        let characters: Vec<(usize, char)> = written.char_indices().collect();
        let mut respelled = Self { text: String::with_capacity(written.len()), pieces: Vec::new() };
        let mut at = 0;
        while at < characters.len() {
            let mut syllable = Syllable::default();
            let end = syllable.read(&characters, at);
            let from = characters[at].0;
            let to = characters.get(end).map_or(written.len(), |(byte, _)| *byte);
            let start = respelled.text.len();
            syllable.write(&mut respelled.text);
            respelled.pieces.push((start..respelled.text.len(), from..to));
            at = end;
        }
        respelled
    }

    /// Where a range of the respelled text stands in what was written, widened to whole syllables.
    pub(crate) fn written(&self, range: &Range<usize>) -> Range<usize> {
        let first = self.pieces.iter().find(|(new, _)| new.end > range.start);
        let last = self.pieces.iter().rev().find(|(new, _)| new.start < range.end);
        match (first, last) {
            (Some((_, first)), Some((_, last))) if first.start < last.end => first.start..last.end,
            _ => 0..0,
        }
    }
}

/// The parts of one written syllable, in the order in which Unicode has them.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a mark that is there or not")]
struct Syllable {
    /// A small nga over the consonant.
    kinzi: bool,
    base: String,
    stacked: String,
    medial_ya: bool,
    medial_ra: bool,
    medial_wa: bool,
    medial_ha: bool,
    vowel_e: bool,
    /// Vowels above, below and behind.
    vowels: String,
    anusvara: bool,
    dot: bool,
    asat: bool,
    rest: String,
}

impl Syllable {
    /// Reads one syllable that begins at `at`, and says where the next one begins.
    fn read(&mut self, characters: &[(usize, char)], at: usize) -> usize {
        let mut next = at;
        // What is written in front of the consonant.
        while let Some((_, character)) = characters.get(next) {
            match character {
                '\u{1031}' if !self.vowel_e => self.vowel_e = true,
                '\u{103B}' | '\u{107E}'..='\u{1084}' if !self.medial_ra => self.medial_ra = true,
                _ => break,
            }
            next += 1;
        }
        let Some((_, base)) = characters.get(next) else {
            return next;
        };
        if !self.take_base(*base, characters.get(next + 1).map(|(_, character)| *character)) {
            // A mark without its consonant, or no Burmese at all.
            if next == at {
                self.rest.push(*base);
                return next + 1;
            }
            return next;
        }
        next += 1;
        while let Some((_, character)) = characters.get(next) {
            if !self.take_mark(*character) {
                break;
            }
            next += 1;
        }
        next
    }

    /// Takes the letter that the marks stand on.
    fn take_base(&mut self, character: char, next: Option<char>) -> bool {
        let base = match character {
            '\u{106A}' => "\u{1009}",
            '\u{106B}' => "\u{100A}",
            '\u{108F}' => "\u{1014}",
            '\u{1090}' => "\u{101B}",
            '\u{1086}' => "\u{103F}",
            '\u{106E}' => "\u{100D}\u{1039}\u{100D}",
            '\u{106F}' => "\u{100D}\u{1039}\u{100E}",
            '\u{1091}' => "\u{100F}\u{1039}\u{100D}",
            '\u{1092}' => "\u{100B}\u{1039}\u{100C}",
            '\u{1097}' => "\u{100B}\u{1039}\u{100B}",
            // The letter u stands for a small nya where its vowel is killed.
            '\u{1025}' if next == Some('\u{1039}') => "\u{1009}",
            // A nought between letters is a wa.
            '\u{1040}' if next.is_some_and(is_zawgyi_mark) => "\u{101D}",
            '\u{1000}'..='\u{102A}' => {
                self.base.push(character);
                return true;
            }
            _ => return false,
        };
        self.base.push_str(base);
        true
    }

    /// Takes a mark of this syllable; `false` for what begins the next one.
    fn take_mark(&mut self, character: char) -> bool {
        match character {
            '\u{1039}' => self.asat = true,
            '\u{103A}' | '\u{107D}' => self.medial_ya = true,
            '\u{103C}' => self.medial_wa = true,
            '\u{103D}' | '\u{1087}' => self.medial_ha = true,
            '\u{108A}' => (self.medial_wa, self.medial_ha) = (true, true),
            '\u{1088}' => {
                self.medial_ha = true;
                self.vowels.push('\u{102F}');
            }
            '\u{1089}' => {
                self.medial_ha = true;
                self.vowels.push('\u{1030}');
            }
            '\u{1064}' => self.kinzi = true,
            '\u{108B}' => {
                self.kinzi = true;
                self.vowels.push('\u{102D}');
            }
            '\u{108C}' => {
                self.kinzi = true;
                self.vowels.push('\u{102E}');
            }
            '\u{108D}' => (self.kinzi, self.anusvara) = (true, true),
            '\u{108E}' => {
                self.vowels.push('\u{102D}');
                self.anusvara = true;
            }
            '\u{1033}' => self.vowels.push('\u{102F}'),
            '\u{1034}' => self.vowels.push('\u{1030}'),
            '\u{105A}' => {
                self.vowels.push('\u{102B}');
                self.asat = true;
            }
            '\u{102B}'..='\u{1030}' | '\u{1032}' => self.vowels.push(character),
            '\u{1036}' => self.anusvara = true,
            '\u{1037}' | '\u{1094}' | '\u{1095}' => self.dot = true,
            '\u{1038}' => {
                self.rest.push(character);
            }
            '\u{1096}' => {
                self.stacked.push_str("\u{1039}\u{1010}");
                self.medial_wa = true;
            }
            other => match stacked(other) {
                Some(letter) => {
                    self.stacked.push('\u{1039}');
                    self.stacked.push(letter);
                }
                None => return false,
            },
        }
        true
    }

    fn write(mut self, text: &mut String) {
        if self.kinzi {
            text.push_str("\u{1004}\u{103A}\u{1039}");
        }
        text.push_str(&self.base);
        text.push_str(&self.stacked);
        let marks = [
            (self.medial_ya, '\u{103B}'),
            (self.medial_ra, '\u{103C}'),
            (self.medial_wa, '\u{103D}'),
            (self.medial_ha, '\u{103E}'),
            (self.vowel_e, '\u{1031}'),
        ];
        text.extend(marks.iter().filter(|(is_there, _)| *is_there).map(|(_, mark)| mark));
        // Above, below, behind, whatever order they were typed in.
        let mut vowels: Vec<char> = self.vowels.drain(..).collect();
        vowels.sort_by_key(|vowel| match vowel {
            '\u{102D}' | '\u{102E}' | '\u{1032}' => 0,
            '\u{102F}' | '\u{1030}' => 1,
            _ => 2,
        });
        vowels.dedup();
        text.extend(vowels);
        let tones = [(self.anusvara, '\u{1036}'), (self.dot, '\u{1037}'), (self.asat, '\u{103A}')];
        text.extend(tones.iter().filter(|(is_there, _)| *is_there).map(|(_, mark)| mark));
        text.push_str(&self.rest);
    }
}

/// The letter that Zawgyi has as a small one under another.
fn stacked(character: char) -> Option<char> {
    let letter = match u32::from(character) {
        code @ 0x1060..=0x1063 => 0x1000 + (code - 0x1060),
        0x1065 => 0x1005,
        0x1066 | 0x1067 => 0x1006,
        0x1068 => 0x1007,
        0x1069 => 0x1008,
        0x106C => 0x100B,
        0x106D => 0x100C,
        0x1070 => 0x100F,
        0x1071 | 0x1072 => 0x1010,
        0x1073 | 0x1074 => 0x1011,
        code @ 0x1075..=0x107C => 0x1012 + (code - 0x1075),
        0x1085 => 0x101C,
        0x1093 => 0x1018,
        _ => return None,
    };
    char::from_u32(letter)
}

/// Whether Unicode has `lower` under `upper`: twins and neighbours of one row.
fn stacks(upper: char, lower: char) -> bool {
    let row = |character: char| (u32::from(character) - 0x1000) / 5;
    match (upper, lower) {
        ('\u{1000}'..='\u{1019}', '\u{1000}'..='\u{1019}') => row(upper) == row(lower),
        ('\u{101C}' | '\u{101E}' | '\u{101B}', _) => upper == lower,
        _ => false,
    }
}

/// Whether a killed consonant before this one ends its syllable.
fn ends_word(character: char) -> bool {
    matches!(character, '\u{1037}' | '\u{1038}' | '\u{104A}' | '\u{104B}') || !matches!(character, '\u{1000}'..='\u{109F}')
}

fn is_consonant(character: char) -> bool {
    matches!(character, '\u{1000}'..='\u{1021}' | '\u{1025}' | '\u{1027}' | '\u{1029}' | '\u{103F}')
}

fn is_medial(character: char) -> bool {
    matches!(character, '\u{103B}'..='\u{103E}')
}

fn is_zawgyi_mark(character: char) -> bool {
    matches!(character, '\u{102B}'..='\u{103D}' | '\u{105A}' | '\u{1060}'..='\u{1097}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_two_encodings_are_told_apart() {
        for zawgyi in ["ေက်းဇူးတင္ပါတယ္", "လစာမရေသးဘူး၊ ကူညီပါ အလုပ္ရွင္က မေပးဘူး", "ျမန္မာ"]
        {
            assert!(is_zawgyi(zawgyi), "{zawgyi}");
        }
        for unicode in ["ကျေးဇူးတင်ပါတယ်", "လစာမရသေးဘူး၊ ကူညီပါ အလုပ်ရှင်က မပေးဘူး", "မြန်မာ", "မေမေ", "thank you", ""]
        {
            assert!(!is_zawgyi(unicode), "{unicode}");
        }
    }

    #[test]
    fn zawgyi_is_respelled_in_unicode() {
        for (zawgyi, unicode) in [
            ("ေက်းဇူးတင္ပါတယ္", "ကျေးဇူးတင်ပါတယ်"),
            ("ျမန္မာ", "မြန်မာ"),
            ("အလုပ္ရွင္က မေပးဘူး", "အလုပ်ရှင်က မပေးဘူး"),
            ("ေက်ာင္း", "ကျောင်း"),
            ("အဂၤလိပ္", "အင်္ဂလိပ်"),
            ("ႏိုင္ငံ", "နိုင်ငံ"),
            ("ခြင့္", "ခွင့်"),
            ("သတၱိ", "သတ္တိ"),
            ("ေၾကာင့္", "ကြောင့်"),
            ("လႊတ္ေပးပါ", "လွှတ်ပေးပါ"),
            ("ေခါင္းေဆာင္ ok 12", "ခေါင်းဆောင် ok 12"),
        ] {
            assert_eq!(Respelled::of(zawgyi).text, unicode, "{zawgyi}");
        }
    }

    #[test]
    fn the_way_back_covers_whole_syllables() {
        let zawgyi = "ေက်းဇူး 12";
        let respelled = Respelled::of(zawgyi);
        let number = respelled.text.find("12").expect("it is there");
        assert_eq!(&zawgyi[respelled.written(&(number..number + 2))], "12");
        assert_eq!(&zawgyi[respelled.written(&(0..3))], "ေက်း");
    }

    proptest! {
        #[test]
        fn any_text_is_respelled_with_a_way_back(text in "[\u{1000}-\u{1097} a1]{0,30}|\\PC{0,20}") {
            let respelled = Respelled::of(&text);
            prop_assert_eq!(respelled.written(&(0..respelled.text.len())).len(), text.len());
            let _ = is_zawgyi(&text);
        }
    }
}
