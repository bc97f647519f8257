//! A case's configuration as a channel's section, and the place of its request under that channel.

use serde_json::Value;
use toml::{Table, Value as Toml};

use crate::Case;

/// The channel of every case.
pub const CHANNEL: &str = "ch1";
/// The default of the recorded configurations, for providers that sign a time.
const USUAL_MAX_AGE_SECS: i64 = 300;

/// Where a provider keeps the secret that it signs with, in the words of the recorded configurations.
const SECRETS: [&str; 8] =
    ["auth_token", "signature_secret", "signing_key", "webhook_secret", "signing_secret", "secret", "password", "header_secret"];

/// A channel's section, and the files that hold its secrets.
pub struct Section {
    pub toml: String,
    pub files: Vec<(&'static str, String)>,
}

/// The channel that a case asks for.
pub fn section(case: &Case) -> Section {
    let mut channel = Table::new();
    let mut verify = Table::new();
    let mut message = Table::new();
    let mut files = Vec::new();
    let text = |key: &str| case.config.get(key).and_then(Value::as_str);
    channel.insert("kind".into(), "sms".into());
    channel.insert("preset".into(), case.provider.as_str().into());
    // Receipts are the gateway's own doing; the cases are about what the provider asks for.
    channel.insert("receipts".into(), "none".into());
    channel.insert("public_url".into(), public_url(case).into());
    if let Some(country) = text("country") {
        channel.insert("country".into(), country.into());
    }
    if let Some(secret) = SECRETS.iter().find_map(|key| text(key)) {
        let key =
            if ["twilio", "plivo", "signalwire"].contains(&case.provider.as_str()) { "auth_token_file" } else { "secret_file" };
        channel.insert(key.into(), "secret".into());
        files.push(("secret", secret.to_owned()));
    }
    if let Some(shared_key) = text("shared_key") {
        channel.insert("shared_key_file".into(), "shared-key".into());
        files.push(("shared-key", shared_key.to_owned()));
    }
    if let Some(public_key) = text("public_key") {
        channel.insert("public_key".into(), public_key.into());
    }
    if let Some(prefixes) = case.config.get("strip_text_prefixes").and_then(Value::as_array) {
        let prefixes = prefixes.iter().filter_map(Value::as_str).map(Toml::from).collect();
        channel.insert("strip_text".into(), Toml::Array(prefixes));
    }
    if text("sender_kind") == Some("opaque") {
        channel.insert("sender_is".into(), "account".into());
    }
    if let Some(method) = text("signature_method") {
        verify.insert("method".into(), method.into());
    }
    if ["android_sms_gateway"].contains(&case.provider.as_str()) || case.config.get("max_age_s").is_some() {
        let secs = case.config.get("max_age_s").and_then(Value::as_i64).unwrap_or(USUAL_MAX_AGE_SECS);
        verify.insert("max_age_secs".into(), secs.into());
    }
    if let Some(zone) = text("timezone") {
        message.insert("time".into(), Toml::Table(Table::from_iter([("zone".to_owned(), zone.into())])));
    }
    if let Some(fields) = case.config.get("fields").and_then(Value::as_object) {
        for (key, name) in fields.iter().filter_map(|(key, name)| Some((key.as_str(), name.as_str()?))) {
            match key {
                "secret" => drop(verify.insert("field".into(), name.into())),
                "time" => drop(message.insert("time".into(), Toml::Table(Table::from_iter([("path".to_owned(), name.into())])))),
                _ => drop(message.insert(key.to_owned(), name.into())),
            }
        }
    }
    if let Some(auth) = case.config.get("auth").and_then(Value::as_object) {
        for (key, value) in auth {
            let key = match key.as_str() {
                "kind" => "by",
                "alg" => "digest",
                "template" => "signed",
                "max_age_s" => "max_age_secs",
                key => key,
            };
            let value = match value {
                Value::String(value) if key == "by" => Toml::from(value.trim_end_matches("_secret")),
                Value::String(value) => Toml::from(value.as_str()),
                Value::Number(number) => Toml::from(number.as_i64().unwrap_or_default()),
                _ => continue,
            };
            verify.insert(key.to_owned(), value);
        }
        // The recorded recipes have no prefix unless they say so.
        if verify.get("by").and_then(Toml::as_str) == Some("hmac") && !verify.contains_key("prefix") {
            verify.insert("prefix".into(), "".into());
        }
    }
    for (key, table) in [("verify", verify), ("message", message)] {
        if !table.is_empty() {
            channel.insert(key.to_owned(), Toml::Table(table));
        }
    }
    let channels = Table::from_iter([(CHANNEL.to_owned(), Toml::Table(channel))]);
    let toml = Table::from_iter([("channels".to_owned(), Toml::Table(channels))]).to_string();
    Section { toml, files }
}

/// The address without its query that the provider has for this channel.
fn public_url(case: &Case) -> String {
    let configured = case.config.get("public_url").and_then(Value::as_str);
    let url = configured.unwrap_or_else(|| case.request.as_ref().map_or("", |request| &request.url));
    let bare = url.split('?').next().unwrap_or_default();
    match split_url(bare) {
        Some((before, _)) => before.to_owned(),
        None => bare.to_owned(),
    }
}

/// A recorded address before and behind the place that stands for the channel.
fn split_url(url: &str) -> Option<(&str, &str)> {
    let at = url.find("/in/")?;
    let end = url[at..].find("/ch1")? + at + "/ch1".len();
    Some(url.split_at(end))
}

/// The request's target at the gateway.
pub fn target(url: &str, secret: Option<&str>) -> String {
    let (path, query) = url.split_once('?').map_or((url, None), |(path, query)| (path, Some(query)));
    let suffix = split_url(path).map_or("", |(_, suffix)| suffix);
    let secret = secret.map(|secret| format!("/{secret}")).unwrap_or_default();
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    // Blanks cannot stand in a request's first line; whoever recorded them meant the escaped ones.
    let query = query.replace(' ', "%20");
    format!("/hooks/{CHANNEL}{secret}{suffix}{query}")
}
