//! Sealing: contacts for the day of an answer, reports for the minutes until they are cases.
//!
//! ```text
//! contact   = suite:u8 | encapsulated key:32 | wrapped K:48 | nonce:24 | XChaCha20-Poly1305(K, record padded to 256)
//! report    = version:u8 | nonce:24 | XChaCha20-Poly1305(journal key, JSON)
//! ```
//!
//! K is a fresh key for each contact, wrapped by HPKE (X25519, HKDF-SHA256, ChaCha20-Poly1305) to the reply key. Channel and
//! case reference are bound in as associated data: a contact moved to another case does not open.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::channel::ChannelError;
use crate::identity::{Identity, Known, KnownKind};
use crate::inbound::{ChannelName, DeliveryId, Hints, Inbound, Medium, RawText, SiteCode};
use crate::keys::{JournalKey, OpeningKey, SealingKey};

const SUITE_X25519: u8 = 1;
const INFO: &[u8] = b"gw-contact-v1";
const PADDED_BYTES: usize = 256;
const REPORT_VERSION: u8 = 1;

/// A contact that only the reply key opens, and only for its own case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedContact(Vec<u8>);

impl SealedContact {
    /// Takes bytes from a store. Whether they open is seen when somebody answers.
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The ciphertext.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// A whole report under the journal's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedReport(Vec<u8>);

impl SealedReport {
    /// Takes bytes from the journal.
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The ciphertext.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Something sealed did not open: another key, another case, or damaged bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the seal does not open")]
pub struct SealBroken;

impl From<SealBroken> for ChannelError {
    fn from(_: SealBroken) -> Self {
        Self::SealBroken
    }
}

/// Makes a new reply key pair from 32 random bytes.
#[must_use]
pub fn reply_key_pair(seed: &[u8; 32]) -> (OpeningKey, SealingKey) {
    let (secret, public) = X25519HkdfSha256::derive_keypair(seed);
    (OpeningKey(fixed(&secret.to_bytes())), SealingKey(fixed(&public.to_bytes())))
}

impl OpeningKey {
    /// The secret bytes, for the key file.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0)
    }

    /// The public half.
    ///
    /// # Errors
    /// When the bytes are no X25519 key.
    pub fn sealing_key(&self) -> Result<SealingKey, SealBroken> {
        let secret = <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(&self.0).map_err(|_| SealBroken)?;
        Ok(SealingKey(fixed(&X25519HkdfSha256::sk_to_pk(&secret).to_bytes())))
    }
}

impl SealingKey {
    /// The public bytes, for the key file.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0
    }
}

fn fixed(bytes: &[u8]) -> [u8; 32] {
    bytes.try_into().expect("an X25519 key has 32 bytes")
}

fn random<const N: usize>() -> Zeroizing<[u8; N]> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::fill(bytes.as_mut()).expect("the operating system gives random bytes");
    bytes
}

/// Length-prefixed, so that no two pairs of values give the same bytes.
fn bound_to(channel: &ChannelName, reference: &str) -> Vec<u8> {
    let mut aad = Vec::new();
    for field in [INFO, channel.as_str().as_bytes(), reference.as_bytes()] {
        aad.extend_from_slice(&u32::try_from(field.len()).unwrap_or(u32::MAX).to_be_bytes());
        aad.extend_from_slice(field);
    }
    aad
}

impl Identity {
    /// Seals the sender's address for the case `reference`. `None` when there is no address to answer to.
    #[must_use]
    pub fn seal(&self, channel: &ChannelName, reference: &str, key: &SealingKey) -> Option<SealedContact> {
        if !self.can_be_answered() {
            return None;
        }
        let aad = bound_to(channel, reference);
        let content_key = random::<32>();
        let nonce = random::<24>();
        let mut record = Zeroizing::new(self.address.clone().into_bytes());
        record.push(0x80);
        let padded = record.len().next_multiple_of(PADDED_BYTES);
        record.resize(padded, 0);
        let cipher = XChaCha20Poly1305::new((&*content_key).into());
        let body = cipher
            .encrypt(&XNonce::from(*nonce), Payload { msg: &record, aad: &aad })
            .expect("a record of a few hundred bytes can be sealed");
        let public = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(&key.0).ok()?;
        let (encapsulated, wrapped) = hpke::single_shot_seal::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeS::Base,
            &public,
            INFO,
            content_key.as_slice(),
            &aad,
        )
        .ok()?;
        let mut sealed = vec![SUITE_X25519];
        sealed.extend_from_slice(&encapsulated.to_bytes());
        sealed.extend_from_slice(&wrapped);
        sealed.extend_from_slice(nonce.as_slice());
        sealed.extend_from_slice(&body);
        Some(SealedContact(sealed))
    }
}

