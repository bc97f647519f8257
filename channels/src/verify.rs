//! From an unverified request to a verified one; there is no other way to a body.
//!
//! Every comparison takes the same time whether it fails early or late. Secrets come in lists, so that an old and a new
//! one are valid together while an admin changes them.

use axum::http::HeaderMap;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha1::Sha1;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::desk::TurnedAway;

/// A request as it came from the network. Its body cannot be read from here.
pub struct Unverified {
    query: String,
    headers: HeaderMap,
    body: Bytes,
}

/// A request whose signature or secret was right.
pub struct Verified {
    query: String,
    headers: HeaderMap,
    body: Bytes,
}

impl Verified {
    /// The query string, still encoded.
    pub(crate) fn query(&self) -> &str {
        &self.query
    }

    /// The body.
    pub(crate) fn body(&self) -> &Bytes {
        &self.body
    }

    /// The media type without its parameters, in lower case.
    pub(crate) fn media_type(&self) -> String {
        let header = self.headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
        header.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }
}

/// How a provider shows that a request is its own.
pub enum Verifier {
    /// The secret itself in a header, bare or behind `Bearer`.
    HeaderSecret {
        /// Lower-case header name.
        header: String,
        /// Valid secrets.
        secrets: Vec<SecretString>,
    },
    /// HMAC-SHA256 over the body (for a GET: over the query string), hexadecimal, with or without `sha256=`.
    HmacSha256 {
        /// Lower-case header name.
        header: String,
        /// Valid secrets.
        secrets: Vec<SecretString>,
    },
    /// Twilio's `X-Twilio-Signature`: HMAC-SHA1 over the public address and the sorted form fields.
    Twilio {
        /// The webhook's address as the provider knows it, without query.
        public_url: String,
        /// Valid auth tokens.
        secrets: Vec<SecretString>,
    },
}

impl Unverified {
    /// Takes a request apart. `query` is the raw query string without its question mark.
    #[must_use]
    pub fn new(query: String, headers: HeaderMap, body: Bytes) -> Self {
        Self { query, headers, body }
    }

    /// Lets the request through if its signature is right.
    ///
    /// # Errors
    /// [`TurnedAway::Unsigned`] without a signature, [`TurnedAway::BadSignature`] with a wrong one.
    pub fn verify(self, verifier: &Verifier) -> Result<Verified, TurnedAway> {
        let header = match verifier {
            Verifier::HeaderSecret { header, .. } | Verifier::HmacSha256 { header, .. } => header.as_str(),
            Verifier::Twilio { .. } => "x-twilio-signature",
        };
        let given = self.headers.get(header).ok_or(TurnedAway::Unsigned)?.as_bytes().to_vec();
        let right = match verifier {
            Verifier::HeaderSecret { secrets, .. } => {
                let bare = given.strip_prefix(b"Bearer ").unwrap_or(&given);
                any(secrets, |secret| same(bare, secret.expose_secret().as_bytes()))
            }
            Verifier::HmacSha256 { secrets, .. } => {
                let bare = given.strip_prefix(b"sha256=").unwrap_or(&given);
                let signed = if self.body.is_empty() { self.query.as_bytes() } else { &self.body };
                let given = hex::decode(bare.trim_ascii()).unwrap_or_default();
                any(secrets, |secret| same(&given, &hmac_sha256(secret, signed)))
            }
            Verifier::Twilio { public_url, secrets } => {
                let given = BASE64.decode(given.trim_ascii()).unwrap_or_default();
                let signed = twilio_strings(public_url, &self.query, &self.body);
                any(secrets, |secret| any(&signed, |text| same(&given, &hmac_sha1(secret, text.as_bytes()))))
            }
        };
        if right {
            // A signature over the body says nothing of the query, so nobody may read it.
            let is_query_signed = !matches!(verifier, Verifier::HmacSha256 { .. }) || self.body.is_empty();
            let query = if is_query_signed { self.query } else { String::new() };
            Ok(Verified { query, headers: self.headers, body: self.body })
        } else {
            Err(TurnedAway::BadSignature)
        }
    }
}

/// Looks at every item, so that the time does not tell which one fitted.
fn any<T>(items: &[T], fits: impl Fn(&T) -> bool) -> bool {
    items.iter().fold(false, |found, item| found | fits(item))
}

fn same(given: &[u8], expected: &[u8]) -> bool {
    given.ct_eq(expected).into()
}

fn hmac_sha256(secret: &SecretString, signed: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()).expect("HMAC takes a key of any length");
    mac.update(signed);
    mac.finalize().into_bytes().to_vec()
}

