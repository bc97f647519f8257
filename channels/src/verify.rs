//! From an unverified request to a verified one; there is no other way to a body.
//!
//! The ways in which providers prove themselves are a small closed set. Every comparison takes the same time whether it
//! fails early or late. Secrets come in lists, so that an old and a new one are valid together while an admin changes
//! them. The address that a provider signs comes from the configuration, never from a header: whoever sends the request
//! chooses those.

mod hash;
mod jwt;
mod signed;
mod template;

use axum::http::{HeaderMap, Method};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use crate::desk::TurnedAway;
use crate::form::{self, Pair};

pub use hash::{Digest, Encoding};
pub use jwt::Jwt;
pub use signed::VonageDigest;
pub use template::{Ed25519, Hmac, Template};

/// A request as it came from the network. Its body cannot be read from here.
pub struct Unverified {
    method: Method,
    /// What follows the channel's own address: nothing, or `/` and more.
    suffix: String,
    query: String,
    headers: HeaderMap,
    body: Bytes,
}

/// A request whose signature or secret was right.
pub struct Verified {
    /// The words of the address behind the channel's own, without a secret.
    path: Vec<String>,
    query: String,
    headers: HeaderMap,
    body: Bytes,
    /// Whether the whole request is as good as its secret, or only what was signed.
    are_headers_proved: bool,
}

impl Verified {
    /// The query string, still encoded; empty when nothing proves it.
    pub(crate) fn query(&self) -> &str {
        &self.query
    }

    /// The body.
    pub(crate) fn body(&self) -> &Bytes {
        &self.body
    }

    /// The last word of the address behind the channel's own, such as `status`.
    pub(crate) fn last_word(&self) -> &str {
        self.path.last().map_or("", String::as_str)
    }

    /// A header's value; only where the request's secret proves the headers too.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).filter(|_| self.are_headers_proved)?.to_str().ok()
    }

    /// The whole content type, with its parameters. Nobody signs it, so it is only a hint.
    pub(crate) fn content_type(&self) -> &str {
        self.headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The media type without its parameters, in lower case.
    pub(crate) fn media_type(&self) -> String {
        media_type(&self.headers)
    }
}

fn media_type(headers: &HeaderMap) -> String {
    let header = headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    header.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// How a provider shows that a request is its own.
pub enum Verifier {
    /// The secret itself: as the first word behind the channel's address, or as a bearer token, or as the password of
    /// basic authentication.
    Secret {
        /// Valid secrets.
        secrets: Vec<SecretString>,
    },
    /// The secret itself in a header.
    Header {
        /// Lower-case header name.
        header: String,
        /// Valid secrets.
        secrets: Vec<SecretString>,
    },
    /// The secret itself in a field of the form, the query or the document.
    Field {
        /// The field's name.
        field: String,
        /// Valid secrets.
        secrets: Vec<SecretString>,
    },
    /// Basic authentication with one user name.
    Basic {
        /// The user name.
        user: String,
        /// Valid passwords.
        secrets: Vec<SecretString>,
    },
    /// An HMAC over a template.
    Hmac(Hmac),
    /// An Ed25519 signature over a template.
    Ed25519(Ed25519),
    /// A JSON Web Token with an HMAC.
    Jwt(Jwt),
    /// Twilio's `X-Twilio-Signature`, with its newer SHA-256 setting.
    Twilio {
        /// Lower-case header that holds the signature.
        header: String,
        /// Valid auth tokens, for SHA-1.
        secrets: Vec<SecretString>,
        /// Valid shared keys, for SHA-256; the auth tokens when there are none.
        shared_keys: Vec<SecretString>,
    },
    /// Vonage's `sig` field over all the others.
    Vonage {
        /// What the account's settings say.
        digest: VonageDigest,
        /// How old the signed time may be.
        max_age_secs: u64,
        /// Valid signature secrets.
        secrets: Vec<SecretString>,
    },
    /// Plivo's `X-Plivo-Signature-V3`.
    Plivo {
        /// Valid auth tokens.
        secrets: Vec<SecretString>,
    },
    /// `EnvayaSMS`'s `X-Request-Signature`.
    Envaya {
        /// Valid passwords.
        secrets: Vec<SecretString>,
    },
}

/// How much of a request its proof covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Covers {
    /// Everything, because the secret itself came with it.
    All,
    /// The address with its query, and the body.
    AddressAndBody,
    /// The body; the query only where there is no body.
    Body,
    /// The query or the form, but not the query beside another kind of body.
    Fields,
    /// The address with its query, and nothing of a body that no form can be read from.
    Address,
}

