//! One SMS channel's settings: a preset, what the channel's section lays over it, and its secrets.

use std::collections::BTreeMap;
use std::path::Path;

use secrecy::SecretString;
use toml::Table;

use super::keyword::Keywords;
use super::preset::{BUILT_IN, Preset, Proof, Secrets};
use super::send::SendConfig;
use crate::settings::Section;
use crate::verify::Verifier;

/// A secret that stands in an address must not be guessed.
const SHORTEST_PATH_SECRET: usize = 16;

/// How a receipt goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receipts {
    /// In the answer to the request, where the provider sends on what it is answered.
    Answer,
    /// By the provider's API.
    Send,
    /// Not at all: on a phone that others read, silence may be safer.
    None,
}

/// What stands in a sender's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SenderIs {
    Number,
    Account,
}

/// One SMS channel's settings.
pub struct SmsConfig {
    pub(super) preset: Preset,
    pub(super) preset_name: String,
    pub(super) sender: Option<SendConfig>,
    pub(super) country: Option<String>,
    pub(super) public_url: Option<String>,
    pub(super) max_body_bytes: usize,
    pub(super) receipts: Receipts,
    pub(super) sender_is: SenderIs,
    /// What operators put before a worker's words, such as the keyword of a shared short code.
    pub(super) strip_text: Vec<String>,
    pub(super) keywords: Keywords,
    pub(super) verifier: Verifier,
    pub(super) status_verifier: Option<Verifier>,
    /// Handed back in the answers of apps that want to see it.
    pub(super) poll_secret: Option<SecretString>,
    /// Whether the secret in the address is the gateway's own.
    uses_own_secret: bool,
    /// Whether the address has to end in the secret.
    is_secret_in_address: bool,
}

impl SmsConfig {
    /// Reads a channel's section. `own_secret` is the secret that the gateway made for this channel, used when the
    /// admin gives none.
    pub fn read(section: &mut Section<'_>, own_secret: &dyn Fn() -> Result<SecretString, String>) -> Option<Self> {
        let (preset_name, base) = base_preset(section)?;
        section.layered(&base, |section| Self::read_over(section, preset_name, own_secret))
    }

    fn read_over(
        section: &mut Section<'_>,
        preset_name: String,
        own_secret: &dyn Fn() -> Result<SecretString, String>,
    ) -> Option<Self> {
        // These were read before the preset was laid under the section.
        for key in ["kind", "preset", "preset_file"] {
            section.text_maybe(key);
        }
        let preset = Preset::read(section);
        let keys = ChannelSecrets::read(section, &preset, own_secret);
        let sender = SendConfig::read(section, keys.as_ref().map_or(&[], |keys| &keys.provider));
        let country = section.text_maybe("country");
        if country.as_deref().is_some_and(|code| code.len() != 2 || !code.bytes().all(|byte| byte.is_ascii_uppercase())) {
            section.refuse("country", "must be a two-letter country code such as \"VN\"");
        }
        let public_url = section.text_maybe("public_url");
        if public_url
            .as_deref()
            .is_some_and(|url| !(url.starts_with("https://") || url.starts_with("http://")) || url.contains(['?', '#']))
        {
            section.refuse("public_url", "must be this channel's own address as the provider knows it, without ? and #");
        }
        let max_body_kib = section.number("max_body_kib", 256, 1..=16_384);
        let receipts = section.choice(
            "receipts",
            &[("answer", Receipts::Answer), ("send", Receipts::Send), ("none", Receipts::None)],
            if preset.answer.with_receipt.is_some()
                && ["generic", "twilio", "signalwire", "texml"].contains(&preset_name.as_str())
            {
                Receipts::Answer
            } else {
                Receipts::Send
            },
        );
        if receipts == Receipts::Answer && preset.answer.with_receipt.is_none() {
            section.refuse("receipts", "this provider sends on nothing of what it is answered: write \"send\" or \"none\"");
        }
        let sender_is =
            section.choice("sender_is", &[("number", SenderIs::Number), ("account", SenderIs::Account)], SenderIs::Number);
        let strip_text = section.texts_or_one("strip_text");
        let keywords = Keywords::read(section);
        // Everything was asked for, so that every problem is told at once.
        let mut keys = keys?;
        let status_verifier = preset.status_proof.as_ref().and_then(|proof| keys.verifier(proof));
        let Some(verifier) = keys.main_verifier(&preset.proof) else {
            section.refuse("public_key", "is no public key: copy it from the provider's console as it stands there");
            return None;
        };
        Some(Self {
            is_secret_in_address: keys.is_secret_in_address,
            uses_own_secret: keys.uses_own,
            poll_secret: keys.provider.first().cloned(),
            preset,
            preset_name,
            sender,
            country,
            public_url,
            max_body_bytes: usize::try_from(max_body_kib * 1024).ok()?,
            receipts,
            sender_is,
            strip_text,
            keywords,
            verifier,
            status_verifier,
        })
    }

    /// Whether the secret is the one that the gateway made.
    #[must_use]
    pub fn uses_own_secret(&self) -> bool {
        self.uses_own_secret
    }

    /// Whether requests are proved by the secret itself, so that a plain `curl` can show it.
    #[must_use]
    pub fn takes_bearer_secret(&self) -> bool {
        matches!(self.verifier, Verifier::Secret { .. }) && self.preset_name == "generic"
    }

    /// Whether the provider has to be given an address that ends in the channel's secret.
    #[must_use]
    pub fn is_secret_in_address(&self) -> bool {
        self.is_secret_in_address
    }

