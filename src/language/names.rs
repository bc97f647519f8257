//! Answers to "which language do you write in?": messages that hold nothing but the name of a language.
//!
//! The names stand in `config/languages.toml`.

use super::words::Words;
use super::{Language, lexicon};

/// Words that people put around the name of their language.
const AROUND: [&str; 24] = [
    "please",
    "pls",
    "in",
    "my",
    "language",
    "i",
    "speak",
    "write",
    "ok",
    "yes",
    "por",
    "favor",
    "me",
    "mein",
    "bhasha",
    "bahasa",
    "ภาษา",
    "भाषा",
    "में",
    "ভাষা",
    "язык",
    "на",
    "po",
    "lang",
];

/// More words than this are a message.
const MOST_WORDS: usize = 5;

/// The language that the words name, if they do nothing else.
pub(super) fn named(words: &Words) -> Option<Language> {
    let all: Vec<&str> = words.all().take(MOST_WORDS + 1).collect();
    if all.is_empty() || all.len() > MOST_WORDS {
        return None;
    }
    lexicon::called(&all.join(" ")).or_else(|| {
        let rest: Vec<&str> = all.into_iter().filter(|word| !AROUND.contains(word)).collect();
        lexicon::called(&rest.join(" "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_language_is_understood() {
        for (text, code) in [
            ("Hindi", "hin-Latn"),
            ("tiếng Việt", "vie"),
            ("TIENG VIET", "vie"),
            ("English please", "eng"),
            ("I speak Bangla.", "ben-Latn"),
            ("မြန်မာ", "mya"),
            ("中文", "cmn"),
            ("O‘zbekcha", "uzb"),
            ("po polsku", "pol"),
        ] {
            assert_eq!(named(&Words::read(text)).map(Language::code), Some(code), "{text}");
        }
        for text in ["", "please", "ok", "hindi workers were not paid", "my boss speaks english to us", "na"] {
            assert_eq!(named(&Words::read(text)), None, "{text}");
        }
    }
}
