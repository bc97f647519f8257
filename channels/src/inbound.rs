//! A report as it comes out of a channel: verified, parsed, and closed to everybody but the two stages that must read.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use static_assertions::assert_not_impl_any;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::attached::Attached;
use crate::identity::Identity;
use crate::keys::PseudonymKey;

/// The name an admin gave to one channel: lower-case letters, digits and hyphens.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChannelName(Arc<str>);

impl ChannelName {
    /// Takes a name of 1 to 32 characters out of `a-z`, `0-9` and `-`; anything else is no name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let fits = (1..=32).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        fits.then(|| Self(name.into()))
    }

    /// The name itself; it stands in configuration, addresses and logs and is nobody's secret.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ChannelName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// What kind of channel a report came over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Medium {
    /// A text message over a provider's webhook.
    Sms,
    /// A Telegram bot.
    Telegram,
    /// A mail.
    Email,
    /// The web form.
    Web,
    /// A call taken down by an operator.
    Call,
    /// Another organisation's system.
    Partner,
    /// A feed that is watched.
    Feed,
}

impl Medium {
    /// The word used in JSON, configuration and logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Telegram => "telegram",
            Self::Email => "email",
            Self::Web => "web",
            Self::Call => "call",
            Self::Partner => "partner",
            Self::Feed => "feed",
        }
    }
}

/// What makes two deliveries the same delivery, in the provider's own terms. It may contain a number, so it is never shown.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct DeliveryId(String);

assert_not_impl_any!(DeliveryId: fmt::Debug, fmt::Display, Clone, Serialize);

impl DeliveryId {
    pub(crate) fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

/// The keyed form of a delivery id: equal for equal deliveries of one channel, and of no use to anybody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeliveryKey(pub [u8; 16]);

impl DeliveryKey {
    /// Lower-case hexadecimal, as stores write it.
    #[must_use]
    pub fn to_hex(self) -> String {
        hex::encode(self.0)
    }
}

/// The words of a reporter, untouched. The only door is [`RawText::expose`].
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct RawText(String);

assert_not_impl_any!(RawText: fmt::Debug, fmt::Display, Clone, Serialize);

impl RawText {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Hands out the words. Language detection and the anonymiser hold the key; `clippy.toml` keeps everybody else out.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// How long the text is, in bytes.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        self.0.len()
    }
}

/// The code of a work site, as printed on a poster: letters, digits, `-` and `_`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SiteCode(String);

impl SiteCode {
    /// Takes 1 to 32 characters, at least one of them a letter, and no more than five digits: a longer run of digits may be somebody's number.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        let code = code.trim();
        let shape = (1..=32).contains(&code.len())
            && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
            && code.bytes().any(|byte| byte.is_ascii_alphabetic())
            && code.bytes().filter(u8::is_ascii_digit).count() <= 5;
        shape.then(|| Self(code.to_owned()))
    }

    /// The code as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a channel knows besides the words. Hints help; they never decide.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hints {
    /// The language of the form or the account, as the channel writes it (`vi`, `vie`, `zh-Hans`).
    pub language: Option<String>,
    /// Two-letter country of the number or the form.
    pub country: Option<String>,
    /// The site the report names.
    pub site: Option<SiteCode>,
}

/// A part of a message that the network cut in pieces.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Part {
    /// What all parts of one message have in common; it holds the sender's number.
    pub(crate) group: String,
    /// Its place, from zero.
    pub(crate) index: u32,
    /// How many there are.
    pub(crate) total: u32,
}

assert_not_impl_any!(Part: fmt::Debug, fmt::Display, Clone, Serialize);

/// What the delivery of a joined message begins with.
const JOINED: &str = "joined\0";
/// What stands where a part is missing.
const MISSING: &str = " […] ";

impl Part {
    fn whole_id(&self, generation: u32) -> String {
        format!("{JOINED}{generation}\0{}", self.group)
    }

    /// Its place, from zero.
    #[must_use]
    pub fn index(&self) -> u32 {
        self.index
    }

    /// How many parts the message has.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.total
    }
}

