//! Weighs the languages that share a script against each other: three-letter sequences, frequent words, special letters.

use std::collections::BTreeMap;

use whatlang::dev::{RawLangInfo, raw_detect};

use super::Language;
use super::lexicon::Lexicon;
use super::script::Script;
use super::words::Words;

// Weights in natural logarithms of odds. Chosen by hand and rounded; measured as a whole, not fitted to single texts.
/// For a trigram score that is behind by as much as would make the first one reliable.
const TRIGRAM: f64 = 1.2;
/// A language can be this far behind by trigrams and not further, so that words can still turn it.
const TRIGRAM_FLOOR: f64 = -8.0;
/// Where a language without a trigram profile stands, compared with the best that has one.
const NO_PROFILE: f64 = -1.0;
/// For one telling word.
const WORD: f64 = 2.5;
/// For a text of nothing but known words.
const WORD_SHARE: f64 = 8.0;
/// For one special letter that only one language writes.
const OWN_LETTER: f64 = 3.0;
/// For one special letter that a language never writes.
const FOREIGN_LETTER: f64 = -2.0;
/// Special letters count up to this sum.
const LETTERS_LIMIT: f64 = 8.0;
/// Languages we have no words for are kept only so that their texts are not taken for another language.
const STRANGER: f64 = -4.0;

/// The weights err on the side of doubt; with this factor the probabilities come true.
const SHARPNESS: f64 = 1.5;

/// With such a lead by words and letters the trigrams, which cost most of the time, could change nothing.
const DECIDED: f64 = 12.0;

/// The languages of `script` with their probabilities, best first. Equal texts give equal answers.
pub(super) fn rank(words: &Words, script: Script, lexicon: &Lexicon, prior: impl Fn(Language) -> f64) -> Vec<(Language, f64)> {
    let letters = letter_scores(words, script, lexicon);
    let mut told: BTreeMap<Language, f64> = BTreeMap::new();
    for (place, by_words) in word_scores(words, script, lexicon).into_iter().enumerate() {
        told.insert(lexicon.languages[place], by_words + letters[place]);
    }
    if lead(&told) >= DECIDED {
        return shares(told);
    }
    let mut scores = trigram_scores(words, script, lexicon);
    // Of a language outside the lexicon neither words nor letters are known, so none speak for or against it.
    for (language, score) in &mut scores {
        *score += told.get(language).copied().unwrap_or(0.0) + prior(*language);
    }
    shares(scores)
}

/// How far the best score is ahead of the second.
fn lead(scores: &BTreeMap<Language, f64>) -> f64 {
    let (mut first, mut second) = (f64::NEG_INFINITY, f64::NEG_INFINITY);
    for score in scores.values().copied() {
        second = second.max(score.min(first));
        first = first.max(score);
    }
    first - second
}

/// Softmax, sorted; equal scores in order of code.
fn shares(scores: BTreeMap<Language, f64>) -> Vec<(Language, f64)> {
    let best = scores.values().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut shares: Vec<(Language, f64)> =
        scores.into_iter().map(|(language, score)| (language, ((score - best) * SHARPNESS).exp())).collect();
    let sum: f64 = shares.iter().map(|(_, share)| share).sum();
    for (_, share) in &mut shares {
        *share /= sum;
    }
    shares.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    shares
}

/// How far each language is behind the best one by three-letter sequences.
fn trigram_scores(words: &Words, script: Script, lexicon: &Lexicon) -> BTreeMap<Language, f64> {
    let mut text = String::new();
    for word in words.of(script) {
        text.push_str(word);
        text.push(' ');
    }
    let mut scores: BTreeMap<Language, f64> = lexicon.languages.iter().map(|language| (*language, NO_PROFILE)).collect();
    let Some(RawLangInfo::MultiScript(outcome)) = raw_detect(&text).lang_info else {
        return scores;
    };
    let trigrams = outcome.trigram_raw_outcome;
    let best = trigrams.scores.iter().map(|(_, similarity)| *similarity).fold(0.0, f64::max);
    if best <= 0.0 {
        return scores;
    }
    // The library's own measure of a lead that is reliable for a text of this length.
    let lead = 3.0 / f64::from(u32::try_from(trigrams.trigrams_count).unwrap_or(u32::MAX)) + 0.015;
    for (lang, similarity) in trigrams.scores {
        let language = Language(lang.code());
        let behind = (similarity.max(f64::MIN_POSITIVE) / best).ln() / lead * TRIGRAM;
        let stranger = if lexicon.languages.contains(&language) { 0.0 } else { STRANGER };
        scores.insert(language, behind.max(TRIGRAM_FLOOR) + stranger);
    }
    // Malay has no profile of its own; its sequences are those of Indonesian, and words tell the two apart.
    if let Some(score) = scores.get(&Language("ind")).copied() {
        scores.insert(Language("zsm"), score);
    }
    scores
}

/// What frequent words say for each language of the lexicon.
fn word_scores(words: &Words, script: Script, lexicon: &Lexicon) -> Vec<f64> {
    let n_letters = f64::from(u32::try_from(words.n_letters(script).max(1)).unwrap_or(u32::MAX));
    let mut scores = vec![0.0; lexicon.languages.len()];
    for word in words.of(script) {
        let places = lexicon.with_word(word);
        let n_chars = u32::try_from(word.chars().count()).unwrap_or(u32::MAX);
        // A word that many languages share says little, and so does a word of one letter.
        let shared = f64::from(u32::try_from(places.len()).unwrap_or(u32::MAX)).powf(-0.7);
        let telling = f64::from(n_chars.min(4)) / 4.0;
        for place in places {
            scores[*place] += shared * (telling * WORD + WORD_SHARE * f64::from(n_chars) / n_letters);
        }
    }
    scores
}

/// What special letters say for each language of the lexicon.
fn letter_scores(words: &Words, script: Script, lexicon: &Lexicon) -> Vec<f64> {
    let mut scores = vec![0.0_f64; lexicon.languages.len()];
    for letter in words.of(script).flat_map(str::chars).filter(|letter| !letter.is_ascii()) {
        let places = lexicon.with_letter(letter);
        if places.is_empty() {
            // In a script of many alphabets an unknown letter is foreign to all we know.
            if script == Script::Latin {
                for score in &mut scores {
                    *score += FOREIGN_LETTER;
                }
            }
            continue;
        }
        let shared = f64::from(u32::try_from(places.len()).unwrap_or(u32::MAX));
        for (place, score) in scores.iter_mut().enumerate() {
            *score += if places.contains(&place) { OWN_LETTER / shared } else { FOREIGN_LETTER };
        }
    }
    for score in &mut scores {
        *score = score.clamp(-LETTERS_LIMIT, LETTERS_LIMIT);
    }
    scores
}
