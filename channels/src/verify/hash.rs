//! The hashes that providers sign with, chosen by name. Knows nothing of requests.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

/// A hash function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Digest {
    /// MD5; only where a provider knows nothing better.
    Md5,
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Digest {
    /// HMAC over the pieces, one after the other.
    pub(super) fn mac(self, key: &[u8], pieces: &[&[u8]]) -> Vec<u8> {
        macro_rules! mac {
            ($hash:ty) => {{
                let mut mac = Hmac::<$hash>::new_from_slice(key).expect("HMAC takes a key of any length");
                for piece in pieces {
                    mac.update(piece);
                }
                mac.finalize().into_bytes().to_vec()
            }};
        }
        match self {
            Self::Md5 => mac!(Md5),
            Self::Sha1 => mac!(Sha1),
            Self::Sha256 => mac!(Sha256),
            Self::Sha384 => mac!(Sha384),
            Self::Sha512 => mac!(Sha512),
        }
    }
}

/// How a signature is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Hexadecimal, in either case.
    Hex,
    /// Base64.
    Base64,
    /// Base64 for addresses, without padding.
    Base64Url,
}

impl Encoding {
    /// The bytes; nothing when it is written in another way, which equals no signature.
    pub(super) fn decode(self, written: &[u8]) -> Vec<u8> {
        let written = written.trim_ascii();
        match self {
            Self::Hex => hex::decode(written).unwrap_or_default(),
            Self::Base64 => STANDARD.decode(written).unwrap_or_default(),
            Self::Base64Url => {
                let bare: Vec<u8> = written.iter().copied().filter(|byte| *byte != b'=').collect();
                URL_SAFE_NO_PAD.decode(bare).unwrap_or_default()
            }
        }
    }
}
