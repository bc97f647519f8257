//! How a report arrives and a reply leaves.
//!
//! An identity is born in this crate and leaves it only sealed. Outside it has *verbs, not a value*: it gives a
//! pseudonym, seals itself, and finds itself in a text. Nobody outside can read it.
//!
//! This crate knows nothing of cases, queues, languages, rules or stores, and it has no logging: what happened is told
//! to the [`Desk`].

pub mod channel;
pub mod desk;
#[cfg(feature = "email")]
pub mod email;
pub mod identity;
pub mod import;
pub mod inbound;
pub mod keys;
mod phone;
pub mod seal;
pub mod verify;
#[cfg(feature = "web")]
pub mod web;

pub use channel::{Channel, ChannelError};
pub use desk::{Accepted, Desk, Receipt, Refused, TurnedAway};
pub use identity::{Identity, KnownKind, KnownSpan, Pseudonym};
pub use inbound::{ChannelName, DeliveryId, DeliveryKey, Hints, Inbound, Medium, RawText, SiteCode};
pub use keys::{JournalKey, OpeningKey, PseudonymKey, SealingKey};
pub use seal::{SealedContact, SealedReport};
