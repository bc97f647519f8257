//! What speaks for each of the languages that share a script: letter sequences, frequent words, special letters.
//!
//! Gathers and does not weigh; `rank.rs` does that.

use std::sync::LazyLock;

use whatlang::dev::{RawLangInfo, raw_detect};

use super::Language;
use super::lexicon::{self, Lexicon};
use super::ngrams::{self, Model, grams::N_KINDS};
use super::script::Script;
use super::words::Words;

/// The kinds of evidence, by their place in [`Signs`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
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
    /// How much of the text is rather English, word by word: people borrow, so it need not speak against their language.
    Borrowed,
    /// The same by the length.
    BorrowedMean,
    /// Our own letter sequences by the square root of the text's length: the first of one sign for each kind of sequence.
    Sequences,
}

/// Where in [`Signs`] the sequences stand by the length alone, so that they say how well a text fits whatever its length.
const SEQUENCES_MEAN: usize = Sign::Sequences as usize + N_KINDS;

/// How many kinds there are.
pub(super) const N_SIGNS: usize = SEQUENCES_MEAN + N_KINDS;

/// All evidence for one language.
pub(super) type Signs = [f64; N_SIGNS];

/// Letters of one kind count up to this sum.
const LETTERS_LIMIT: f64 = 4.0;

/// Trigrams count up to this lead.
const TRIGRAMS_LIMIT: f64 = 8.0;

/// All languages of a shared script: those with words first, then those of the sequences, then those that only whatlang knows.
pub(super) struct Field {
    pub(super) script: Script,
    pub(super) languages: Vec<Language>,
    lexicon: &'static Lexicon,
    model: &'static Model,
    /// For each language of the model its place here.
    of_model: Vec<usize>,
    /// For each of whatlang's languages its place here.
    of_whatlang: Vec<(whatlang::Lang, usize)>,
    /// The first one known by its letter sequences only, and the first one that only whatlang knows.
    first_decoy: usize,
    first_stranger: usize,
}

static FIELDS: LazyLock<[Field; 4]> =
    LazyLock::new(|| [Script::Latin, Script::Cyrillic, Script::Arabic, Script::Devanagari].map(Field::of_script));

/// The languages of a script; `None` if the script decides alone.
pub(super) fn field(script: Script) -> Option<&'static Field> {
    FIELDS.iter().find(|field| field.script == script)
}

impl Field {
    fn of_script(script: Script) -> Self {
        let lexicon = lexicon::of(script).expect("a shared script has words");
        let model = ngrams::of(script).expect("a shared script has a table");
        let mut languages = lexicon.languages.clone();
        let first_decoy = languages.len();
        let of_model = model.languages.iter().map(|language| place(&mut languages, *language)).collect();
        let first_stranger = languages.len();
        let of_whatlang = whatlang::Lang::all()
            .iter()
            .filter(|lang| lang_script(**lang) == Some(script))
            .map(|lang| (*lang, place(&mut languages, Language(lang.code()))))
            .collect();
        Self { script, languages, lexicon, model, of_model, of_whatlang, first_decoy, first_stranger }
    }
}

/// The place of a language, which is added if it is new.
fn place(languages: &mut Vec<Language>, language: Language) -> usize {
    languages.iter().position(|known| *known == language).unwrap_or_else(|| {
        languages.push(language);
        languages.len() - 1
    })
}

/// The script in which whatlang knows a language, if it is a shared one.
fn lang_script(lang: whatlang::Lang) -> Option<Script> {
    let writes = |script: whatlang::Script| script.langs().contains(&lang);
    if writes(whatlang::Script::Latin) {
        Some(Script::Latin)
    } else if writes(whatlang::Script::Cyrillic) {
        Some(Script::Cyrillic)
    } else if writes(whatlang::Script::Arabic) {
        Some(Script::Arabic)
    } else if writes(whatlang::Script::Devanagari) {
        Some(Script::Devanagari)
    } else {
        None
    }
}

/// The evidence for all languages of a field.
pub(super) struct Evidence {
    pub(super) field: &'static Field,
    /// One for each language of the field.
    pub(super) signs: Vec<Signs>,
    n_letters: f64,
}

