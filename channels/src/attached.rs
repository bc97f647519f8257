//! Files that came with a report: closed like its words, and sealed one by one.
//!
//! ```text
//! in the journal = version:u8 | nonce:24 | XChaCha20-Poly1305(journal key, file)
//! kept           = version:u8 | nonce:24 | XChaCha20-Poly1305(K, length:u64 | file | padding)
//! its key        = suite:u8 | encapsulated key:32 | HPKE(K)
//! ```
//!
//! K is a fresh key for each file, wrapped by HPKE to a public key: that of whoever looks after files, or the custodian's. So
//! a file is forgotten by deleting eighty bytes. The name that a file had on its sender's machine is not taken along.

use std::fmt;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use serde::Serialize;
use sha2::{Digest, Sha256};
use static_assertions::assert_not_impl_any;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::inbound::{DeliveryKey, Inbound, RawText};
use crate::keys::JournalKey;
use crate::seal::SealBroken;

/// The largest file that is taken.
pub const MAX_FILE_BYTES: usize = 20 << 20;
/// The most that all files of one report may weigh together.
pub const MAX_FILES_BYTES: usize = 24 << 20;
/// The most files of one report.
pub const MAX_FILES: usize = 5;

const VERSION: u8 = 1;
const SUITE_X25519: u8 = 1;
const INFO: &[u8] = b"gw-file-v1";
const IN_JOURNAL: &[u8] = b"gw-attached-v1";
/// Kept files have lengths that are multiples of this, so that a file is not known again by its length.
const PADDED_BYTES: usize = 4096;

/// A file as its sender sent it. The only door is [`Attached::expose`].
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Attached(Vec<u8>);

assert_not_impl_any!(Attached: fmt::Debug, fmt::Display, Clone, Serialize);

impl Attached {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// Hands out the bytes. Only what cleans files holds the key; `clippy.toml` keeps everybody else out.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// How large it is.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        self.0.len()
    }

    /// Equal for equal files; for telling deliveries apart, never stored.
    #[cfg_attr(not(feature = "web"), expect(dead_code, reason = "only the form tells deliveries apart by what was sent"))]
    pub(crate) fn digest(&self) -> [u8; 32] {
        Sha256::digest(&self.0).into()
    }

    /// Seals the file as it is, for the day on which somebody with the right to it needs it.
    #[must_use]
    pub fn seal_for(&self, place: &Place<'_>, to: &FilesKey) -> Option<SealedFile> {
        seal_file(&self.0, place, to)
    }
}

impl Inbound {
    /// How many files came with the report.
    #[must_use]
    pub fn n_attached(&self) -> usize {
        self.attached.len()
    }

    /// The files that came with the report, each sealed for the journal.
    #[must_use]
    pub fn seal_attached(&self, delivery: DeliveryKey, key: &JournalKey) -> Vec<SealedAttached> {
        let seal = |(number, file): (usize, &Attached)| {
            let nonce = random::<24>();
            let cipher = XChaCha20Poly1305::new((&key.0).into());
            let aad = in_journal(delivery, number);
            let body =
                cipher.encrypt(&XNonce::from(*nonce), Payload { msg: &file.0, aad: &aad }).expect("a bounded file can be sealed");
            SealedAttached([&[VERSION][..], nonce.as_slice(), &body].concat())
        };
        self.attached.iter().enumerate().map(seal).collect()
    }
}

/// A file under the journal's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedAttached(Vec<u8>);

impl SealedAttached {
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

    /// Opens a file from the journal. `number` counts from 0 in the order in which the files came.
    ///
    /// # Errors
    /// When it belongs to another report or place, was sealed with another key, or has been damaged.
    pub fn open(&self, delivery: DeliveryKey, number: usize, key: &JournalKey) -> Result<Attached, SealBroken> {
        let aad = in_journal(delivery, number);
        open_body(&self.0, &key.0, &aad).map(|mut plain| Attached(std::mem::take(&mut *plain)))
    }
}

/// Words that were found in a file, closed like those of a report.
#[must_use]
pub fn words_of_a_file(words: String) -> RawText {
    RawText::new(words)
}

/// Whom kept files are sealed to: an X25519 public key.
#[derive(Clone)]
pub struct FilesKey([u8; 32]);