/// A request with what its proof is checked against.
struct Claim<'r> {
    request: &'r Unverified,
    /// The address as the provider knows it, with its query.
    url: String,
    now: Timestamp,
}

impl Claim<'_> {
    fn header(&self, name: &str) -> Result<&[u8], TurnedAway> {
        self.request.headers.get(name).map(|value| value.as_bytes().trim_ascii()).ok_or(TurnedAway::Unsigned)
    }

    fn header_text(&self, name: &str) -> Result<&str, TurnedAway> {
        std::str::from_utf8(self.header(name)?).map_err(|_| TurnedAway::BadSignature)
    }

    /// Whether `secs` since 1970 is near enough to now.
    fn check_age(&self, secs: &str, max_age_secs: u64) -> Result<(), TurnedAway> {
        let signed: f64 = secs.trim().parse().map_err(|_| TurnedAway::BadSignature)?;
        #[expect(clippy::cast_precision_loss, reason = "a second more or less does not matter in a window of minutes")]
        let (now, window) = (self.now.as_second() as f64, max_age_secs as f64);
        // Written so that a time that is no number is stale too.
        if (now - signed).abs() <= window { Ok(()) } else { Err(TurnedAway::Stale) }
    }

    /// The fields of the body, if it is a form.
    fn body_fields(&self) -> Vec<Pair> {
        let media_type = media_type(&self.request.headers);
        if media_type.starts_with("multipart/") {
            let header = self.request.headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
            return form::multipart(header, &self.request.body).unwrap_or_default();
        }
        if media_type.ends_with("json") || media_type.ends_with("xml") {
            return Vec::new();
        }
        form::url_encoded(&self.request.body)
    }

    fn query_fields(&self) -> Vec<Pair> {
        form::url_encoded(self.request.query.as_bytes())
    }
}

impl Unverified {
    /// Takes a request apart. `suffix` is what follows the channel's own address, `query` the raw query string without
    /// its question mark.
    #[must_use]
    pub fn new(method: Method, suffix: String, query: String, headers: HeaderMap, body: Bytes) -> Self {
        Self { method, suffix, query, headers, body }
    }

    /// The last word of the address, which says which verifier counts. It is not yet proved.
    pub(crate) fn last_word(&self) -> &str {
        self.suffix.rsplit('/').next().unwrap_or_default()
    }

    /// Whether it asks for nothing and says nothing, as some providers do when an address is registered.
    pub(crate) fn is_greeting(&self) -> bool {
        self.method == Method::GET && self.query.is_empty() && self.body.is_empty()
    }

    /// Lets the request through if its proof is right. `public_url` is the channel's address as the provider knows it.
    ///
    /// # Errors
    /// [`TurnedAway::Unsigned`] without a proof, [`TurnedAway::BadSignature`] with a wrong one, [`TurnedAway::Stale`] with
    /// one from another time.
    pub fn verify(self, verifier: &Verifier, public_url: &str, now: Timestamp) -> Result<Verified, TurnedAway> {
        let question = if self.query.is_empty() { "" } else { "?" };
        let url = format!("{public_url}{}{question}{}", self.suffix, self.query);
        let claim = Claim { request: &self, url, now };
        let mut path: Vec<String> = self.suffix.split('/').filter(|word| !word.is_empty()).map(str::to_owned).collect();
        let covers = match verifier {
            Verifier::Secret { secrets } => {
                if claim.check_secret(secrets, path.first())? {
                    path.remove(0);
                }
                Covers::All
            }
            Verifier::Header { header, secrets } => {
                let given = claim.header(header)?;
                let bare = given.strip_prefix(b"Bearer ").unwrap_or(given);
                right(any(secrets, |secret| same(bare, bytes_of(secret)) | same(given, bytes_of(secret))))?;
                Covers::All
            }
            Verifier::Field { field, secrets } => {
                let given = claim.field(field).ok_or(TurnedAway::Unsigned)?;
                right(any(secrets, |secret| same(&given, bytes_of(secret))))?;
                Covers::All
            }
            Verifier::Basic { user, secrets } => {
                let given = claim.basic()?.ok_or(TurnedAway::Unsigned)?;
                let expected = |secret: &SecretString| [user.as_bytes(), b":", bytes_of(secret)].concat();
                right(any(secrets, |secret| same(&given, &expected(secret))))?;
                Covers::All
            }
            Verifier::Hmac(hmac) => hmac.check(&claim)?,
            Verifier::Ed25519(ed25519) => ed25519.check(&claim)?,
            Verifier::Jwt(jwt) => jwt.check(&claim)?,
            Verifier::Twilio { header, secrets, shared_keys } => signed::twilio(&claim, header, secrets, shared_keys)?,
            Verifier::Vonage { digest, max_age_secs, secrets } => signed::vonage(&claim, *digest, *max_age_secs, secrets)?,
            Verifier::Plivo { secrets } => signed::plivo(&claim, secrets)?,
            Verifier::Envaya { secrets } => signed::envaya(&claim, secrets)?,
        };
        // What a proof does not cover may be anybody's, so nobody may read it.
        let is_query_proved = match covers {
            Covers::All | Covers::AddressAndBody | Covers::Address => true,
            Covers::Body => self.body.is_empty(),
            Covers::Fields => !media_type(&self.headers).ends_with("json"),
        };
        let query = if is_query_proved { self.query } else { String::new() };
        let body = if covers == Covers::Address { Bytes::new() } else { self.body };
        Ok(Verified { path, query, headers: self.headers, body, are_headers_proved: covers == Covers::All })
    }
}

