//! Where cases wait for mediators: one contract, two stores.
//!
//! Knows nothing of senders: it stores what a [`Case`] holds, and beside it an [`Envelope`] of sealed and keyed values.

pub mod embedded;
pub mod record;
pub mod redis;
pub mod vault;

use async_trait::async_trait;
use channels::{ChannelName, DeliveryKey, Pseudonym, SealedContact, SealedOriginal, Wrap};
use jiff::Timestamp;

use crate::case::{Case, Message, Reference};
use crate::language::Language;
use crate::triage::Severity;

pub use vault::VaultStore;

/// What the desk keeps beside a case: keyed or sealed, and never shown.
#[derive(Debug, Clone)]
pub struct Envelope {
    /// Makes a second push of the same delivery find the first one's case.
    pub delivery: DeliveryKey,
    /// Finds a reporter's cases again. Deleted with the contact.
    pub reporter: Pseudonym,
    /// The same under the pepper before, while that lives: whoever is met under it is known as `reporter` from then on.
    pub reporter_before: Option<Pseudonym>,
    /// The channel that an answer goes over.
    pub channel: ChannelName,
    /// Opened only to answer.
    pub contact: Option<(SealedContact, Wrap)>,
    /// The words as they came in, for the custodian.
    pub original: Option<(SealedOriginal, Wrap)>,
}

impl Envelope {
    /// The epoch it was sealed for; `None` when it holds nothing sealed.
    #[must_use]
    pub fn epoch(&self) -> Option<u64> {
        let contact = self.contact.as_ref().map(|(_, wrap)| wrap.epoch());
        contact.or_else(|| self.original.as_ref().map(|(_, wrap)| wrap.epoch()))
    }
}

/// What became of a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pushed {
    /// The case is stored.
    New,
    /// This delivery was stored before, under this reference.
    Known(Reference),
    /// Another delivery's case has this reference; push again with another.
    ReferenceTaken,
    /// It was sealed for an epoch that is over; seal it for the present one and push again.
    EpochOver,
}

/// A case in a mediator's hands.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The case.
    pub case: Case,
    /// Fences off a mediator whose lease ran out: grows with every claim of this case.
    pub token: u64,
}

/// Where a case stands in the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// An operator must look at it first; mediators do not get it.
    Held,
    /// Nobody has it.
    Waiting,
    /// A mediator has it, as long as the lease lasts.
    Claimed {
        /// The account.
        mediator: String,
    },
    /// It is finished.
    Completed,
}

/// One row of a list.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The case.
    pub case: Case,
    /// Where it stands.
    pub standing: Standing,
}

/// Which cases to list. `None` means any.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only this severity.
    pub severity: Option<Severity>,
    /// Only this language.
    pub language: Option<Language>,
    /// Only those that stand so.
    pub standing: Option<StandingFilter>,
}

/// The standings without their details.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StandingFilter {
    /// An operator must look at it first.
    Held,
    /// Nobody has it.
    Waiting,
    /// A mediator has it.
    Claimed,
    /// It is finished.
    Completed,
}

/// One page of a list, oldest case first.
#[derive(Debug, Clone)]
pub struct Page {
    /// At most as many as asked for.
    pub rows: Vec<Listed>,
    /// Pass it on to get the next page; `None` at the end.
    pub next: Option<u64>,
}

/// Why the store did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// It does not answer; everything may be tried again.
    #[error("the case store does not answer")]
    Unreachable,
    /// It answers, but refuses writes (disk full, read-only replica, out of memory).
    #[error("the case store takes no writes")]
    ReadOnly,
    /// A record was written by a newer gateway or has been damaged.
    #[error("a record in the case store cannot be read")]
    Unreadable,
}

/// Why a mediator could not do something with a case.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LeaseError {
    /// There is no such case.
    #[error("there is no case with this reference")]
    NoSuchCase,
    /// The lease ran out, or somebody else has the case now.
    #[error("the case is no longer yours")]
    NotYours,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// One part of a message that came in pieces, on its way into the store, where every gateway finds it.
