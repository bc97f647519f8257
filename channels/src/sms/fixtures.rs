//! Requests of each provider, as its documentation describes them, and what they say. People in them are invented.
//!
//! The files are in `channels/fixtures/sms/`, one for each preset; a preset without one fails.

use std::collections::BTreeMap;
use std::path::Path;

use axum::http::{HeaderMap, HeaderName, Method};
use bytes::Bytes;
use jiff::Timestamp;
use secrecy::SecretString;
use toml::{Table, Value};

use super::preset::{BUILT_IN, EventKind, Preset, State};
use super::read::{Reading, read};
use crate::settings::Section;
use crate::verify::{Unverified, Verified, Verifier};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/sms");

/// The request of a fixture, as if it had proved itself.
fn verified(case: &Table) -> Verified {
    let text = |key: &str| case.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut headers = HeaderMap::new();
    headers.insert("authorization", "Bearer s3".parse().expect("a header"));
    if case.contains_key("type") {
        headers.insert("content-type", text("type").parse().expect("a header"));
    }
    for (name, value) in case.get("headers").and_then(Value::as_table).into_iter().flatten() {
        let name: HeaderName = name.parse().expect("a header");
        headers.insert(name, value.as_str().expect("a text").parse().expect("a header"));
    }
    let method: Method = if case.contains_key("body") { Method::POST } else { Method::GET };
    let body = match case.get("hex") {
        Some(_) => hex::decode(text("hex")).expect("hexadecimal"),
        None => text("body").into_bytes(),
    };
    let verifier = Verifier::Secret { secrets: vec![SecretString::from("s3")] };
    Unverified::new(method, text("path"), text("query"), headers, Bytes::from(body))
        .verify(&verifier, "https://intake.example.org/hooks/x", Timestamp::UNIX_EPOCH)
        .expect("the secret is right")
}

/// What a request says, in the words of the fixtures.
fn said(reading: Option<Reading>) -> Table {
    let mut said = Table::new();
    let Some(reading) = reading else {
        said.insert("unread".into(), Value::Integer(1));
        return said;
    };
    let texts = |list: Vec<String>| Value::Array(list.into_iter().map(Value::String).collect());
    let mut put = |key: &str, list: Vec<String>| {
        if !list.is_empty() {
            said.insert(key.to_owned(), texts(list));
        }
    };
    put("sender", reading.messages.iter().map(|message| message.sender.clone()).collect());
    put("text", reading.messages.iter().map(|message| message.text.clone()).collect());
    put("id", reading.messages.iter().filter_map(|message| message.id.clone()).collect());
    put("to", reading.messages.iter().map(|message| message.recipient.clone()).filter(|to| !to.is_empty()).collect());
    put("at", reading.messages.iter().filter_map(|message| Some(message.sent_at?.to_string())).collect());
    let media = reading.messages.iter().flat_map(|message| &message.media);
    put("media", media.map(|media| media.url.clone().unwrap_or_else(|| "inline".to_owned())).collect());
    let parts = reading.messages.iter().filter_map(|message| message.part.as_ref());
    put("part", parts.map(|part| format!("{} {}/{}", part.reference, part.index + 1, part.total)).collect());
    let statuses = reading.statuses.iter();
    put(
        "status",
        statuses
            .map(|status| {
                let id = status.id.as_deref().or(status.reference.as_deref()).unwrap_or_default();
                let state = match status.state {
                    State::Wired => "wired",
                    State::Sent => "sent",
                    State::Delivered => "delivered",
                    State::Read => "read",
                    State::Failed => "failed",
                    State::Errored => "errored",
                };
                format!("{id} {state}")
            })
            .collect(),
    );
    put("opted_out", reading.statuses.iter().filter_map(|status| status.opted_out.clone()).collect());
    put(
        "event",
        reading
            .events
            .iter()
            .map(|event| {
                let kind = match event.kind {
                    EventKind::OptOut => "opt_out",
                    EventKind::Start => "start",
                    EventKind::Call => "call",
                    EventKind::Device => "device",
                };
                format!("{kind} {}", event.sender.as_deref().unwrap_or_default()).trim().to_owned()
            })
            .collect(),
    );
    if let Some(answer) = reading.poll {
        said.insert("poll".into(), Value::String(answer));
    }
    if reading.n_unread > 0 {
        said.insert("unread".into(), Value::Integer(i64::try_from(reading.n_unread).expect("few")));
    }
    said
}

/// One text or a list of them.
fn as_list(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::Array(vec![Value::String(text.clone())]),
        other => other.clone(),
    }
}

#[test]
fn every_provider_is_read_as_its_documentation_says() {
    for (name, preset) in BUILT_IN {
        let table: Table = preset.parse().expect("valid TOML");
        let environment = BTreeMap::new();
        let preset = Preset::read(&mut Section::root(&table, &environment, Path::new(".")));
        let file = std::fs::read_to_string(format!("{FOLDER}/{name}.toml")).unwrap_or_else(|_| panic!("{name} has no fixtures"));
        let fixtures: Table = file.parse().unwrap_or_else(|_| panic!("the fixtures of {name} are valid TOML"));
        let cases = fixtures.get("case").and_then(Value::as_array).unwrap_or_else(|| panic!("{name} has fixtures"));
        for case in cases.iter().filter_map(Value::as_table) {
            let title = case.get("is").and_then(Value::as_str).expect("a fixture says what it is");
            let reading = said(read(&preset, &verified(case)));
            let expected = case.get("says").and_then(Value::as_table).expect("a fixture says what it says");
            for (key, value) in expected {
                let is_list = reading.get(key).is_some_and(Value::is_array);
                let wanted = if is_list { as_list(value) } else { value.clone() };
                assert_eq!(reading.get(key), Some(&wanted), "{name}: {title}: {key}; it says {reading}");
            }
            for key in ["sender", "status", "event", "poll", "unread", "part", "opted_out"] {
                assert_eq!(reading.contains_key(key), expected.contains_key(key), "{name}: {title}: {key}; it says {reading}");
            }
        }
    }
}
