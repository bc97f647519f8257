//! The vault's keys: the key pair of an epoch, and the vault that answers for it.
//!
//! Everybody may seal to an epoch's public key. Its secret is held by the side that answers, for a day or so, and destroyed
//! when the next epoch has taken over. This module knows no file, no store and no contact.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, Serializable};
use jiff::Timestamp;
use serde::Serialize;
use static_assertions::assert_not_impl_any;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::seal::{SealBroken, prefixed};

const DOMAIN: &[u8] = b"gw-epoch-v1";
const VERSION: u8 = 1;
const ANNOUNCEMENT_BYTES: usize = 1 + 8 + 32 + 8 + 64;

/// Names a vault, and so the deployment: the public half of the key that signs its epochs. Bound into every seal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VaultId([u8; 32]);

impl VaultId {
    /// Takes an Ed25519 public key.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The public bytes, for the key file.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 32] {
        self.0
    }
}

/// Signs the vault's epochs, so that nobody who can write to the store can slip in a key of their own.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct VaultSigner([u8; 32]);

assert_not_impl_any!(VaultSigner: std::fmt::Debug, Clone, Serialize);

impl VaultSigner {
    /// Takes 32 random bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The vault this signs for.
    #[must_use]
    pub fn id(&self) -> VaultId {
        VaultId(SigningKey::from_bytes(&self.0).verifying_key().to_bytes())
    }

    fn sign(&self, words: &[u8]) -> [u8; 64] {
        SigningKey::from_bytes(&self.0).sign(words).to_bytes()
    }
}

/// The public key of an epoch: everybody may seal to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EpochKey {
    pub(crate) number: u64,
    pub(crate) public: [u8; 32],
    begun_at: Timestamp,
}

impl EpochKey {
    /// Counts from 1, without gaps that mean anything.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// When the epoch began, as exactly as whoever announced it said.
    #[must_use]
    pub const fn begun_at(&self) -> Timestamp {
        self.begun_at
    }
}

/// The secret of an epoch. Held outside only to be handed in: what it opens never leaves this crate.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct EpochSecret {
    #[zeroize(skip)]
    pub(crate) number: u64,
    secret: [u8; 32],
}

assert_not_impl_any!(EpochSecret: std::fmt::Debug, Clone, Serialize);

impl EpochSecret {
    /// Makes the secret of a new epoch out of 32 random bytes.
    #[must_use]
    pub fn from_seed(number: u64, seed: &[u8; 32]) -> Self {
        let (secret, _) = X25519HkdfSha256::derive_keypair(seed);
        Self { number, secret: fixed(&secret.to_bytes()) }
    }

    /// Takes the bytes of a key file.
    #[must_use]
    pub const fn new(number: u64, secret: [u8; 32]) -> Self {
        Self { number, secret }
    }

    /// Which epoch.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// The secret bytes, for the key file.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.secret)
    }

    pub(crate) fn private(&self) -> Result<<X25519HkdfSha256 as Kem>::PrivateKey, SealBroken> {
        <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(&self.secret).map_err(|_| SealBroken)
    }

    /// Says under the vault's signature which public key this epoch has.
    ///
    /// # Errors
    /// When the secret is no X25519 key.
    pub fn announce(&self, begun_at: Timestamp, signer: &VaultSigner) -> Result<Vec<u8>, SealBroken> {
        let public: [u8; 32] = fixed(&X25519HkdfSha256::sk_to_pk(&self.private()?).to_bytes());
        let mut announcement = vec![VERSION];
        announcement.extend_from_slice(&self.number.to_be_bytes());
        announcement.extend_from_slice(&public);
        announcement.extend_from_slice(&begun_at.as_millisecond().to_be_bytes());
        let signature = signer.sign(&prefixed(&[DOMAIN, &announcement]));
        announcement.extend_from_slice(&signature);
        Ok(announcement)
    }
}

impl EpochKey {
    /// Believes an announcement if `vault` signed it.
    ///
    /// # Errors
    /// When another vault signed it, or nobody did.
    pub fn believe(announcement: &[u8], vault: VaultId) -> Result<Self, SealBroken> {
        if announcement.len() != ANNOUNCEMENT_BYTES || announcement[0] != VERSION {
            return Err(SealBroken);
        }
        let (words, signature) = announcement.split_at(ANNOUNCEMENT_BYTES - 64);
        let signature = Signature::from_slice(signature).map_err(|_| SealBroken)?;
        let verifying = VerifyingKey::from_bytes(&vault.0).map_err(|_| SealBroken)?;
        verifying.verify_strict(&prefixed(&[DOMAIN, words]), &signature).map_err(|_| SealBroken)?;
        let (number, rest) = words[1..].split_at(8);
        let (public, begun_ms) = rest.split_at(32);
        let begun_ms = i64::from_be_bytes(begun_ms.try_into().map_err(|_| SealBroken)?);
        Ok(Self {
            number: u64::from_be_bytes(number.try_into().map_err(|_| SealBroken)?),
            public: fixed(public),
            begun_at: Timestamp::from_millisecond(begun_ms).map_err(|_| SealBroken)?,
        })
    }
}

pub(crate) fn fixed(bytes: &[u8]) -> [u8; 32] {
    bytes.try_into().expect("an X25519 key has 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_is_believed_only_under_its_vaults_signature() {
        let signer = VaultSigner::new([5; 32]);
        let secret = EpochSecret::from_seed(7, &[1; 32]);
        let announcement = secret.announce(Timestamp::UNIX_EPOCH, &signer).expect("a key");
        let believed = EpochKey::believe(&announcement, signer.id()).expect("it is signed");
        assert_eq!((believed.number(), believed.begun_at()), (7, Timestamp::UNIX_EPOCH));
        assert_eq!(EpochKey::believe(&announcement, VaultSigner::new([6; 32]).id()), Err(SealBroken));
        for at in 0..announcement.len() {
            let mut forged = announcement.clone();
            forged[at] ^= 1;
            assert_eq!(EpochKey::believe(&forged, signer.id()), Err(SealBroken), "byte {at}");
        }
        assert_eq!(EpochKey::believe(&announcement[1..], signer.id()), Err(SealBroken));
        assert_eq!(EpochKey::believe(&[], signer.id()), Err(SealBroken));
    }
}
