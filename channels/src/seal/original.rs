//! The sealed original: a report's own words, for the custodian's eyes.
//!
//! Two seals, one in the other. The inner one is the custodian's: nobody at the gateway can open it. The outer one is the
//! vault's, and goes from epoch to epoch like a contact's: what is destroyed at the gateway is destroyed for the custodian as
//! well, also in old backups, and the gateway learns of each original that is handed out.

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::report::raw;
use super::{Bound, Kept, SUITE_X25519, SealBroken, Wrap, hpke_open, hpke_seal, open_record, pad, prefixed, seal_record, unpad};
use crate::custodian::{CustodianKey, CustodianSecret};
use crate::epoch::{EpochKey, EpochSecret};
use crate::inbound::Inbound;

const DOMAIN: &[u8] = b"gw-custodian-v1";

/// An original under both seals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedOriginal(Vec<u8>);

/// An original under the custodian's seal alone, as it leaves the gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandedOut(Vec<u8>);

/// What is under the seals. Private: it exists only between a JSON writer and a cipher.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
struct OriginalRecord {
    subject: Option<String>,
    text: String,
}

impl Inbound {
    /// Seals the report's own words for the custodian.
    ///
    /// # Errors
    /// When the custodian's key is no key.
    pub fn seal_original(
        &self,
        bound: Bound<'_>,
        epoch: &EpochKey,
        custodian: &CustodianKey,
    ) -> Result<(SealedOriginal, Wrap), SealBroken> {
        let record = OriginalRecord {
            subject: self.subject.as_ref().map(|subject| raw(subject).to_owned()),
            text: raw(&self.text).to_owned(),
        };
        let plain = Zeroizing::new(serde_json::to_vec(&record).expect("a record of strings is always valid JSON"));
        let (encapsulated, sealed) = hpke_seal(&custodian.to_bytes(), DOMAIN, &pad(&plain), &for_custodian(bound))?;
        let mut inner = vec![SUITE_X25519];
        inner.extend_from_slice(&encapsulated);
        inner.extend_from_slice(&sealed);
        let (outer, wrap) = seal_record(&inner, Kept::Original, bound, epoch)?;
        Ok((SealedOriginal(outer), wrap))
    }
}

impl SealedOriginal {
    /// Takes bytes from a store.
    #[must_use]
    pub const fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The ciphertext.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Takes the outer seal off. What is inside only the custodian can open.
    ///
    /// # Errors
    /// When the wrap, the case or the epoch is not its own, or it is damaged.
    pub fn hand_out(&self, wrap: &Wrap, bound: Bound<'_>, secret: &EpochSecret) -> Result<HandedOut, SealBroken> {
        open_record(&self.0, wrap, Kept::Original, bound, secret).map(|inner| HandedOut(inner.to_vec()))
    }
}

impl HandedOut {
    /// Takes bytes from a file.
    #[must_use]
    pub const fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The ciphertext.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Writes the original out for the custodian to read: the subject, an empty line, the words. It goes into `out` and is
    /// not returned, so that nobody passes it on.
    ///
    /// # Errors
    /// When it was sealed to another custodian or another case, is damaged, or `out` does not take it.
    pub fn read_out(&self, bound: Bound<'_>, secret: &CustodianSecret, out: &mut dyn std::io::Write) -> Result<(), SealBroken> {
        let (suite, rest) = self.0.split_first().ok_or(SealBroken)?;
        if *suite != SUITE_X25519 || rest.len() < 32 {
            return Err(SealBroken);
        }
        let (encapsulated, sealed) = rest.split_at(32);
        let plain = unpad(hpke_open(&secret.private()?, DOMAIN, encapsulated, sealed, &for_custodian(bound))?)?;
        let record: OriginalRecord = serde_json::from_slice(&plain).map_err(|_| SealBroken)?;
        let mut write = |words: &str| out.write_all(words.as_bytes()).map_err(|_| SealBroken);
        if let Some(subject) = &record.subject {
            write(subject)?;
            write("\n\n")?;
        }
        write(&record.text)?;
        write("\n")
    }
}

fn for_custodian(bound: Bound<'_>) -> Vec<u8> {
    prefixed(&[DOMAIN, &bound.vault.to_bytes(), bound.case.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::super::tests::{CASE, bound, epoch};
    use super::*;
    use crate::identity::Identity;
    use crate::planting;

    const WORDS: &str = "I am Ann Wachira. The exit is locked.";

    fn sealed() -> (SealedOriginal, Wrap, CustodianSecret) {
        let custodian = CustodianSecret::from_seed(&[4; 32]);
        let inbound = planting::inbound("sms", Identity::nobody("x"), WORDS);
        let (original, wrap) = inbound.seal_original(bound(CASE), &epoch(1).1, &custodian.key()).expect("a key");
        (original, wrap, custodian)
    }

    fn read(handed_out: &HandedOut, case: &str, custodian: &CustodianSecret) -> Option<String> {
        let mut out = Vec::new();
        handed_out.read_out(bound(case), custodian, &mut out).ok()?;
        Some(String::from_utf8(out).expect("it went in as text"))
    }

    #[test]
    fn the_custodian_reads_what_the_gateway_hands_out() {
        let (original, wrap, custodian) = sealed();
        let handed_out = original.hand_out(&wrap, bound(CASE), &epoch(1).0).expect("it is the epoch");
        assert_eq!(read(&handed_out, CASE, &custodian), Some(format!("{WORDS}\n")));
        assert_eq!(read(&handed_out, "ABCD-EFGJ", &custodian), None);
        assert_eq!(read(&handed_out, CASE, &CustodianSecret::from_seed(&[3; 32])), None);
        for at in 0..handed_out.0.len() {
            let mut damaged = handed_out.clone();
            damaged.0[at] ^= 1;
            assert_eq!(read(&damaged, CASE, &custodian), None, "byte {at}");
        }
    }

    #[test]
    fn neither_the_custodian_alone_nor_the_gateway_alone_can_read() {
        let (original, wrap, custodian) = sealed();
        // The custodian with the store, but without the epoch's secret.
        assert_eq!(read(&HandedOut::from_bytes(original.as_bytes().to_vec()), CASE, &custodian), None);
        assert_eq!(read(&HandedOut::from_bytes(original.as_bytes()[33..].to_vec()), CASE, &custodian), None);
        // The gateway, with everything it has.
        let handed_out = original.hand_out(&wrap, bound(CASE), &epoch(1).0).expect("it is the epoch");
        let holds = |bytes: &[u8], word: &str| bytes.windows(word.len()).any(|window| window == word.as_bytes());
        assert!(!holds(handed_out.as_bytes(), "Wachira") && !holds(original.as_bytes(), "Wachira"));
        // Another epoch's secret, another case.
        assert!(original.hand_out(&wrap, bound(CASE), &epoch(2).0).is_err());
        assert!(original.hand_out(&wrap, bound("ABCD-EFGJ"), &epoch(1).0).is_err());
    }
}
