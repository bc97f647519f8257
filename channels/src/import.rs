//! One JSON line of `pmm-gateway process`, and later of imports, made into an [`Inbound`].
//!
//! ```json
//! {"id":"1","channel":"sms","from":"+84905550123","name":"Lan","text":"…","hints":{"language":"vi","site":"HN-07"}}
//! {"id":"2","channel":"email","eml":"path/to/message.eml"}
//! ```
//!
//! An identity is born here too, so the parser lives in this crate. Errors name fields and never values.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::identity::{Identity, KnownKind};
use crate::inbound::{ChannelName, DeliveryId, Hints, Inbound, Medium, RawText, SiteCode};

/// The longest text of one line, in bytes; the web form takes far less.
const MAX_TEXT_BYTES: usize = 1 << 20;
/// The longest mail file, in bytes.
#[cfg(feature = "email")]
const MAX_MAIL_BYTES: u64 = 25 << 20;

/// A line that could be read.
pub struct Line {
    /// The line's own id, handed back with the answer.
    pub id: String,
    /// The report.
    pub inbound: Inbound,
    /// What kind of mail it is; `None` for everything that is not a mail.
    pub mail: Option<MailKind>,
}

/// What kind of mail it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MailKind {
    /// Somebody writes for the first time.
    Direct,
    /// Somebody answers.
    Reply,
    /// Somebody hands on another's mail.
    Forward,
    /// A machine answers.
    Auto,
    /// A mail that could not be delivered comes back.
    Bounce,
}

/// A line that could not be read.
#[derive(Debug)]
pub struct LineError {
    /// The line's id, where it has one.
    pub id: Option<String>,
    /// What to put right.
    pub problem: Problem,
}

