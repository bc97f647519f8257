//! Texts and senders for tests of the stages behind the channels.
//!
//! Outside tests nobody can make a raw text or an identity: both come out of a channel. Only the feature `planting`, which
//! nothing but a dev-dependency turns on, opens this door.

use crate::identity::{Identity, KnownKind};
use crate::inbound::{ChannelName, DeliveryId, Hints, Inbound, Medium, RawText};

/// A raw text.
#[must_use]
pub fn text(words: &str) -> RawText {
    RawText::new(words)
}

/// A sender who is known by a number.
#[must_use]
pub fn phone(written: &str) -> Identity {
    Identity::phone(written, None)
}

/// A sender who is known by a mail address.
#[must_use]
pub fn email(address: &str) -> Identity {
    Identity::email(address)
}

/// A sender who is known by a name only.
#[must_use]
pub fn named(name: &str) -> Identity {
    let mut identity = nobody();
    identity.also(KnownKind::Name, name);
    identity
}

/// A sender of whom nothing is known.
#[must_use]
pub fn nobody() -> Identity {
    Identity::nobody("planted")
}

/// A report of a sender on a channel.
///
/// # Panics
/// When `channel` is no channel's name.
#[must_use]
pub fn inbound(channel: &str, sender: Identity, words: &str) -> Inbound {
    Inbound {
        channel: ChannelName::parse(channel).expect("a valid name"),
        medium: Medium::Sms,
        delivery: DeliveryId::new("planted"),
        received_at: jiff::Timestamp::UNIX_EPOCH,
        identity: sender,
        subject: None,
        text: RawText::new(words),
        hints: Hints::default(),
        attached: Vec::new(),
    }
}

/// A file that came with a report.
#[must_use]
pub fn attached(bytes: &[u8]) -> crate::attached::Attached {
    crate::attached::Attached::new(bytes.to_vec())
}
