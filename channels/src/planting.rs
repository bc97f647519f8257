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

/// What one request to an SMS webhook said, for a runner that judges parsing.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// Messages and parts of messages.
    pub messages: Vec<SeenMessage>,
    /// Reports on sent messages.
    pub statuses: Vec<SeenStatus>,
    /// Numbers that want no messages, by reports on sent ones.
    pub opted_out: Vec<String>,
    /// Opt-outs, calls and the like.
    pub events: Vec<SeenEvent>,
    /// Whether it asked for messages to send.
    pub is_poll: bool,
    /// How many items could not be read.
    pub n_unread: usize,
}

/// One message.
#[derive(Debug, Clone)]
pub struct SeenMessage {
    /// E.164, or as written.
    pub sender: String,
    /// What the sender is.
    pub sender_kind: &'static str,
    /// The words.
    pub text: String,
    /// The provider's id.
    pub provider_id: Option<String>,
    /// The provider's time.
    pub sent_at: Option<String>,
    /// Pictures and the like.
    pub attachments: Vec<SeenMedia>,
    /// Which part of how many.
    pub part: Option<(u32, u32)>,
    /// Whether it was joined out of parts.
    pub is_joined: bool,
    /// Whether a part of it is missing.
    pub is_incomplete: bool,
}

/// One picture or the like.
#[derive(Debug, Clone)]
pub struct SeenMedia {
    /// Where it lies.
    pub url: Option<String>,
    /// Its media type.
    pub content_type: Option<String>,
    /// Its file name.
    pub name: Option<String>,
    /// The hash of bytes that came along.
    pub inline_sha256: Option<String>,
}

/// One report on a sent message.
#[derive(Debug, Clone)]
pub struct SeenStatus {
    /// The provider's id.
    pub provider_id: Option<String>,
    /// Our own id.
    pub client_ref: Option<String>,
    /// The state's word.
    pub status: &'static str,
}

/// One event.
#[derive(Debug, Clone)]
pub struct SeenEvent {
    /// Its word.
    pub kind: &'static str,
    /// Whose.
    pub sender: Option<String>,
}

static SEEN: std::sync::Mutex<Option<Vec<Seen>>> = std::sync::Mutex::new(None);

/// From now on, remembers what requests say. Hands out what was remembered so far.
pub fn watch() -> Vec<Seen> {
    SEEN.lock().expect("nobody panics while holding this lock").replace(Vec::new()).unwrap_or_default()
}

/// Remembers what a request says, if somebody watches.
#[cfg(feature = "sms")]
pub(crate) fn see(seen: impl FnOnce() -> Seen) {
    if let Some(list) = SEEN.lock().expect("nobody panics while holding this lock").as_mut() {
        list.push(seen());
    }
}

/// Remembers the words of a joined message, if somebody watches.
pub(crate) fn see_joined(sender: &str, text: &str, is_incomplete: bool) {
    if let Some(list) = SEEN.lock().expect("nobody panics while holding this lock").as_mut() {
        let message = SeenMessage {
            sender: sender.to_owned(),
            sender_kind: if sender.starts_with('+') { "phone" } else { "alphanumeric" },
            text: text.to_owned(),
            provider_id: None,
            sent_at: None,
            attachments: Vec::new(),
            part: None,
            is_joined: true,
            is_incomplete,
        };
        list.push(Seen { messages: vec![message], ..Seen::default() });
    }
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
        part: None,
        attached: Vec::new(),
    }
}

/// A file that came with a report.
#[must_use]
pub fn attached(bytes: &[u8]) -> crate::attached::Attached {
    crate::attached::Attached::new(bytes.to_vec())
}
