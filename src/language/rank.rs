//! Weighs the languages that share a script against each other.
//!
//! Knows the evidence only, no texts.

use super::Language;
use super::evidence::{Evidence, Field, N_SIGNS};
use super::weights::{WEIGHTS, bias};
use super::words::Words;

/// With such a lead whatlang, which costs most of the time, could change nothing.
const DECIDED: f64 = 10.0;

/// The languages of `field` with their probabilities, best first. Equal texts give equal answers.
pub(super) fn rank(words: &Words, field: &'static Field, prior: impl Fn(Language) -> f64) -> Vec<(Language, f64)> {
    let mut evidence = Evidence::gather(words, field);
    let mut scores = weigh(&evidence, &prior);
    if lead(&scores) < DECIDED {
        evidence.add_trigrams(words);
        scores = weigh(&evidence, &prior);
    }
    shares(scores)
}

fn weigh(evidence: &Evidence, prior: impl Fn(Language) -> f64) -> Vec<(Language, f64)> {
    let field = evidence.field;
    let scored = |(language, signs): (&Language, &[f64; N_SIGNS])| {
        let sum: f64 = signs.iter().zip(&WEIGHTS).map(|(sign, weight)| sign * weight).sum();
        (*language, sum + bias(field.script, *language) + prior(*language))
    };
    field.languages.iter().zip(&evidence.signs).map(scored).collect()
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
