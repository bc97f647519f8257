//! Sealing: contacts for the day of an answer, originals for the custodian, reports for the minutes until they are cases.
//!
//! ```text
//! record = version:u8 | epoch:u64 | nonce:24 | XChaCha20-Poly1305(K, content padded to a multiple of 256)
//! wrap   = suite:u8 | epoch:u64 | encapsulated key:32 | HPKE(epoch's public key, K):48
//! report = version:u8 | nonce:24 | XChaCha20-Poly1305(journal key, JSON); also senders and words of waiting receipts
//! ```
//!
//! K is a fresh key for each record. Whoever has the wrap and the secret of its epoch has K; a record without its wrap is
//! noise. The wrap goes from epoch to epoch, the record stays as it is. What the record is, the vault, the case and the epoch
//! are bound in as associated data, and nothing that can ever change: moved to another case, neither opens.

mod contact;
mod original;
mod report;
mod sender;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use zeroize::Zeroizing;

pub use contact::{Opening, SealedContact};
pub use original::{HandedOut, SealedOriginal};
pub use report::SealedReport;
pub use sender::SealedSender;

#[cfg(feature = "sms")]
pub(crate) use contact::open_contact;

use crate::channel::ChannelError;
use crate::epoch::{EpochKey, EpochSecret, VaultId};
use crate::keys::JournalKey;

const VERSION: u8 = 1;
const SUITE_X25519: u8 = 1;
const HEAD_BYTES: usize = 1 + 8;
const WRAP_BYTES: usize = HEAD_BYTES + 32 + 48;
const PADDED_BYTES: usize = 256;

/// Something sealed did not open: another key, another case, or damaged bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the seal does not open")]
pub struct SealBroken;

impl From<SealBroken> for ChannelError {
    fn from(_: SealBroken) -> Self {
        Self::SealBroken
    }
}

/// What is kept sealed beside a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kept {
    /// Where an answer can go.
    Contact,
    /// The words as they came in.
    Original,
}

impl Kept {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Contact, Self::Original];

    /// The word that stores write.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Original => "original",
        }
    }

    /// Reads that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kept| kept.as_str() == word)
    }

    const fn domain(self) -> &'static [u8] {
        match self {
            Self::Contact => b"gw-contact-v1",
            Self::Original => b"gw-original-v1",
        }
    }
}

/// The key of one record, wrapped to the key of an epoch. Stored apart from the record; deleting it destroys the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrap(Vec<u8>);

impl Wrap {
    /// Takes bytes from a store. Whether they open is seen when somebody answers.
    #[must_use]
    pub const fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The ciphertext.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The epoch whose secret opens it; 0, which no epoch is, when the bytes are damaged.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        if self.0.len() == WRAP_BYTES && self.0[0] == SUITE_X25519 { head_epoch(&self.0).unwrap_or(0) } else { 0 }
    }

    /// Moves the key on to another epoch. It is in the clear in this function and nowhere else.
    ///
    /// # Errors
    /// When `from` is not its epoch, or it belongs to another case or vault, or is damaged.
    pub fn moved(&self, kept: Kept, bound: Bound<'_>, from: &EpochSecret, to: &EpochKey) -> Result<Self, SealBroken> {
        let key = self.open(kept, bound, from)?;
        Self::seal(&key, kept, bound, to)
    }

    fn seal(key: &[u8; 32], kept: Kept, bound: Bound<'_>, epoch: &EpochKey) -> Result<Self, SealBroken> {
        let (encapsulated, wrapped) = hpke_seal(&epoch.public, kept.domain(), key, &bound.in_epoch(kept, epoch.number))?;
        let mut wrap = head(SUITE_X25519, epoch.number);
        wrap.extend_from_slice(&encapsulated);
        wrap.extend_from_slice(&wrapped);
        Ok(Self(wrap))
    }

    fn open(&self, kept: Kept, bound: Bound<'_>, secret: &EpochSecret) -> Result<Zeroizing<[u8; 32]>, SealBroken> {
        if self.0.len() != WRAP_BYTES || self.0[0] != SUITE_X25519 || head_epoch(&self.0)? != secret.number {
            return Err(SealBroken);
        }
        let (encapsulated, wrapped) = self.0[HEAD_BYTES..].split_at(32);
        let aad = bound.in_epoch(kept, secret.number);
        let key = hpke_open(&secret.private()?, kept.domain(), encapsulated, wrapped, &aad)?;
        key.as_slice().try_into().map(Zeroizing::new).map_err(|_| SealBroken)
    }
}