/// One accepted report on its way to the desk.
pub struct Inbound {
    pub(crate) channel: ChannelName,
    pub(crate) medium: Medium,
    pub(crate) delivery: DeliveryId,
    pub(crate) received_at: Timestamp,
    pub(crate) identity: Identity,
    pub(crate) subject: Option<RawText>,
    pub(crate) text: RawText,
    pub(crate) hints: Hints,
    /// Set while it is only a part of a message.
    pub(crate) part: Option<Part>,
    /// What came along, in its order. A report out of the journal has none here: its files are opened one by one.
    pub(crate) attached: Vec<Attached>,
}

assert_not_impl_any!(Inbound: fmt::Display, Clone, Serialize);

/// Names the channel and nothing else, so that an [`Inbound`] may sit in other structs.
impl fmt::Debug for Inbound {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Inbound({})", self.channel)
    }
}

impl Inbound {
    /// The channel that took the report.
    #[must_use]
    pub fn channel(&self) -> &ChannelName {
        &self.channel
    }

    /// The kind of that channel.
    #[must_use]
    pub fn medium(&self) -> Medium {
        self.medium
    }

    /// When the gateway received it.
    #[must_use]
    pub fn received_at(&self) -> Timestamp {
        self.received_at
    }

    /// The sender: verbs, not a value.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// A mail's subject line.
    #[must_use]
    pub fn subject(&self) -> Option<&RawText> {
        self.subject.as_ref()
    }

    /// The words.
    #[must_use]
    pub fn text(&self) -> &RawText {
        &self.text
    }

    /// What else the channel knows.
    #[must_use]
    pub fn hints(&self) -> &Hints {
        &self.hints
    }

    /// Which part of a longer message it is; `None` when it is whole.
    #[must_use]
    pub fn part(&self) -> Option<&Part> {
        self.part.as_ref()
    }

    /// What all parts of its message have in common, keyed and scoped by channel. `generation` tells messages apart that were
    /// given the same number by the network. `None` when it is whole.
    #[must_use]
    pub fn part_group(&self, generation: u32, key: &PseudonymKey) -> Option<DeliveryKey> {
        let part = self.part.as_ref()?;
        let delivery = DeliveryId::new(part.whole_id(generation));
        Some(self.keyed(&delivery, key))
    }

    /// Whether it was joined out of parts.
    #[must_use]
    pub fn is_joined(&self) -> bool {
        self.delivery.reveal().starts_with(JOINED)
    }

    /// Joins the parts of one message, whichever of them are there. Missing ones leave a mark in the text. `None` when there
    /// is none.
    #[must_use]
    pub fn join(mut parts: Vec<Self>, generation: u32) -> Option<Self> {
        parts.retain(|part| part.part.is_some());
        parts.sort_by_key(|inbound| inbound.part.as_ref().map_or(0, Part::index));
        let first = parts.first()?.part.as_ref()?;
        let (whole_id, total) = (first.whole_id(generation), first.total);
        let mut text = String::new();
        let mut expected = 0;
        for inbound in &parts {
            let index = inbound.part.as_ref().map_or(0, Part::index);
            if index > expected {
                text.push_str(MISSING);
            }
            text.push_str(&inbound.text.0);
            expected = index + 1;
        }
        if expected < total {
            text.push_str(MISSING);
        }
        #[cfg(feature = "planting")]
        crate::planting::see_joined(
            &parts[0].identity.address,
            &text,
            usize::try_from(total).is_ok_and(|total| parts.len() < total),
        );
        let mut whole = parts.swap_remove(0);
        whole.received_at = parts.iter().map(|part| part.received_at).chain([whole.received_at]).min()?;
        whole.text = RawText::new(text);
        whole.delivery = DeliveryId::new(whole_id);
        whole.part = None;
        Some(whole)
    }

    /// The keyed delivery id, scoped by channel.
    #[must_use]
    pub fn delivery_key(&self, key: &PseudonymKey) -> DeliveryKey {
        self.keyed(&self.delivery, key)
    }

    fn keyed(&self, delivery: &DeliveryId, key: &PseudonymKey) -> DeliveryKey {
        DeliveryKey(key.mac(b"gw-delivery-v1", &[self.channel.as_str().as_bytes(), delivery.reveal().as_bytes()]))
    }

    /// The keyed pseudonym of the sender on this kind of channel.
    #[must_use]
    pub fn pseudonym(&self, key: &PseudonymKey) -> crate::Pseudonym {
        self.identity.pseudonym(self.medium, key)
    }
}
