//! The keys of one deployment. Loaded from files by the gateway, used here.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The pepper: turns addresses and delivery ids into values that nobody without it can recompute.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct PseudonymKey([u8; 32]);

impl PseudonymKey {
    /// Takes 32 random bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// HMAC-SHA256 over length-prefixed fields, cut to 128 bits. The prefix keeps `("ab","c")` and `("a","bc")` apart.
    pub(crate) fn mac(&self, purpose: &[u8], fields: &[&[u8]]) -> [u8; 16] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        for field in std::iter::once(&purpose).chain(fields) {
            mac.update(&u32::try_from(field.len()).unwrap_or(u32::MAX).to_be_bytes());
            mac.update(field);
        }
        let mut cut = [0; 16];
        cut.copy_from_slice(&mac.finalize().into_bytes()[..16]);
        cut
    }

    /// The key under which parts of a message lie in the case store: every gateway of the deployment can derive it.
    #[must_use]
    pub fn parts_key(&self) -> JournalKey {
        let mut bytes = [0; 32];
        bytes[..16].copy_from_slice(&self.mac(b"gw-parts-v1", &[b"1"]));
        bytes[16..].copy_from_slice(&self.mac(b"gw-parts-v1", &[b"2"]));
        JournalKey(bytes)
    }

    /// A keyed value for the gateway's own purposes, such as deriving a case reference.
    #[must_use]
    pub fn derive(&self, purpose: &str, input: &[u8]) -> [u8; 16] {
        self.mac(purpose.as_bytes(), &[input])
    }
}

/// The key that seals accepted reports on disk until they are cases.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct JournalKey(pub(crate) [u8; 32]);

impl JournalKey {
    /// Takes 32 random bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}