/// What a seal is bound to: values that never change.
#[derive(Debug, Clone, Copy)]
pub struct Bound<'a> {
    /// The deployment's vault.
    pub vault: VaultId,
    /// The case's reference.
    pub case: &'a str,
}

impl Bound<'_> {
    fn in_epoch(&self, kept: Kept, epoch: u64) -> Vec<u8> {
        prefixed(&[kept.domain(), &self.vault.to_bytes(), self.case.as_bytes(), &epoch.to_be_bytes()])
    }
}

/// Seals a record under a key of its own, and the key to the epoch.
fn seal_record(content: &[u8], kept: Kept, bound: Bound<'_>, epoch: &EpochKey) -> Result<(Vec<u8>, Wrap), SealBroken> {
    let key = random::<32>();
    let wrap = Wrap::seal(&key, kept, bound, epoch)?;
    let nonce = random::<24>();
    let mut record = head(VERSION, epoch.number);
    record.extend_from_slice(nonce.as_slice());
    let aad = bound.in_epoch(kept, epoch.number);
    let padded = pad(content);
    let body = XChaCha20Poly1305::new((&*key).into())
        .encrypt(&XNonce::from(*nonce), Payload { msg: &padded, aad: &aad })
        .map_err(|_| SealBroken)?;
    record.extend_from_slice(&body);
    Ok((record, wrap))
}

fn open_record(
    record: &[u8],
    wrap: &Wrap,
    kept: Kept,
    bound: Bound<'_>,
    secret: &EpochSecret,
) -> Result<Zeroizing<Vec<u8>>, SealBroken> {
    if record.len() < HEAD_BYTES + 24 || record[0] != VERSION {
        return Err(SealBroken);
    }
    let key = wrap.open(kept, bound, secret)?;
    // The record keeps the epoch in which it was sealed, whatever the wrap's is by now.
    let aad = bound.in_epoch(kept, head_epoch(record)?);
    let (nonce, body) = record[HEAD_BYTES..].split_at(24);
    let nonce = <[u8; 24]>::try_from(nonce).map_err(|_| SealBroken)?;
    let padded = XChaCha20Poly1305::new((&*key).into())
        .decrypt(&XNonce::from(nonce), Payload { msg: body, aad: &aad })
        .map(Zeroizing::new)
        .map_err(|_| SealBroken)?;
    unpad(padded)
}

fn head(kind: u8, epoch: u64) -> Vec<u8> {
    let mut head = vec![kind];
    head.extend_from_slice(&epoch.to_be_bytes());
    head
}

fn head_epoch(bytes: &[u8]) -> Result<u64, SealBroken> {
    let epoch = bytes.get(1..HEAD_BYTES).ok_or(SealBroken)?;
    Ok(u64::from_be_bytes(epoch.try_into().map_err(|_| SealBroken)?))
}

/// A one and then zeros, up to the next multiple.
fn pad(content: &[u8]) -> Zeroizing<Vec<u8>> {
    // With its room from the start: a vector that grows leaves a copy of what it held behind.
    let mut padded = Zeroizing::new(Vec::with_capacity((content.len() + 1).next_multiple_of(PADDED_BYTES)));
    padded.extend_from_slice(content);
    padded.push(0x80);
    let full = padded.len().next_multiple_of(PADDED_BYTES);
    padded.resize(full, 0);
    padded
}

fn unpad(mut padded: Zeroizing<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>, SealBroken> {
    let end = padded.iter().rposition(|byte| *byte != 0).filter(|at| padded[*at] == 0x80).ok_or(SealBroken)?;
    padded.truncate(end);
    Ok(padded)
}

/// Length-prefixed, so that no two lists of values give the same bytes.
pub(crate) fn prefixed(fields: &[&[u8]]) -> Vec<u8> {
    let mut joined = Vec::new();
    for field in fields {
        joined.extend_from_slice(&u32::try_from(field.len()).unwrap_or(u32::MAX).to_be_bytes());
        joined.extend_from_slice(field);
    }
    joined
}

pub(crate) fn random<const N: usize>() -> Zeroizing<[u8; N]> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::fill(bytes.as_mut()).expect("the operating system gives random bytes");
    bytes
}

