//! JSON Web Tokens with an HMAC, and the claims that bind them to one request.
//!
//! Only the HMAC algorithms that a preset names are accepted; `none` is not one of them.

use secrecy::SecretString;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::hash::{Digest, Encoding};
use super::{Claim, Covers, any, bytes_of, right, same};
use crate::desk::TurnedAway;

/// Clocks of providers and gateways differ by so much.
const LEEWAY_SECS: i64 = 1;

/// A token in a header.
pub struct Jwt {
    /// Lower-case header name; `Bearer` before the token is taken off.
    pub header: String,
    /// The hashes that are accepted.
    pub digests: Vec<Digest>,
    /// Who must have issued it.
    pub issuer: String,
    /// Whether the audience must be this channel's address.
    pub binds_audience: bool,
    /// Whether `url_hash` must be the hash of this address.
    pub binds_url: bool,
    /// Whether `payload_hash` must be the hash of the body.
    pub binds_body: bool,
    /// For tokens that say when they were made and not when they end; all others must say from when and until when.
    pub max_age_secs: Option<u64>,
    /// Valid keys.
    pub secrets: Vec<SecretString>,
}

impl Jwt {
    pub(super) fn check(&self, claim: &Claim<'_>) -> Result<Covers, TurnedAway> {
        let given = claim.header_text(&self.header)?;
        let token = given.strip_prefix("Bearer ").unwrap_or(given).trim();
        let claims = self.open(token)?;
        self.check_time(&claims, claim)?;
        right(claims.get("iss").and_then(Value::as_str) == Some(&self.issuer))?;
        if self.binds_audience {
            let audience = match claims.get("aud") {
                Some(Value::String(audience)) => audience == &claim.url,
                Some(Value::Array(list)) => list.iter().any(|audience| audience.as_str() == Some(&claim.url)),
                Some(_) | None => false,
            };
            right(audience)?;
        }
        if self.binds_url {
            right(is_hash_of(claims.get("url_hash"), claim.url.as_bytes()))?;
        }
        if self.binds_body {
            let body = &claim.request.body;
            match claims.get("payload_hash") {
                None | Some(Value::Null) => right(body.is_empty())?,
                hash => right(!body.is_empty() && is_hash_of(hash, body))?,
            }
        }
        Ok(if self.binds_url || self.binds_audience { Covers::AddressAndBody } else { Covers::Body })
    }

    /// The claims of a token whose signature is right.
    fn open(&self, token: &str) -> Result<Value, TurnedAway> {
        let mut pieces = token.split('.');
        let (Some(head), Some(body), Some(signature), None) = (pieces.next(), pieces.next(), pieces.next(), pieces.next()) else {
            return Err(TurnedAway::BadSignature);
        };
        let read = |piece: &str| serde_json::from_slice::<Value>(&Encoding::Base64Url.decode(piece.as_bytes())).ok();
        let digest = match read(head).as_ref().and_then(|head| head.get("alg")?.as_str()) {
            Some("HS256") => Digest::Sha256,
            Some("HS384") => Digest::Sha384,
            Some("HS512") => Digest::Sha512,
            Some(_) | None => return Err(TurnedAway::BadSignature),
        };
        right(self.digests.contains(&digest))?;
        let signature = Encoding::Base64Url.decode(signature.as_bytes());
        let signed = format!("{head}.{body}");
        right(any(&self.secrets, |secret| same(&signature, &digest.mac(bytes_of(secret), &[signed.as_bytes()]))))?;
        read(body).ok_or(TurnedAway::BadSignature)
    }

    /// A token lasts from `nbf` to `exp`, or a while from `iat` on.
    fn check_time(&self, claims: &Value, claim: &Claim<'_>) -> Result<(), TurnedAway> {
        let now = claim.now.as_second();
        let time = |name: &str| claims.get(name).and_then(Value::as_f64);
        #[expect(clippy::cast_possible_truncation, reason = "a time beyond the range of seconds is far outside any window")]
        let second = |name: &str| time(name).map(|secs| secs as i64);
        if second("nbf").is_some_and(|start| now.saturating_add(LEEWAY_SECS) < start) {
            return Err(TurnedAway::Stale);
        }
        // A token without an end would be valid for ever.
        let end = match (second("exp"), second("iat"), self.max_age_secs) {
            (Some(end), _, None) if second("nbf").is_some() => end,
            (_, Some(made), Some(max_age_secs)) => made.saturating_add(i64::try_from(max_age_secs).unwrap_or(i64::MAX)),
            _ => return Err(TurnedAway::Stale),
        };
        if now > end.saturating_add(LEEWAY_SECS) { Err(TurnedAway::Stale) } else { Ok(()) }
    }
}

fn is_hash_of(claim: Option<&Value>, bytes: &[u8]) -> bool {
    let written = claim.and_then(Value::as_str).unwrap_or_default();
    same(&Encoding::Hex.decode(written.as_bytes()), &Sha256::digest(bytes))
}