impl FilesKey {
    /// Takes an X25519 public key, such as a custodian's.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

/// What opens kept files.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct FilesSecret([u8; 32]);

impl FilesSecret {
    /// Takes 32 random bytes, always the same for the same key.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let (secret, _) = X25519HkdfSha256::derive_keypair(seed);
        Self(fixed(&secret.to_bytes()))
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> FilesKey {
        let secret = <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(&self.0).expect("a derived key is a key");
        FilesKey(fixed(&X25519HkdfSha256::sk_to_pk(&secret).to_bytes()))
    }
}

/// Where a kept file belongs. It opens nowhere else.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The desk's name.
    pub desk: &'a str,
    /// The case.
    pub case: &'a str,
    /// The number of the file in its case.
    pub number: u32,
    /// What of the file it is: `original`, `clean`, `words`, `picture-1`.
    pub part: &'a str,
}

impl Place<'_> {
    fn aad(&self) -> Vec<u8> {
        prefixed(&[INFO, self.desk.as_bytes(), self.case.as_bytes(), &self.number.to_be_bytes(), self.part.as_bytes()])
    }
}

/// A kept file and its wrapped key. The two are stored apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedFile {
    /// The ciphertext.
    pub body: Vec<u8>,
    /// The key, under the public key it was sealed to.
    pub wrapped_key: Vec<u8>,
}

/// Seals a file under a key of its own. `None` when `to` is no key.
#[must_use]
pub fn seal_file(bytes: &[u8], place: &Place<'_>, to: &FilesKey) -> Option<SealedFile> {
    let aad = place.aad();
    let key = random::<32>();
    let nonce = random::<24>();
    let mut record = Zeroizing::new(Vec::with_capacity((8 + bytes.len()).next_multiple_of(PADDED_BYTES)));
    record.extend_from_slice(&u64::try_from(bytes.len()).ok()?.to_be_bytes());
    record.extend_from_slice(bytes);
    let padded = record.len().next_multiple_of(PADDED_BYTES);
    record.resize(padded, 0);
    let cipher = XChaCha20Poly1305::new((&*key).into());
    let body = cipher.encrypt(&XNonce::from(*nonce), Payload { msg: &record, aad: &aad }).ok()?;
    let public = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(&to.0).ok()?;
    let (encapsulated, wrapped) = hpke::single_shot_seal::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeS::Base,
        &public,
        INFO,
        key.as_slice(),
        &aad,
    )
    .ok()?;
    Some(SealedFile {
        body: [&[VERSION][..], nonce.as_slice(), &body].concat(),
        wrapped_key: [&[SUITE_X25519][..], &encapsulated.to_bytes(), &wrapped].concat(),
    })
}

