//! How a report is meant: told, denied, asked, or only an exercise.
//!
//! The reading says whether a machine may act alone. It never makes a report less urgent.

use super::fold::Folded;
use super::lexicon::{Hit, Lexicon};

/// The lists of small words that say how something is meant. They are known by these names.
pub(super) const CUES: [&str; 5] = ["cue-negation", "cue-question", "cue-my-boss", "cue-resolved", "cue-not-a-report"];

/// The numbers of these lists in a bundle.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct CueLists {
    pub negation: Option<usize>,
    pub question: Option<usize>,
    pub my_boss: Option<usize>,
    pub resolved: Option<usize>,
    pub not_a_report: Option<usize>,
}

/// The cues of one report.
#[derive(Debug)]
pub(super) struct Reading<'a> {
    text: &'a Folded,
    lexicon: &'a Lexicon,
    negations: Vec<Hit>,
    asked: Vec<bool>,
    /// Says that it was put right, in these languages.
    pub resolved: Vec<&'a str>,
    /// An exercise, a lesson, an advertisement, a match of football, in these languages.
    pub not_a_report: Vec<&'a str>,
}

/// Languages in which the word of denial comes after.
const DENIAL_AFTER: [&str; 12] = ["ta", "si", "hi", "hi-latn", "bn", "bn-latn", "tr", "my", "ne", "ur", "am", "km"];

impl<'a> Reading<'a> {
    pub fn new(text: &'a Folded, lexicon: &'a Lexicon, lists: CueLists, hits: &[Hit]) -> Self {
        let of = |list: Option<usize>| hits.iter().filter(move |hit| Some(lexicon.entries[hit.entry].list) == list);
        let language = |hit: &Hit| lexicon.entries[hit.entry].language.as_str();
        let mut asked = text.asked.clone();
        for hit in of(lists.question) {
            asked[text.tokens[hit.first].sentence] = true;
        }
        // "May our boss keep our passports?" is a report in polite form.
        for hit in of(lists.my_boss) {
            asked[text.tokens[hit.first].sentence] = false;
        }
        Self {
            text,
            lexicon,
            negations: of(lists.negation).copied().collect(),
            asked,
            resolved: of(lists.resolved).map(language).collect(),
            not_a_report: of(lists.not_a_report).map(language).collect(),
        }
    }

    /// Whether the words stand in a question.
    pub fn asks(&self, hit: Hit) -> bool {
        self.asked[self.text.tokens[hit.first].sentence]
    }

    /// Whether a word of denial stands beside the phrase, but not in it: most grievances are sentences with "not".
    pub fn denies(&self, hit: Hit) -> bool {
        let language = &self.lexicon.entries[hit.entry].language;
        let own = || self.negations.iter().filter(|cue| self.lexicon.entries[cue.entry].language == *language);
        if own().any(|cue| cue.overlaps(&hit)) {
            return false;
        }
        own().any(|cue| {
            let before = cue.last < hit.first && self.width(cue.last, hit.first).is_some_and(|width| width <= 3);
            let after = DENIAL_AFTER.contains(&language.as_str())
                && cue.first > hit.last
                && self.width(hit.last, cue.first).is_some_and(|width| width == 0);
            before || after
        })
    }

    /// What stands between two tokens of one sentence.
    fn width(&self, before: usize, after: usize) -> Option<usize> {
        let tokens = &self.text.tokens;
        (tokens[before].sentence == tokens[after].sentence).then(|| self.text.width_between(before, after))
    }
}
