//! When a rule fires: any, all, at least some, and none of its word lists. No variables, no loops, no weights.

use crate::triage::fold::Folded;
use crate::triage::lexicon::Hit;

/// The name that stands for a question mark where word lists are named.
pub(crate) const QUESTION_MARK: &str = "question-mark";

/// A condition. All the keys that are written must hold.
#[derive(Debug, Clone, Default)]
pub(crate) struct When {
    pub list: Option<usize>,
    pub question_mark: bool,
    pub any: Vec<When>,
    pub all: Vec<When>,
    /// How many words apart `all` may stand.
    pub near: Option<usize>,
    pub at_least: Option<usize>,
    pub of: Vec<When>,
    pub none: Vec<When>,
}

/// What a rule sees of a report.
#[derive(Debug)]
pub(crate) struct Sight<'a> {
    pub text: &'a Folded,
    /// The list and the place of every phrase that was found and counts.
    pub hits: Vec<(usize, Hit)>,
}

/// The phrases that made a condition true.
pub(crate) type Evidence = Vec<Hit>;

impl When {
    /// The phrases that make the condition true, or `None` when it is not.
    pub fn holds(&self, sight: &Sight<'_>) -> Option<Evidence> {
        if let Some(list) = self.list {
            let found: Evidence = sight.hits.iter().filter(|(of, _)| *of == list).map(|(_, hit)| *hit).collect();
            return (!found.is_empty()).then_some(found);
        }
        if self.question_mark {
            return sight.text.asked.contains(&true).then(Vec::new);
        }
        if self.none.iter().any(|when| when.holds(sight).is_some()) {
            return None;
        }
        let mut evidence = Vec::new();
        if !self.any.is_empty() {
            let found: Vec<Evidence> = self.any.iter().filter_map(|when| when.holds(sight)).collect();
            if found.is_empty() {
                return None;
            }
            evidence.extend(found.into_iter().flatten());
        }
        if let Some(least) = self.at_least {
            let found: Vec<Evidence> = self.of.iter().filter_map(|when| when.holds(sight)).collect();
            if found.len() < least {
                return None;
            }
            evidence.extend(found.into_iter().flatten());
        }
        if !self.all.is_empty() {
            let found: Option<Vec<Evidence>> = self.all.iter().map(|when| when.holds(sight)).collect();
            evidence.extend(together(&found?, self.near, sight.text)?);
        }
        Some(evidence)
    }

    /// Whether the condition names the list anywhere.
    pub fn names(&self, list: usize) -> bool {
        let parts = [&self.any, &self.all, &self.of, &self.none];
        self.list == Some(list) || parts.into_iter().flatten().any(|when| when.names(list))
    }
}

/// One phrase of each that is no part of the first; if `near`, within so many words of it and in its sentence.
fn together(found: &[Evidence], near: Option<usize>, text: &Folded) -> Option<Evidence> {
    let (first, others) = found.split_first()?;
    let mut evidence = Vec::new();
    for hit in first {
        let beside: Option<Evidence> = others
            .iter()
            .map(|other| {
                other.iter().find(|place| !hit.overlaps(place) && near.is_none_or(|near| within(hit, place, near, text))).copied()
            })
            .collect();
        if let Some(beside) = beside {
            evidence.push(*hit);
            evidence.extend(beside);
        }
    }
    (!evidence.is_empty()).then_some(evidence)
}

/// Whether two phrases stand in one sentence with at most `near` words between.
fn within(one: &Hit, other: &Hit, near: usize, text: &Folded) -> bool {
    let (before, after) = if one.first <= other.first { (one, other) } else { (other, one) };
    text.tokens[before.last].sentence == text.tokens[after.first].sentence
        && text.width_between(before.last, after.first) <= near * 3
}
