//! Sends a text message by a provider's API, as its preset says. The only place where an opened number meets the network.
//!
//! What is sent is a template, so that a provider needs no code. Placeholders are escaped for the place they stand in.

use std::time::Duration;

use reqwest::{Client, Method, Response, StatusCode, redirect};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::path::{Path, scalar};
use crate::channel::{ChannelError, SentId};
use crate::segments::{Alphabet, cost};
use crate::settings::Section;

const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);
/// A provider's answer is a few lines; more is read by nobody.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// How a channel sends.
#[derive(Debug)]
pub(super) struct SendConfig {
    method: Method,
    url: String,
    content_type: String,
    body: String,
    auth: Auth,
    headers: Vec<(String, String)>,
    api_url: String,
    account: String,
    from: String,
    secret: Option<SecretString>,
    id: Option<Path>,
    codes: Option<Codes>,
    /// Whether the provider takes a message that it already has for the same one.
    pub(super) knows_own_id: bool,
    /// The shortest time between two messages.
    pub(super) pause: Duration,
}

/// How the secret goes along.
#[derive(Debug, Clone)]
enum Auth {
    None,
    /// `account:secret`.
    Basic,
    /// The secret as user name.
    Key,
    /// A word and the secret, such as `Bearer`.
    Word(String),
    /// The bare secret in a header.
    Header(String),
}

/// A code in the answer's body that says more than the status.
#[derive(Debug)]
struct Codes {
    path: Path,
    words: Vec<(String, Outcome)>,
    other: Outcome,
}

/// What a code means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// As the HTTP status says.
    AsStatus,
    Sent,
    Busy,
    OptedOut,
    Failed,
}

const OUTCOMES: [(&str, Outcome); 4] =
    [("sent", Outcome::Sent), ("busy", Outcome::Busy), ("opted_out", Outcome::OptedOut), ("failed", Outcome::Failed)];

impl SendConfig {
    /// Reads `[send]`. `None` when the channel's section sets nothing up.
    pub(super) fn read(section: &mut Section<'_>, signing: &[SecretString]) -> Option<Self> {
        section.table("send", |section| {
            let url = section.text_maybe("url");
            let (api_url, account, from) =
                (section.text_maybe("api_url"), section.text_maybe("account"), section.text_maybe("from"));
            let own_secret = section.secrets("secret").into_iter().next();
            let is_set_up = account.is_some() || from.is_some() || own_secret.is_some();
            let method = section.choice("method", &[("POST", false), ("GET", true)], false);
            let header = section.text("header", "authorization");
            let auth = match section.text("auth", "none").as_str() {
                "none" => Auth::None,
                "basic" => Auth::Basic,
                "key" => Auth::Key,
                "bearer" => Auth::Word("Bearer".to_owned()),
                "header" => Auth::Header(header),
                word => Auth::Word(word.to_owned()),
            };
            let headers = match section.value("headers") {
                None => Vec::new(),
                Some(toml::Value::Table(table)) => {
                    table.iter().filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
                }
                Some(_) => {
                    section.refuse("headers", "must be a table of texts");
                    Vec::new()
                }
            };
            let codes = section.has("codes").then(|| section.table("codes", Codes::read)).flatten();
            let id = section.text_maybe("id").and_then(|path| Path::parse(&path));
            let per_minute = section.number("per_minute", 60, 1..=60_000);
            let config = Self {
                method: if method { Method::GET } else { Method::POST },
                url: url.clone().unwrap_or_default(),
                content_type: section.text("type", "application/x-www-form-urlencoded"),
                body: section.text("body", ""),
                auth,
                headers,
                api_url: api_url.clone().unwrap_or_default().trim_end_matches('/').to_owned(),
                account: account.clone().unwrap_or_default(),
                from: from.clone().unwrap_or_default(),
                secret: own_secret.or_else(|| signing.first().cloned()),
                id,
                codes,
                knows_own_id: section.flag("knows_own_id", false),
                pause: Duration::from_millis(60_000 / per_minute),
            };
            url?;
            let uses = |name: &str| config.url.contains(name) || config.body.contains(name);
            let needs_account = uses("{account}") || matches!(config.auth, Auth::Basic);
            // A plain post, as the generic preset has it, needs an address and nothing else.
            if !is_set_up && (needs_account || uses("{from}") || uses("{api_url}") || uses("{secret}")) {
                return None;
            }
            let missing = [
                ("account", needs_account && account.is_none(), "is missing: the provider's console shows it"),
                ("from", uses("{from}") && from.is_none(), "is missing: write the number or name that messages are sent from"),
                ("api_url", uses("{api_url}") && api_url.is_none(), "is missing: write where the provider's API is"),
                (
                    "secret_file",
                    uses("{secret}") && config.secret.is_none(),
                    "is missing: write the name of a file that holds the API's secret",
                ),
            ];
            for (key, _, advice) in missing.iter().filter(|(_, is_missing, _)| *is_missing) {
                section.refuse(key, advice);
            }
            Some(config)
        })
    }
}

