//! Fits the weights of language detection to a labelled file and prints `src/language/weights.rs`.
//!
//! The file has a line for each text: language, length class, text, and whatever else, with tabs between. Languages that the
//! gateway does not expect teach it what to leave alone. Nothing of the texts goes into the result but numbers.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::io::Write as _;
use std::{env, fs, io, process};

use pmm_gateway::language::fitting::{N_WEIGHTS, candidates, is_expected};

/// Steps of the fit; more change nothing any more.
const STEPS: i32 = 150;
/// What a language counts that is not expected, against one that is.
const STRANGERS: f64 = 0.08;
/// What a language in borrowed letters counts: they are few, and hard.
const ROMANISED: f64 = 1.6;

/// One text: its candidates, and which of them are right.
struct Row {
    candidates: Vec<(usize, [f64; N_WEIGHTS])>,
    right: Vec<bool>,
    weight: f64,
}

fn main() {
    let Some(path) = env::args().nth(1) else {
        eprint("Give the labelled file: cargo run --release --features workbench --example fit_language -- FILE.tsv\n");
        process::exit(2);
    };
    let Ok(file) = fs::read_to_string(path) else {
        eprint("The file cannot be read.\n");
        process::exit(2);
    };
    let (rows, languages) = read(&file);
    let fitted = fit(&rows, languages.len());
    io::stdout().write_all(table(&fitted, &languages).as_bytes()).expect("somebody reads");
}

fn eprint(words: &str) {
    io::stderr().write_all(words.as_bytes()).expect("somebody reads");
}

/// All texts of shared scripts, and the languages met: script and code.
fn read(file: &str) -> (Vec<Row>, Vec<(&'static str, &'static str)>) {
    let mut languages = Vec::new();
    let mut n_alike: HashMap<(&str, &str), f64> = HashMap::new();
    let mut rows = Vec::new();
    for line in file.lines() {
        let mut fields = line.split('\t');
        let (Some(language), Some(class), Some(text)) = (fields.next(), fields.next(), fields.next()) else { continue };
        let Some((script, found)) = candidates(text) else { continue };
        let right = found.iter().map(|candidate| is_right(candidate.code, language)).collect();
        let found = found.into_iter().map(|candidate| {
            let known = languages.iter().position(|known| *known == (script, candidate.code));
            let place = known.unwrap_or_else(|| {
                languages.push((script, candidate.code));
                languages.len() - 1
            });
            (place, candidate.signs)
        });
        *n_alike.entry((language, class)).or_default() += 1.0;
        rows.push(((language, class), Row { candidates: found.collect(), right, weight: 0.0 }));
    }
    let mut sum = 0.0;
    for ((language, class), row) in &mut rows {
        let kind = if !is_expected(language) {
            STRANGERS
        } else if language.ends_with("-Latn") {
            ROMANISED
        } else {
            1.0
        };
        // Each language and length counts the same, however many texts there are of it.
        row.weight = kind / n_alike[&(*language, *class)];
        sum += row.weight;
    }
    let rows = rows.into_iter().map(|(_, row)| Row { weight: row.weight / sum, ..row });
    (rows.filter(|row| row.right.contains(&true)).collect(), languages)
}

/// Any unexpected language will do for another one; Hindi and Urdu in Latin letters are one.
fn is_right(code: &str, language: &str) -> bool {
    let one = |code: &str| if code == "urd-Latn" { "hin-Latn".to_owned() } else { code.to_owned() };
    if is_expected(language) { one(code) == one(language) } else { !is_expected(code) }
}

/// Conditional logit by Adam: the weights, then what each language has ahead.
fn fit(rows: &[Row], n_languages: usize) -> Vec<f64> {
    let n = N_WEIGHTS + n_languages;
    let (mut fitted, mut speed, mut scale) = (vec![0.1; n], vec![0.0; n], vec![0.0_f64; n]);
    fitted[N_WEIGHTS..].fill(0.0);
    for step in 1..=STEPS {
        let mut slope: Vec<f64> = fitted.iter().map(|value| value * 2e-5).collect();
        let mut loss = 0.0;
        for row in rows {
            let shares = shares(row, &fitted);
            let right: f64 = shares.iter().zip(&row.right).filter(|(_, right)| **right).map(|(share, _)| share).sum();
            let right = right.max(1e-9);
            loss -= row.weight * right.ln();
            for (((place, signs), share), is_right) in row.candidates.iter().zip(&shares).zip(&row.right) {
                let pull = row.weight * (share - if *is_right { share / right } else { 0.0 });
                for (slope, sign) in slope.iter_mut().zip(signs) {
                    *slope += pull * sign;
                }
                slope[N_WEIGHTS + place] += pull;
            }
        }
        let pace = if step > STEPS * 2 / 3 { 0.015 } else { 0.05 };
        for place in 0..n {
            speed[place] = 0.9 * speed[place] + 0.1 * slope[place];
            scale[place] = 0.995 * scale[place] + 0.005 * slope[place] * slope[place];
            let size = (scale[place] / (1.0 - 0.995_f64.powi(step))).sqrt() + 1e-9;
            fitted[place] -= pace * speed[place] / (1.0 - 0.9_f64.powi(step)) / size;
        }
        if step % 25 == 0 {
            eprint(&format!("step {step}: loss {loss:.4}\n"));
        }
    }
    fitted
}

fn shares(row: &Row, fitted: &[f64]) -> Vec<f64> {
    let score = |(place, signs): &(usize, [f64; N_WEIGHTS])| {
        fitted[N_WEIGHTS + place] + signs.iter().zip(fitted).map(|(sign, weight)| sign * weight).sum::<f64>()
    };
    let scores: Vec<f64> = row.candidates.iter().map(score).collect();
    let best = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let raised: Vec<f64> = scores.iter().map(|score| (score - best).exp()).collect();
    let sum: f64 = raised.iter().sum();
    raised.iter().map(|share| share / sum).collect()
}

/// The two tables of `src/language/weights.rs`.
fn table(fitted: &[f64], languages: &[(&str, &str)]) -> String {
    // No minus before a nought.
    let rounded = |value: f64, digits: i32| (value * 10_f64.powi(digits)).round() / 10_f64.powi(digits) + 0.0;
    let mut text = String::from("pub(super) const WEIGHTS: Signs = [\n");
    for weight in &fitted[..N_WEIGHTS] {
        writeln!(text, "    {:.2},", rounded(*weight, 2)).expect("a string takes everything");
    }
    text.push_str("];\n\nconst BIASES: [(Script, &[(&str, f64)]); 4] = [\n");
    for script in ["Latin", "Cyrillic", "Arabic", "Devanagari"] {
        let of_script: BTreeMap<&str, f64> = languages
            .iter()
            .zip(&fitted[N_WEIGHTS..])
            .filter(|((known, _), _)| *known == script)
            .map(|((_, code), ahead)| (*code, rounded(*ahead, 2)))
            .collect();
        writeln!(text, "    (Script::{script}, &[").expect("a string takes everything");
        for (code, ahead) in of_script {
            writeln!(text, "        (\"{code}\", {ahead:.2}),").expect("a string takes everything");
        }
        text.push_str("    ]),\n");
    }
    text.push_str("];\n");
    text
}