/// Opens a contact for sending. Private to this crate: the address goes to the provider and nowhere else.
#[cfg_attr(not(feature = "sms"), expect(dead_code, reason = "only a channel that sends opens a contact"))]
pub(crate) fn open_contact(
    contact: &SealedContact,
    channel: &ChannelName,
    reference: &str,
    key: &OpeningKey,
) -> Result<Zeroizing<String>, SealBroken> {
    let (suite, rest) = contact.0.split_first().ok_or(SealBroken)?;
    if *suite != SUITE_X25519 || rest.len() < 32 + 48 + 24 {
        return Err(SealBroken);
    }
    let (encapsulated, rest) = rest.split_at(32);
    let (wrapped, rest) = rest.split_at(48);
    let (nonce, body) = rest.split_at(24);
    let aad = bound_to(channel, reference);
    let secret = <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(&key.0).map_err(|_| SealBroken)?;
    let encapsulated = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(encapsulated).map_err(|_| SealBroken)?;
    let content_key = Zeroizing::new(
        hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeR::Base,
            &secret,
            &encapsulated,
            INFO,
            wrapped,
            &aad,
        )
        .map_err(|_| SealBroken)?,
    );
    let cipher = XChaCha20Poly1305::new_from_slice(&content_key).map_err(|_| SealBroken)?;
    let nonce = <[u8; 24]>::try_from(nonce).map_err(|_| SealBroken)?;
    let mut record =
        Zeroizing::new(cipher.decrypt(&XNonce::from(nonce), Payload { msg: body, aad: &aad }).map_err(|_| SealBroken)?);
    let end = record.iter().rposition(|byte| *byte == 0x80).ok_or(SealBroken)?;
    record.truncate(end);
    String::from_utf8(std::mem::take(&mut *record)).map(Zeroizing::new).map_err(|_| SealBroken)
}

/// The serialisable twin of [`Inbound`]. Private: it exists only between a JSON writer and a cipher.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
struct ReportRecord {
    channel: String,
    #[zeroize(skip)]
    medium: Medium,
    delivery: String,
    received_ms: i64,
    address: String,
    unique: String,
    known: Vec<(u8, String)>,
    subject: Option<String>,
    text: String,
    language: Option<String>,
    country: Option<String>,
    site: Option<String>,
}

const KINDS: [KnownKind; 4] = [KnownKind::Phone, KnownKind::Email, KnownKind::Name, KnownKind::Handle];

impl SealedReport {
    /// Seals a report for the journal.
    #[must_use]
    pub fn seal(inbound: &Inbound, key: &JournalKey) -> Self {
        let kind_number = |kind| KINDS.iter().position(|other| *other == kind).and_then(|at| u8::try_from(at).ok()).unwrap_or(0);
        let record = ReportRecord {
            channel: inbound.channel.as_str().to_owned(),
            medium: inbound.medium,
            delivery: inbound.delivery.reveal().to_owned(),
            received_ms: inbound.received_at.as_millisecond(),
            address: inbound.identity.address.clone(),
            unique: inbound.identity.unique.clone(),
            known: inbound.identity.known.iter().map(|known| (kind_number(known.kind), known.value.clone())).collect(),
            subject: inbound.subject.as_ref().map(|subject| raw(subject).to_owned()),
            text: raw(&inbound.text).to_owned(),
            language: inbound.hints.language.clone(),
            country: inbound.hints.country.clone(),
            site: inbound.hints.site.as_ref().map(|site| site.as_str().to_owned()),
        };
        let plain = Zeroizing::new(serde_json::to_vec(&record).expect("a record of strings is always valid JSON"));
        Self(seal_bytes(&plain, b"gw-report-v1", key))
    }

    /// Opens a report from the journal. What comes out is as closed as what went in.
    ///
    /// # Errors
    /// When it was sealed with another key or has been damaged.
    pub fn open(&self, key: &JournalKey) -> Result<Inbound, SealBroken> {
        let plain = open_bytes(&self.0, b"gw-report-v1", key)?;
        let mut record: ReportRecord = serde_json::from_slice(&plain).map_err(|_| SealBroken)?;
        let known = std::mem::take(&mut record.known)
            .into_iter()
            .filter_map(|(kind, value)| KINDS.get(usize::from(kind)).map(|kind| Known { kind: *kind, value }))
            .collect();
        Ok(Inbound {
            channel: ChannelName::parse(&record.channel).ok_or(SealBroken)?,
            medium: record.medium,
            delivery: DeliveryId::new(std::mem::take(&mut record.delivery)),
            received_at: Timestamp::from_millisecond(record.received_ms).map_err(|_| SealBroken)?,
            identity: Identity {
                address: std::mem::take(&mut record.address),
                unique: std::mem::take(&mut record.unique),
                known,
            },
            subject: record.subject.take().map(RawText::new),
            text: RawText::new(std::mem::take(&mut record.text)),
            hints: Hints {
                language: record.language.take(),
                country: record.country.take(),
                site: record.site.as_deref().and_then(SiteCode::parse),
            },
            attached: Vec::new(),
        })
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "sealing is the one thing besides language and anonymising that takes the words in"
)]
fn raw(text: &RawText) -> &str {
    text.expose()
}