/// HPKE in base mode: X25519, HKDF-SHA256, ChaCha20-Poly1305.
fn hpke_seal(public: &[u8; 32], info: &[u8], content: &[u8], aad: &[u8]) -> Result<(Vec<u8>, Vec<u8>), SealBroken> {
    let public = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(public).map_err(|_| SealBroken)?;
    let (encapsulated, sealed) =
        hpke::single_shot_seal::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(&OpModeS::Base, &public, info, content, aad)
            .map_err(|_| SealBroken)?;
    Ok((encapsulated.to_bytes().to_vec(), sealed))
}

fn hpke_open(
    secret: &<X25519HkdfSha256 as Kem>::PrivateKey,
    info: &[u8],
    encapsulated: &[u8],
    sealed: &[u8],
    aad: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealBroken> {
    let encapsulated = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(encapsulated).map_err(|_| SealBroken)?;
    hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        secret,
        &encapsulated,
        info,
        sealed,
        aad,
    )
    .map(Zeroizing::new)
    .map_err(|_| SealBroken)
}

/// Seals any bytes under the journal's key, for quarantine.
#[must_use]
pub fn seal_bytes(plain: &[u8], purpose: &[u8], key: &JournalKey) -> Vec<u8> {
    let nonce = random::<24>();
    let cipher = XChaCha20Poly1305::new((&key.0).into());
    let body = cipher.encrypt(&XNonce::from(*nonce), Payload { msg: plain, aad: purpose }).expect("a bounded body can be sealed");
    let mut sealed = Vec::with_capacity(1 + 24 + body.len());
    sealed.push(VERSION);
    sealed.extend_from_slice(nonce.as_slice());
    sealed.extend_from_slice(&body);
    sealed
}

/// Seals the words of a message on its way out.
#[must_use]
pub fn seal_words(words: &str, key: &JournalKey) -> Vec<u8> {
    seal_bytes(words.as_bytes(), b"gw-words-v1", key)
}

/// Opens the words of a message on its way out. `None` when they were sealed with another key or have been damaged.
#[must_use]
pub fn open_words(sealed: &[u8], key: &JournalKey) -> Option<Zeroizing<String>> {
    let mut plain = open_bytes(sealed, b"gw-words-v1", key).ok()?;
    String::from_utf8(std::mem::take(&mut *plain)).ok().map(Zeroizing::new)
}

