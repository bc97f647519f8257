//! How a provider's requests prove themselves, as data; with secrets it becomes a [`Verifier`].

use secrecy::SecretString;

use crate::settings::Section;
use crate::verify::{Digest, Ed25519, Encoding, Hmac, Jwt, Template, Verifier, VonageDigest};

/// A verifier without its secrets.
#[derive(Debug, Clone)]
pub(in crate::sms) struct Proof {
    by: By,
    /// Whether the provider signs only when told to, so that the gateway's own secret in the address has to do without.
    pub(in crate::sms) is_optional: bool,
    header: Option<String>,
    field: String,
    user: String,
    digest: Digest,
    encoding: Encoding,
    prefix: String,
    is_list: bool,
    signed: String,
    timestamp: Option<String>,
    nonce: Option<String>,
    max_age_secs: Option<u64>,
    issuer: String,
    binds: Vec<String>,
    method: VonageDigest,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Secret,
    Header,
    Field,
    Basic,
    Hmac,
    Ed25519,
    Jwt,
    Twilio,
    Vonage,
    Plivo,
    Envaya,
    StandardWebhooks,
}

/// What a proof is checked with.
#[derive(Default)]
pub(in crate::sms) struct Secrets {
    /// The channel's secrets.
    pub(in crate::sms) own: Vec<SecretString>,
    /// Twilio's keys for SHA-256.
    pub(in crate::sms) shared_keys: Vec<SecretString>,
    /// Ed25519 keys in Base64, which are nobody's secret.
    pub(in crate::sms) public_keys: Vec<String>,
}

