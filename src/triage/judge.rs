//! From the phrases found to a verdict, and to the reasons for it.
//!
//! Highest floor, at most one step up, nothing lowers.

use super::fold::Folded;
use super::lexicon::Hit;
use super::reading::Reading;
use super::rule::{Rule, Sight};
use super::{Category, Explained, Match, Rules, Severity, Trigger, Verdict, Words};
use crate::language::Language;

/// A rule that fired.
#[derive(Debug)]
pub(super) struct Fired<'r> {
    pub rule: &'r Rule,
    pub level: Severity,
    pub trigger: Trigger,
    pub words: Vec<Words>,
}

/// Every rule that fires, the gravest first; lanes only when nothing else fires.
pub(super) fn assess<'r>(rules: &'r Rules, text: &Folded, language: Language) -> Vec<Fired<'r>> {
    let lexicon = &rules.lexicon;
    let code = language.code();
    let hits = lexicon.find(text, |file| language == Language::UNDETERMINED || speaks(file, code));
    let reading = Reading::new(text, lexicon, rules.cues, &hits);
    let counting: Vec<(usize, Hit)> = hits
        .iter()
        .filter(|hit| !lexicon.entries[hit.entry].phrase.unsure)
        .map(|hit| (lexicon.entries[hit.entry].list, *hit))
        .collect();
    let sight = Sight { text, hits: counting };
    let mut fired: Vec<Fired<'r>> = Vec::new();
    let mut taken: Vec<(Category, Hit)> = Vec::new();
    // Rules that yield come last, so that the words of the others are known.
    let (yielding, first): (Vec<&Rule>, Vec<&Rule>) =
        rules.rules.iter().filter(|rule| !rule.lane).partition(|rule| !rule.yields_to.is_empty());
    for rule in first {
        if let Some(evidence) = rule.when.holds(&sight) {
            taken.extend(evidence.iter().map(|hit| (rule.category, *hit)));
            fired.push(weigh(rules, rule, &sight, &reading, evidence));
        }
    }
    for rule in yielding {
        let theirs: Vec<Hit> =
            taken.iter().filter(|(category, _)| rule.yields_to.contains(category)).map(|(_, hit)| *hit).collect();
        let left = sight.hits.iter().filter(|(_, hit)| !theirs.iter().any(|other| touches(hit, other))).copied().collect();
        let sight = Sight { text, hits: left };
        if let Some(evidence) = rule.when.holds(&sight) {
            fired.push(weigh(rules, rule, &sight, &reading, evidence));
        }
    }
    if fired.is_empty() {
        for rule in rules.rules.iter().filter(|rule| rule.lane) {
            if let Some(evidence) = rule.when.holds(&sight) {
                fired.push(weigh(rules, rule, &sight, &reading, evidence));
            }
        }
    }
    fired.sort_by_key(rank);
    fired
}

