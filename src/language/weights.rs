//! What the kinds of evidence weigh, and what each language has ahead: one table, fitted as a whole, never by hand.
//!
//! A test pins it, because every figure of language detection depends on every number here.

use super::Language;
use super::evidence::Signs;
use super::script::Script;

/// What each kind of evidence weighs, in natural logarithms of odds, in the order of `Sign`.
pub(super) const WEIGHTS: Signs = [
    // Trigrams, none, words, their share, own letters, foreign letters, decoy, stranger, its sequences.
    0.266, 0.058, 0.136, 3.482, 0.234, -1.148, -1.672, 0.000, -0.002,
    // Sequences of one to five letters and whole words, by the root of the length; then by the length.
    -0.032, 0.228, -0.024, 0.610, 0.049, 1.436, 0.458, 0.659, 1.135, 1.026, 0.772, 0.477,
];

/// What a language has ahead before a word is read; nothing if it is not here.
const BIASES: [(Script, &[(&str, f64)]); 4] = [
    (
        Script::Latin,
        &[
            ("afr", -0.45),
            ("aka", 2.59),
            ("aze", 1.37),
            ("ben-Latn", 0.45),
            ("cat", 0.03),
            ("ceb", 0.40),
            ("ces", 0.33),
            ("cmn-Latn", 0.26),
            ("cym", 0.00),
            ("dan", -0.67),
            ("deu", 0.58),
            ("eng", -2.55),
            ("epo", -1.23),
            ("est", -0.65),
            ("eus", -1.08),
            ("fin", 0.05),
            ("fra", -0.54),
            ("glg", -2.10),
            ("hat", -1.29),
            ("hau", 0.43),
            ("hin-Latn", 0.88),
            ("hrv", 0.01),
            ("hun", -0.11),
            ("ibo", 1.32),
            ("ilo", -1.11),
            ("ind", -0.03),
            ("isl", -0.75),
            ("ita", -0.74),
            ("jav", 1.25),
            ("kin", 0.73),
            ("kmr", -0.29),
            ("lat", 0.00),
            ("lav", -0.32),
            ("lit", -0.23),
            ("lug", 0.36),
            ("mya-Latn", -0.03),
            ("nep-Latn", 0.22),
            ("nld", -0.13),
            ("nob", -0.63),
            ("nya", -0.82),
            ("orm", -0.52),
            ("pcm", -1.78),
            ("pol", 1.25),
            ("por", -0.52),
            ("ron", 0.93),
            ("slk", 0.27),
            ("slv", -0.60),
            ("sna", -0.15),
            ("som", 0.41),
            ("sot", -0.57),
            ("spa", -0.33),
            ("sqi", -0.08),
            ("srp", -0.66),
            ("sun", -1.00),
            ("swa", 0.38),
            ("swe", -0.54),
            ("tgl", -0.15),
            ("tsn", 0.12),
            ("tso", 1.85),
            ("tuk", -1.30),
            ("tur", 2.24),
            ("urd-Latn", 0.31),
            ("uzb", 1.01),
            ("vie", 1.06),
            ("wol", -0.55),
            ("xho", 0.57),
            ("yor", 2.96),
            ("zsm", -0.56),
            ("zul", 0.23),
        ],
    ),
    (
        Script::Cyrillic,
        &[
            ("bel", -0.18),
            ("bul", -0.24),
            ("kaz", 0.13),
            ("kir", -0.72),
            ("mkd", 0.24),
            ("mon", 0.59),
            ("rus", 0.23),
            ("srp", 0.15),
            ("tat", -0.03),
            ("tgk", -1.02),
            ("ukr", 0.33),
            ("uzb", 0.62),
        ],
    ),
    (
        Script::Arabic,
        &[
            ("ara", 0.42),
            ("azb", -0.79),
            ("ckb", -0.29),
            ("pes", 0.72),
            ("pus", -0.47),
            ("snd", -0.48),
            ("uig", -0.02),
            ("urd", 0.93),
        ],
    ),
    (Script::Devanagari, &[("bho", -1.11), ("hin", 0.14), ("mai", -1.16), ("mar", 0.39), ("nep", 1.30)]),
];

/// What `language` has ahead in `script`.
pub(super) fn bias(script: Script, language: Language) -> f64 {
    let of_script = BIASES.iter().find(|(known, _)| *known == script).map_or(&[][..], |(_, biases)| biases);
    of_script.iter().find(|(code, _)| *code == language.code()).map_or(0.0, |(_, bias)| *bias)
}