impl Proof {
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        let by = section.choice(
            "by",
            &[
                ("secret", By::Secret),
                ("header", By::Header),
                ("field", By::Field),
                ("basic", By::Basic),
                ("hmac", By::Hmac),
                ("ed25519", By::Ed25519),
                ("jwt", By::Jwt),
                ("twilio", By::Twilio),
                ("vonage", By::Vonage),
                ("plivo", By::Plivo),
                ("envaya", By::Envaya),
                ("standard_webhooks", By::StandardWebhooks),
            ],
            By::Secret,
        );
        let digests =
            [("sha1", Digest::Sha1), ("sha256", Digest::Sha256), ("sha384", Digest::Sha384), ("sha512", Digest::Sha512)];
        let methods = [
            ("md5hash", VonageDigest::Md5Hash),
            ("md5", VonageDigest::Hmac(Digest::Md5)),
            ("sha1", VonageDigest::Hmac(Digest::Sha1)),
            ("sha256", VonageDigest::Hmac(Digest::Sha256)),
            ("sha512", VonageDigest::Hmac(Digest::Sha512)),
        ];
        let lower = |text: Option<String>| text.map(|header| header.to_ascii_lowercase());
        let max_age_secs = section.number("max_age_secs", 0, 0..=31_536_000);
        let proof = Self {
            by,
            is_optional: section.flag("optional", false),
            header: lower(section.text_maybe("header")),
            field: section.text("field", "secret"),
            user: section.text("user", ""),
            digest: section.choice("digest", &digests, Digest::Sha256),
            encoding: section.choice("encoding", &[("hex", Encoding::Hex), ("base64", Encoding::Base64)], Encoding::Hex),
            prefix: section.text("prefix", if by == By::Hmac { "sha256=" } else { "" }),
            is_list: section.flag("list", false),
            signed: section.text("signed", "{body}"),
            timestamp: lower(section.text_maybe("timestamp")),
            nonce: lower(section.text_maybe("nonce")),
            max_age_secs: Some(max_age_secs).filter(|secs| *secs > 0),
            issuer: section.text("issuer", ""),
            binds: section.texts_or_one("binds"),
            method: section.choice("method", &methods, VonageDigest::Md5Hash),
        };
        if proof.template().is_none() {
            section.refuse(
                "signed",
                "may hold {body}, {sha256_body}, {sha256_body_bin}, {timestamp}, {nonce}, {url} and {method}; it needs one of the first three, and `timestamp` and `nonce` name headers",
            );
        }
        if proof.binds.iter().any(|bound| !["address", "audience", "body"].contains(&bound.as_str())) {
            section.refuse("binds", "must be a list out of \"address\", \"audience\" and \"body\"");
        }
        proof
    }

    /// The key in the configuration that holds its secret.
    pub(in crate::sms) fn secret_key(&self) -> &'static str {
        match self.by {
            By::Twilio | By::Plivo => "auth_token",
            By::Ed25519 => "public_key",
            By::Secret
            | By::Header
            | By::Field
            | By::Basic
            | By::Hmac
            | By::Jwt
            | By::Vonage
            | By::Envaya
            | By::StandardWebhooks => "secret",
        }
    }

    /// Whether the secret itself comes with each request, so that the gateway may make it up.
    pub(in crate::sms) fn is_shared_secret(&self) -> bool {
        self.by == By::Secret
    }

    /// Whether the provider's own secret is needed, which nobody can make up.
    pub(in crate::sms) fn needs_public_key(&self) -> bool {
        self.by == By::Ed25519
    }

    fn template(&self) -> Option<Template> {
        Template::parse(&self.signed, self.timestamp.clone(), self.nonce.clone(), self.max_age_secs)
    }

    /// The verifier. `None` when a public key cannot be read.
    pub(in crate::sms) fn verifier(&self, secrets: Secrets) -> Option<Verifier> {
        let Secrets { own: secrets, shared_keys, public_keys } = secrets;
        let header = |usual: &str| self.header.clone().unwrap_or_else(|| usual.to_owned());
        let template = || self.template().expect("`read` refused templates that cannot be read");
        Some(match self.by {
            By::Secret => Verifier::Secret { secrets },
            By::Header => Verifier::Header { header: header("authorization"), secrets },
            By::Field => Verifier::Field { field: self.field.clone(), secrets },
            By::Basic => Verifier::Basic { user: self.user.clone(), secrets },
            By::Hmac => Verifier::Hmac(Hmac {
                digest: self.digest,
                encoding: self.encoding,
                header: header("x-signature"),
                prefix: self.prefix.clone(),
                is_list: self.is_list,
                signed: template(),
                secrets,
            }),
            By::StandardWebhooks => Verifier::Hmac(Hmac {
                digest: Digest::Sha256,
                encoding: Encoding::Base64,
                header: header("webhook-signature"),
                prefix: String::new(),
                is_list: true,
                signed: Template::parse(
                    "{nonce}.{timestamp}.{body}",
                    Some("webhook-timestamp".to_owned()),
                    Some("webhook-id".to_owned()),
                    Some(self.max_age_secs.unwrap_or(300)),
                )
                .expect("it names headers for both"),
                secrets,
            }),
            By::Ed25519 => {
                let keys: Option<Vec<_>> = public_keys.iter().map(|key| Ed25519::key(key)).collect();
                Verifier::Ed25519(Ed25519 { header: header("x-signature-ed25519"), signed: template(), keys: keys? })
            }
            By::Jwt => {
                let binds = |what: &str| self.binds.iter().any(|bound| bound == what);
                Verifier::Jwt(Jwt {
                    header: header("authorization"),
                    // The longest hash that is named, and the shorter ones of its family.
                    digests: [Digest::Sha256, Digest::Sha384, Digest::Sha512]
                        .into_iter()
                        .filter(|digest| *digest == Digest::Sha256 || self.digest == Digest::Sha512 || *digest == self.digest)
                        .collect(),
                    issuer: self.issuer.clone(),
                    binds_audience: binds("audience"),
                    binds_url: binds("address"),
                    binds_body: binds("body"),
                    max_age_secs: self.max_age_secs,
                    secrets,
                })
            }
            By::Twilio => Verifier::Twilio { header: header("x-twilio-signature"), secrets, shared_keys },
            By::Vonage => Verifier::Vonage { digest: self.method, max_age_secs: self.max_age_secs.unwrap_or(300), secrets },
            By::Plivo => Verifier::Plivo { secrets },
            By::Envaya => Verifier::Envaya { secrets },
        })
    }
}