impl Claim<'_> {
    /// Whether the secret stands in the address (`true`) or in the usual header (`false`).
    fn check_secret(&self, secrets: &[SecretString], first_word: Option<&String>) -> Result<bool, TurnedAway> {
        let in_address = first_word.is_some_and(|word| any(secrets, |secret| same(word.as_bytes(), bytes_of(secret))));
        let header = self.request.headers.get("authorization").map(|value| value.as_bytes().trim_ascii());
        let in_header = match header {
            Some(given) => {
                let bare = given.strip_prefix(b"Bearer ").unwrap_or(given);
                let password =
                    self.basic()?.and_then(|pair| pair.iter().position(|byte| *byte == b':').map(|at| pair[at + 1..].to_vec()));
                any(secrets, |secret| {
                    same(bare, bytes_of(secret)) | password.as_deref().is_some_and(|given| same(given, bytes_of(secret)))
                })
            }
            None => false,
        };
        match (in_address, in_header) {
            (true, _) => Ok(true),
            (false, true) => Ok(false),
            (false, false) if header.is_none() && first_word.is_none() => Err(TurnedAway::Unsigned),
            (false, false) => Err(TurnedAway::BadSignature),
        }
    }

    /// User and password as they were sent.
    fn basic(&self) -> Result<Option<Vec<u8>>, TurnedAway> {
        let Ok(given) = self.header("authorization") else { return Ok(None) };
        let Some((scheme, encoded)) = given.split_at_checked(6) else { return Ok(None) };
        if !scheme.eq_ignore_ascii_case(b"Basic ") {
            return Ok(None);
        }
        BASE64.decode(encoded.trim_ascii()).map(Some).map_err(|_| TurnedAway::BadSignature)
    }

    /// A field of the form, the query, or the first level of the document.
    fn field(&self, name: &str) -> Option<Vec<u8>> {
        let fields = [self.query_fields(), self.body_fields()].concat();
        if let Some((_, value)) = fields.into_iter().rev().find(|(key, _)| key == name) {
            return Some(value);
        }
        if let Ok(document) = serde_json::from_slice::<serde_json::Value>(&self.request.body) {
            return document.get(name)?.as_str().map(|value| value.as_bytes().to_vec());
        }
        let document = std::str::from_utf8(&self.request.body).ok()?;
        let document = roxmltree::Document::parse(document).ok()?;
        let child = document.root_element().children().find(|child| child.has_tag_name(name))?;
        child.text().map(|value| value.trim().as_bytes().to_vec())
    }
}

/// Looks at every item, so that the time does not tell which one fitted.
fn any<T>(items: &[T], fits: impl Fn(&T) -> bool) -> bool {
    items.iter().fold(false, |found, item| found | fits(item))
}

fn same(given: &[u8], expected: &[u8]) -> bool {
    given.ct_eq(expected).into()
}

fn right(is_right: bool) -> Result<(), TurnedAway> {
    if is_right { Ok(()) } else { Err(TurnedAway::BadSignature) }
}

fn bytes_of(secret: &SecretString) -> &[u8] {
    secret.expose_secret().as_bytes()
}

#[cfg(test)]
mod tests;
