//! Single words that ask for something: no more messages, or messages again.
//!
//! A word counts only when the whole message is nothing else. Inside a sentence it is part of the report, and even alone it
//! never keeps the message from becoming a case.

use toml::{Table, Value};

use crate::settings::Section;

const BUILT_IN: &str = include_str!("../../../config/sms/keywords.toml");

/// What a single word asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keyword {
    /// No more messages.
    Stop,
    /// Messages again.
    Start,
}

/// The words of one channel.
#[derive(Debug, Clone)]
pub(super) struct Keywords {
    stop: Vec<String>,
    start: Vec<String>,
}

impl Keywords {
    /// The lists of every language, or the channel's own.
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        let table: Table = BUILT_IN.parse().expect("the list compiled in is valid TOML; a test reads it");
        let built_in = |kind: &str| -> Vec<String> {
            let languages = table.get(kind).and_then(Value::as_table).into_iter().flatten();
            languages.flat_map(|(_, words)| words.as_array().into_iter().flatten()).filter_map(Value::as_str).map(bare).collect()
        };
        let mut words = |key: &str, kind: &str| {
            let is_own = section.has(key);
            let own = section.texts_or_one(key);
            if is_own { own.iter().map(|word| bare(word)).collect() } else { built_in(kind) }
        };
        Self { stop: words("stop_words", "stop"), start: words("start_words", "start") }
    }

    /// What a whole message asks for, if it is nothing but one of the words.
    pub(super) fn find(&self, text: &str) -> Option<Keyword> {
        // Longer than any of the words: nobody who tells something is taken for somebody who says a word.
        if text.chars().count() > 40 {
            return None;
        }
        let text = bare(text);
        if self.stop.contains(&text) {
            return Some(Keyword::Stop);
        }
        self.start.contains(&text).then_some(Keyword::Start)
    }
}

/// Lower case, single blanks, and no signs around it.
fn bare(text: &str) -> String {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    words
        .join(" ")
        .trim_matches(|character: char| character.is_ascii_punctuation() || "。！!.…»«“”’‘،।".contains(character))
        .to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn find(text: &str) -> Option<Keyword> {
        let (table, environment) = (Table::new(), BTreeMap::new());
        Keywords::read(&mut Section::root(&table, &environment, std::path::Path::new("."))).find(text)
    }

    #[test]
    fn a_word_alone_asks_in_every_language() {
        for text in [
            "STOP",
            " stop. ",
            "Stop  All!",
            "ARRÊT",
            "стоп",
            "توقف",
            "หยุด",
            "停止。",
            "Opt-Out",
            "अ रोको".trim_start_matches("अ "),
        ] {
            assert_eq!(find(text), Some(Keyword::Stop), "{text}");
        }
        assert_eq!(find("START"), Some(Keyword::Start));
    }

    #[test]
    fn a_word_inside_a_sentence_asks_nothing() {
        for text in
            ["please stop the beating", "stop stealing our pay", "quit", "cancel", "END", "they made me quit my job", "", "?"]
        {
            assert_eq!(find(text), None, "{text}");
        }
    }

    #[test]
    fn a_channel_may_have_words_of_its_own() {
        let table: Table = "stop_words = [\"basta\"]".parse().expect("valid TOML");
        let environment = BTreeMap::new();
        let words = Keywords::read(&mut Section::root(&table, &environment, std::path::Path::new(".")));
        assert_eq!((words.find("Basta"), words.find("stop")), (Some(Keyword::Stop), None));
    }
}
