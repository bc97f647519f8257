//! Finds a named field in a request body of any kind.

use serde_json::Value;

use super::preset::BodyKind;
use crate::verify::Verified;

/// The fields of one request.
pub(super) enum Fields {
    Pairs(Vec<(String, String)>),
    Json(Value),
}

impl Fields {
    /// Reads the body as `kind` says. `None` when it is something else.
    pub(super) fn read(kind: BodyKind, request: &Verified) -> Option<Self> {
        let query = || pairs(request.query().as_bytes());
        match kind {
            BodyKind::Query => Some(Self::Pairs(query()?)),
            BodyKind::Form => Some(Self::Pairs(pairs(request.body())?)),
            BodyKind::Json => json(request),
            BodyKind::Auto => {
                let body = request.body();
                if body.is_empty() {
                    return Some(Self::Pairs(query()?));
                }
                // Some gateways name no media type or a wrong one, so the first byte decides.
                if request.media_type().ends_with("json") || matches!(body.trim_ascii_start().first(), Some(b'{' | b'[')) {
                    return json(request);
                }
                let mut fields = pairs(body)?;
                fields.extend(query()?);
                Some(Self::Pairs(fields))
            }
        }
    }

    /// The value under the first of `names` that is there.
    pub(super) fn first(&self, names: &[String]) -> Option<String> {
        names.iter().find_map(|name| match self {
            Self::Pairs(pairs) => pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()),
            Self::Json(value) => at_path(value, name).and_then(scalar),
        })
    }
}

fn json(request: &Verified) -> Option<Fields> {
    // serde_json refuses nesting beyond 128 levels, so a bomb ends up in quarantine.
    serde_json::from_slice(request.body()).ok().filter(|value: &Value| value.is_object() || value.is_array()).map(Fields::Json)
}

/// Form fields; `None` when they are not UTF-8 after decoding, since a guess would spoil the words.
fn pairs(encoded: &[u8]) -> Option<Vec<(String, String)>> {
    let decoded: Vec<(String, String)> = form_urlencoded::parse(encoded).into_owned().collect();
    let spoiled = decoded.iter().any(|(_, value)| value.contains('\u{FFFD}'));
    let meant = encoded.windows(9).any(|bytes| bytes.eq_ignore_ascii_case(b"%EF%BF%BD"))
        || encoded.windows(3).any(|bytes| bytes == "\u{FFFD}".as_bytes());
    (!spoiled || meant).then_some(decoded)
}

/// Goes down a path such as `results[0].from.number`.
fn at_path<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, step| {
        let (name, index) = match step.split_once('[') {
            Some((name, rest)) => (name, Some(rest.strip_suffix(']')?.parse::<usize>().ok()?)),
            None => (step, None),
        };
        let value = if name.is_empty() { value } else { value.get(name)? };
        match index {
            Some(index) => value.get(index),
            None => Some(value),
        }
    })
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_goes_through_objects_and_lists() {
        let value: Value = serde_json::from_str(r#"{"results":[{"from":{"number":8450}}]}"#).expect("valid JSON");
        assert_eq!(at_path(&value, "results[0].from.number").and_then(scalar), Some("8450".to_owned()));
        assert_eq!(at_path(&value, "results[1].from"), None);
    }

    #[test]
    fn words_that_are_not_utf8_are_not_guessed() {
        assert!(pairs(b"text=caf%E9").is_none());
        assert!(pairs("text=caf%C3%A9".as_bytes()).is_some());
        assert!(pairs("text=%EF%BF%BD".as_bytes()).is_some());
    }
}
