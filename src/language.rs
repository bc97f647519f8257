//! What language a report is written in, "undetermined" being an honest answer.
//!
//! One of the two modules that read raw words.

mod codes;
mod evidence;
#[cfg(feature = "workbench")]
pub mod fitting;
mod han;
mod lexicon;
mod mixed;
mod names;
mod ngrams;
mod prior;
mod rank;
mod script;
mod weights;
mod words;
pub(crate) mod zawgyi;

use std::fmt;

use channels::{Hints, Medium, RawText};

pub use self::han::Characters;
use self::prior::Prior;
use self::script::Script;
use self::words::Words;

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

    /// Reads a three-letter code, a two-letter code, or a tag such as `zh-Hans`; `None` for a language unknown here.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        if code.trim().eq_ignore_ascii_case("und") {
            return Some(Self::UNDETERMINED);
        }
        codes::interned(code).map(Self)
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
    /// The best guess, or [`Language::UNDETERMINED`] where nothing speaks for any language.
    pub language: Language,
    /// How likely that is, 0 to 1; 0 when undetermined.
    pub confidence: f64,
    /// Whether that is likely enough, for a text of this length, to answer the writer in this language.
    pub sure: bool,
    /// The best candidates, best first, at most three; kept also when the answer is undetermined.
    pub candidates: Vec<(Language, f64)>,
    /// Further languages that whole sentences are in, or that a second script shows; most letters first.
    pub others: Vec<Language>,
    /// Which Chinese characters, if the text has any that tell.
    pub characters: Option<Characters>,
    /// Whether Burmese is written in the old Zawgyi encoding, which other programs show as nonsense.
    pub zawgyi: bool,
    /// Whether the message is nothing but the name of a language: somebody's answer to "which language is it?".
    pub named: bool,
}

impl Detected {
    /// The language to answer in: the best guess if it is sure.
    #[must_use]
    pub fn settled(&self) -> Language {
        if self.sure { self.language } else { Language::UNDETERMINED }
    }

    fn nothing() -> Self {
        Self {
            language: Language::UNDETERMINED,
            confidence: 0.0,
            sure: false,
            candidates: Vec::new(),
            others: Vec::new(),
            characters: None,
            zawgyi: false,
            named: false,
        }
    }

    /// The answer as a tag of BCP 47 (`zh-Hans`, `hi-Latn`), as browsers and translators write it.
    #[must_use]
    pub fn tag(&self) -> String {
        let tag = codes::tag(self.language.code());
        match self.characters.filter(|_| self.language == Language("cmn")) {
            Some(characters) => format!("{tag}-{}", characters.as_str()),
            None => tag.into_owned(),
        }
    }
}

/// What is known about a message besides its words. Clues help; they never decide.
#[derive(Debug, Clone, Copy, Default)]
pub struct Clues<'a> {
    /// What the channel knows.
    pub hints: Option<&'a Hints>,
    /// The kind of channel, which says how much its hint of a language is worth.
    pub medium: Option<Medium>,
    /// The language of the same reporter's earlier messages.
    pub earlier: Option<Language>,
}

/// Candidates less likely than this are noise.
const LEAST_CANDIDATE: f64 = 0.01;

/// A best guess less likely than this is no guess.
const LEAST_GUESS: f64 = 0.25;

/// Detects languages for one desk.
#[derive(Debug, Clone, Default)]
pub struct Detector {
    desk: Vec<Language>,
}

impl Detector {
    /// Takes the languages that reach this desk; empty if there is no telling.
    #[must_use]
    pub fn new(desk: Vec<Language>) -> Self {
        Self { desk }
    }