/// Opens a kept file.
///
/// # Errors
/// When it belongs elsewhere, was sealed to another key, or has been damaged.
pub fn open_file(file: &SealedFile, place: &Place<'_>, secret: &FilesSecret) -> Result<Zeroizing<Vec<u8>>, SealBroken> {
    let aad = place.aad();
    let (suite, rest) = file.wrapped_key.split_first().ok_or(SealBroken)?;
    let (encapsulated, wrapped) = rest.split_at_checked(32).ok_or(SealBroken)?;
    if *suite != SUITE_X25519 {
        return Err(SealBroken);
    }
    let secret = <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(&secret.0).map_err(|_| SealBroken)?;
    let encapsulated = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(encapsulated).map_err(|_| SealBroken)?;
    let key = Zeroizing::new(
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
    let key: Zeroizing<[u8; 32]> = Zeroizing::new(key.as_slice().try_into().map_err(|_| SealBroken)?);
    let mut record = open_body(&file.body, &key, &aad)?;
    let length = record.first_chunk::<8>().map(|length| u64::from_be_bytes(*length)).ok_or(SealBroken)?;
    let end = usize::try_from(length).ok().and_then(|length| length.checked_add(8)).ok_or(SealBroken)?;
    if end > record.len() {
        return Err(SealBroken);
    }
    record.truncate(end);
    record.drain(..8);
    Ok(record)
}

fn open_body(sealed: &[u8], key: &[u8; 32], aad: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealBroken> {
    let (version, rest) = sealed.split_first().ok_or(SealBroken)?;
    let (nonce, body) = rest.split_at_checked(24).ok_or(SealBroken)?;
    if *version != VERSION {
        return Err(SealBroken);
    }
    let nonce = <[u8; 24]>::try_from(nonce).map_err(|_| SealBroken)?;
    let cipher = XChaCha20Poly1305::new(key.into());
    cipher.decrypt(&XNonce::from(nonce), Payload { msg: body, aad }).map(Zeroizing::new).map_err(|_| SealBroken)
}

fn in_journal(delivery: DeliveryKey, number: usize) -> Vec<u8> {
    prefixed(&[IN_JOURNAL, &delivery.0, &u64::try_from(number).unwrap_or(u64::MAX).to_be_bytes()])
}

/// Length-prefixed, so that no two lists of values give the same bytes.
fn prefixed(fields: &[&[u8]]) -> Vec<u8> {
    let mut aad = Vec::new();
    for field in fields {
        aad.extend_from_slice(&u32::try_from(field.len()).unwrap_or(u32::MAX).to_be_bytes());
        aad.extend_from_slice(field);
    }
    aad
}

fn fixed(bytes: &[u8]) -> [u8; 32] {
    bytes.try_into().expect("an X25519 key has 32 bytes")
}

fn random<const N: usize>() -> Zeroizing<[u8; N]> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::fill(bytes.as_mut()).expect("the operating system gives random bytes");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place<'static> = Place { desk: "main", case: "K7MQ-4XPD", number: 1, part: "clean" };

    fn sealed() -> (FilesSecret, SealedFile) {
        let secret = FilesSecret::from_seed(&[7; 32]);
        let file = seal_file(b"a photograph", &PLACE, &secret.public()).expect("a key");
        (secret, file)
    }

    #[test]
    fn a_kept_file_opens_in_its_own_place_with_its_own_key_only() {
        let (secret, file) = sealed();
        assert_eq!(open_file(&file, &PLACE, &secret).expect("it opens").as_slice(), b"a photograph");
        for other in [
            Place { desk: "other", ..PLACE },
            Place { case: "K7MQ-4XPE", ..PLACE },
            Place { number: 2, ..PLACE },
            Place { part: "original", ..PLACE },
        ] {
            assert!(open_file(&file, &other, &secret).is_err(), "{other:?}");
        }
        assert!(open_file(&file, &PLACE, &FilesSecret::from_seed(&[8; 32])).is_err());
    }

    #[test]
    fn a_flipped_bit_keeps_a_file_shut() {
        let (secret, file) = sealed();
        for at in 0..file.wrapped_key.len() {
            let mut damaged = file.clone();
            damaged.wrapped_key[at] ^= 1;
            assert!(open_file(&damaged, &PLACE, &secret).is_err(), "byte {at} of the key");
        }
        for at in (0..file.body.len()).step_by(97).chain([0, 1, 25, file.body.len() - 1]) {
            let mut damaged = file.clone();
            damaged.body[at] ^= 1;
            assert!(open_file(&damaged, &PLACE, &secret).is_err(), "byte {at} of the body");
        }
    }

    #[test]
    fn files_of_nearly_the_same_length_look_alike() {
        let key = FilesSecret::from_seed(&[7; 32]).public();
        let length = |n_bytes: usize| seal_file(&vec![1; n_bytes], &PLACE, &key).expect("a key").body.len();
        assert_eq!(length(10), length(3000));
        assert_ne!(length(10), length(5000));
    }

    #[test]
    fn a_file_in_the_journal_opens_for_its_own_report_only() {
        let key = JournalKey::new([3; 32]);
        let line = crate::import::read_line(r#"{"id":"1","text":"x"}"#, jiff::Timestamp::UNIX_EPOCH);
        let mut inbound = line.unwrap_or_else(|_| panic!("a good line")).inbound;
        inbound.attached = vec![Attached::new(b"one".to_vec()), Attached::new(b"two".to_vec())];
        let delivery = DeliveryKey([1; 16]);
        let sealed = inbound.seal_attached(delivery, &key);
        assert_eq!(sealed[1].open(delivery, 1, &key).expect("it opens").0, b"two");
        assert!(sealed[1].open(delivery, 0, &key).is_err());
        assert!(sealed[1].open(DeliveryKey([2; 16]), 1, &key).is_err());
        assert!(sealed[1].open(delivery, 1, &JournalKey::new([4; 32])).is_err());
        assert!(!sealed[0].as_bytes().windows(3).any(|window| window == b"one"));
    }
}
