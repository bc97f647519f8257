//! When a machine must not decide alone: why a case waits for an operator before mediators see it.

use std::collections::BTreeSet;

use super::cues::Lexicon;
use super::search::Found;
use crate::language::Language;

/// Why a person must look before mediators do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// Somebody began to say a name, and none was recognised.
    NameNotRecognised,
    /// The language has no cue table.
    LanguageNotCovered,
    /// The second look over the result found something that the first had missed.
    FoundOnSecondLook,
    /// A long number is left that nothing explains.
    NumberLeft,
}

impl Doubt {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::NameNotRecognised, Self::LanguageNotCovered, Self::FoundOnSecondLook, Self::NumberLeft];

    /// The word used in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NameNotRecognised => "name_not_recognised",
            Self::LanguageNotCovered => "language_not_covered",
            Self::FoundOnSecondLook => "found_on_second_look",
            Self::NumberLeft => "number_left",
        }
    }

    /// What it means, for an operator.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::NameNotRecognised => "somebody began to say a name, and none was recognised",
            Self::LanguageNotCovered => "nobody has written a cue table for the language",
            Self::FoundOnSecondLook => "the second look found something that the first had missed",
            Self::NumberLeft => "a long number is left that nothing explains",
        }
    }
}

/// The doubts about one text.
pub(super) fn of(original: &str, found: &Found, language: Language, lexicon: &Lexicon) -> BTreeSet<Doubt> {
    let mut doubts = BTreeSet::new();
    if found.is_name_missed {
        doubts.insert(Doubt::NameNotRecognised);
    }
    if found.is_number_left {
        doubts.insert(Doubt::NumberLeft);
    }
    if !is_covered(original, language, lexicon) {
        doubts.insert(Doubt::LanguageNotCovered);
    }
    doubts
}

/// Whether there is a table of the language; of a text without one, whether its letters are those of some table.
fn is_covered(original: &str, language: Language, lexicon: &Lexicon) -> bool {
    if language != Language::UNDETERMINED {
        let code = language.code();
        return lexicon.speaks(code) || lexicon.speaks(code.trim_end_matches("-Latn"));
    }
    let letters = original.chars().filter(|letter| letter.is_alphabetic());
    let (n_covered, n_letters) =
        letters.fold((0_usize, 0_usize), |(covered, all), letter| (covered + usize::from(lexicon.covers(letter)), all + 1));
    n_covered * 10 >= n_letters * 7
}
