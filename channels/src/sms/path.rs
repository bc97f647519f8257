//! Paths into a document: `results[*].from`, `to[0].number`, `message[?contentType=text/plain].value`.

use serde_json::Value;

/// A path, read once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path {
    /// As written: in a form the whole path is a field's name.
    written: String,
    steps: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Name(String),
    Index(usize),
    /// Every item of a list; something that is no list is a list of one.
    Each,
    /// Those items that have a value under a name, or this value.
    Having {
        name: String,
        value: Option<String>,
    },
}

impl Path {
    /// Reads a path. `None` when a bracket is not closed or holds something else than a number, `*` or `?name=value`.
    pub(super) fn parse(written: &str) -> Option<Self> {
        let mut steps = Vec::new();
        for word in split(written) {
            let (name, mut brackets) = word.find('[').map_or((word, ""), |at| word.split_at(at));
            if !name.is_empty() {
                steps.push(Step::Name(name.to_owned()));
            }
            while !brackets.is_empty() {
                let (inner, rest) = brackets.strip_prefix('[')?.split_once(']')?;
                steps.push(match (inner, inner.strip_prefix('?')) {
                    ("*", _) => Step::Each,
                    // A form field such as `mediaUrls[]`; in a document it is the whole list.
                    ("", _) => Step::Each,
                    (_, Some(condition)) => match condition.split_once('=') {
                        Some((name, value)) => Step::Having { name: name.to_owned(), value: Some(value.to_owned()) },
                        None => Step::Having { name: condition.to_owned(), value: None },
                    },
                    (number, None) => Step::Index(number.parse().ok()?),
                });
                brackets = rest;
            }
        }
        Some(Self { written: written.to_owned(), steps })
    }

    /// The path as it was written.
    pub(super) fn written(&self) -> &str {
        &self.written
    }

    /// Everything at the end of the path.
    pub(super) fn all<'v>(&self, value: &'v Value, fold_case: bool) -> Vec<&'v Value> {
        self.steps
            .iter()
            .fold(vec![value], |values, step| values.into_iter().flat_map(|value| step.take(value, fold_case)).collect())
    }
}

impl Path {
    /// Whether there is an empty list where the path looks for items.
    pub(super) fn has_list(&self, value: &Value, fold_case: bool) -> bool {
        let before = self.steps.iter().position(|step| matches!(step, Step::Each)).unwrap_or(self.steps.len());
        let parent = Self { written: String::new(), steps: self.steps[..before].to_vec() };
        parent.all(value, fold_case).iter().any(|value| value.as_array().is_some_and(Vec::is_empty))
    }
}

/// Splits at dots outside brackets: the value in `[?a=text/plain.x]` may have some.
fn split(written: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    written.split(move |character| {
        match character {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        character == '.' && depth == 0
    })
}

impl Step {
    fn take<'v>(&self, value: &'v Value, fold_case: bool) -> Vec<&'v Value> {
        match self {
            Self::Name(name) => named(value, name, fold_case).into_iter().collect(),
            Self::Index(at) => match value {
                Value::Array(list) => list.get(*at).into_iter().collect(),
                // One element of a document in XML is no list and still the first one.
                _ if *at == 0 => vec![value],
                _ => Vec::new(),
            },
            Self::Each => items(value),
            Self::Having { name, value: wanted } => items(value)
                .into_iter()
                .filter(|item| {
                    let found = named(item, name, fold_case).and_then(scalar);
                    match wanted {
                        Some(wanted) => found.as_ref() == Some(wanted),
                        None => found.is_some_and(|found| !found.is_empty()),
                    }
                })
                .collect(),
        }
    }
}

fn items(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(list) => list.iter().collect(),
        Value::Null => Vec::new(),
        single => vec![single],
    }
}

fn named<'v>(value: &'v Value, name: &str, fold_case: bool) -> Option<&'v Value> {
    let object = value.as_object()?;
    object.get(name).or_else(|| {
        fold_case.then(|| object.iter().find(|(key, _)| key.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value))?
    })
}

/// The text of a value, where it has one. An element in XML with attributes keeps its text under `#text`.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Object(object) => object.get("#text").and_then(scalar),
        Value::Null | Value::Array(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, expect: &[&str]) {
        let value: Value = serde_json::from_str(
            r#"{"results":[{"from":{"Number":8450}},{"from":{"Number":"x"}}],"one":{"a":1},
                "parts":[{"type":"text/plain","value":"hi"},{"type":"image/png","url":"u"}]}"#,
        )
        .expect("valid JSON");
        let found: Vec<String> = Path::parse(path).expect("a path").all(&value, true).into_iter().filter_map(scalar).collect();
        assert_eq!(found, expect, "{path}");
    }

    #[test]
    fn a_path_goes_through_objects_and_lists() {
        check("results[0].from.Number", &["8450"]);
        check("results[*].from.number", &["8450", "x"]);
        check("results[7].from", &[]);
        check("one[*].a", &["1"]);
        check("one[0].a", &["1"]);
        check("parts[?type=text/plain].value", &["hi"]);
        check("parts[?url].url", &["u"]);
    }

    #[test]
    fn a_broken_path_is_refused() {
        for broken in ["a[", "a[x]", "a[1"] {
            assert_eq!(Path::parse(broken), None, "{broken}");
        }
    }
}
