//! Counts the letter sequences of the lines in `config/language`, for `src/language/ngrams.rs`.
//!
//! The same lines give the same table on every machine.

#[path = "../src/language/ngrams/grams.rs"]
mod grams;
#[path = "../src/language/script.rs"]
mod script;
#[path = "../src/language/words.rs"]
#[expect(dead_code, reason = "the program needs more of it")]
mod words;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use self::script::Script;
use self::words::Words;

/// The order of the tables in the file.
const SCRIPTS: [Script; 4] = [Script::Latin, Script::Cyrillic, Script::Arabic, Script::Devanagari];

/// How often every sequence is taken to be met where it never was.
const SMOOTHING: f64 = 0.5;

/// A line typed without its diacritics counts this much.
const STRIPPED: f64 = 0.5;

/// Weights are written in sixteenths.
const STEPS: f64 = 16.0;

/// How often each sequence was met, by its number.
type Counts = BTreeMap<u32, f64>;

/// All tables, one after the other.
pub fn table(folder: &Path) -> Vec<u8> {
    let mut lines: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for folder in [folder.to_owned(), folder.join("decoy")] {
        println!("cargo:rerun-if-changed={}", folder.display());
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry.expect("the folder can be read").path();
            let name = path.file_name().and_then(|name| name.to_str()).expect("file names are plain").to_owned();
            if let Some(name) = name.strip_suffix(".txt") {
                println!("cargo:rerun-if-changed={}", path.display());
                let text = fs::read_to_string(&path).expect("seed lines are UTF-8");
                let told = text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned);
                lines.entry(class(name)).or_default().extend(told);
            }
        }
    }
    for lines in lines.values_mut() {
        // Files come in any order.
        lines.sort();
        lines.dedup();
    }
    SCRIPTS.into_iter().flat_map(|script| of_script(script, &lines)).collect()
}

/// `vie.plain` and `uzb-cyrl` are `vie` and `uzb`; `hin-Latn` is itself.
fn class(name: &str) -> String {
    let name = name.split('.').next().unwrap_or(name);
    name.strip_suffix("-cyrl").or_else(|| name.strip_suffix("-latn")).unwrap_or(name).to_owned()
}

/// The table of one script.
fn of_script(script: Script, lines: &BTreeMap<String, Vec<String>>) -> Vec<u8> {
    let mut classes: Vec<(&str, Counts)> = Vec::new();
    for (code, lines) in lines {
        let mut counts = Counts::new();
        for line in lines {
            let stripped = stripped(line);
            let has_marks = script == Script::Latin && stripped != *line;
            count(line, script, if has_marks { 1.0 } else { 1.0 + STRIPPED }, &mut counts);
            if has_marks {
                count(&stripped, script, STRIPPED, &mut counts);
            }
        }
        // Words borrowed in a line do not make a language of that script.
        if counts.values().sum::<f64>() > LEAST_SEQUENCES {
            classes.push((code, counts));
        }
    }
    let mut weights: BTreeMap<u32, Vec<(u8, u8)>> = BTreeMap::new();
    let totals: Vec<f64> = classes.iter().map(|(_, counts)| counts.values().sum()).collect();
    let mean = totals.iter().sum::<f64>() / f64::from(u32::try_from(totals.len().max(1)).expect("few languages share a script"));
    for (place, ((_, counts), total)) in classes.iter().zip(&totals).enumerate() {
        for (gram, count) in counts {
            let weight = in_steps((1.0 + count * mean / total / SMOOTHING).ln());
            if weight > 0 {
                let place = u8::try_from(place).expect("few languages share a script");
                weights.entry(*gram).or_default().push((place, weight));
            }
        }
    }
    let codes: Vec<&str> = classes.iter().map(|(code, _)| *code).collect();
    encode(&codes.join(" "), &weights)
}

/// A script with fewer sequences than this is not the one a language is written in.
const LEAST_SEQUENCES: f64 = 2000.0;

fn count(line: &str, script: Script, weight: f64, counts: &mut Counts) {
    for word in Words::read(line).of(script) {
        grams::each_gram(word, |kind, gram| {
            assert!(kind < grams::N_KINDS, "the program has a place for every kind");
            *counts.entry(gram).or_default() += weight;
        });
    }
}

/// As typed by somebody without the right keyboard.
fn stripped(line: &str) -> String {
    let bare = |letter: char| match letter {
        'đ' => 'd',
        'Đ' => 'D',
        'ł' => 'l',
        'Ł' => 'L',
        'ı' => 'i',
        'ɓ' => 'b',
        'ɗ' => 'd',
        'ƙ' => 'k',
        'ƴ' => 'y',
        'ø' => 'o',
        other => other,
    };
    line.nfd().filter(|letter| !is_combining_mark(*letter)).map(bare).nfc().collect()
}

/// A weight as it is written: a small whole number.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to what fits")]
fn in_steps(weight: f64) -> u8 {
    (weight * STEPS).round().clamp(0.0, 255.0) as u8
}

fn length(part: &[u8]) -> u32 {
    u32::try_from(part.len()).expect("the table is small")
}

/// Marks the last pair of a record.
const LAST: u8 = 0x80;

/// Codes, index and records, each with its length before it.
fn encode(codes: &str, weights: &BTreeMap<u32, Vec<(u8, u8)>>) -> Vec<u8> {
    // The index must tell at least the upper half of the number: the records hold the lower half.
    const INDEX_BITS: u32 = 16;
    let mut index = Vec::new();
    let mut records: Vec<u8> = Vec::new();
    let mut entries = weights.iter().peekable();
    for bucket in 0..1_u32 << INDEX_BITS {
        index.extend(u32::try_from(records.len()).expect("the table is small").to_le_bytes());
        while let Some((gram, pairs)) = entries.next_if(|(gram, _)| **gram >> (32 - INDEX_BITS) == bucket) {
            records.extend(&gram.to_le_bytes()[..2]);
            for (nth, (place, weight)) in pairs.iter().enumerate() {
                assert!(*place < LAST, "fewer than 128 languages share a script");
                let mark = if nth + 1 == pairs.len() { LAST } else { 0 };
                records.extend([*place | mark, *weight]);
            }
        }
    }
    index.extend(u32::try_from(records.len()).expect("the table is small").to_le_bytes());
    let parts = [codes.as_bytes(), &index, &records];
    parts.into_iter().flat_map(|part| length(part).to_le_bytes().into_iter().chain(part.iter().copied())).collect()
}