impl Codes {
    fn read(section: &mut Section<'_>) -> Option<Self> {
        let path = section.text("path", "");
        let other = section.choice("other", &OUTCOMES, Outcome::AsStatus);
        let words = match section.value("words") {
            Some(toml::Value::Table(table)) => table
                .iter()
                .map(|(word, outcome)| {
                    let outcome = OUTCOMES.iter().find(|(name, _)| Some(*name) == outcome.as_str());
                    outcome.map(|(_, outcome)| (word.clone(), *outcome))
                })
                .collect::<Option<Vec<_>>>(),
            None => Some(Vec::new()),
            Some(_) => None,
        };
        let Some(words) = words else {
            section.refuse("words", "must be a table of codes, each with one of sent, busy, opted_out, failed");
            return None;
        };
        Some(Self { path: Path::parse(&path)?, words, other })
    }
}

/// A message on its way out.
pub(super) struct Outgoing<'m> {
    /// The number, E.164 where it is one.
    pub(super) to: &'m str,
    pub(super) text: &'m str,
    /// Our own name for it.
    pub(super) own_id: &'m str,
    /// Where the provider shall tell what became of it.
    pub(super) callback: &'m str,
}

/// A channel's way out.
pub(super) struct Sender {
    pub(super) config: SendConfig,
    client: Client,
}

/// How a placeholder's value is written where it stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Json,
    Url,
    Plain,
}

impl Sender {
    pub(super) fn new(config: SendConfig) -> Self {
        let client = Client::builder()
            .timeout(ANSWER_TIMEOUT)
            .redirect(redirect::Policy::none())
            .build()
            .expect("an HTTP client needs nothing but the TLS provider that main installs");
        Self { config, client }
    }

    pub(super) async fn send(&self, message: &Outgoing<'_>) -> Result<SentId, ChannelError> {
        let config = &self.config;
        let place = match config.content_type.split(';').next().unwrap_or_default() {
            kind if kind.ends_with("json") => Place::Json,
            "application/x-www-form-urlencoded" => Place::Url,
            _ => Place::Plain,
        };
        // The address of the API is a part of the address and stays as it is.
        let url = self.fill(&config.url.replace("{api_url}", &config.api_url), message, Place::Url);
        let mut request = self.client.request(config.method.clone(), url);
        if config.method == Method::POST {
            request = request.header("content-type", &config.content_type).body(self.fill(&config.body, message, place));
        }
        for (name, value) in &config.headers {
            request = request.header(name, value);
        }
        let secret = config.secret.as_ref().map(ExposeSecret::expose_secret);
        request = match (&config.auth, secret) {
            (Auth::Basic, secret) => request.basic_auth(&config.account, secret),
            (Auth::Key, Some(secret)) => request.basic_auth(secret, None::<&str>),
            (Auth::Word(word), Some(secret)) => request.header("authorization", format!("{word} {secret}")),
            (Auth::Header(name), Some(secret)) => request.header(name, secret),
            (Auth::None, _) | (Auth::Key | Auth::Word(_) | Auth::Header(_), None) => request,
        };
        // The library's own error would name the address of the request; only its kind goes on.
        match request.send().await {
            Ok(answer) => self.read(answer).await,
            Err(error) if error.is_connect() || error.is_builder() => Err(ChannelError::Unreachable),
            // The request may have arrived.
            Err(_) => Err(ChannelError::Unsure),
        }
    }

