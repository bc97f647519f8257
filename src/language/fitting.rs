//! Shows the evidence behind a decision, so that `examples/fit_language.rs` can fit the weights anew.
//!
//! Only with the feature `workbench`, which no build for use has. Takes plain text, so it must never meet a report.

use super::evidence::{Evidence, N_SIGNS, field};
use super::script::Script;
use super::words::Words;

/// How many signs there are, and so how many weights.
pub const N_WEIGHTS: usize = N_SIGNS;

/// One language that a text may be in, and what speaks for it.
pub struct Candidate {
    /// Its code.
    pub code: &'static str,
    /// The signs in the order of the weights.
    pub signs: [f64; N_WEIGHTS],
}

/// The candidates of a text in a shared script and the name of that script; `None` where the script decides alone.
#[must_use]
pub fn candidates(text: &str) -> Option<(&'static str, Vec<Candidate>)> {
    let words = Words::read(text);
    let (script, _) = words.main_script().filter(|_| words.n_signs() >= 2)?;
    let field = field(script)?;
    let mut evidence = Evidence::gather(&words, field);
    evidence.add_trigrams(&words);
    let name = match script {
        Script::Latin => "Latin",
        Script::Cyrillic => "Cyrillic",
        Script::Arabic => "Arabic",
        Script::Devanagari => "Devanagari",
        Script::Han | Script::Kana | Script::Only(_) => return None,
    };
    let candidates =
        field.languages.iter().zip(evidence.signs).map(|(language, signs)| Candidate { code: language.code(), signs });
    Some((name, candidates.collect()))
}

/// Whether reports in a language are expected; the others are there to be told apart.
#[must_use]
pub fn is_expected(code: &str) -> bool {
    super::codes::is_expected(code)
}
