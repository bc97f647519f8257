//! What is wrong with a bundle of rules, said to the person who wrote it.

use std::fmt;

/// One thing to put right. Names files, keys and rule text, never words of a report.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file, as seen from the bundle's folder.
    pub file: String,
    /// The line, counted from 1.
    pub line: Option<usize>,
    /// The key.
    pub key: Option<String>,
    /// What is wrong and what to write instead.
    pub advice: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.file)?;
        if let Some(line) = self.line {
            write!(formatter, ":{line}")?;
        }
        if let Some(key) = &self.key {
            write!(formatter, ": {key}")?;
        }
        write!(formatter, ": {}", self.advice)
    }
}

impl std::error::Error for Problem {}

/// The line on which a byte stands, counted from 1.
pub(super) fn line_of(text: &str, byte: usize) -> usize {
    text.char_indices().take_while(|(place, _)| *place < byte).filter(|(_, letter)| *letter == '\n').count() + 1
}
