//! A provider as data, and one channel's own settings on top of it.

use secrecy::SecretString;
use toml::Table;

use super::send::SendConfig;
use crate::settings::Section;
use crate::verify::Verifier;

/// Presets compiled in: name and file.
const BUILT_IN: [(&str, &str); 2] =
    [("generic", include_str!("../../../config/sms/generic.toml")), ("twilio", include_str!("../../../config/sms/twilio.toml"))];

/// How a request's body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyKind {
    /// One JSON document.
    Json,
    /// A form.
    Form,
    /// The query string.
    Query,
    /// Whatever the request looks like.
    Auto,
}

/// What goes back in the request's own answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Nothing; the receipt is sent by the provider's API where that is configured.
    Empty,
    /// The receipt as JSON.
    Json,
    /// The receipt as `TwiML`, which makes Twilio send it.
    Twiml,
}

/// How requests prove themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verify {
    Secret,
    Hmac,
    Twilio,
}

/// Where in a provider's request things stand.
#[derive(Debug, Clone)]
pub struct Preset {
    pub(super) body: BodyKind,
    pub(super) sender: Vec<String>,
    pub(super) text: Vec<String>,
    pub(super) id: Vec<String>,
    pub(super) time: Vec<String>,
    pub(super) strip_sender: Vec<String>,
    pub(super) answer: Answer,
    verify: Verify,
}

/// One SMS channel's settings.
pub struct SmsConfig {
    pub(super) preset: Preset,
    pub(super) sender: Option<SendConfig>,
    pub(super) country: Option<String>,
    pub(super) max_body_bytes: usize,
    header: String,
    secrets: Vec<SecretString>,
    uses_own_secret: bool,
}

impl SmsConfig {
    /// Reads a channel's section. `own_secret` is the secret that the gateway made for this channel, used when the
    /// admin gives none.
    pub fn read(section: &mut Section<'_>, own_secret: &dyn Fn() -> Result<SecretString, String>) -> Option<Self> {
        let name = section.text("preset", "generic");
        let names: Vec<String> = BUILT_IN.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        let Some((_, text)) = BUILT_IN.iter().find(|(built_in, _)| *built_in == name) else {
            section.refuse("preset", &format!("must be one of {}", names.join(", ")));
            return None;
        };
        let table: Table = text.parse().expect("the presets compiled in are valid TOML; a test reads each");
        let environment = std::collections::BTreeMap::new();
        let mut file = Section::root(&table, &environment, std::path::Path::new("."));
        let base = Preset::read(&mut file, None);
        let preset = Preset::read(section, Some(&base));
        let is_twilio = preset.verify == Verify::Twilio;
        let mut secrets = section.secrets(if is_twilio { "auth_token" } else { "secret" });
        let uses_own_secret = secrets.is_empty() && !is_twilio;
        if uses_own_secret {
            match own_secret() {
                Ok(secret) => secrets.push(secret),
                Err(problem) => {
                    section.refuse("secret_file", &problem);
                    return None;
                }
            }
        }
        let default_header = match preset.verify {
            Verify::Secret => "authorization",
            Verify::Hmac => "x-signature",
            Verify::Twilio => "x-twilio-signature",
        };
        let header = section.text("header", default_header).to_ascii_lowercase();
        let sender = SendConfig::read(section, is_twilio, &secrets);
        let country = section.text_maybe("country");
        if country.as_deref().is_some_and(|code| code.len() != 2 || !code.bytes().all(|byte| byte.is_ascii_uppercase())) {
            section.refuse("country", "must be a two-letter country code such as \"VN\"");
        }
        let max_body_kib = section.number("max_body_kib", 256, 1..=16_384);
        if secrets.is_empty() {
            let key = if is_twilio { "auth_token_file" } else { "secret_file" };
            section.refuse(key, "is missing: write the name of a file that holds the provider's secret");
            return None;
        }
        Some(Self {
            preset,
            sender,
            country,
            max_body_bytes: usize::try_from(max_body_kib * 1024).ok()?,
            header,
            secrets,
            uses_own_secret,
        })
    }

    pub(super) fn verifier(&self, hook_url: &str) -> Verifier {
        let (header, secrets) = (self.header.clone(), self.secrets.clone());
        match self.preset.verify {
            Verify::Secret => Verifier::HeaderSecret { header, secrets },
            Verify::Hmac => Verifier::HmacSha256 { header, secrets },
            Verify::Twilio => Verifier::Twilio { public_url: hook_url.to_owned(), secrets },
        }
    }

    /// Whether the secret is the one that the gateway made.
    #[must_use]
    pub fn uses_own_secret(&self) -> bool {
        self.uses_own_secret
    }

    /// Whether requests are proved by the secret itself, so that a plain `curl` can show it.
    #[must_use]
    pub fn takes_bearer_secret(&self) -> bool {
        self.preset.verify == Verify::Secret && self.header == "authorization"
    }
}

impl Preset {
    fn read(section: &mut Section<'_>, base: Option<&Self>) -> Self {
        fn list(section: &mut Section<'_>, key: &str, base: Option<&Vec<String>>) -> Vec<String> {
            let default: Vec<&str> = base.map(|base| base.iter().map(String::as_str).collect()).unwrap_or_default();
            section.texts(key, &default)
        }
        Self {
            body: section.choice(
                "body",
                &[("json", BodyKind::Json), ("form", BodyKind::Form), ("query", BodyKind::Query), ("auto", BodyKind::Auto)],
                base.map_or(BodyKind::Auto, |base| base.body),
            ),
            sender: list(section, "sender", base.map(|base| &base.sender)),
            text: list(section, "text", base.map(|base| &base.text)),
            id: list(section, "id", base.map(|base| &base.id)),
            time: list(section, "time", base.map(|base| &base.time)),
            strip_sender: list(section, "strip_sender", base.map(|base| &base.strip_sender)),
            answer: section.choice(
                "answer",
                &[("empty", Answer::Empty), ("json", Answer::Json), ("twiml", Answer::Twiml)],
                base.map_or(Answer::Empty, |base| base.answer),
            ),
            verify: section.choice(
                "verify",
                &[("secret", Verify::Secret), ("hmac", Verify::Hmac), ("twilio", Verify::Twilio)],
                base.map_or(Verify::Secret, |base| base.verify),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_compiled_in_is_complete() {
        for (name, text) in BUILT_IN {
            let table: Table = text.parse().expect("valid TOML");
            let environment = std::collections::BTreeMap::new();
            let mut section = Section::root(&table, &environment, std::path::Path::new("."));
            let preset = Preset::read(&mut section, None);
            assert_eq!(section.finish(), [], "{name}");
            assert!(!preset.sender.is_empty() && !preset.text.is_empty() && !preset.id.is_empty(), "{name}");
        }
    }
}
