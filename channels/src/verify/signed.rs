//! The recipes of single providers, each over the fields of a form in an order of its own.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde_json::Value;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use super::hash::{Digest, Encoding};
use super::{Claim, Covers, any, bytes_of, right, same};
use crate::desk::TurnedAway;
use crate::form::Pair;

/// Vonage's signature methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VonageDigest {
    /// MD5 over fields and secret, the oldest one.
    Md5Hash,
    /// HMAC with this hash.
    Hmac(Digest),
}

/// Names and values in order, each name's values sorted.
fn sorted(fields: Vec<Pair>) -> BTreeMap<String, Vec<Vec<u8>>> {
    let mut sorted: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
    for (name, value) in fields {
        sorted.entry(name).or_default().push(value);
    }
    sorted.values_mut().for_each(|values| values.sort());
    sorted
}

/// Twilio: the address, then the fields by name, each name's values sorted and said once. A body that is no form is
/// signed by its hash in the address.
pub(super) fn twilio(
    claim: &Claim<'_>,
    header: &str,
    auth_tokens: &[SecretString],
    shared_keys: &[SecretString],
) -> Result<Covers, TurnedAway> {
    let given = Encoding::Base64.decode(claim.header(header)?);
    let (digest, secrets) = match claim.header_text("x-twilio-webhooks-signature-settings") {
        Err(_) => (Digest::Sha1, auth_tokens),
        Ok(settings) => {
            let algorithm = settings.split(',').find_map(|setting| setting.trim().strip_prefix("algorithm="));
            match algorithm.map(str::trim) {
                Some("HMAC_SHA256") => (Digest::Sha256, if shared_keys.is_empty() { auth_tokens } else { shared_keys }),
                Some("HMAC_SHA1") | None => (Digest::Sha1, auth_tokens),
                Some(_) => return Err(TurnedAway::BadSignature),
            }
        }
    };
    let hash = claim.query_fields().into_iter().find(|(name, _)| name == "bodySHA256");
    let mut tail = Vec::new();
    let covers = match hash {
        Some((_, hash)) => {
            right(same(&Encoding::Hex.decode(&hash), &Sha256::digest(&claim.request.body)))?;
            Covers::AddressAndBody
        }
        None => {
            let fields = claim.body_fields();
            // A body that is no form is covered by nothing: it must not be read.
            let covers = if fields.is_empty() { Covers::Address } else { Covers::AddressAndBody };
            for (name, mut values) in sorted(fields) {
                values.dedup();
                for value in values {
                    tail.extend_from_slice(name.as_bytes());
                    tail.extend_from_slice(&value);
                }
            }
            covers
        }
    };
    let addresses = with_and_without_port(&claim.url);
    let is_right =
        any(secrets, |secret| any(&addresses, |url| same(&given, &digest.mac(bytes_of(secret), &[url.as_bytes(), &tail]))));
    right(is_right)?;
    Ok(covers)
}

/// The same address without a port and with one, since providers disagree with themselves.
fn with_and_without_port(url: &str) -> Vec<String> {
    let Some((scheme, rest)) = url.split_once("://") else { return vec![url.to_owned()] };
    let usual = if scheme == "https" { "443" } else { "80" };
    let (host, path) = rest.find(['/', '?']).map_or((rest, ""), |at| rest.split_at(at));
    let (bare, port) =
        host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit())).unwrap_or((host, usual));
    vec![format!("{scheme}://{bare}{path}"), format!("{scheme}://{bare}:{port}{path}")]
}

