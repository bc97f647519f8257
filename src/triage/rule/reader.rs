//! Reads the keys of a rule file and says of each wrong one where it stands and what to write.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::when::{QUESTION_MARK, When};
use super::{Example, Expect};
use crate::triage::problem::{Problem, line_of};
use crate::triage::{Category, Severity};

type Value<'a> = Spanned<DeValue<'a>>;

pub(super) struct Reader<'a> {
    pub file: &'a str,
    pub text: &'a str,
    pub lists: &'a BTreeMap<String, usize>,
    pub problems: &'a mut Vec<Problem>,
}

impl Reader<'_> {
    pub fn wrong(&mut self, place: Option<Range<usize>>, key: &str, advice: impl Into<String>) {
        let line = place.map(|place| line_of(self.text, place.start));
        self.problems.push(Problem { file: self.file.to_owned(), line, key: Some(key.to_owned()), advice: advice.into() });
    }

    pub fn place(table: &DeTable<'_>, key: &str) -> Option<Range<usize>> {
        table.iter().find(|(name, _)| name.get_ref().as_ref() == key).map(|(name, _)| name.span())
    }

    pub fn only(&mut self, table: &DeTable<'_>, keys: &[&str]) {
        for name in table.keys() {
            if !keys.contains(&name.get_ref().as_ref()) {
                self.wrong(Some(name.span()), name.get_ref(), format!("is not known here; known are {}", keys.join(", ")));
            }
        }
    }

    /// A text that must be there.
    pub fn word(&mut self, table: &DeTable<'_>, key: &str) -> Option<String> {
        match table.get(key).map(|value| (value.get_ref().as_str(), value.span())) {
            Some((Some(word), _)) if !word.trim().is_empty() => Some(word.to_owned()),
            Some((_, span)) => {
                self.wrong(Some(span), key, "write a text in quotation marks");
                None
            }
            None => {
                self.wrong(None, key, format!("is missing; write {key} = \"…\""));
                None
            }
        }
    }

    pub fn flag(&mut self, table: &DeTable<'_>, key: &str) -> Option<bool> {
        let value = table.get(key)?;
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.wrong(Some(value.span()), key, "write true or false, without quotation marks");
        }
        flag
    }

    pub fn level(&mut self, table: &DeTable<'_>, word: &str) -> Option<Severity> {
        let level = Severity::parse(word).filter(|level| *level != Severity::Unrated);
        if level.is_none() {
            self.wrong(Self::place(table, "level"), "level", "write emergency, critical, high, medium or low");
        }
        level
    }

    pub fn lane(&mut self, table: &DeTable<'_>) -> bool {
        let Some(value) = table.get("kind") else { return false };
        let lane = value.get_ref().as_str() == Some("lane");
        if !lane {
            self.wrong(Some(value.span()), "kind", "write \"lane\", or leave the key out");
        }
        lane
    }

    pub fn category(&mut self, table: &DeTable<'_>) -> Option<Category> {
        let word = self.word(table, "category")?;
        let category = Category::parse(&word);
        if category.is_none() {
            self.wrong(Self::place(table, "category"), "category", known_categories());
        }
        category
    }

    pub fn categories(&mut self, table: &DeTable<'_>, key: &str) -> Vec<Category> {
        let Some(value) = table.get(key) else { return Vec::new() };
        let mut categories = Vec::new();
        for item in self.items(value, key) {
            match item.get_ref().as_str().and_then(Category::parse) {
                Some(category) => categories.push(category),
                None => self.wrong(Some(item.span()), key, known_categories()),
            }
        }
        categories
    }

    fn items<'v, 'i>(&mut self, value: &'v Value<'i>, key: &str) -> &'v [Value<'i>] {
        let items = value.get_ref().as_array().map_or(&[][..], |items| &**items);
        if items.is_empty() {
            self.wrong(Some(value.span()), key, "write a list in square brackets with at least one entry");
        }
        items
    }

    pub fn condition(&mut self, table: &DeTable<'_>, key: &str) -> Option<When> {
        let value = table.get(key)?;
        let Some(node) = value.get_ref().as_table() else {
            self.wrong(Some(value.span()), key, format!("write it as a section: [{key}]"));
            return None;
        };
        self.node(node, value.span(), 1)
    }

    fn node(&mut self, node: &DeTable<'_>, span: Range<usize>, depth: usize) -> Option<When> {
        self.only(node, &["any", "all", "near", "at_least", "of", "none"]);
        if depth > 4 {
            self.wrong(Some(span), "when", "is nested too deeply; make a second rule");
            return None;
        }
        let mut when = When::default();
        for (key, into) in [("any", &mut when.any), ("all", &mut when.all), ("of", &mut when.of), ("none", &mut when.none)] {
            let Some(value) = node.get(key) else { continue };
            for item in self.items(value, key) {
                into.extend(self.leaf(item, key, depth));
            }
        }
        when.near = self.count(node, "near");
        when.at_least = self.count(node, "at_least");
        if when.at_least.is_some() == when.of.is_empty() {
            self.wrong(Some(span.clone()), "at_least", "at_least and of belong together: at_least = 2, of = [\"…\", \"…\"]");
        }
        if when.at_least.is_some_and(|least| least > when.of.len()) {
            self.wrong(Self::place(node, "at_least"), "at_least", "asks for more than `of` holds; write a smaller number");
        }
        if when.near.is_some() && when.all.is_empty() {
            self.wrong(Self::place(node, "near"), "near", "belongs to `all`; write it beside all = [\"…\", \"…\"]");
        }
        if when.any.is_empty() && when.all.is_empty() && when.of.is_empty() {
            self.wrong(Some(span), "when", "says nothing that makes it true; write any, all or at_least");
            return None;
        }
        Some(when)
    }

    fn leaf(&mut self, item: &Value<'_>, key: &str, depth: usize) -> Option<When> {
        match item.get_ref() {
            DeValue::String(name) if name == QUESTION_MARK => Some(When { question_mark: true, ..When::default() }),
            DeValue::String(name) => {
                let list = self.lists.get(name.as_ref()).copied();
                if list.is_none() {
                    self.wrong(
                        Some(item.span()),
                        key,
                        format!("there is no word list `{name}`; write words/{name}.en.txt or correct the name"),
                    );
                }
                if key == "none" && name == "cue-negation" {
                    self.wrong(
                        Some(item.span()),
                        key,
                        "bare words of denial may not silence a rule, most reports hold some; take it away",
                    );
                }
                list.map(|list| When { list: Some(list), ..When::default() })
            }
            DeValue::Table(node) => self.node(node, item.span(), depth + 1),
            _ => {
                self.wrong(Some(item.span()), key, "write the name of a word list in quotation marks, or { all = [\"…\"] }");
                None
            }
        }
    }

    fn count(&mut self, table: &DeTable<'_>, key: &str) -> Option<usize> {
        let value = table.get(key)?;
        let count =
            value.get_ref().as_integer().and_then(|number| number.as_str().parse().ok()).filter(|count| (1..=50).contains(count));
        if count.is_none() {
            self.wrong(Some(value.span()), key, "write a number from 1 to 50");
        }
        count
    }

    pub fn examples(&mut self, table: &DeTable<'_>) -> Vec<Example> {
        let mut examples = Vec::new();
        let Some(value) = table.get("example") else {
            self.wrong(None, "example", "is missing; write at least two that fire and two that are silent");
            return examples;
        };
        for item in self.items(value, "example") {
            let Some(table) = item.get_ref().as_table() else {
                self.wrong(Some(item.span()), "example", "write it as a section: [[example]]");
                continue;
            };
            self.only(table, &["text", "expect", "level"]);
            let text = self.word(table, "text");
            let expect = match self.word(table, "expect").as_deref() {
                Some("fires") => Some(Expect::Fires),
                Some("silent") => Some(Expect::Silent),
                Some("human-first") => Some(Expect::HumanFirst),
                Some(_) => {
                    self.wrong(Self::place(table, "expect"), "expect", "write \"fires\", \"silent\" or \"human-first\"");
                    None
                }
                None => None,
            };
            let level = table.get("level").and_then(|level| level.get_ref().as_str()).map(str::to_owned);
            let level = level.and_then(|level| self.level(table, &level));
            let line = line_of(self.text, Self::place(table, "text").map_or(item.span().start, |place| place.start));
            if let (Some(text), Some(expect)) = (text, expect) {
                examples.push(Example { line, text, expect, level });
            }
        }
        for (least, expect, advice) in [
            (2, [Expect::Fires, Expect::HumanFirst], "too few that fire; write at least two with expect = \"fires\""),
            (2, [Expect::Silent, Expect::Silent], "too few that are silent; write at least two with expect = \"silent\""),
        ] {
            if examples.iter().filter(|example| expect.contains(&example.expect)).count() < least {
                self.wrong(Self::place(table, "example"), "example", advice);
            }
        }
        examples
    }
}

fn known_categories() -> String {
    let words: Vec<&str> = Category::ALL.iter().map(|category| category.as_str()).collect();
    format!("is no category; write one of {}", words.join(", "))
}
