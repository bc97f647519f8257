//! Messages in more than one language: sentence by sentence, and script by script.
//!
//! Cuts and counts; which language a part is in is decided where the whole is.

use super::words::Words;
use super::{Detected, Language};

/// A part with fewer letters says too little by itself.
const LEAST_LETTERS: usize = 20;

/// Looking at more parts costs time and tells nothing new.
const MOST_PARTS: usize = 12;

/// A second script in a sentence tells something if it has at least this many letters …
const LEAST_SCRIPT_LETTERS: usize = 12;

/// … and the message is not much longer than that.
const SCRIPT_SHARE: usize = 8;

/// One part: its language and its letters.
pub(super) type Part = (Language, usize);

/// The parts whose language is sure; none if the text is of one piece.
pub(super) fn parts(text: &str, words: &Words, detect: impl Fn(&Words) -> Detected) -> Vec<Part> {
    let n_letters = words.n_signs();
    if n_letters < 2 * LEAST_SCRIPT_LETTERS {
        return Vec::new();
    }
    let mut parts = Vec::new();
    let mut note = |words: &Words| {
        let detected = detect(words);
        if detected.sure {
            parts.push((detected.language, words.n_signs()));
        }
    };
    let mut n_parts = 0;
    for sentence in sentences(text) {
        let read = Words::read(sentence);
        if read.n_signs() == n_letters && read.profile().len() < 2 {
            break;
        }
        n_parts += 1;
        if n_parts > MOST_PARTS {
            break;
        }
        let scripts = read.profile();
        if scripts.len() < 2 {
            note(&read);
            continue;
        }
        for (script, n_of_script) in scripts {
            if *n_of_script >= LEAST_SCRIPT_LETTERS && n_of_script * SCRIPT_SHARE >= n_letters {
                note(&read.only(*script));
            }
        }
    }
    parts
}

/// The sentences of a text; short ones go with the next, so that each has something to say.
fn sentences(text: &str) -> Vec<&str> {
    let mut sentences = Vec::new();
    let (mut start, mut n_letters) = (0, 0);
    for (at, character) in text.char_indices() {
        n_letters += usize::from(character.is_alphabetic());
        if is_end(character) && n_letters >= LEAST_LETTERS {
            let end = at + character.len_utf8();
            sentences.push(&text[start..end]);
            (start, n_letters) = (end, 0);
        }
    }
    match sentences.last_mut() {
        // What is too short at the end goes with the sentence before it.
        Some(last) if n_letters < LEAST_LETTERS => *last = &text[start - last.len()..],
        Some(_) | None => sentences.push(&text[start..]),
    }
    sentences
}

fn is_end(character: char) -> bool {
    matches!(
        character,
        '.' | '!'
            | '?'
            | ';'
            | '\n'
            | '…'
            | '؟'
            | '؛'
            | '۔'
            | '।'
            | '॥'
            | '。'
            | '！'
            | '？'
            | '；'
            | '။'
            | '។'
            | '៕'
            | '።'
            | '፧'
    )
}

/// The whole decision with what the parts add: most letters first. A language of some sentences only comes second, and a
/// few borrowed words never turn a message round.
pub(super) fn joined(whole: Detected, parts: &[Part]) -> Detected {
    let mut sums: Vec<Part> = Vec::new();
    for (language, n_letters) in parts {
        match sums.iter_mut().find(|(known, _)| known == language) {
            Some((_, sum)) => *sum += n_letters,
            None => sums.push((*language, *n_letters)),
        }
    }
    // The sort is stable: of two equal ones the first in the text comes first.
    sums.sort_by_key(|(_, sum)| std::cmp::Reverse(*sum));
    let n_letters: usize = sums.iter().map(|(_, sum)| sum).sum();
    // Where the whole says nothing sure, the sentences may: most of them in one language make it the message's.
    let main = sums.first().filter(|(language, sum)| !whole.sure && sum * 2 > n_letters && *language == whole.language);
    let sure = whole.sure || main.is_some();
    let others = sums.iter().map(|(language, _)| *language).filter(|language| *language != whole.language).collect();
    Detected { sure, others, ..whole }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_sentences_go_with_a_longer_one() {
        assert_eq!(
            sentences("ok. yes. we have not been paid since june. thanks"),
            ["ok. yes. we have not been paid since june. thanks"]
        );
        assert_eq!(
            sentences("we have not been paid since june.\nচার মাস বেতন দেয় নাই, কি করব।"),
            ["we have not been paid since june.", "\nচার মাস বেতন দেয় নাই, কি করব।"]
        );
        assert_eq!(sentences(""), [""]);
    }
}
