//! All that a channel may ask of the gateway.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::sync::oneshot;

use crate::identity::Identity;
use crate::inbound::{ChannelName, Inbound, Medium};

/// The gateway as a channel sees it.
#[async_trait]
pub trait Desk: Send + Sync + 'static {
    /// Takes a report; returns once it is on disk, so that the provider may be told "received".
    ///
    /// # Errors
    /// [`Refused`] when it could not be made durable; the provider must be told to try again.
    async fn submit(&self, inbound: Inbound) -> Result<Accepted, Refused>;

    /// Keeps an authentic request that could not be read, sealed, for a person to look at.
    ///
    /// # Errors
    /// [`Refused`] when it could not be made durable.
    async fn quarantine(&self, channel: &ChannelName, unreadable: &[u8]) -> Result<(), Refused>;

    /// Notes what became of a message that was sent.
    ///
    /// # Errors
    /// [`Refused`] when it could not be made durable.
    async fn sent(&self, channel: &ChannelName, report: &Sent) -> Result<(), Refused>;

    /// Notes that somebody wants no more messages: nothing is sent to them, and they are forgotten as by
    /// [`Desk::forget`], at once or as soon as that can be done. Their cases stay.
    ///
    /// # Errors
    /// [`Refused`] when it could not be made durable.
    async fn opted_out(&self, channel: &ChannelName, medium: Medium, who: &Identity) -> Result<(), Refused>;

    /// Notes that somebody wants messages again.
    ///
    /// # Errors
    /// [`Refused`] when it could not be made durable.
    async fn opted_in(&self, channel: &ChannelName, medium: Medium, who: &Identity) -> Result<(), Refused>;

    /// Destroys the contact, the original and the link of every case of this sender that is still linked. The cases stay,
    /// without a way back. Says how many there were. A report that is not yet a case is not among them.
    ///
    /// # Errors
    /// [`Refused`] when it is not done, or not all of it; it may be repeated.
    async fn forget(&self, medium: Medium, sender: &Identity) -> Result<u64, Refused>;

    /// The gateway's clock.
    fn now(&self) -> Timestamp;

    /// Fills `bytes` with the gateway's randomness.
    fn random(&self, bytes: &mut [u8]);

    /// Counts a request that was turned away. Takes no detail, so none can be kept.
    fn turned_away(&self, channel: &ChannelName, why: TurnedAway);
}

/// Why a report could not be taken. In each case the sender should try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The journal has reached its configured bound.
    #[error("the journal is full")]
    Full,
    /// The disk did not take the report.
    #[error("the report could not be written to disk")]
    Storage,
    /// The gateway is shutting down.
    #[error("the gateway is stopping")]
    Stopping,
}

/// Why a request was turned away at the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TurnedAway {
    /// It bore no signature or secret.
    Unsigned,
    /// Its signature or secret was wrong.
    BadSignature,
    /// Its signed time was too far from now.
    Stale,
    /// Its body could not be read at all, and nothing showed that it was authentic.
    Malformed,
    /// It was larger than the limit.
    TooLarge,
    /// The desk could not take it; it was asked to come again.
    Overloaded,
}

/// A provider's report on a message that the gateway sent.
pub struct Sent {
    /// The provider's name for the message.
    pub(crate) id: Option<String>,
    /// Our own name for it.
    pub(crate) reference: Option<String>,
    /// What became of it.
    pub(crate) state: SentState,
}

impl Sent {
    /// The provider's name for the message. It is nobody's secret and still goes into no log.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Our own name for the message, if the provider says it again.
    #[must_use]
    pub fn reference(&self) -> Option<&str> {
        self.reference.as_deref()
    }

    /// What became of it.
    #[must_use]
    pub fn state(&self) -> SentState {
        self.state
    }
}

/// What became of a sent message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SentState {
    /// It is on its way.
    OnItsWay,
    /// The phone has it.
    Delivered,
    /// It will not arrive.
    Failed,
}

/// A report that is on disk.
pub struct Accepted {
    receipt: oneshot::Receiver<Receipt>,
    fallback: Receipt,
}

impl Accepted {
    /// Pairs the receipt that will come with the one to give when it does not come in time.
    #[must_use]
    pub fn new(receipt: oneshot::Receiver<Receipt>, fallback: Receipt) -> Self {
        Self { receipt, fallback }
    }

    /// Waits for the receipt in the reporter's language, at most as long as `patience`; then the desk's default must do.
    pub async fn receipt(self, patience: Duration) -> Receipt {
        match tokio::time::timeout(patience, self.receipt).await {
            Ok(Ok(receipt)) => receipt,
            Ok(Err(_)) | Err(_) => self.fallback,
        }
    }
}

/// What the reporter is told: a reference, and a text that a stranger may read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The case reference, with its hyphen.
    pub reference: String,
    /// The whole message, in one language.
    pub text: String,
}
