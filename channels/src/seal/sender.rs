//! The sealed sender: where a receipt goes, under the journal's key, until the provider has the receipt.
//!
//! The side that takes reports in cannot open contacts. It has the sender of a report for as long as the report is in its
//! journal, and its receipt's sender for as long as the receipt waits; not longer.

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::{SealBroken, open_bytes, seal_bytes};
use crate::identity::Identity;
use crate::inbound::{ChannelName, Inbound};
use crate::keys::JournalKey;

const PURPOSE: &[u8] = b"gw-sender-v1";

/// A sender whose receipt waits. It opens for the receipt's own channel and case only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedSender(Vec<u8>);

/// What is under the seal. Private: it exists only between a JSON writer and a cipher.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
struct SenderRecord {
    channel: String,
    case: String,
    address: String,
}

impl SealedSender {
    /// Takes bytes from the outbox.
    #[must_use]
    pub const fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The ciphertext.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Seals the address of a report's sender for the receipt of `case`. `None` when there is no address to answer to.
    ///
    /// # Panics
    /// Never: a record of strings is always valid JSON.
    #[must_use]
    pub fn seal(inbound: &Inbound, case: &str, key: &JournalKey) -> Option<Self> {
        if !inbound.identity.can_be_answered() {
            return None;
        }
        let record = SenderRecord {
            channel: inbound.channel.as_str().to_owned(),
            case: case.to_owned(),
            address: inbound.identity.address.clone(),
        };
        let plain = Zeroizing::new(serde_json::to_vec(&record).expect("a record of strings is always valid JSON"));
        Some(Self(seal_bytes(&super::pad(&plain), PURPOSE, key)))
    }

    /// Opens it for sending. What comes out is as closed as what went in, and knows nothing but the address.
    ///
    /// # Errors
    /// When it was sealed for another channel or case, with another key, or has been damaged.
    pub fn open(&self, channel: &ChannelName, case: &str, key: &JournalKey) -> Result<Identity, SealBroken> {
        let plain = super::unpad(open_bytes(&self.0, PURPOSE, key)?)?;
        let mut record: SenderRecord = serde_json::from_slice(&plain).map_err(|_| SealBroken)?;
        if record.channel != channel.as_str() || record.case != case {
            return Err(SealBroken);
        }
        Ok(Identity { address: std::mem::take(&mut record.address), unique: String::new(), known: Vec::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planting;

    #[test]
    fn a_sealed_sender_opens_for_its_own_channel_and_case_only() {
        let (key, sms) = (JournalKey::new([3; 32]), ChannelName::parse("sms").expect("a valid name"));
        let sealed = SealedSender::seal(&planting::inbound("sms", planting::phone("+15550100"), "no pay"), "K7MQ-4XPD", &key)
            .expect("there is an address");
        assert_eq!(sealed.open(&sms, "K7MQ-4XPD", &key).map(|sender| sender.address.clone()), Ok("+15550100".to_owned()));
        assert!(sealed.open(&sms, "ABCD-EFGJ", &key).is_err());
        assert!(sealed.open(&ChannelName::parse("sms-2").expect("a valid name"), "K7MQ-4XPD", &key).is_err());
        assert!(sealed.open(&sms, "K7MQ-4XPD", &JournalKey::new([4; 32])).is_err());
    }

    #[test]
    fn who_left_no_address_gets_no_receipt() {
        let key = JournalKey::new([3; 32]);
        assert!(SealedSender::seal(&planting::inbound("sms", planting::nobody(), "no pay"), "K7MQ-4XPD", &key).is_none());
    }
}
