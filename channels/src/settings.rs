//! Reads a configuration table key by key and collects every problem, instead of stopping at the first.
//!
//! Values are never quoted in a problem: somebody may have written a secret into the wrong place.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use toml::{Table, Value};

/// One thing to put right in the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigProblem {
    /// The whole key, such as `channels.sms.preset`.
    pub key: String,
    /// What to write instead.
    pub advice: String,
}

impl fmt::Display for ConfigProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.key.is_empty() { formatter.write_str(&self.advice) } else { write!(formatter, "{}: {}", self.key, self.advice) }
    }
}

/// The environment, as a parameter.
pub type Environment = BTreeMap<String, String>;

/// One table of the configuration, being read.
pub struct Section<'a> {
    path: String,
    table: Option<&'a Table>,
    environment: &'a Environment,
    /// Files are looked for beside the configuration.
    base: &'a Path,
    seen: BTreeSet<String>,
    problems: Vec<ConfigProblem>,
}

impl<'a> Section<'a> {
    /// Starts at the root of a configuration.
    #[must_use]
    pub fn root(table: &'a Table, environment: &'a Environment, base: &'a Path) -> Self {
        Self { path: String::new(), table: Some(table), environment, base, seen: BTreeSet::new(), problems: Vec::new() }
    }

    /// Reads the table under `key` with `read`; a missing table gives the defaults.
    pub fn table<T>(&mut self, key: &str, read: impl FnOnce(&mut Section<'a>) -> T) -> T {
        self.seen.insert(key.to_owned());
        let table = match self.table.and_then(|table| table.get(key)) {
            Some(Value::Table(table)) => Some(table),
            Some(_) => {
                self.refuse(key, "must be a table: write [it] in square brackets");
                None
            }
            None => None,
        };
        let mut inner = Section { path: self.key(key), table, ..self.inner() };
        let value = read(&mut inner);
        self.problems.extend(inner.finish());
        value
    }

    /// The names of the tables in here.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.table.map(|table| table.keys().cloned().collect()).unwrap_or_default()
    }

    /// A string, or the default.
    pub fn text(&mut self, key: &str, default: &str) -> String {
        self.text_maybe(key).unwrap_or_else(|| default.to_owned())
    }

    /// A string that may be left out.
    pub fn text_maybe(&mut self, key: &str) -> Option<String> {
        if let Value::String(text) = self.take(key)? {
            return Some(text);
        }
        self.refuse(key, "must be a text in double quotes");
        None
    }

    /// A whole number within `range`, or the default.
    pub fn number(&mut self, key: &str, default: u64, range: std::ops::RangeInclusive<u64>) -> u64 {
        match self.take(key) {
            None => default,
            Some(Value::Integer(number)) if u64::try_from(number).is_ok_and(|number| range.contains(&number)) => {
                u64::try_from(number).unwrap_or(default)
            }
            Some(_) => {
                self.refuse(key, &format!("must be a whole number from {} to {}", range.start(), range.end()));
                default
            }
        }
    }

    /// A list of strings, or the default.
    pub fn texts(&mut self, key: &str, default: &[&str]) -> Vec<String> {
        match self.take(key) {
            None => default.iter().map(|text| (*text).to_owned()).collect(),
            Some(Value::Array(list)) if list.iter().all(Value::is_str) => {
                list.into_iter().filter_map(|value| value.as_str().map(str::to_owned)).collect()
            }
            Some(_) => {
                self.refuse(key, "must be a list of texts: [\"a\", \"b\"]");
                Vec::new()
            }
        }
    }

    /// A list of strings, or one string that stands for a list of one.
    pub fn texts_or_one(&mut self, key: &str) -> Vec<String> {
        if let Some(Value::String(text)) = self.table.and_then(|table| table.get(key))
            && !self.is_from_environment(key)
        {
            self.seen.insert(key.to_owned());
            return vec![text.clone()];
        }
        self.texts(key, &[])
    }

    /// Yes or no, or the default.
    pub fn flag(&mut self, key: &str, default: bool) -> bool {
        match self.take(key) {
            None => default,
            Some(Value::Boolean(value)) => value,
            Some(_) => {
                self.refuse(key, "must be true or false");
                default
            }
        }
    }