fn hmac_sha1(secret: &SecretString, signed: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret.expose_secret().as_bytes()).expect("HMAC takes a key of any length");
    mac.update(signed);
    mac.finalize().into_bytes().to_vec()
}

/// What Twilio may have signed: the address with and without the default port, then the fields sorted by name, each
/// name's values sorted and said once.
fn twilio_strings(public_url: &str, query: &str, body: &[u8]) -> Vec<String> {
    let mut fields: Vec<(String, String)> = form_urlencoded::parse(body).into_owned().collect();
    fields.sort();
    fields.dedup();
    let tail: String = fields.into_iter().map(|(name, value)| name + &value).collect();
    let with_query = |url: &str| if query.is_empty() { url.to_owned() } else { format!("{url}?{query}") };
    let mut strings = vec![with_query(public_url) + &tail];
    if let Some(ported) = with_default_port(public_url) {
        strings.push(with_query(&ported) + &tail);
    }
    strings
}

/// The same address with the scheme's default port written out, or left out.
fn with_default_port(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let port = if scheme == "https" { ":443" } else { ":80" };
    let (host, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    match host.strip_suffix(port) {
        Some(bare) => Some(format!("{scheme}://{bare}{path}")),
        None if !host.contains(':') => Some(format!("{scheme}://{host}{port}{path}")),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(header: &'static str, value: &str, query: &str, body: &str) -> Unverified {
        let mut headers = HeaderMap::new();
        headers.insert(header, value.parse().expect("a valid header"));
        Unverified::new(query.to_owned(), headers, Bytes::from(body.to_owned()))
    }

    fn secrets(list: &[&str]) -> Vec<SecretString> {
        list.iter().map(|secret| SecretString::from(*secret)).collect()
    }

    #[test]
    fn the_old_and_the_new_secret_are_both_valid() {
        let verifier = Verifier::HeaderSecret { header: "authorization".into(), secrets: secrets(&["new", "old"]) };
        assert!(request("authorization", "Bearer old", "", "x").verify(&verifier).is_ok());
        assert!(request("authorization", "new", "", "x").verify(&verifier).is_ok());
        assert_eq!(request("authorization", "Bearer ol", "", "x").verify(&verifier).err(), Some(TurnedAway::BadSignature));
        assert_eq!(request("x-other", "old", "", "x").verify(&verifier).err(), Some(TurnedAway::Unsigned));
    }

    #[test]
    fn an_hmac_covers_the_body() {
        let verifier = Verifier::HmacSha256 { header: "x-signature".into(), secrets: secrets(&["k"]) };
        let right = hex::encode(hmac_sha256(&SecretString::from("k"), b"body"));
        assert!(request("x-signature", &right, "", "body").verify(&verifier).is_ok());
        assert!(request("x-signature", &format!("sha256={right}"), "", "body").verify(&verifier).is_ok());
        assert_eq!(request("x-signature", &right, "", "other").verify(&verifier).err(), Some(TurnedAway::BadSignature));
    }

    #[test]
    fn what_an_hmac_does_not_cover_is_not_read() {
        let verifier = Verifier::HmacSha256 { header: "x-signature".into(), secrets: secrets(&["k"]) };
        let over_body = hex::encode(hmac_sha256(&SecretString::from("k"), b"sender=1&text=a"));
        let verified = request("x-signature", &over_body, "from=2&id=new", "sender=1&text=a").verify(&verifier).ok();
        assert_eq!(verified.expect("its body is signed").query(), "");
        let over_query = hex::encode(hmac_sha256(&SecretString::from("k"), b"from=2"));
        let verified = request("x-signature", &over_query, "from=2", "").verify(&verifier).ok();
        assert_eq!(verified.expect("its query is signed").query(), "from=2");
    }

    #[test]
    fn twilio_signs_the_public_address_with_or_without_its_port() {
        let url = "https://intake.example.org/hooks/twilio";
        let verifier = Verifier::Twilio { public_url: url.into(), secrets: secrets(&["token"]) };
        for signed in [
            "https://intake.example.org/hooks/twilio?a=1Bodyhi thereFrom+15550100",
            "https://intake.example.org:443/hooks/twilio?a=1Bodyhi thereFrom+15550100",
        ] {
            let signature = BASE64.encode(hmac_sha1(&SecretString::from("token"), signed.as_bytes()));
            assert!(request("x-twilio-signature", &signature, "a=1", "From=%2B15550100&Body=hi+there").verify(&verifier).is_ok());
        }
        let elsewhere = BASE64.encode(hmac_sha1(&SecretString::from("token"), b"https://evil.example.org/hooks/twilioBodyhi"));
        assert!(request("x-twilio-signature", &elsewhere, "", "Body=hi").verify(&verifier).is_err());
    }
}