#[derive(Debug, Clone)]
pub struct HeldPart {
    /// The same for all parts of a message.
    pub group: DeliveryKey,
    /// Its place, from zero.
    pub place: u32,
    /// How many parts there are.
    pub total: u32,
    /// The part's own delivery.
    pub delivery: DeliveryKey,
    /// What it says, under a key that all gateways of the deployment have.
    pub sealed: Vec<u8>,
}

/// What became of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// It waits for the others.
    Waiting,
    /// It was the last one: here are all, in their order.
    Complete(Vec<Vec<u8>>),
    /// The message is a case already, and this part is in it.
    Known(Reference),
    /// The message is a case already, and this part is not in it.
    Late(Reference),
    /// Another message has this place: networks count parts' numbers anew.
    Taken,
    /// The message is just being made a case without this part; ask again.
    Busy,
}

/// Parts whose rest did not come in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaleParts {
    /// What they have in common.
    pub group: DeliveryKey,
    /// Those that are there, in their order.
    pub sealed: Vec<Vec<u8>>,
}

/// A part that comes this long after its message became a case belongs to another one.
pub(crate) const LATE_MS: i64 = 24 * 3_600_000;
/// How long one gateway has to make a case of parts before another may.
pub(crate) const CLAIM_MS: i64 = 5 * 60_000;

/// The case store. Each method is atomic and safe to repeat. What lies sealed beside the cases is its [`VaultStore`].
#[async_trait]
pub trait CaseStore: VaultStore {
    /// Stores a case. Idempotent by the delivery in `envelope`. Returns when it is durable. A case with doubts is held: no
    /// mediator gets it before [`admit`](CaseStore::admit).
    async fn push(&self, case: &Case, envelope: &Envelope) -> Result<Pushed, StoreError>;

    /// Puts a held case into the queue. Does nothing to one that is not held.
    async fn admit(&self, reference: &Reference) -> Result<(), LeaseError>;

    /// Gives the most urgent, then oldest, case that nobody holds to `mediator`, for as long as the lease lasts. `None` when the queue is empty.
    async fn claim(&self, mediator: &str) -> Result<Option<Claim>, StoreError>;

    /// Starts the lease anew.
    async fn heartbeat(&self, reference: &Reference, mediator: &str, token: u64) -> Result<(), LeaseError>;

    /// Puts the case back in its place in the queue.
    async fn release(&self, reference: &Reference, mediator: &str, token: u64) -> Result<(), LeaseError>;

    /// Takes the case out of the queue for good. It stays readable.
    async fn complete(&self, reference: &Reference, mediator: &str, token: u64) -> Result<(), LeaseError>;

    /// Adds a message to a case's conversation.
    async fn append_message(&self, reference: &Reference, message: &Message) -> Result<(), LeaseError>;

    /// The conversation, oldest first.
    async fn messages(&self, reference: &Reference) -> Result<Vec<Message>, LeaseError>;

    /// One case.
    async fn get(&self, reference: &Reference) -> Result<Option<Listed>, StoreError>;

    /// Cases in order of arrival. `after` is the `next` of the page before.
    async fn list(&self, filter: &Filter, after: Option<u64>, limit: usize) -> Result<Page, StoreError>;

    /// The language of the newest case of a reporter whose language is known. `reporters` are the names that the reporter
    /// has under the peppers that live.
    async fn language_of(&self, reporters: &[Pseudonym]) -> Result<Option<Language>, StoreError>;

    /// How many cases wait, by severity.
    async fn waiting(&self) -> Result<Vec<(Severity, u64)>, StoreError>;

    /// Keeps a part of a message until the others are there.
    async fn hold_part(&self, part: &HeldPart, now: Timestamp) -> Result<Held, StoreError>;

    /// Messages that began before `before` and are not complete. Whoever gets them makes the case; nobody else gets them
    /// meanwhile.
    async fn stale_parts(&self, before: Timestamp, now: Timestamp) -> Result<Vec<StaleParts>, StoreError>;

    /// Notes that a message in parts has become a case, and deletes what the parts said.
    async fn parts_filed(&self, group: DeliveryKey, reference: &Reference, now: Timestamp) -> Result<(), StoreError>;

    /// Notes that a late part was added to its case.
    async fn late_part_added(&self, part: &HeldPart) -> Result<(), StoreError>;

    /// Whether the store answers and takes writes.
    async fn ready(&self) -> Result<(), StoreError>;
}