/// Seals any bytes under the journal's key, for quarantine.
#[must_use]
pub fn seal_bytes(plain: &[u8], purpose: &[u8], key: &JournalKey) -> Vec<u8> {
    let nonce = random::<24>();
    let cipher = XChaCha20Poly1305::new((&key.0).into());
    let body = cipher.encrypt(&XNonce::from(*nonce), Payload { msg: plain, aad: purpose }).expect("a bounded body can be sealed");
    let mut sealed = Vec::with_capacity(1 + 24 + body.len());
    sealed.push(REPORT_VERSION);
    sealed.extend_from_slice(nonce.as_slice());
    sealed.extend_from_slice(&body);
    sealed
}

fn open_bytes(sealed: &[u8], purpose: &[u8], key: &JournalKey) -> Result<Zeroizing<Vec<u8>>, SealBroken> {
    let (version, rest) = sealed.split_first().ok_or(SealBroken)?;
    if *version != REPORT_VERSION || rest.len() < 24 {
        return Err(SealBroken);
    }
    let (nonce, body) = rest.split_at(24);
    let nonce = <[u8; 24]>::try_from(nonce).map_err(|_| SealBroken)?;
    let cipher = XChaCha20Poly1305::new((&key.0).into());
    cipher.decrypt(&XNonce::from(nonce), Payload { msg: body, aad: purpose }).map(Zeroizing::new).map_err(|_| SealBroken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed() -> (OpeningKey, SealedContact, ChannelName) {
        let (opening, sealing) = reply_key_pair(&[7; 32]);
        let channel = ChannelName::parse("sms").expect("a valid name");
        let contact = Identity::phone("+84905550123", None).seal(&channel, "ABCD-EFGH", &sealing).expect("there is an address");
        (opening, contact, channel)
    }

    #[test]
    fn a_sealed_contact_opens_for_its_own_case_only() {
        let (key, contact, channel) = sealed();
        assert_eq!(open_contact(&contact, &channel, "ABCD-EFGH", &key).expect("it opens").as_str(), "+84905550123");
        assert!(open_contact(&contact, &channel, "ABCD-EFGJ", &key).is_err());
        let other = ChannelName::parse("sms-2").expect("a valid name");
        assert!(open_contact(&contact, &other, "ABCD-EFGH", &key).is_err());
        let (foreign, _) = reply_key_pair(&[8; 32]);
        assert!(open_contact(&contact, &channel, "ABCD-EFGH", &foreign).is_err());
    }

    #[test]
    fn a_flipped_bit_anywhere_keeps_a_contact_shut() {
        let (key, contact, channel) = sealed();
        for at in 0..contact.0.len() {
            let mut damaged = contact.clone();
            damaged.0[at] ^= 1;
            assert!(open_contact(&damaged, &channel, "ABCD-EFGH", &key).is_err(), "bit flipped in byte {at}");
        }
    }

    #[test]
    fn the_length_of_an_address_does_not_show() {
        let (_, sealing) = reply_key_pair(&[7; 32]);
        let channel = ChannelName::parse("mail").expect("a valid name");
        let short = Identity::email("a@example.org").seal(&channel, "X", &sealing).expect("there is an address");
        let long = Identity::email("a.very.long.name.of.somebody@department.example.org")
            .seal(&channel, "X", &sealing)
            .expect("there is an address");
        assert_eq!(short.0.len(), long.0.len());
    }

    #[test]
    fn a_report_comes_back_from_the_journal_as_it_went_in() {
        let key = JournalKey::new([3; 32]);
        let mut identity = Identity::phone("+15550100", None);
        identity.also(KnownKind::Name, "Ann Wachira");
        let inbound = Inbound {
            channel: ChannelName::parse("sms").expect("a valid name"),
            medium: Medium::Sms,
            delivery: DeliveryId::new("SM1"),
            received_at: Timestamp::from_millisecond(1_700_000_000_123).expect("a valid time"),
            identity,
            subject: None,
            text: RawText::new("the exit is locked"),
            hints: Hints { language: Some("en".into()), country: None, site: SiteCode::parse("HN-07") },
            attached: Vec::new(),
        };
        let sealed = SealedReport::seal(&inbound, &key);
        assert!(!sealed.as_bytes().windows(4).any(|bytes| bytes == b"exit"));
        let back = sealed.open(&key).expect("it opens");
        assert_eq!(raw(back.text()), "the exit is locked");
        assert_eq!(back.received_at(), inbound.received_at());
        assert_eq!(back.hints(), inbound.hints());
        assert_eq!(back.identity().spans_in("Ann").len(), 1);
        assert!(sealed.open(&JournalKey::new([4; 32])).is_err());
    }
}