    /// Whether reports on sent messages come to an address that ends in the channel's secret and `status`.
    #[must_use]
    pub fn is_status_secret_in_address(&self) -> bool {
        matches!(self.status_verifier, Some(Verifier::Secret { .. })) || self.is_secret_in_address
    }

    /// The address as the provider knows it, where that is not the usual one.
    #[must_use]
    pub fn own_address(&self) -> Option<&str> {
        self.public_url.as_deref()
    }

    /// What works less well than it could, in an operator's words.
    #[must_use]
    pub fn missing(&self) -> Vec<&'static str> {
        let mut missing = Vec::new();
        if !self.preset.proof.is_shared_secret() && self.is_secret_in_address {
            missing.push("the provider can sign its requests: switch that on there and give its secret here; until then the secret in the address has to do");
        }
        if self.receipts == Receipts::Send && self.sender.is_none() {
            missing.push("nothing can be sent: there are no receipts and no replies until sending is set up");
        }
        missing
    }
}

/// The table that lies below the channel's section.
fn base_preset(section: &mut Section<'_>) -> Option<(String, Table)> {
    let name = section.text_maybe("preset");
    let Some(file) = section.path_maybe("preset_file") else {
        let name = name.unwrap_or_else(|| "generic".to_owned());
        let Some((_, text)) = BUILT_IN.iter().find(|(built_in, _)| *built_in == name) else {
            let names: Vec<&str> = BUILT_IN.iter().map(|(name, _)| *name).collect();
            section.refuse(
                "preset",
                &format!("must be one of {}; or describe your own provider in a file and write preset_file", names.join(", ")),
            );
            return None;
        };
        let table = text.parse().expect("the presets compiled in are valid TOML; a test reads each");
        return Some((name, table));
    };
    let shown = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let Ok(text) = std::fs::read_to_string(&file) else {
        section.refuse("preset_file", "the file cannot be read: check its name and who may read it");
        return None;
    };
    let Ok(table) = text.parse::<Table>() else {
        section.refuse("preset_file", &format!("{shown}: is no valid TOML"));
        return None;
    };
    // Read on its own first, so that a mistake is told with the file it stands in.
    let environment = BTreeMap::new();
    let mut alone = Section::root(&table, &environment, Path::new("."));
    Preset::read_alone(&mut alone);
    let problems = alone.finish();
    for problem in &problems {
        section.refuse("preset_file", &format!("{shown}: {problem}"));
    }
    problems.is_empty().then(|| (name.unwrap_or_else(|| "own".to_owned()), table))
}

/// Every secret of one channel.
struct ChannelSecrets {
    /// What the provider signs with, or the shared secret.
    provider: Vec<SecretString>,
    shared_keys: Vec<SecretString>,
    public_keys: Vec<String>,
    /// The gateway's own, for addresses.
    own: Vec<SecretString>,
    uses_own: bool,
    is_secret_in_address: bool,
}

impl ChannelSecrets {
    fn read(section: &mut Section<'_>, preset: &Preset, own_secret: &dyn Fn() -> Result<SecretString, String>) -> Option<Self> {
        use secrecy::ExposeSecret;

        let proof = &preset.proof;
        let key = proof.secret_key();
        let public_keys = if proof.needs_public_key() { section.texts_or_one("public_key") } else { Vec::new() };
        let provider = if proof.needs_public_key() { Vec::new() } else { section.secrets(key) };
        let shared_keys = if key == "auth_token" { section.secrets("shared_key") } else { Vec::new() };
        let has_provider_secret = !provider.is_empty() || !public_keys.is_empty() || !shared_keys.is_empty();
        let is_shared = proof.is_shared_secret();
        if !has_provider_secret && !is_shared && !proof.is_optional {
            let (key, what) = match key {
                "public_key" => ("public_key", "is missing: write the provider's public key"),
                "auth_token" => ("auth_token_file", "is missing: write the name of a file that holds the provider's auth token"),
                _ => ("secret_file", "is missing: write the name of a file that holds the provider's secret"),
            };
            section.refuse(key, what);
            return None;
        }
        let needs_own = (!has_provider_secret) || preset.status_proof.as_ref().is_some_and(Proof::is_shared_secret);
        let mut own = Vec::new();
        if needs_own {
            match own_secret() {
                Ok(secret) => own.push(secret),
                Err(problem) => {
                    section.refuse("secret_file", &problem);
                    return None;
                }
            }
        }
        // The generic preset's secret usually comes in a header, and a short one is the admin's own business there.
        let stands_in_address = is_shared && preset.answer.with_receipt.is_none();
        if stands_in_address && provider.iter().any(|secret| secret.expose_secret().len() < SHORTEST_PATH_SECRET) {
            section.refuse("secret_file", "is too short: this secret stands in the address, so it needs 16 characters or more");
        }
        Some(Self {
            uses_own: !has_provider_secret,
            is_secret_in_address: is_shared || !has_provider_secret,
            provider,
            shared_keys,
            public_keys,
            own,
        })
    }

    fn verifier(&self, proof: &Proof) -> Option<Verifier> {
        let own = if proof.is_shared_secret() && !self.own.is_empty() { &self.own } else { &self.provider };
        proof.verifier(Secrets { own: own.clone(), shared_keys: self.shared_keys.clone(), public_keys: self.public_keys.clone() })
    }

    /// How requests are checked; where the provider signs nothing yet, by the secret in the address.
    fn main_verifier(&mut self, proof: &Proof) -> Option<Verifier> {
        if self.uses_own {
            return Some(Verifier::Secret { secrets: self.own.clone() });
        }
        if proof.is_shared_secret() {
            return Some(Verifier::Secret { secrets: self.provider.clone() });
        }
        self.verifier(proof)
    }
}
