//! How a report arrives and a reply leaves.
//!
//! An identity is born in this crate and leaves it only sealed. Outside it has *verbs, not a value*: it gives a
//! pseudonym, seals itself, and finds itself in a text. Nobody outside can read it.
//!
//! This crate knows nothing of cases, queues, languages, rules or stores, and it has no logging: what happened is told
//! to the [`Desk`].

pub mod inbound;
mod phone;
pub mod segments;
pub mod identity;
pub mod keys;
pub mod epoch;
pub mod custodian;
pub mod seal;
pub mod attached;
pub mod desk;
pub mod channel;
#[cfg(feature = "sms")]
mod form;
#[cfg(feature = "sms")]
pub mod verify;
pub mod settings;
pub mod import;
#[cfg(feature = "email")]
pub mod email;
#[cfg(feature = "sms")]
pub mod sms;
pub mod pages;
#[cfg(feature = "web")]
pub mod web;
pub mod config;
#[doc(hidden)]
#[cfg(any(test, feature = "planting"))]
pub mod planting;

pub use attached::{Attached, FilesKey, FilesSecret, SealedAttached};
pub use channel::{Channel, ChannelError, SentId};
pub use custodian::{CustodianKey, CustodianSecret};
pub use desk::{Accepted, Desk, Receipt, Refused, Sent, SentState, TurnedAway};
pub use epoch::{EpochKey, EpochSecret, VaultId, VaultSigner};
pub use identity::{Identity, KnownKind, KnownSpan, Pseudonym};
pub use inbound::{ChannelName, DeliveryId, DeliveryKey, Hints, Inbound, Medium, Part, RawText, SiteCode};
pub use keys::{JournalKey, PseudonymKey};
pub use seal::{Bound, HandedOut, Kept, Opening, SealedContact, SealedOriginal, SealedReport, SealedSender, Wrap};