/// What is wrong with a line, in words that hold nothing of the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem(String);

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LineRecord {
    id: String,
    #[serde(default)]
    channel: Option<Medium>,
    #[serde(default)]
    from: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    subject: Option<String>,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    eml: Option<String>,
    #[serde(default)]
    hints: HintsRecord,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct HintsRecord {
    language: Option<String>,
    country: Option<String>,
    site: Option<String>,
}

/// Reads one line.
///
/// # Errors
/// [`LineError`] says which field to put right.
pub fn read_line(line: &str, now: Timestamp) -> Result<Line, LineError> {
    let record: LineRecord = serde_json::from_str(line).map_err(|_| diagnose(line))?;
    let refuse = |id: String, problem: &str| LineError { id: Some(id), problem: Problem(problem.to_owned()) };
    let medium = record.channel.unwrap_or(if record.eml.is_some() { Medium::Email } else { Medium::Web });
    let hints = Hints {
        language: record.hints.language,
        country: record.hints.country,
        site: record.hints.site.as_deref().and_then(SiteCode::parse),
    };
    match (record.text, record.eml) {
        (Some(_), Some(_)) => Err(refuse(record.id, "give either `text` or `eml`, not both")),
        (None, None) => Err(refuse(record.id, "`text` (or `eml`, the path of a mail) is missing")),
        (Some(text), None) if text.len() > MAX_TEXT_BYTES => Err(refuse(record.id, "`text` is longer than 1 MiB; split it")),
        (Some(text), None) => {
            let mut identity = sender(medium, record.from.as_deref(), hints.country.as_deref(), &record.id);
            if let Some(name) = &record.name {
                identity.also(KnownKind::Name, name);
            }
            let inbound = Inbound {
                channel: process_channel(),
                medium,
                delivery: DeliveryId::new(record.id.clone()),
                received_at: now,
                identity,
                subject: record.subject.map(RawText::new),
                text: RawText::new(text),
                hints,
                part: None,
                attached: Vec::new(),
            };
            Ok(Line { id: record.id, inbound, mail: None })
        }
        #[cfg(feature = "email")]
        (None, Some(path)) => read_mail_line(record.id, &path, hints, record.from.as_deref(), record.name.as_deref(), now),
        #[cfg(not(feature = "email"))]
        (None, Some(_)) => Err(refuse(record.id, "this build reads no mail; give `text`")),
    }
}

#[cfg(feature = "email")]
fn read_mail_line(
    id: String,
    path: &str,
    hints: Hints,
    from: Option<&str>,
    name: Option<&str>,
    now: Timestamp,
) -> Result<Line, LineError> {
    let refuse = |problem: &str| LineError { id: Some(id.clone()), problem: Problem(problem.to_owned()) };
    let size = std::fs::metadata(path).map_err(|_| refuse("the file named by `eml` cannot be opened"))?.len();
    if size > MAX_MAIL_BYTES {
        return Err(refuse("the mail named by `eml` is larger than 25 MiB"));
    }
    let bytes = std::fs::read(path).map_err(|_| refuse("the file named by `eml` cannot be read"))?;
    let mail = crate::email::read(&bytes).map_err(|error| refuse(&error.to_string()))?;
    let mut identity = mail.identity;
    if let Some(from) = from {
        identity.also(KnownKind::Email, &from.to_lowercase());
    }
    if let Some(name) = name {
        identity.also(KnownKind::Name, name);
    }
    let inbound = Inbound {
        channel: process_channel(),
        medium: Medium::Email,
        delivery: DeliveryId::new(id.clone()),
        received_at: now,
        identity,
        subject: mail.subject,
        text: mail.text,
        hints,
        part: None,
        attached: Vec::new(),
    };
    Ok(Line { id, inbound, mail: Some(mail.kind) })
}

fn process_channel() -> ChannelName {
    ChannelName::parse("process").expect("a valid channel name")
}

/// The identity behind `from`: a number, a mail address or an account, judged by channel and shape.
fn sender(medium: Medium, from: Option<&str>, country: Option<&str>, unique: &str) -> Identity {
    let Some(from) = from.map(str::trim).filter(|from| !from.is_empty()) else {
        return Identity::nobody(unique);
    };
    match medium {
        Medium::Sms | Medium::Call => Identity::phone(from, country),
        Medium::Email => Identity::email(from),
        Medium::Telegram | Medium::Web | Medium::Partner | Medium::Feed => address_or_account(from, country),
    }
}

/// An address as somebody typed it, without saying what it is.
pub(crate) fn address_or_account(written: &str, country: Option<&str>) -> Identity {
    let n_digits = written.chars().filter(|character| crate::phone::digit_of(*character).is_some()).count();
    let n_letters = written.chars().filter(|character| character.is_alphabetic()).count();
    if written.contains('@') && !written.starts_with('@') {
        Identity::email(written)
    } else if n_digits >= 7 && n_letters == 0 {
        Identity::phone(written, country)
    } else {
        Identity::account(written)
    }
}

/// Says what is wrong with a line that did not fit, without quoting it.
fn diagnose(line: &str) -> LineError {
    let problem = |id: Option<String>, text: String| LineError { id, problem: Problem(text) };
    let Ok(Value::Object(object)) = serde_json::from_str::<Value>(line) else {
        return problem(None, "the line is not one JSON object".to_owned());
    };
    let id = object.get("id").and_then(Value::as_str).map(str::to_owned);
    if id.is_none() {
        return problem(None, "`id` is missing or is not a string".to_owned());
    }
    for field in ["from", "name", "subject", "text", "eml"] {
        if object.get(field).is_some_and(|value| !value.is_string() && !value.is_null()) {
            return problem(id, format!("`{field}` must be a string"));
        }
    }
    if object.get("channel").is_some_and(|value| serde_json::from_value::<Medium>(value.clone()).is_err()) {
        return problem(id, "`channel` must be one of sms, telegram, email, web, call, partner, feed".to_owned());
    }
    if object.get("hints").is_some_and(|value| serde_json::from_value::<HintsRecord>(value.clone()).is_err()) {
        return problem(id, "`hints` takes the strings `language`, `country` and `site`".to_owned());
    }
    problem(id, "there is an unknown or repeated key; known are id, channel, from, name, subject, text, eml, hints".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(line: &str) -> String {
        read_line(line, Timestamp::UNIX_EPOCH).err().expect("the line is refused").problem.to_string()
    }

    #[test]
    fn a_bad_line_is_explained_without_being_quoted() {
        for (line, expected) in [
            ("{\"id\":\"1\",\"text\":7}", "`text` must be a string"),
            ("{\"id\":\"1\"}", "`text` (or `eml`, the path of a mail) is missing"),
            ("{\"text\":\"+15550100\"}", "`id` is missing or is not a string"),
            ("{\"id\":\"1\",\"text\":\"x\",\"+15550100\":1}", "there is an unknown"),
            ("{\"id\":\"1\",\"text\":\"x\",\"channel\":\"+15550100\"}", "`channel` must be"),
            ("+15550100", "not one JSON object"),
        ] {
            let problem = problem(line);
            assert!(problem.contains(expected), "{problem}");
            assert!(!problem.contains("555"), "the line was quoted: {problem}");
        }
    }

    #[test]
    fn the_same_sender_has_the_same_pseudonym() {
        let key = crate::PseudonymKey::new([1; 32]);
        let of = |line: &str| read_line(line, Timestamp::UNIX_EPOCH).expect("the line is good").inbound.pseudonym(&key);
        let first = of(r#"{"id":"1","channel":"sms","from":"+84 90 555 0123","text":"a"}"#);
        let second = of(r#"{"id":"2","channel":"sms","from":"84905550123","text":"b"}"#);
        let nobody = of(r#"{"id":"3","channel":"sms","text":"b"}"#);
        assert_eq!(first, second);
        assert_ne!(first, nobody);
    }
}
