//! What the kinds of evidence weigh, and what each language has ahead: one table, fitted as a whole, never by hand.
//!
//! A test pins it, because every figure of language detection depends on every number here.

use super::Language;
use super::evidence::Signs;
use super::script::Script;

/// What each kind of evidence weighs, in natural logarithms of odds, in the order of `Sign`.
pub(super) const WEIGHTS: Signs = [
    // Trigrams, none, words, their share, own letters, foreign letters, decoy, stranger, its sequences, borrowed words twice.
    0.21, -0.20, 0.32, 2.73, 0.16, -1.11, -1.78, 0.00, -0.01, 0.57, -1.08,
    // Sequences of one to five letters and whole words, by the root of the length; then by the length.
    0.08, 0.67, 0.39, 0.92, 0.40, 1.50, -0.13, -0.23, -0.23, -0.08, -0.36, 0.19,
];

/// What a language has ahead before a word is read; nothing if it is not here.
const BIASES: [(Script, &[(&str, f64)]); 4] = [
    (
        Script::Latin,
        &[
            ("afr", -0.34),
            ("aka", 1.75),
            ("aze", 1.06),
            ("ben-Latn", 1.19),
            ("cat", 0.18),
            ("ceb", 0.05),
            ("ces", -0.03),
            ("cmn-Latn", 0.63),
            ("cym", 0.00),
            ("dan", -0.63),
            ("deu", 0.80),
            ("eng", 0.47),
            ("epo", -1.37),
            ("est", -0.72),
            ("eus", -1.02),
            ("fin", -0.20),
            ("fra", 0.31),
            ("glg", -1.76),
            ("hat", -1.63),
            ("hau", -0.08),
            ("hin-Latn", 0.84),
            ("hrv", -0.43),
            ("hun", -0.32),
            ("ibo", 0.98),
            ("ilo", -1.31),
            ("ind", -0.61),
            ("isl", -0.80),
            ("ita", -0.43),
            ("jav", 0.68),
            ("kin", 0.14),
            ("kmr", -0.32),
            ("lat", 0.00),
            ("lav", -0.42),
            ("lit", -0.19),
            ("lug", -0.17),
            ("mya-Latn", 0.33),
            ("nep-Latn", 0.69),
            ("nld", -0.31),
            ("nob", -0.57),
            ("nya", -1.07),
            ("orm", -0.54),
            ("pcm", -1.09),
            ("pol", 0.96),
            ("por", -0.12),
            ("ron", 0.83),
            ("slk", -0.23),
            ("slv", -0.79),
            ("sna", -0.19),
            ("som", 0.27),
            ("sot", -1.04),
            ("spa", 0.12),
            ("sqi", -0.24),
            ("srp", -0.68),
            ("sun", -1.08),
            ("swa", 0.21),
            ("swe", -0.42),
            ("tgl", -0.48),
            ("tsn", -0.12),
            ("tso", 1.26),
            ("tuk", -2.00),
            ("tur", 1.87),
            ("urd-Latn", 0.58),
            ("uzb", 0.91),
            ("vie", 0.56),
            ("wol", -0.60),
            ("xho", 0.37),
            ("yor", 2.47),
            ("zsm", -1.25),
            ("zul", -0.14),
        ],
    ),
    (
        Script::Cyrillic,
        &[
            ("bel", -0.51),
            ("bul", -0.45),
            ("kaz", 0.88),
            ("kir", -0.46),
            ("mkd", -0.09),
            ("mon", 1.00),
            ("rus", -0.21),
            ("srp", -0.12),
            ("tat", -0.14),
            ("tgk", -0.97),
            ("ukr", 0.00),
            ("uzb", 1.16),
        ],
    ),
    (
        Script::Arabic,
        &[
            ("ara", 0.26),
            ("azb", -0.73),
            ("ckb", -0.29),
            ("pes", 0.62),
            ("pus", -0.41),
            ("snd", -0.40),
            ("uig", -0.02),
            ("urd", 1.00),
        ],
    ),
    (Script::Devanagari, &[("bho", -0.78), ("hin", -0.10), ("mai", -0.65), ("mar", 0.09), ("nep", 1.06)]),
];

/// What `language` has ahead in `script`.
pub(super) fn bias(script: Script, language: Language) -> f64 {
    let of_script = BIASES.iter().find(|(known, _)| *known == script).map_or(&[][..], |(_, biases)| biases);
    of_script.iter().find(|(code, _)| *code == language.code()).map_or(0.0, |(_, bias)| *bias)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever fits the table anew measures anew, and then writes the new number here.
    const PINNED: u64 = 1_656_317_765_276_430_422;

    #[test]
    fn the_table_is_the_one_that_was_measured() {
        let mut hash = 0xCBF2_9CE4_8422_2325_u64;
        let mut take = |number: f64| {
            for byte in number.to_bits().to_le_bytes() {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
            }
        };
        WEIGHTS.iter().for_each(|weight| take(*weight));
        BIASES.iter().flat_map(|(_, biases)| biases.iter()).for_each(|(_, bias)| take(*bias));
        assert_eq!(hash, PINNED);
    }
}