/// The verdict of the rules that fired.
pub(super) fn verdict(fired: &[Fired<'_>]) -> Verdict {
    let Some(gravest) = fired.first() else {
        return Verdict {
            severity: Severity::Unrated,
            categories: Vec::new(),
            auto_trigger: false,
            review: true,
            matches: Vec::new(),
        };
    };
    let severity = fired.iter().map(|fired| fired.level).min().unwrap_or(gravest.level);
    let mut categories: Vec<Category> = Vec::new();
    let mut matches: Vec<Match> = Vec::new();
    for fired in fired {
        if !categories.contains(&fired.rule.category) {
            categories.push(fired.rule.category);
        }
        matches.extend(fired.words.iter().map(|words| Match {
            rule: fired.rule.id.clone(),
            category: fired.rule.category,
            start: words.start,
            end: words.end,
            negated: words.negated,
        }));
    }
    matches.dedup();
    let auto_trigger = fired.iter().any(|fired| fired.trigger == Trigger::Triggers);
    let doubtful =
        fired.iter().any(|fired| fired.trigger.holds_back()) || fired.iter().all(|fired| fired.words.iter().all(Words::in_doubt));
    Verdict { severity, categories, auto_trigger, review: doubtful && !auto_trigger && !gravest.rule.lane, matches }
}

/// The same, for a person who asks why.
pub(super) fn explained(fired: Vec<Fired<'_>>) -> Vec<Explained> {
    fired
        .into_iter()
        .map(|fired| Explained {
            rule: fired.rule.id.clone(),
            title: fired.rule.title.clone(),
            category: fired.rule.category,
            level: fired.level,
            raised: fired.level < fired.rule.level,
            trigger: fired.trigger,
            words: fired.words,
        })
        .collect()
}

fn weigh<'r>(rules: &Rules, rule: &'r Rule, sight: &Sight<'_>, reading: &Reading<'_>, mut evidence: Vec<Hit>) -> Fired<'r> {
    evidence.sort_unstable();
    evidence.dedup();
    let raised = rule.raise.as_ref().is_some_and(|raise| raise.holds(sight).is_some());
    let level = if raised { step_up(rule.level) } else { rule.level };
    let mut words = Vec::with_capacity(evidence.len());
    let mut lists = Vec::new();
    let (mut decisive, mut asserted) = (false, false);
    for hit in evidence {
        let entry = &rules.lexicon.entries[hit.entry];
        let (negated, asked) = (reading.denies(hit), reading.asks(hit));
        if !negated && !asked {
            asserted = true;
            decisive |= entry.phrase.decisive;
            if !lists.contains(&entry.list) {
                lists.push(entry.list);
            }
        }
        words.push(Words {
            list: rules.lists[entry.list].clone(),
            language: entry.language.clone(),
            phrase: entry.phrase.written.clone(),
            start: sight.text.tokens[hit.first].start,
            end: sight.text.tokens[hit.last].end,
            decisive: entry.phrase.decisive,
            negated,
            asked,
        });
    }
    let trigger = if !rule.auto_trigger {
        Trigger::NotAsked
    } else if reading.not_a_report {
        Trigger::NotAReport
    } else if reading.resolved {
        Trigger::Resolved
    } else if !asserted {
        if words.iter().any(|words| words.negated) { Trigger::Denied } else { Trigger::Question }
    } else if decisive || lists.len() >= 2 {
        Trigger::Triggers
    } else {
        Trigger::OneSign
    };
    Fired { rule, level, trigger, words }
}

/// What comes first: what triggers, then what is graver, then what more was said of.
fn rank(fired: &Fired<'_>) -> (bool, Severity, bool, usize, usize) {
    let triggers = fired.trigger == Trigger::Triggers;
    let first = fired.words.first().map_or(0, |words| words.start);
    (fired.words.iter().all(Words::in_doubt), fired.level, !triggers, usize::MAX - fired.words.len(), first)
}

fn step_up(level: Severity) -> Severity {
    match level {
        Severity::Emergency | Severity::Critical => Severity::Emergency,
        Severity::High | Severity::Unrated => Severity::Critical,
        Severity::Medium => Severity::High,
        Severity::Low => Severity::Medium,
    }
}

/// Whether two phrases share a word or stand side by side.
fn touches(one: &Hit, other: &Hit) -> bool {
    one.first <= other.last + 1 && other.first <= one.last + 1
}

/// Whether a word list of this language, as in its file name, is for reports in the language of this code.
fn speaks(file: &str, code: &str) -> bool {
    const CODES: [(&str, &str); 29] = [
        ("am", "amh"),
        ("ar", "ara"),
        ("bn", "ben"),
        ("bn-latn", "ben-Latn"),
        ("en", "eng"),
        ("es", "spa"),
        ("fr", "fra"),
        ("hi", "hin"),
        ("hi-latn", "hin-Latn"),
        ("hi-latn", "urd-Latn"),
        ("id", "ind"),
        ("id", "msa"),
        ("km", "khm"),
        ("lo", "lao"),
        ("ms", "msa"),
        ("ms", "ind"),
        ("my", "mya"),
        ("ne", "nep"),
        ("pt", "por"),
        ("ru", "rus"),
        ("si", "sin"),
        ("sw", "swa"),
        ("ta", "tam"),
        ("th", "tha"),
        ("tl", "tgl"),
        ("tr", "tur"),
        ("ur", "urd"),
        ("vi", "vie"),
        ("zh", "zho"),
    ];
    file == code || CODES.contains(&(file, code)) || (file == "zh" && code == "cmn") || (file == "tl" && code == "fil")
}
