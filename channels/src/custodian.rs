//! The custodian's keys: whoever may read originals. Spelled with a check, because a mistyped key would seal to nobody.

use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, Serializable};
use serde::Serialize;
use sha2::{Digest, Sha256};
use static_assertions::assert_not_impl_any;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::epoch::fixed;
use crate::seal::SealBroken;

const PUBLIC: &str = "custodian-public-";
const SECRET: &str = "custodian-secret-";

/// The public key: everybody may seal an original to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CustodianKey([u8; 32]);

/// The secret key. It belongs on a machine of the custodian's own, or on paper.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct CustodianSecret([u8; 32]);

assert_not_impl_any!(CustodianSecret: std::fmt::Debug, Clone, Serialize);

impl CustodianKey {
    /// Reads `custodian-public-…`. `None` for anything else, a mistyped one included.
    #[must_use]
    pub fn parse(written: &str) -> Option<Self> {
        let bytes = parse(written, PUBLIC)?;
        // A point of low order would seal to everybody.
        let weak = bytes.iter().all(|byte| *byte == bytes[0]);
        (!weak && <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(bytes.as_slice()).is_ok()).then(|| Self(*bytes))
    }

    /// As written into a configuration.
    #[must_use]
    pub fn written(&self) -> String {
        spell(PUBLIC, &self.0)
    }

    /// Eight characters that name the key where it is only spoken of.
    #[must_use]
    pub fn short_name(&self) -> String {
        check_of(PUBLIC, &self.0)
    }

    pub(crate) const fn to_bytes(self) -> [u8; 32] {
        self.0
    }
}

impl CustodianSecret {
    /// Makes a new secret out of 32 random bytes.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let (secret, _) = X25519HkdfSha256::derive_keypair(seed);
        Self(fixed(&secret.to_bytes()))
    }

    /// Reads `custodian-secret-…`. `None` for anything else, a mistyped one included.
    #[must_use]
    pub fn parse(written: &str) -> Option<Self> {
        let bytes = parse(written, SECRET)?;
        <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(bytes.as_slice()).ok().map(|_| Self(*bytes))
    }

    /// As written into its file.
    #[must_use]
    pub fn written(&self) -> Zeroizing<String> {
        Zeroizing::new(spell(SECRET, &self.0))
    }

    /// The public half.
    ///
    /// # Panics
    /// Never: a secret of this type was read as a key.
    #[must_use]
    pub fn key(&self) -> CustodianKey {
        let secret = self.private().expect("the bytes were read as a key");
        CustodianKey(fixed(&X25519HkdfSha256::sk_to_pk(&secret).to_bytes()))
    }

    pub(crate) fn private(&self) -> Result<<X25519HkdfSha256 as Kem>::PrivateKey, SealBroken> {
        <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(&self.0).map_err(|_| SealBroken)
    }
}

/// `<prefix><64 hexadecimal digits>-<8 that check them>`.
fn spell(prefix: &str, bytes: &[u8; 32]) -> String {
    format!("{prefix}{}-{}", hex::encode(bytes), check_of(prefix, bytes))
}

fn parse(written: &str, prefix: &str) -> Option<Zeroizing<[u8; 32]>> {
    let (digits, check) = written.trim().strip_prefix(prefix)?.split_once('-')?;
    let mut bytes = Zeroizing::new([0; 32]);
    hex::decode_to_slice(digits, bytes.as_mut()).ok()?;
    (check_of(prefix, &bytes) == check).then_some(bytes)
}

fn check_of(prefix: &str, bytes: &[u8; 32]) -> String {
    let digest = Sha256::new().chain_update(prefix).chain_update(bytes).finalize();
    hex::encode(&digest[..4])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_they_were_written_and_not_for_one_another() {
        let secret = CustodianSecret::from_seed(&[4; 32]);
        let key = secret.key();
        assert_eq!(CustodianKey::parse(&key.written()), Some(key));
        assert_eq!(CustodianSecret::parse(&format!(" {}\n", *secret.written())).map(|again| again.key()), Some(key));
        assert_eq!(CustodianKey::parse(&secret.written()), None);
        assert!(CustodianSecret::parse(&key.written()).is_none());
    }

    #[test]
    fn a_mistyped_key_is_no_key() {
        let written = CustodianSecret::from_seed(&[4; 32]).key().written();
        for at in 0..written.len() {
            let mut mistyped = written.clone().into_bytes();
            mistyped[at] = if mistyped[at] == b'7' { b'8' } else { b'7' };
            let mistyped = String::from_utf8(mistyped).expect("digits are ASCII");
            assert_eq!(CustodianKey::parse(&mistyped), None, "character {at}");
        }
        for other in ["", "custodian-public-", &written[..40], &spell(PUBLIC, &[0; 32])] {
            assert_eq!(CustodianKey::parse(other), None);
        }
    }
}
