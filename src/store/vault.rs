//! What lies sealed beside the cases: contacts, originals, their wrapped keys, and the links between one reporter's cases.
//!
//! A store keeps these as it got them. It has no key, and it never holds a wrap of an epoch that is over: a push under the old
//! epoch is told so, and whoever rolls moves the others on.

use async_trait::async_trait;
use channels::{ChannelName, Kept, Pseudonym, SealedContact, SealedOriginal, Wrap};

use super::StoreError;
use crate::case::Reference;

/// A contact with the key that opens it, wrapped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptContact {
    /// The channel that an answer goes over.
    pub channel: ChannelName,
    /// The record.
    pub contact: SealedContact,
    /// Its key.
    pub wrap: Wrap,
}

/// One wrap and where it belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptWrap {
    /// Which record's key it is.
    pub kept: Kept,
    /// Which case's.
    pub reference: Reference,
    /// The wrap.
    pub wrap: Wrap,
}

/// A wrap that was moved to another epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// As it was read.
    pub from: KeptWrap,
    /// What shall stand in its place.
    pub to: Wrap,
}

/// How long what is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Contacts and links: days after the case was closed.
    pub contact_days: i64,
    /// Originals: days after the case was closed.
    pub original_days: i64,
    /// Links between a reporter's cases: days after the newest report.
    pub thread_days: i64,
}

/// How much was destroyed because its time had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Expired {
    /// Contacts.
    pub contacts: u64,
    /// Originals.
    pub originals: u64,
}

/// The sealed side of a case store. Each method is atomic, but for [`expire`](VaultStore::expire), and safe to repeat.
#[async_trait]
pub trait VaultStore: Send + Sync + 'static {
    /// The announcement of the present epoch, as it was put here. Whoever reads it checks its signature.
    async fn announcement(&self) -> Result<Option<Vec<u8>>, StoreError>;

    /// Puts the announcement of the epoch `number` in the place of `before`. `false` when something else stands there.
    async fn announce(&self, before: Option<&[u8]>, number: u64, announcement: &[u8]) -> Result<bool, StoreError>;

    /// The sealed contact of a case, for answering.
    async fn contact(&self, reference: &Reference) -> Result<Option<KeptContact>, StoreError>;

    /// The sealed original of a case, for the custodian.
    async fn original(&self, reference: &Reference) -> Result<Option<(SealedOriginal, Wrap)>, StoreError>;

    /// Wraps of epochs before `epoch`, after the first `skip` of them. The order does not change while nobody writes.
    async fn wraps_before(&self, epoch: u64, skip: usize, limit: usize) -> Result<Vec<KeptWrap>, StoreError>;

    /// Replaces each wrap that is still as it was read. One that was destroyed meanwhile stays destroyed. Says how many.
    async fn move_wraps(&self, moved: &[Moved]) -> Result<u64, StoreError>;

    /// Destroys the contact, the original, their wraps and the link to the reporter. The case stays. `false` when there was
    /// nothing.
    async fn forget(&self, reference: &Reference) -> Result<bool, StoreError>;

    /// The cases that are linked to a reporter under any of these pseudonyms.
    async fn cases_of(&self, reporters: &[Pseudonym]) -> Result<Vec<Reference>, StoreError>;

    /// The cases of the same reporter as this one, itself included. Only itself when nothing links it any more.
    async fn same_reporter(&self, reference: &Reference) -> Result<Vec<Reference>, StoreError>;

    /// Notes which cases were closed by the day `today` (days since 1970), and destroys what is older than its time.
    async fn expire(&self, today: i64, retention: Retention) -> Result<Expired, StoreError>;
}
