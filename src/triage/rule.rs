//! One rule, read from one file.
//!
//! Strict: whatever is not understood is a problem, because a misspelt key would make a rule silent without a word.

mod reader;
mod when;

pub(super) use when::{Sight, When};

use std::collections::BTreeMap;

use super::problem::Problem;
use super::{Category, Severity};
use reader::Reader;

/// A rule.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub file: String,
    pub id: String,
    pub title: String,
    pub category: Category,
    pub level: Severity,
    /// Whether it may start mediation without anybody's word.
    pub auto_trigger: bool,
    /// Whether it only names a lane: it counts when no other rule fires.
    pub lane: bool,
    /// Words that belong to a report about one of these are not words of this rule: a dead fish is no accident at work.
    pub yields_to: Vec<Category>,
    pub when: When,
    /// Makes the level one step higher.
    pub raise: Option<When>,
    pub examples: Vec<Example>,
}

/// A text and what the rule must do with it.
#[derive(Debug, Clone)]
pub(super) struct Example {
    pub line: usize,
    pub text: String,
    pub expect: Expect,
    pub level: Option<Severity>,
}

/// What a rule does with an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expect {
    Fires,
    Silent,
    /// It fires, but a person must read first.
    HumanFirst,
}

const KEYS: [&str; 12] =
    ["id", "title", "why", "notes", "kind", "category", "level", "auto_trigger", "yields_to", "when", "raise", "example"];

/// Reads a rule; `lists` are the names of the word lists. Adds to `problems` whatever is wrong.
pub(super) fn read(file: &str, text: &str, lists: &BTreeMap<String, usize>, problems: &mut Vec<Problem>) -> Option<Rule> {
    let before = problems.len();
    let root = match toml::de::DeTable::parse(text) {
        Ok(root) => root,
        Err(error) => {
            let line = error.span().map(|span| super::problem::line_of(text, span.start));
            let advice = "this is not TOML; look for a missing quotation mark, bracket or equals sign".to_owned();
            problems.push(Problem { file: file.to_owned(), line, key: None, advice });
            return None;
        }
    };
    let root = root.into_inner();
    let mut reader = Reader { file, text, lists, problems };
    reader.only(&root, &KEYS);
    let id = reader.word(&root, "id");
    let title = reader.word(&root, "title");
    let level = reader.word(&root, "level").and_then(|level| reader.level(&root, &level));
    let lane = reader.lane(&root);
    let category = reader.category(&root);
    let auto_trigger = reader.flag(&root, "auto_trigger").unwrap_or(false);
    if auto_trigger && category.is_some_and(|category| !category.triggers_mediation()) {
        reader.wrong(
            reader.place(&root, "auto_trigger"),
            "auto_trigger",
            "only forced_labour, child_labour, pollution_environment and forced_relocation_land trigger by themselves; write false",
        );
    }
    if lane && level.is_some_and(|level| level != Severity::Low) {
        reader.wrong(reader.place(&root, "level"), "level", "a lane says only where a message goes; write \"low\"");
    }
    let yields_to = reader.categories(&root, "yields_to");
    let when = reader.condition(&root, "when");
    if when.is_none() {
        reader.wrong(None, "when", "is missing; write [when] with any, all or at_least over word lists");
    }
    let raise = reader.condition(&root, "raise");
    let examples = reader.examples(&root);
    let rule = Rule {
        file: file.to_owned(),
        id: id?,
        title: title?,
        category: category?,
        level: level?,
        auto_trigger,
        lane,
        yields_to,
        when: when?,
        raise,
        examples,
    };
    (problems.len() == before).then_some(rule)
}