    /// Whether the file says anything under `key`.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.table.is_some_and(|table| table.contains_key(key))
    }

    /// A value whose shape the caller looks at.
    pub fn value(&mut self, key: &str) -> Option<Value> {
        self.take(key)
    }

    /// Reads each table of a list of tables.
    pub fn tables<T>(&mut self, key: &str, mut read: impl FnMut(&mut Section<'a>) -> T) -> Vec<T> {
        self.seen.insert(key.to_owned());
        let list = match self.table.and_then(|table| table.get(key)) {
            None => return Vec::new(),
            Some(Value::Array(list)) if list.iter().all(Value::is_table) => list,
            Some(_) => {
                self.refuse(key, "must be a list of tables: write [[it]] in double square brackets");
                return Vec::new();
            }
        };
        let mut values = Vec::new();
        for (at, table) in list.iter().enumerate() {
            let path = format!("{}[{at}]", self.key(key));
            let mut inner = Section { path, table: table.as_table(), ..self.inner() };
            values.push(read(&mut inner));
            self.problems.extend(inner.finish());
        }
        values
    }

    /// Reads this section once more with `under` below it: what it does not say, `under` says. Tables are laid over each
    /// other; every other value is taken whole.
    pub fn layered<T>(&mut self, under: &Table, read: impl FnOnce(&mut Section<'_>) -> T) -> T {
        let mut whole = under.clone();
        if let Some(own) = self.table {
            lay_over(&mut whole, own);
        }
        let mut inner = Section { path: self.path.clone(), table: Some(&whole), ..self.inner() };
        let value = read(&mut inner);
        let problems = inner.finish();
        self.problems.extend(problems);
        self.ignore_rest();
        value
    }

    /// Reads the table under `key`. Another value than a table stands for a table with that value under `word`.
    pub fn word_or_table<T>(&mut self, key: &str, word: &str, read: impl FnOnce(&mut Section<'_>) -> T) -> T {
        let table = match self.take(key) {
            None => Table::new(),
            Some(Value::Table(table)) => table,
            Some(value) => Table::from_iter([(word.to_owned(), value)]),
        };
        let mut inner = Section { path: self.key(key), table: Some(&table), ..self.inner() };
        let value = read(&mut inner);
        let problems = inner.finish();
        self.problems.extend(problems);
        value
    }

    fn inner<'b>(&self) -> Section<'b>
    where
        'a: 'b,
    {
        Section {
            path: String::new(),
            table: None,
            environment: self.environment,
            base: self.base,
            seen: BTreeSet::new(),
            problems: Vec::new(),
        }
    }

    /// One of several words.
    pub fn choice<T: Copy>(&mut self, key: &str, choices: &[(&str, T)], default: T) -> T {
        let Some(word) = self.text_maybe(key) else { return default };
        if let Some((_, value)) = choices.iter().find(|(name, _)| *name == word) {
            return *value;
        }
        let names: Vec<String> = choices.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        self.refuse(key, &format!("must be one of {}", names.join(", ")));
        default
    }

    /// A path, looked for beside the configuration file.
    pub fn path_maybe(&mut self, key: &str) -> Option<PathBuf> {
        self.text_maybe(key).map(|path| self.base.join(path))
    }

    /// A secret: from the file named by `<key>_file`, or from the environment, never from the configuration itself.
    /// A file may hold two lines while a secret is being changed; both are valid.
    pub fn secrets(&mut self, key: &str) -> Vec<SecretString> {
        if self.table.is_some_and(|table| table.contains_key(key)) {
            self.seen.insert(key.to_owned());
            let advice = format!(
                "a secret does not belong in this file: put it into a file and write {key}_file, or set {}",
                self.variable(key)
            );
            self.refuse(key, &advice);
        }
        let file_key = format!("{key}_file");
        let file = self.path_maybe(&file_key);
        let variable = self.variable(key);
        let from_environment = self.environment.get(&variable);
        let text = match (file, from_environment) {
            (Some(_), Some(_)) => {
                self.refuse(&file_key, &format!("set either this or {variable}, not both"));
                return Vec::new();
            }
            (Some(file), None) => {
                let Ok(text) = std::fs::read_to_string(&file) else {
                    self.refuse(&file_key, "the file cannot be read: check its name and who may read it");
                    return Vec::new();
                };
                text
            }
            (None, Some(value)) => value.clone(),
            (None, None) => return Vec::new(),
        };
        let secrets: Vec<SecretString> =
            text.lines().map(str::trim).filter(|line| !line.is_empty()).map(SecretString::from).collect();
        if secrets.is_empty() {
            self.refuse(&file_key, "there is no secret in it");
        }
        secrets
    }

    /// Whether the environment sets `key` of this section.
    #[must_use]
    pub fn is_from_environment(&self, key: &str) -> bool {
        self.environment.contains_key(&self.variable(key))
    }

    /// Lets every key pass that was not asked for: the section has a worse problem already.
    pub fn ignore_rest(&mut self) {
        let names = self.names();
        self.seen.extend(names);
    }

    /// Notes a problem with `key`.
    pub fn refuse(&mut self, key: &str, advice: &str) {
        self.problems.push(ConfigProblem { key: self.key(key), advice: advice.to_owned() });
    }

    /// The environment variable that sets `key` of this section.
    #[must_use]
    pub fn variable(&self, key: &str) -> String {
        format!("PMM__{}", self.key(key).replace('.', "__").replace('-', "_").to_uppercase())
    }

    /// All problems, those of keys that nobody asked for included.
    #[must_use]
    pub fn finish(mut self) -> Vec<ConfigProblem> {
        let known: Vec<String> = self.seen.iter().map(|key| format!("`{key}`")).collect();
        let unknown: Vec<String> = self.names().into_iter().filter(|key| !self.seen.contains(key)).collect();
        for key in unknown {
            self.refuse(&key, &format!("there is no such key here; known are {}", known.join(", ")));
        }
        self.problems
    }

    /// The value of a key: the environment's, else the file's.
    fn take(&mut self, key: &str) -> Option<Value> {
        self.seen.insert(key.to_owned());
        if let Some(text) = self.environment.get(&self.variable(key)) {
            let as_toml = format!("value = {text}");
            let parsed = toml::from_str::<Table>(&as_toml).ok().and_then(|table| table.get("value").cloned());
            return Some(parsed.unwrap_or_else(|| Value::String(text.clone())));
        }
        self.table.and_then(|table| table.get(key)).cloned()
    }

    fn key(&self, key: &str) -> String {
        if key.is_empty() {
            return self.path.clone();
        }
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }
}

/// Conditions are taken whole: half of one set and half of another would hold for nothing.
const WHOLE: [&str; 2] = ["when", "opted_out"];

fn lay_over(below: &mut Table, above: &Table) {
    for (key, value) in above {
        match (below.get_mut(key), value) {
            (Some(Value::Table(below)), Value::Table(above)) if !WHOLE.contains(&key.as_str()) => lay_over(below, above),
            _ => {
                below.insert(key.clone(), value.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, environment: &[(&str, &str)], expect: &[&str]) {
        let table: Table = text.parse().expect("valid TOML");
        let environment: Environment = environment.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
        let mut root = Section::root(&table, &environment, Path::new("."));
        root.number("n", 1, 1..=5);
        root.table("t", |section| section.secrets("token"));
        let problems: Vec<String> = root.finish().iter().map(ToString::to_string).collect();
        assert_eq!(problems.len(), expect.len(), "{problems:?}");
        for (problem, expected) in problems.iter().zip(expect) {
            assert!(problem.contains(expected), "{problem}");
            assert!(!problem.contains("hunter2"), "a value was quoted: {problem}");
        }
    }

    #[test]
    fn every_problem_is_named_at_once() {
        check(
            "n = 9\nx = 1\n[t]\ntoken = \"hunter2\"",
            &[],
            &["n: must be a whole number from 1 to 5", "t.token: a secret does not belong", "x: there is no such key"],
        );
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        check("n = 9", &[("PMM__N", "3")], &[]);
        check("", &[("PMM__N", "hunter2")], &["n: must be a whole number"]);
    }

    #[test]
    fn a_secret_in_two_places_is_refused() {
        check("[t]\ntoken_file = \"no-such-file\"", &[("PMM__T__TOKEN", "hunter2")], &["t.token_file: set either"]);
        check("[t]\ntoken_file = \"no-such-file\"", &[], &["t.token_file: the file cannot be read"]);
    }
}
