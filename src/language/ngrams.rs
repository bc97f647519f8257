//! What the letter sequences of a text say for each language that shares its script.
//!
//! The table is counted by `build/language.rs` from our own lines in `config/language`. Knows nothing of the other evidence.

pub(super) mod grams;

use std::sync::LazyLock;

use self::grams::{N_KINDS, each_gram};
use super::Language;
use super::script::Script;
use super::words::Words;

/// The table of one script: an index by the upper bits of a sequence's number, and records of the sequences behind it.
pub(super) struct Model {
    /// The languages the table knows.
    pub(super) languages: Vec<Language>,
    /// The place of English, from which the others borrow words.
    english: Option<usize>,
    index_bits: u32,
    index: &'static [u8],
    records: &'static [u8],
}

/// What the sequences of a text say for one language.
#[derive(Clone, Default)]
pub(super) struct Sums {
    /// For each kind of sequence.
    pub(super) by_kind: [f64; N_KINDS],
    /// By how much the words that are rather English are so.
    pub(super) borrowed: f64,
}

/// Marks the last pair of a record.
const LAST: u8 = 0x80;

/// A weight of the table times this is a natural logarithm.
const STEP: f64 = 1.0 / 16.0;

static MODELS: LazyLock<Vec<Model>> = LazyLock::new(|| {
    let mut rest: &'static [u8] = include_bytes!(concat!(env!("OUT_DIR"), "/language.bin"));
    let mut models = Vec::new();
    while !rest.is_empty() {
        models.push(Model::take(&mut rest).expect("the build script writes whole tables"));
    }
    models
});

/// The table of a script; `None` if the script decides alone.
pub(super) fn of(script: Script) -> Option<&'static Model> {
    let place = match script {
        Script::Latin => 0,
        Script::Cyrillic => 1,
        Script::Arabic => 2,
        Script::Devanagari => 3,
        Script::Han | Script::Kana | Script::Only(_) => return None,
    };
    MODELS.get(place)
}

impl Model {
    /// Cuts the next table off `rest`: codes, bits of the index, index, records, each with its length before it.
    fn take(rest: &mut &'static [u8]) -> Option<Self> {
        let codes = std::str::from_utf8(take_part(rest)?).ok()?;
        let languages: Vec<Language> = codes.split_whitespace().map(Language::parse).collect::<Option<_>>()?;
        let english = languages.iter().position(|language| language.code() == "eng");
        let index = take_part(rest)?;
        let records = take_part(rest)?;
        let index_bits = (index.len() / 4).checked_sub(1)?.checked_ilog2()?;
        Some(Self { languages, english, index_bits, index, records })
    }

    /// The evidence for each of [`Model::languages`], summed over the sequences of all words.
    pub(super) fn sums(&self, words: &Words, script: Script) -> Vec<Sums> {
        let mut sums = vec![Sums::default(); self.languages.len()];
        let mut of_word = vec![[0_u32; N_KINDS]; usize::from(LAST)];
        for word in words.of(script) {
            each_gram(word, |kind, gram| {
                for pair in self.record(gram).chunks_exact(2) {
                    of_word[usize::from(pair[0] & !LAST)][kind] += u32::from(pair[1]);
                }
            });
            let english: u32 = self.english.map_or(0, |place| of_word[place].iter().sum());
            for (sums, of_word) in sums.iter_mut().zip(&mut of_word) {
                let mut whole = 0;
                for (sum, part) in sums.by_kind.iter_mut().zip(of_word) {
                    *sum += f64::from(*part) * STEP;
                    whole += *part;
                    *part = 0;
                }
                sums.borrowed += f64::from(english.saturating_sub(whole)) * STEP;
            }
        }
        sums
    }

    /// Pairs of a language's place and a weight; empty for a sequence never met.
    fn record(&self, gram: u32) -> &'static [u8] {
        let bucket = (gram >> (32 - self.index_bits)) as usize;
        let (start, end) = (self.offset(bucket), self.offset(bucket + 1));
        let mut rest = self.records.get(start..end).unwrap_or_default();
        // What the index leaves open of the number is compared; then follow the pairs, the last one marked.
        let [low, high, ..] = gram.to_le_bytes();
        while let [one, other, tail @ ..] = rest {
            let n_pairs = tail.iter().step_by(2).take_while(|place| **place & LAST == 0).count() + 1;
            let (pairs, next) = tail.split_at_checked(n_pairs * 2).unwrap_or_default();
            if [*one, *other] == [low, high] {
                return pairs;
            }
            rest = next;
        }
        &[]
    }

    fn offset(&self, bucket: usize) -> usize {
        let bytes = self.index.get(bucket * 4..bucket * 4 + 4).and_then(|bytes| bytes.try_into().ok());
        bytes.map_or(0, |bytes| u32::from_le_bytes(bytes) as usize)
    }
}

fn take_part(rest: &mut &'static [u8]) -> Option<&'static [u8]> {
    let (length, tail) = rest.split_first_chunk::<4>()?;
    let (part, tail) = tail.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    *rest = tail;
    Some(part)
}