fn open_bytes(sealed: &[u8], purpose: &[u8], key: &JournalKey) -> Result<Zeroizing<Vec<u8>>, SealBroken> {
    let (version, rest) = sealed.split_first().ok_or(SealBroken)?;
    if *version != VERSION || rest.len() < 24 {
        return Err(SealBroken);
    }
    let (nonce, body) = rest.split_at(24);
    let nonce = <[u8; 24]>::try_from(nonce).map_err(|_| SealBroken)?;
    let cipher = XChaCha20Poly1305::new((&key.0).into());
    cipher.decrypt(&XNonce::from(nonce), Payload { msg: body, aad: purpose }).map(Zeroizing::new).map_err(|_| SealBroken)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::epoch::VaultSigner;

    pub(super) const CASE: &str = "ABCD-EFGH";

    pub(super) fn bound(case: &str) -> Bound<'_> {
        Bound { vault: VaultSigner::new([5; 32]).id(), case }
    }

    pub(super) fn epoch(number: u64) -> (EpochSecret, EpochKey) {
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&number.to_be_bytes());
        let secret = EpochSecret::from_seed(number, &seed);
        let signer = VaultSigner::new([5; 32]);
        let announced = secret.announce(Timestamp::UNIX_EPOCH, &signer).expect("a key");
        (secret, EpochKey::believe(&announced, signer.id()).expect("it is signed"))
    }

    #[test]
    fn a_wrap_of_another_kind_case_vault_or_epoch_does_not_open() {
        let (secret, key) = epoch(3);
        let (record, wrap) = seal_record(b"content", Kept::Contact, bound(CASE), &key).expect("it seals");
        let open =
            |wrap: &Wrap, kept, bound: Bound<'_>, secret: &EpochSecret| open_record(&record, wrap, kept, bound, secret).is_ok();
        assert!(open(&wrap, Kept::Contact, bound(CASE), &secret));
        assert!(!open(&wrap, Kept::Original, bound(CASE), &secret));
        assert!(!open(&wrap, Kept::Contact, bound("ABCD-EFGJ"), &secret));
        let elsewhere = Bound { vault: VaultSigner::new([6; 32]).id(), case: CASE };
        assert!(!open(&wrap, Kept::Contact, elsewhere, &secret));
        assert!(!open(&wrap, Kept::Contact, bound(CASE), &epoch(2).0));
        // The right number on a foreign secret.
        assert!(!open(&wrap, Kept::Contact, bound(CASE), &EpochSecret::from_seed(3, &[9; 32])));
        // The right secret under another number.
        assert!(!open(&wrap, Kept::Contact, bound(CASE), &EpochSecret::new(2, *secret.to_bytes())));
    }

    #[test]
    fn a_moved_wrap_opens_with_the_new_secret_and_no_longer_with_the_old() {
        let ((old, old_key), (new, new_key)) = (epoch(3), epoch(4));
        let (record, wrap) = seal_record(b"content", Kept::Contact, bound(CASE), &old_key).expect("it seals");
        let moved = wrap.moved(Kept::Contact, bound(CASE), &old, &new_key).expect("it moves");
        assert_eq!((wrap.epoch(), moved.epoch()), (3, 4));
        let open = |wrap: &Wrap, secret: &EpochSecret| open_record(&record, wrap, Kept::Contact, bound(CASE), secret);
        assert_eq!(open(&moved, &new).expect("it opens").as_slice(), b"content");
        assert!(open(&moved, &old).is_err() && open(&wrap, &new).is_err());
        assert!(wrap.moved(Kept::Contact, bound("ABCD-EFGJ"), &old, &new_key).is_err());
        assert!(wrap.moved(Kept::Original, bound(CASE), &old, &new_key).is_err());
        assert!(wrap.moved(Kept::Contact, bound(CASE), &new, &new_key).is_err());
    }

    #[test]
    fn bytes_that_are_no_wrap_belong_to_no_epoch() {
        for bytes in [vec![], vec![1; 8], vec![2; WRAP_BYTES], vec![1; WRAP_BYTES + 1]] {
            assert_eq!(Wrap::from_bytes(bytes).epoch(), 0);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn whatever_was_sealed_comes_back_and_shows_only_its_size_class(
            content in proptest::collection::vec(any::<u8>(), 0..1200), case in "[A-Z2-9]{4}-[A-Z2-9]{4}", number in 1_u64..
        ) {
            let (secret, key) = epoch(number);
            let (record, wrap) = seal_record(&content, Kept::Original, bound(&case), &key).expect("it seals");
            let opened = open_record(&record, &wrap, Kept::Original, bound(&case), &secret).expect("it opens");
            prop_assert_eq!(opened.as_slice(), content.as_slice());
            prop_assert_eq!((record.len() - HEAD_BYTES - 24 - 16) % PADDED_BYTES, 0);
            prop_assert_eq!(record.len(), HEAD_BYTES + 24 + 16 + (content.len() / PADDED_BYTES + 1) * PADDED_BYTES);
        }

        #[test]
        fn one_changed_bit_anywhere_keeps_it_shut(at in any::<proptest::sample::Index>(), bit in 0_u8..8, in_wrap in any::<bool>()) {
            let (secret, key) = epoch(1);
            let (mut record, mut wrap) = seal_record(b"content", Kept::Contact, bound(CASE), &key).expect("it seals");
            let damaged = if in_wrap { &mut wrap.0 } else { &mut record };
            let at = at.index(damaged.len());
            damaged[at] ^= 1 << bit;
            prop_assert!(open_record(&record, &wrap, Kept::Contact, bound(CASE), &secret).is_err());
        }

        #[test]
        fn no_bytes_make_it_panic(record in proptest::collection::vec(any::<u8>(), 0..600), wrap in proptest::collection::vec(any::<u8>(), 0..120)) {
            let (secret, _) = epoch(1);
            prop_assert!(open_record(&record, &Wrap::from_bytes(wrap), Kept::Contact, bound(CASE), &secret).is_err());
        }
    }
}
