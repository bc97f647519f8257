//! What language a report is written in, "undetermined" being an honest answer.
//!
//! One of the two modules that read raw words.

use std::fmt;

use channels::{Hints, RawText};

/// A language by its ISO 639-3 code, with a script suffix where a language is written in borrowed letters (`hin-Latn`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Language(&'static str);

impl Language {
    /// Nobody knows.
    pub const UNDETERMINED: Self = Self("und");

    /// The code as written in JSON and in file names.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.0
    }

    /// Reads a three-letter code, a two-letter code, or a tag such as `zh-Hans`.
    #[must_use]
    pub fn parse(_code: &str) -> Option<Self> {
        None
    }
}

impl fmt::Display for Language {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

/// A language decision.
#[derive(Debug, Clone, PartialEq)]
pub struct Detected {
    /// The answer, or [`Language::UNDETERMINED`].
    pub language: Language,
    /// How sure, 0 to 1; 0 when undetermined.
    pub confidence: f64,
    /// The best candidates, best first, at most three; kept also when the answer is undetermined.
    pub candidates: Vec<(Language, f64)>,
}

/// Decides the language of a text. Hints help; they never decide.
#[must_use]
pub fn detect(_text: &RawText, _hints: &Hints) -> Detected {
    Detected { language: Language::UNDETERMINED, confidence: 0.0, candidates: Vec::new() }
}
