//! The word lists of a bundle: one phrase a line.

use std::collections::BTreeMap;

use super::File;
use crate::triage::lexicon::Entry;
use crate::triage::phrase::{Part, Phrase, Word};
use crate::triage::problem::Problem;
use crate::triage::reading::CUES;

/// The list of number words, `twelve = 12`.
const NUMBERS: &str = "numbers";

/// All word lists of a bundle.
#[derive(Default)]
pub(super) struct WordFiles {
    pub lists: Vec<String>,
    pub entries: Vec<Entry>,
    pub numbers: BTreeMap<String, Vec<(Word, u32)>>,
}

/// Reads every word list; adds to `problems` whatever is wrong.
pub(super) fn read(files: &[File], problems: &mut Vec<Problem>) -> WordFiles {
    let mut words = WordFiles::default();
    for (path, text) in files {
        let Some(name) = path.strip_prefix("words/") else { continue };
        let wrong = |line: Option<usize>, advice: String| Problem { file: path.to_string(), line, key: None, advice };
        let Some((list, language)) =
            name.strip_suffix(".txt").and_then(|name| name.split_once('.')).filter(|(_, language)| is_language(language))
        else {
            problems.push(wrong(
                None,
                "the name says neither list nor language; write words/<list>.<language>.txt, such as words/fire.en.txt"
                    .to_owned(),
            ));
            continue;
        };
        if list == NUMBERS {
            read_numbers(path, text, language, &mut words, problems);
            continue;
        }
        let number = words.lists.iter().position(|known| known == list).unwrap_or_else(|| {
            words.lists.push(list.to_owned());
            words.lists.len() - 1
        });
        let before = (words.entries.len(), problems.len());
        for (line, place) in text.lines().zip(1..) {
            let parsed = if CUES.contains(&list) { Phrase::parse_cue(line, language) } else { Phrase::parse(line, language) };
            match parsed {
                Ok(None) => {}
                Ok(Some(phrase)) => words.entries.push(Entry { list: number, language: language.to_owned(), phrase }),
                Err(advice) => problems.push(wrong(Some(place), advice)),
            }
        }
        if before == (words.entries.len(), problems.len()) {
            problems.push(wrong(None, "is empty; write at least one phrase, or remove the file".to_owned()));
        }
    }
    words
}

fn read_numbers(path: &str, text: &str, language: &str, words: &mut WordFiles, problems: &mut Vec<Problem>) {
    let numbers = words.numbers.entry(language.to_owned()).or_default();
    for (line, place) in text.lines().zip(1..) {
        let line = line.split_once('#').map_or(line, |(before, _)| before).trim();
        if line.is_empty() {
            continue;
        }
        let number = line.split_once('=').and_then(|(name, value)| {
            let phrase = Phrase::parse_cue(name, language).ok()??;
            let Part::Words(choices) = phrase.parts.into_iter().next()? else { return None };
            Some((choices.into_iter().next()?, value.trim().parse().ok()?))
        });
        match number {
            Some((word, value)) => numbers.push((Word { open_end: false, ..word }, value)),
            None => problems.push(Problem {
                file: path.to_owned(),
                line: Some(place),
                key: None,
                advice: "is no number word; write it as `twelve = 12`".to_owned(),
            }),
        }
    }
    // "eleven" may begin like "ten": the longer word is tried first.
    numbers.sort_by_key(|(word, _)| usize::MAX - word.text.len());
}

fn is_language(language: &str) -> bool {
    let (tongue, script) = language.split_once('-').unwrap_or((language, "latn"));
    (2..=3).contains(&tongue.len()) && script.len() == 4 && language.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
}