impl Evidence {
    /// What words, special letters and our own sequences say.
    pub(super) fn gather(words: &Words, field: &'static Field) -> Self {
        let n_letters = count(words.n_letters(field.script).max(1));
        let mut evidence = Self { field, signs: vec![[0.0; N_SIGNS]; field.languages.len()], n_letters };
        for signs in &mut evidence.signs[field.first_decoy..field.first_stranger] {
            signs[Sign::Decoy as usize] = 1.0;
        }
        for signs in &mut evidence.signs[field.first_stranger..] {
            signs[Sign::Stranger as usize] = 1.0;
            signs[Sign::StrangersSequences as usize] = n_letters.sqrt();
        }
        evidence.add_words(words);
        evidence.add_letters(words);
        evidence.add_sequences(words);
        evidence
    }

    fn add_sequences(&mut self, words: &Words) {
        let by_root = 1.0 / self.n_letters.sqrt();
        for (place, sums) in self.field.of_model.iter().zip(self.field.model.sums(words, self.field.script)) {
            self.signs[*place][Sign::Borrowed as usize] = sums.borrowed * by_root;
            self.signs[*place][Sign::BorrowedMean as usize] = sums.borrowed / self.n_letters;
            for (kind, sum) in sums.by_kind.iter().enumerate() {
                self.signs[*place][Sign::Sequences as usize + kind] = sum * by_root;
                self.signs[*place][SEQUENCES_MEAN + kind] = sum / self.n_letters;
            }
        }
    }

    /// What whatlang says. It costs more than all else together.
    pub(super) fn add_trigrams(&mut self, words: &Words) {
        let mut text = String::new();
        for word in words.of(self.field.script) {
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
            let known = self.field.of_whatlang.iter().find(|(known, _)| *known == lang);
            if let Some((_, place)) = known {
                self.signs[*place][Sign::Trigrams as usize] = behind.max(-TRIGRAMS_LIMIT);
                self.signs[*place][Sign::NoTrigrams as usize] = 0.0;
            }
        }
        // Malay has no profile of its own; its sequences are those of Indonesian, and the rest tells the two apart.
        let known = |code: &str| self.field.languages.iter().position(|language| language.code() == code);
        if let (Some(indonesian), Some(malay)) = (known("ind"), known("zsm")) {
            for sign in [Sign::Trigrams, Sign::NoTrigrams] {
                self.signs[malay][sign as usize] = self.signs[indonesian][sign as usize];
            }
        }
    }

    fn add_words(&mut self, words: &Words) {
        for word in words.of(self.field.script) {
            let places = self.field.lexicon.with_word(word);
            if places.is_empty() {
                continue;
            }
            let n_chars = count(word.chars().count());
            // A word that many languages share says little, and so does a word of one letter.
            let shared = count(places.len()).powf(-0.7);
            for place in places {
                self.signs[*place][Sign::Words as usize] += shared * n_chars.min(4.0) / 4.0;
                self.signs[*place][Sign::WordShare as usize] += shared * n_chars / self.n_letters;
            }
        }
    }

    fn add_letters(&mut self, words: &Words) {
        let mut any = false;
        for letter in words.of(self.field.script).flat_map(str::chars).filter(|letter| !letter.is_ascii()) {
            let places = self.field.lexicon.with_letter(letter);
            // Outside Latin a letter that no list names is one that all have.
            if places.is_empty() && self.field.script != Script::Latin {
                continue;
            }
            any = true;
            // Of the others no letters are known, so none speak for or against them.
            for (place, signs) in self.signs.iter_mut().enumerate().take(self.field.first_decoy) {
                if places.contains(&place) {
                    signs[Sign::OwnLetters as usize] += 1.0 / count(places.len());
                } else {
                    signs[Sign::ForeignLetters as usize] += 1.0;
                }
            }
        }
        if any {
            for signs in &mut self.signs {
                for sign in [Sign::OwnLetters, Sign::ForeignLetters] {
                    signs[sign as usize] = signs[sign as usize].min(LETTERS_LIMIT);
                }
            }
        }
    }
}

fn count(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap_or(u32::MAX))
}