    /// Decides the language of a text.
    #[must_use]
    pub fn detect(&self, text: &RawText, clues: &Clues<'_>) -> Detected {
        #[expect(clippy::disallowed_methods, reason = "one of the two stages that must read")]
        let text = text.expose();
        let words = Words::read(text);
        if let Some(language) = names::named(&words) {
            return Detected { language, confidence: 1.0, sure: true, named: true, ..Detected::nothing() };
        }
        let prior = Prior::new(clues, &self.desk);
        let whole = decide(candidates(&words, &prior), words.n_signs());
        let parts = mixed::parts(text, &words, |words| decide(candidates(words, &prior), words.n_signs()));
        let mut detected = mixed::joined(whole, &parts);
        detected.characters = han::characters(&words);
        detected.zawgyi = zawgyi::is_zawgyi(text);
        detected
    }
}

/// How likely an answer must be, by the length of the text: a short text is more often taken for what it is not.
fn threshold(n_letters: usize) -> f64 {
    match n_letters {
        0..18 => 0.9,
        18..35 => 0.8,
        35..70 => 0.7,
        70.. => 0.6,
    }
}

/// Takes the best candidate, alone or together with a language whose readers understand it. Hindi and Urdu in Latin letters
/// are one language with two names, so their shares are one; of Indonesian and Malay each keeps its own.
fn decide(mut candidates: Vec<(Language, f64)>, n_letters: usize) -> Detected {
    candidates.retain(|(_, confidence)| *confidence >= LEAST_CANDIDATE);
    let Some((language, confidence)) = candidates.first().copied() else {
        return Detected::nothing();
    };
    let share_of = |is_kin: fn(Language, Language) -> bool| {
        candidates.iter().find(|(other, _)| is_kin(language, *other)).map_or(0.0, |(_, share)| *share)
    };
    let together = confidence + share_of(are_kin);
    let confidence = confidence + share_of(are_one_in_latin);
    candidates.truncate(3);
    if together < LEAST_GUESS {
        return Detected { candidates, ..Detected::nothing() };
    }
    let sure = together >= threshold(n_letters);
    Detected { language, confidence, sure, candidates, ..Detected::nothing() }
}

/// Whoever writes one of them reads an answer in the other.
fn are_kin(one: Language, other: Language) -> bool {
    const KIN: [(&str, &str); 2] = [("ind", "zsm"), ("eng", "pcm")];
    are_one_in_latin(one, other) || KIN.contains(&(one.code(), other.code())) || KIN.contains(&(other.code(), one.code()))
}

/// Hindi and Urdu, once neither has its own letters.
fn are_one_in_latin(one: Language, other: Language) -> bool {
    matches!((one.code(), other.code()), ("hin-Latn", "urd-Latn") | ("urd-Latn", "hin-Latn"))
}

/// All languages the words may be in, best first.
fn candidates(words: &Words, prior: &Prior) -> Vec<(Language, f64)> {
    // One Chinese character is a word; one letter is nothing.
    let is_word = words.n_letters(Script::Han) > 0;
    let Some((script, share)) = words.main_script().filter(|_| words.n_signs() >= 2 || is_word) else {
        return Vec::new();
    };
    match evidence::field(script) {
        Some(field) => rank::rank(words, field, |language| prior.of(language)),
        None => vec![(owner(words, script), 0.5 + share / 2.0)],
    }
}

/// The language of a script that only one language uses.
fn owner(words: &Words, script: Script) -> Language {
    let (n_han, n_kana) = (words.n_letters(Script::Han), words.n_letters(Script::Kana));
    let code = match script {
        // Japanese never gets by without its own letters; Chinese uses one now and then.
        Script::Han if n_kana * 100 > (n_han + n_kana) * 6 => "jpn",
        Script::Han => "cmn",
        Script::Kana => "jpn",
        Script::Only("ben") if words.n_letters(Script::Only("asm")) > 0 => "asm",
        Script::Only("amh") if words.n_letters(Script::Only("tir")) > 0 => "tir",
        Script::Only(code) => code,
        Script::Latin | Script::Cyrillic | Script::Arabic | Script::Devanagari => "und",
    };
    Language(code)
}

#[cfg(test)]
mod tests;
