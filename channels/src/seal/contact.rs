//! The sealed contact: where an answer can go, and over which channel, and the exact time of the report.
//!
//! It is opened in this crate only, by the channel that sends.

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::{Bound, Kept, SealBroken, Wrap, open_record, seal_record};
use crate::epoch::{EpochKey, EpochSecret};
use crate::inbound::{ChannelName, Inbound};

/// A contact that opens only with its wrap, and only for its own case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedContact(Vec<u8>);

impl SealedContact {
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
}

/// All that a channel needs to open a contact and send to it.
#[derive(Clone, Copy)]
pub struct Opening<'a> {
    /// The contact.
    pub contact: &'a SealedContact,
    /// Its key, wrapped.
    pub wrap: &'a Wrap,
    /// What it is bound to.
    pub bound: Bound<'a>,
    /// The secret of the wrap's epoch.
    pub secret: &'a EpochSecret,
}

/// What is under the seal. Private: it exists only between a JSON writer and a cipher.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
struct ContactRecord {
    channel: String,
    address: String,
    received_ms: i64,
}

impl Inbound {
    /// Seals the sender's address for a case. `None` when there is no address to answer to.
    ///
    /// # Panics
    /// Never: an epoch's key comes under its vault's signature and is a key.
    #[must_use]
    pub fn seal_contact(&self, bound: Bound<'_>, epoch: &EpochKey) -> Option<(SealedContact, Wrap)> {
        if !self.identity.can_be_answered() {
            return None;
        }
        let record = ContactRecord {
            channel: self.channel.as_str().to_owned(),
            address: self.identity.address.clone(),
            received_ms: self.received_at.as_millisecond(),
        };
        let plain = Zeroizing::new(serde_json::to_vec(&record).expect("a record of strings is always valid JSON"));
        let (sealed, wrap) = seal_record(&plain, Kept::Contact, bound, epoch).expect("an announced epoch has a key");
        Some((SealedContact(sealed), wrap))
    }
}

/// Opens a contact for sending. Private to this crate: the address goes to the provider and nowhere else.
#[cfg_attr(not(any(test, feature = "sms")), expect(dead_code, reason = "only a channel that sends opens a contact"))]
pub(crate) fn open_contact(opening: &Opening<'_>, channel: &ChannelName) -> Result<Zeroizing<String>, SealBroken> {
    let plain = open_record(&opening.contact.0, opening.wrap, Kept::Contact, opening.bound, opening.secret)?;
    let mut record: ContactRecord = serde_json::from_slice(&plain).map_err(|_| SealBroken)?;
    // A contact of one channel must not be written to by another: the address would mean somebody else there.
    if record.channel != channel.as_str() {
        return Err(SealBroken);
    }
    Ok(Zeroizing::new(std::mem::take(&mut record.address)))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{CASE, bound, epoch};
    use super::*;
    use crate::identity::Identity;
    use crate::planting;

    fn sealed(sender: Identity) -> (SealedContact, Wrap) {
        planting::inbound("sms", sender, "no pay").seal_contact(bound(CASE), &epoch(1).1).expect("there is an address")
    }

    fn opened(contact: &SealedContact, wrap: &Wrap, channel: &str, case: &str) -> Option<String> {
        let (secret, _) = epoch(1);
        let channel = ChannelName::parse(channel).expect("a valid name");
        let opening = Opening { contact, wrap, bound: bound(case), secret: &secret };
        open_contact(&opening, &channel).ok().map(|address| address.to_string())
    }

    #[test]
    fn a_sealed_contact_opens_for_its_own_case_and_channel_only() {
        let (contact, wrap) = sealed(Identity::phone("+84905550123", None));
        assert_eq!(opened(&contact, &wrap, "sms", CASE).as_deref(), Some("+84905550123"));
        assert_eq!(opened(&contact, &wrap, "sms", "ABCD-EFGJ"), None);
        assert_eq!(opened(&contact, &wrap, "sms-2", CASE), None);
    }

    #[test]
    fn a_contact_does_not_open_with_the_wrap_of_another() {
        let (one, two) = (sealed(Identity::phone("+84905550123", None)), sealed(Identity::phone("+84905550124", None)));
        assert_eq!(opened(&one.0, &two.1, "sms", CASE), None);
    }

    #[test]
    fn a_flipped_bit_anywhere_keeps_a_contact_shut() {
        let (contact, wrap) = sealed(Identity::phone("+84905550123", None));
        for at in 0..contact.0.len() {
            let mut damaged = contact.clone();
            damaged.0[at] ^= 1;
            assert_eq!(opened(&damaged, &wrap, "sms", CASE), None, "byte {at} of the record");
        }
        for at in 0..wrap.0.len() {
            let mut damaged = wrap.clone();
            damaged.0[at] ^= 1;
            assert_eq!(opened(&contact, &damaged, "sms", CASE), None, "byte {at} of the wrap");
        }
    }

    #[test]
    fn the_length_of_an_address_does_not_show() {
        let short = sealed(Identity::email("a@example.org"));
        let long = sealed(Identity::email("a.very.long.name.of.somebody@department.example.org"));
        assert_eq!(short.0.0.len(), long.0.0.len());
    }

    #[test]
    fn who_left_no_address_has_no_contact() {
        assert!(planting::inbound("sms", Identity::nobody("x"), "no pay").seal_contact(bound(CASE), &epoch(1).1).is_none());
    }
}
