//! What speaks for each of the languages that share a script: letter sequences, frequent words, special letters.
//!
//! Gathers and does not weigh; `rank.rs` does that.

use whatlang::dev::{RawLangInfo, raw_detect};

use super::Language;
use super::lexicon::Lexicon;
use super::ngrams::Model;
use super::script::Script;
use super::words::Words;

/// The kinds of evidence, by their place in [`Signs`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// Our own letter sequences, by the square root of the text's length.
    Sequences,
    /// The same by the length, so that it says how well a text fits whatever its length.
    SequencesMean,
    /// How far behind the best language by whatlang's three-letter sequences.
    Trigrams,
    /// One for a language whatlang does not know.
    NoTrigrams,
    /// Frequent words met.
    Words,
    /// The share of the text that is frequent words.
    WordShare,
    /// Letters that few other languages write.
    OwnLetters,
    /// Letters the language never writes.
    ForeignLetters,
    /// One for a language known by its letter sequences only.
    Decoy,
    /// One for a language that only whatlang knows.
    Stranger,
    /// The square root of the text's length for such a language: where its letter sequences would stand.
    StrangersSequences,
}

/// How many kinds there are.
pub(super) const N_SIGNS: usize = Sign::StrangersSequences as usize + 1;

/// All evidence for one language.
pub(super) type Signs = [f64; N_SIGNS];

/// Letters of one kind count up to this sum.
const LETTERS_LIMIT: f64 = 4.0;

/// Trigrams count up to this lead.
const TRIGRAMS_LIMIT: f64 = 8.0;

/// The evidence for all candidates of a script.
pub(super) struct Evidence {
    pub(super) languages: Vec<Language>,
    pub(super) signs: Vec<Signs>,
    n_letters: f64,
}

impl Evidence {
    /// What words, special letters and our own sequences say.
    pub(super) fn gather(words: &Words, script: Script, lexicon: &Lexicon, model: &Model) -> Self {
        let n_letters = count(words.n_letters(script).max(1));
        let mut evidence = Self { languages: lexicon.languages.clone(), signs: Vec::new(), n_letters };
        evidence.signs = vec![[0.0; N_SIGNS]; evidence.languages.len()];
        evidence.add_words(words, script, lexicon);
        evidence.add_letters(words, script, lexicon);
        evidence.add_sequences(&model.languages, &model.sums(words, script));
        evidence
    }

    /// The place of a language, added with this sign if it is new.
    fn place(&mut self, language: Language, if_new: Sign) -> usize {
        self.languages.iter().position(|known| *known == language).unwrap_or_else(|| {
            let mut signs = [0.0; N_SIGNS];
            signs[if_new as usize] = 1.0;
            self.languages.push(language);
            self.signs.push(signs);
            self.signs.len() - 1
        })
    }

    fn add_sequences(&mut self, languages: &[Language], sums: &[f64]) {
        for (language, sum) in languages.iter().zip(sums) {
            let place = self.place(*language, Sign::Decoy);
            self.signs[place][Sign::Sequences as usize] = sum / self.n_letters.sqrt();
            self.signs[place][Sign::SequencesMean as usize] = sum / self.n_letters;
        }
    }

    /// What whatlang says. It costs more than all else together.
    pub(super) fn add_trigrams(&mut self, words: &Words, script: Script) {
        let mut text = String::new();
        for word in words.of(script) {
            text.push_str(word);
            text.push(' ');
        }
        for signs in &mut self.signs {
            signs[Sign::NoTrigrams as usize] = 1.0;
        }
        let Some(RawLangInfo::MultiScript(outcome)) = raw_detect(&text).lang_info else {
            return;
        };
        let trigrams = outcome.trigram_raw_outcome;
        let best = trigrams.scores.iter().map(|(_, similarity)| *similarity).fold(0.0, f64::max);
        if best <= 0.0 {
            return;
        }
        // The library's own measure of a lead that is reliable for a text of this length.
        let lead = 3.0 / count(trigrams.trigrams_count) + 0.015;
        for (lang, similarity) in trigrams.scores {
            let behind = (similarity.max(f64::MIN_POSITIVE) / best).ln() / lead;
            let n_known = self.languages.len();
            let place = self.place(Language(lang.code()), Sign::Stranger);
            if place == n_known {
                self.signs[place][Sign::StrangersSequences as usize] = self.n_letters.sqrt();
            }
            self.signs[place][Sign::Trigrams as usize] = behind.max(-TRIGRAMS_LIMIT);
            self.signs[place][Sign::NoTrigrams as usize] = 0.0;
        }
        // Malay has no profile of its own; its sequences are those of Indonesian, and the rest tells the two apart.
        let known = |code: &str| self.languages.iter().position(|language| language.code() == code);
        if let (Some(indonesian), Some(malay)) = (known("ind"), known("zsm")) {
            for sign in [Sign::Trigrams, Sign::NoTrigrams] {
                self.signs[malay][sign as usize] = self.signs[indonesian][sign as usize];
            }
        }
    }

    fn add_words(&mut self, words: &Words, script: Script, lexicon: &Lexicon) {
        for word in words.of(script) {
            let places = lexicon.with_word(word);
            let n_chars = count(word.chars().count());
            // A word that many languages share says little, and so does a word of one letter.
            let shared = count(places.len()).powf(-0.7);
            for place in places {
                self.signs[*place][Sign::Words as usize] += shared * n_chars.min(4.0) / 4.0;
                self.signs[*place][Sign::WordShare as usize] += shared * n_chars / self.n_letters;
            }
        }
    }

    fn add_letters(&mut self, words: &Words, script: Script, lexicon: &Lexicon) {
        for letter in words.of(script).flat_map(str::chars).filter(|letter| !letter.is_ascii()) {
            let places = lexicon.with_letter(letter);
            // Outside Latin a letter that no list names is one that all have.
            if places.is_empty() && script != Script::Latin {
                continue;
            }
            for (place, signs) in self.signs.iter_mut().enumerate() {
                if places.contains(&place) {
                    signs[Sign::OwnLetters as usize] += 1.0 / count(places.len());
                } else {
                    signs[Sign::ForeignLetters as usize] += 1.0;
                }
            }
        }
        for signs in &mut self.signs {
            for sign in [Sign::OwnLetters, Sign::ForeignLetters] {
                signs[sign as usize] = signs[sign as usize].min(LETTERS_LIMIT);
            }
        }
    }
}

fn count(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap_or(u32::MAX))
}
