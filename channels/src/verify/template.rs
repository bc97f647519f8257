//! Signatures over a text that a preset describes: `{timestamp}.{body}` and the like.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::{Signature, VerifyingKey};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest as _, Sha256};

use super::hash::{Digest, Encoding};
use super::{Claim, Covers, any, right, same};
use crate::desk::TurnedAway;

/// An HMAC over a template.
pub struct Hmac {
    /// The hash.
    pub digest: Digest,
    /// How the signature is written.
    pub encoding: Encoding,
    /// Lower-case header that holds it.
    pub header: String,
    /// What may stand before it; a signature without it is as good.
    pub prefix: String,
    /// Whether the header may hold several signatures; any of them is enough.
    pub is_list: bool,
    /// What is signed.
    pub signed: Template,
    /// Valid keys.
    pub secrets: Vec<SecretString>,
}

/// An Ed25519 signature over a template.
pub struct Ed25519 {
    /// Lower-case header that holds it, in Base64.
    pub header: String,
    /// What is signed.
    pub signed: Template,
    /// Valid public keys.
    pub keys: Vec<VerifyingKey>,
}

/// What is signed, and where the pieces stand that are not the body.
pub struct Template {
    pieces: Vec<Piece>,
    /// Lower-case header of the time.
    timestamp: Option<String>,
    /// Lower-case header of the nonce or id.
    nonce: Option<String>,
    /// How far from now the time may be.
    max_age_secs: Option<u64>,
}

enum Piece {
    Plain(String),
    Body,
    Timestamp,
    Nonce,
    Url,
    Method,
    HexOfBody,
    HashOfBody,
}

/// A name in braces, and how its piece is made.
type Named = (&'static str, fn() -> Piece);

const PIECES: [Named; 7] = [
    ("{body}", || Piece::Body),
    ("{timestamp}", || Piece::Timestamp),
    ("{nonce}", || Piece::Nonce),
    ("{url}", || Piece::Url),
    ("{method}", || Piece::Method),
    ("{sha256_body}", || Piece::HexOfBody),
    ("{sha256_body_bin}", || Piece::HashOfBody),
];

impl Template {
    /// Reads a template. `None` when a name in braces is unknown, or needs a header that is not named.
    #[must_use]
    pub fn parse(written: &str, timestamp: Option<String>, nonce: Option<String>, max_age_secs: Option<u64>) -> Option<Self> {
        let mut pieces = Vec::new();
        let mut rest = written;
        while !rest.is_empty() {
            if let Some((name, piece)) = PIECES.iter().find(|(name, _)| rest.starts_with(name)) {
                pieces.push(piece());
                rest = &rest[name.len()..];
                continue;
            }
            let end = rest[1..].find('{').map_or(rest.len(), |at| at + 1);
            if rest.starts_with('{') {
                return None;
            }
            pieces.push(Piece::Plain(rest[..end].to_owned()));
            rest = &rest[end..];
        }
        let has = |wanted: fn(&Piece) -> bool| pieces.iter().any(wanted);
        let is_complete = (!has(|piece| matches!(piece, Piece::Timestamp)) || timestamp.is_some())
            && (!has(|piece| matches!(piece, Piece::Nonce)) || nonce.is_some())
            && has(|piece| matches!(piece, Piece::Body | Piece::HexOfBody | Piece::HashOfBody));
        is_complete.then_some(Self { pieces, timestamp, nonce, max_age_secs })
    }

    /// The bytes that were signed, after a look at their time.
    fn fill(&self, claim: &Claim<'_>) -> Result<Vec<u8>, TurnedAway> {
        let timestamp = self.timestamp.as_deref().map(|header| claim.header_text(header)).transpose()?.unwrap_or_default();
        let nonce = self.nonce.as_deref().map(|header| claim.header_text(header)).transpose()?.unwrap_or_default();
        if self.timestamp.is_some()
            && let Some(max_age_secs) = self.max_age_secs
        {
            claim.check_age(timestamp, max_age_secs)?;
        }
        // Where there is no body, such as in a GET, providers sign the query instead.
        let request = claim.request;
        let body = if request.body.is_empty() { request.query.as_bytes() } else { &request.body };
        let mut signed = Vec::new();
        for piece in &self.pieces {
            match piece {
                Piece::Plain(text) => signed.extend_from_slice(text.as_bytes()),
                Piece::Body => signed.extend_from_slice(body),
                Piece::Timestamp => signed.extend_from_slice(timestamp.as_bytes()),
                Piece::Nonce => signed.extend_from_slice(nonce.as_bytes()),
                Piece::Url => signed.extend_from_slice(claim.url.as_bytes()),
                Piece::Method => signed.extend_from_slice(request.method.as_str().as_bytes()),
                Piece::HexOfBody => signed.extend_from_slice(hex::encode(Sha256::digest(body)).as_bytes()),
                Piece::HashOfBody => signed.extend_from_slice(&Sha256::digest(body)),
            }
        }
        Ok(signed)
    }

    fn covers(&self) -> Covers {
        if self.pieces.iter().any(|piece| matches!(piece, Piece::Url)) { Covers::AddressAndBody } else { Covers::Body }
    }
}

impl Hmac {
    pub(super) fn check(&self, claim: &Claim<'_>) -> Result<Covers, TurnedAway> {
        let given = claim.header(&self.header)?;
        let signed = self.signed.fill(claim)?;
        let separators: &[u8] = if self.is_list { b" ," } else { b"" };
        // `v1,abc v1,def` is a list whose items themselves begin with the prefix and a comma.
        let candidates: Vec<Vec<u8>> = given
            .split(|byte| separators.contains(byte))
            .map(|item| self.encoding.decode(item.strip_prefix(self.prefix.as_bytes()).unwrap_or(item)))
            .filter(|signature| !signature.is_empty())
            .collect();
        let is_right = any(&self.secrets, |secret| {
            let expected = self.digest.mac(&key_of(secret), &[&signed]);
            any(&candidates, |given| same(given, &expected))
        });
        right(is_right)?;
        Ok(self.signed.covers())
    }
}

/// The key's bytes. Standard Webhooks writes its keys in Base64 behind `whsec_`.
fn key_of(secret: &SecretString) -> Vec<u8> {
    let written = secret.expose_secret();
    let decoded = written.strip_prefix("whsec_").and_then(|encoded| BASE64.decode(encoded).ok());
    decoded.unwrap_or_else(|| written.as_bytes().to_vec())
}

impl Ed25519 {
    /// Reads a public key in Base64.
    #[must_use]
    pub fn key(written: &str) -> Option<VerifyingKey> {
        let bytes = <[u8; 32]>::try_from(BASE64.decode(written.trim()).ok()?).ok()?;
        VerifyingKey::from_bytes(&bytes).ok()
    }

    pub(super) fn check(&self, claim: &Claim<'_>) -> Result<Covers, TurnedAway> {
        let given = Encoding::Base64.decode(claim.header(&self.header)?);
        let signed = self.signed.fill(claim)?;
        let signature = Signature::from_slice(&given).map_err(|_| TurnedAway::BadSignature)?;
        right(any(&self.keys, |key| key.verify_strict(&signed, &signature).is_ok()))?;
        Ok(self.signed.covers())
    }
}
