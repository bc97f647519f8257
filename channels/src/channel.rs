//! The contract of a channel.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;

use crate::identity::Identity;
use crate::inbound::{ChannelName, Medium};
use crate::seal::Opening;

/// A way for reports to come in and replies to go out.
///
/// A channel that is pushed to has [`routes`](Channel::routes); one that polls has a [`run`](Channel::run) that lasts;
/// one whose provider takes the reply in the request's own answer says so by [`replies_in_answer`](Channel::replies_in_answer).
/// It hands its routes over and never sees the server.
#[async_trait]
pub trait Channel: Send + Sync + 'static {
    /// The name from the configuration; also its place under `/hooks/`.
    fn name(&self) -> &ChannelName;

    /// The kind of channel.
    fn medium(&self) -> Medium;

    /// The routes of a channel that is pushed to, relative to the public listener's root.
    fn routes(self: Arc<Self>) -> Option<Router> {
        None
    }

    /// The loop of a channel that polls. Ends when it has nothing to do, or when dropped at shutdown.
    async fn run(self: Arc<Self>) {}

    /// Whether the receipt already went out in the request's own answer, so that sending it again would double it.
    fn replies_in_answer(&self) -> bool;

    /// Sends `text` to a sealed contact. The contact is opened here and nowhere else.
    ///
    /// # Errors
    /// See [`ChannelError`]; none of them holds a word of the text or a digit of the address.
    async fn send(&self, opening: &Opening<'_>, text: &str) -> Result<(), ChannelError>;

    /// Sends `text` to the sender of a report that is still in hand. This needs no opened contact, so the side that takes
    /// reports in can give receipts without being able to open anything.
    ///
    /// # Errors
    /// See [`ChannelError`]; none of them holds a word of the text or a digit of the address.
    async fn send_receipt(&self, sender: &Identity, text: &str) -> Result<(), ChannelError>;

    /// [`Channel::send`] for a message that has a name of ours, by which reports on it can find it again.
    ///
    /// # Errors
    /// As [`Channel::send`].
    async fn send_named(&self, opening: &Opening<'_>, text: &str, own_id: &str) -> Result<SentId, ChannelError> {
        let _ = own_id;
        self.send(opening, text).await.map(|()| SentId::default())
    }

    /// [`Channel::send_receipt`] for a receipt that has a name of ours.
    ///
    /// # Errors
    /// As [`Channel::send_receipt`].
    async fn send_receipt_named(&self, sender: &Identity, text: &str, own_id: &str) -> Result<SentId, ChannelError> {
        let _ = own_id;
        self.send_receipt(sender, text).await.map(|()| SentId::default())
    }

    /// Whether the provider takes a message with a name that it already has for the same message.
    fn knows_own_ids(&self) -> bool {
        false
    }

    /// The shortest time between two messages, so that the provider does not refuse them.
    fn send_pause(&self) -> Duration {
        Duration::ZERO
    }
}

/// What a provider calls a message that it has taken; it need not have a name for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SentId(pub Option<String>);

/// Why a message did not go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChannelError {
    /// The provider did not answer; try again.
    #[error("the provider did not answer")]
    Unreachable,
    /// The provider is busy; try again later.
    #[error("the provider asked us to wait")]
    Busy {
        /// How long it asked to wait.
        wait_secs: Option<u64>,
    },
    /// The provider may have the message or not: its answer did not come.
    #[error("the provider's answer did not come")]
    Unsure,
    /// The number wants no messages.
    #[error("the number wants no messages")]
    OptedOut,
    /// The provider refused for good.
    #[error("the provider refused with status {status}")]
    Refused {
        /// The HTTP status.
        status: u16,
    },
    /// The channel has no way to send.
    #[error("this channel cannot send")]
    CannotSend,
    /// The contact was sealed for another case, with another key, or has been damaged.
    #[error("the sealed contact does not open")]
    SealBroken,
}

impl ChannelError {
    /// Whether a later attempt may succeed.
    #[must_use]
    pub const fn may_retry(self) -> bool {
        match self {
            Self::Unreachable | Self::Busy { .. } => true,
            Self::Refused { status } => status >= 500,
            Self::CannotSend | Self::SealBroken | Self::OptedOut | Self::Unsure => false,
        }
    }
}