/// Vonage: every field but the signature as `&name=value`, names sorted, `&` and `=` in values made `_`.
pub(super) fn vonage(
    claim: &Claim<'_>,
    method: VonageDigest,
    max_age_secs: u64,
    secrets: &[SecretString],
) -> Result<Covers, TurnedAway> {
    let mut fields: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let is_json = super::media_type(&claim.request.headers).ends_with("json");
    if is_json {
        let document: Value = serde_json::from_slice(&claim.request.body).map_err(|_| TurnedAway::BadSignature)?;
        for (name, value) in document.as_object().ok_or(TurnedAway::BadSignature)? {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            fields.insert(name.clone(), value.into_bytes());
        }
    } else {
        // A later field replaces an earlier one of the same name, here as in the reader.
        fields.extend(claim.query_fields().into_iter().chain(claim.body_fields()));
    }
    let given = Encoding::Hex.decode(&fields.remove("sig").ok_or(TurnedAway::Unsigned)?);
    let timestamp = fields.get("timestamp").ok_or(TurnedAway::BadSignature)?;
    claim.check_age(&String::from_utf8_lossy(timestamp), max_age_secs)?;
    let mut signed = Vec::new();
    for (name, value) in &fields {
        signed.push(b'&');
        signed.extend_from_slice(name.as_bytes());
        signed.push(b'=');
        signed.extend(value.iter().map(|byte| if matches!(byte, b'&' | b'=') { b'_' } else { *byte }));
    }
    let is_right = any(secrets, |secret| {
        let expected = match method {
            VonageDigest::Md5Hash => {
                let mut hash = md5::Md5::new();
                hash.update(&signed);
                hash.update(bytes_of(secret));
                hash.finalize().to_vec()
            }
            VonageDigest::Hmac(digest) => digest.mac(bytes_of(secret), &[&signed]),
        };
        same(&given, &expected)
    });
    right(is_right)?;
    Ok(Covers::Fields)
}

/// Plivo: the address with its query sorted, the fields sorted, and the nonce.
pub(super) fn plivo(claim: &Claim<'_>, secrets: &[SecretString]) -> Result<Covers, TurnedAway> {
    let given = claim.header("x-plivo-signature-v3")?;
    let nonce = claim.header("x-plivo-signature-v3-nonce")?;
    let query: Vec<Vec<u8>> = sorted(claim.query_fields())
        .into_iter()
        .flat_map(|(name, values)| values.into_iter().map(move |value| [name.as_bytes(), b"=", &value].concat()))
        .collect();
    let fields = if claim.request.method == axum::http::Method::GET { Vec::new() } else { claim.body_fields() };
    let tail: Vec<u8> = sorted(fields)
        .into_iter()
        .flat_map(|(name, values)| values.into_iter().flat_map(move |value| [name.as_bytes(), &value].concat()))
        .collect();
    let mut signed = claim.url.split('?').next().unwrap_or_default().as_bytes().to_vec();
    if !query.is_empty() || !tail.is_empty() {
        signed.push(b'?');
        signed.extend(query.join(&b'&'));
        if !query.is_empty() && !tail.is_empty() {
            signed.push(b'.');
        }
        signed.extend(&tail);
    }
    signed.push(b'.');
    signed.extend_from_slice(nonce);
    let candidates: Vec<Vec<u8>> = given.split(|byte| *byte == b',').map(|item| Encoding::Base64.decode(item)).collect();
    let is_right = any(secrets, |secret| {
        let expected = Digest::Sha256.mac(bytes_of(secret), &[&signed]);
        any(&candidates, |given| same(given, &expected))
    });
    right(is_right)?;
    Ok(if tail.is_empty() { Covers::Address } else { Covers::AddressAndBody })
}

/// `EnvayaSMS`: SHA-1 over the address, the fields by name and the password, with commas between them.
pub(super) fn envaya(claim: &Claim<'_>, secrets: &[SecretString]) -> Result<Covers, TurnedAway> {
    let given = Encoding::Base64.decode(claim.header("x-request-signature")?);
    let mut signed = claim.url.as_bytes().to_vec();
    for (name, values) in sorted(claim.body_fields()) {
        for value in values {
            signed.extend_from_slice(format!(",{name}=").as_bytes());
            signed.extend_from_slice(&value);
        }
    }
    signed.push(b',');
    let is_right = any(secrets, |secret| {
        let mut hash = Sha1::new();
        hash.update(&signed);
        hash.update(bytes_of(secret));
        same(&given, &hash.finalize())
    });
    right(is_right)?;
    Ok(Covers::AddressAndBody)
}