    async fn read(&self, mut answer: Response) -> Result<SentId, ChannelError> {
        let status = answer.status();
        let wait = answer.headers().get("retry-after").and_then(|value| value.to_str().ok()?.trim().parse::<u64>().ok());
        let mut body = Vec::new();
        while body.len() < MAX_ANSWER_BYTES {
            match answer.chunk().await {
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) | Err(_) => break,
            }
        }
        let document: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
        let at = |path: &Path| path.all(&document, false).into_iter().find_map(scalar);
        let outcome = self.config.codes.as_ref().map_or(Outcome::AsStatus, |codes| {
            let code = at(&codes.path);
            let known = codes.words.iter().find(|(word, _)| Some(word) == code.as_ref());
            match (known, status.is_success()) {
                (Some((_, outcome)), _) => *outcome,
                (None, true) => codes.other,
                (None, false) => Outcome::AsStatus,
            }
        });
        let busy = || ChannelError::Busy { wait_secs: wait.map(|secs| secs.min(86_400)) };
        match outcome {
            Outcome::OptedOut => Err(ChannelError::OptedOut),
            Outcome::Busy => Err(busy()),
            Outcome::Failed => Err(ChannelError::Refused { status: status.as_u16() }),
            Outcome::Sent | Outcome::AsStatus if status.is_success() => Ok(SentId(self.config.id.as_ref().and_then(at))),
            Outcome::Sent | Outcome::AsStatus => match status {
                StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => Err(busy()),
                status => Err(ChannelError::Refused { status: status.as_u16() }),
            },
        }
    }

    /// Puts the values into a template. Values are put in one pass: none of them is looked at for placeholders.
    fn fill(&self, template: &str, message: &Outgoing<'_>, place: Place) -> String {
        let mut filled = String::with_capacity(template.len() + message.text.len());
        let mut rest = template;
        while let Some(start) = rest.find('{') {
            let (before, from_brace) = rest.split_at(start);
            filled.push_str(before);
            let end = from_brace.find('}').unwrap_or(from_brace.len() - 1);
            let name = from_brace.get(1..end).unwrap_or_default();
            match self.value(name, message) {
                Some(value) => {
                    filled.push_str(&written(&value, place));
                    rest = &from_brace[end + 1..];
                }
                // A brace of the template's own, as in JSON.
                None => {
                    filled.push('{');
                    rest = &from_brace[1..];
                }
            }
        }
        filled + rest
    }

    fn value(&self, name: &str, message: &Outgoing<'_>) -> Option<String> {
        let config = &self.config;
        Some(match name {
            "to" => message.to.to_owned(),
            "digits" => message.to.trim_start_matches('+').to_owned(),
            "text" => message.text.to_owned(),
            "utf16_hex" => hex::encode(message.text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>()),
            "own_id" => message.own_id.to_owned(),
            "callback" => message.callback.to_owned(),
            "account" => config.account.clone(),
            "from" => config.from.clone(),
            "secret" => config.secret.as_ref().map(|secret| secret.expose_secret().to_owned()).unwrap_or_default(),
            choice => {
                // `{alphabet:a|b}` is `a` for the SMS alphabet and `b` for everything else.
                let (plain, unicode) = choice.strip_prefix("alphabet:")?.split_once('|')?;
                let is_plain = cost(message.text).alphabet == Alphabet::Gsm7;
                if is_plain { plain } else { unicode }.to_owned()
            }
        })
    }
}

fn written(value: &str, place: Place) -> String {
    match place {
        Place::Json => super::escape("application/json", value),
        Place::Url => form_urlencoded::byte_serialize(value.as_bytes()).collect(),
        Place::Plain => value.to_owned(),
    }
}
