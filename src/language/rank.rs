//! Weighs the languages that share a script against each other.
//!
//! Knows the evidence only, no texts.

use super::Language;
use super::evidence::{Evidence, N_SIGNS, Signs};
use super::lexicon::Lexicon;
use super::ngrams::Model;
use super::script::Script;
use super::words::Words;

/// What each kind of evidence weighs, in natural logarithms of odds, in the order of `Sign`.
pub(super) const WEIGHTS: Signs = [0.25, 0.3, 0.5, -0.5, 1.0, 3.0, 1.0, -1.0, -1.0, -2.0, 1.2];

/// With such a lead whatlang, which costs most of the time, could change nothing.
const DECIDED: f64 = 12.0;

/// The languages of `script` with their probabilities, best first. Equal texts give equal answers.
pub(super) fn rank(
    words: &Words,
    script: Script,
    lexicon: &Lexicon,
    model: &Model,
    prior: impl Fn(Language) -> f64,
) -> Vec<(Language, f64)> {
    let mut evidence = Evidence::gather(words, script, lexicon, model);
    let mut scores = weigh(&evidence, &prior);
    if lead(&scores) < DECIDED {
        evidence.add_trigrams(words, script);
        scores = weigh(&evidence, &prior);
    }
    shares(scores)
}

fn weigh(evidence: &Evidence, prior: impl Fn(Language) -> f64) -> Vec<(Language, f64)> {
    let scored = |(language, signs): (&Language, &Signs)| {
        let sum: f64 = (0..N_SIGNS).map(|sign| signs[sign] * WEIGHTS[sign]).sum();
        (*language, sum + prior(*language))
    };
    evidence.languages.iter().zip(&evidence.signs).map(scored).collect()
}

/// How far the best score is ahead of the second.
fn lead(scores: &[(Language, f64)]) -> f64 {
    let (mut first, mut second) = (f64::NEG_INFINITY, f64::NEG_INFINITY);
    for (_, score) in scores {
        second = second.max(score.min(first));
        first = first.max(*score);
    }
    first - second
}

/// Softmax, sorted; equal scores in order of code.
fn shares(mut scores: Vec<(Language, f64)>) -> Vec<(Language, f64)> {
    let best = scores.iter().map(|(_, score)| *score).fold(f64::NEG_INFINITY, f64::max);
    for (_, score) in &mut scores {
        *score = (*score - best).exp();
    }
    let sum: f64 = scores.iter().map(|(_, share)| share).sum();
    for (_, share) in &mut scores {
        *share /= sum;
    }
    scores.sort_by(|(one, share), (other, other_share)| other_share.total_cmp(share).then_with(|| one.cmp(other)));
    scores
}
