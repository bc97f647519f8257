//! Who may open what, and for how long.
//!
//! The side that takes reports in seals to the present epoch's public key, which [`current`] reads from the store and believes
//! only under the vault's signature. The side that answers has a [`Vault`]: the epochs' secrets, in a folder that the other
//! side never opens. Every night [`roll`] begins a new epoch, moves what is still wanted to it, and destroys the old secret:
//! from then on no copy of the store from before opens what was forgotten.
//!
//! Knows no sender: what a contact holds is opened in `channels` only.

pub mod current;
mod roll;

use std::sync::Arc;

use channels::{Bound, Channel, ChannelError, EpochKey, EpochSecret, HandedOut, Opening, SentId, VaultId, Wrap};

pub use roll::{Rolled, Step};

use crate::alone::Alone;
use crate::anonymise::round_to_hour;
use crate::audit::{Audit, AuditError, Entry, Reason};
use crate::case::Reference;
use crate::clock::{Clock, Rng};
use crate::keys::{KeyError, ReplyKeys};
use crate::store::vault::Retention;
use crate::store::{CaseStore, StoreError};

const DAY_SECS: i64 = 86_400;
/// An epoch may end between the reading of a wrap and that of its secret; it does not end twice in that time.
const TRIES: u32 = 3;

/// The side that answers.
pub struct Vault {
    keys: ReplyKeys,
    store: Arc<dyn CaseStore>,
    audit: Audit,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
}

/// What the nightly run goes by.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    /// The hour, in UTC, after which a new epoch begins.
    pub roll_hour: u64,
    /// How long what is kept.
    pub retention: Retention,
}

/// Why the vault did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// The keys.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The audit log.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// The store's epoch was announced by another vault.
    #[error("the contacts in this store are sealed for another vault: restore the reply folder that belongs to it")]
    OtherVault,
    /// Another process is at it.
    #[error("another pmm-gateway is changing the epoch right now: try again in a minute")]
    Busy,
    /// The secret does not open what was sealed for it.
    #[error("none of the sealed contacts opens, so the old secret is kept: do not delete anything, and report this as a bug")]
    NothingOpens,
    /// The secret is not here.
    #[error("the secret that opens this is not in the reply folder: it was destroyed, or the folder is not the right one")]
    SecretGone,
    /// The seal does not open.
    #[error("the seal does not open: the record is damaged")]
    SealBroken,
    /// Nothing is kept for this case.
    #[error("nothing is kept for this case: it was never kept, or it is forgotten, or its time is over")]
    NothingKept,
    /// The channel did not send.
    #[error(transparent)]
    Channel(#[from] ChannelError),
    /// A test stopped it, as a crash would.
    #[error("stopped between two steps")]
    Stopped,
}

impl Vault {
    /// Puts the vault together.
    #[must_use]
    pub fn new(keys: ReplyKeys, store: Arc<dyn CaseStore>, audit: Audit, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Self {
        Self { keys, store, audit, clock, rng }
    }

    /// Which vault it is.
    #[must_use]
    pub fn id(&self) -> VaultId {
        self.keys.vault()
    }

    /// The present epoch. The first one is begun if there is none.
    ///
    /// # Errors
    /// See [`VaultError`].
    pub async fn establish(&self) -> Result<EpochKey, VaultError> {
        if let Some((_, epoch)) = self.announced().await? {
            return Ok(epoch);
        }
        let alone = self.alone()?;
        // A store that lost its data is told the newest epoch again.
        let secret = match self.keys.epochs()?.last() {
            Some(newest) => self.keys.secret(*newest)?.ok_or(VaultError::SecretGone)?,
            None => self.keys.make(1, self.rng.as_ref())?,
        };
        self.announce(None, &secret).await?;
        drop(alone);
        self.announced().await?.map(|(_, epoch)| epoch).ok_or(VaultError::Busy)
    }

    /// What has to be done now and then. At night it destroys what is past its time and begins a new epoch; at any time it goes
    /// on with a roll that was interrupted. Says what was moved, if anything was.
    ///
    /// # Errors
    /// See [`VaultError`]; it may be tried again at any time.
    pub async fn upkeep(&self, policy: &Policy) -> Result<Option<Rolled>, VaultError> {
        let epoch = self.establish().await?;
        let is_night = epoch.begun_at() < self.last_roll_time(policy.roll_hour);
        if is_night {
            self.expire(policy.retention).await?;
        }
        if is_night || self.keys.secret(epoch.number())?.is_none() {
            return self.roll(&mut |_| true).await.map(Some);
        }
        let has_older = self.keys.epochs()?.first().is_some_and(|oldest| *oldest < epoch.number());
        if has_older {
            return self.finish_roll(&mut |_| true).await.map(Some);
        }
        Ok(None)
    }

    /// Destroys what is past its time.
    ///
    /// # Errors
    /// See [`VaultError`].
    pub async fn expire(&self, retention: Retention) -> Result<(), VaultError> {
        let today = self.clock.now().as_second().div_euclid(DAY_SECS);
        let expired = self.store.expire(today, retention).await?;
        if expired.contacts + expired.originals > 0 {
            let entry = Entry::Expired { n_contacts: expired.contacts, n_originals: expired.originals };
            self.audit.append(&entry, self.clock.now())?;
        }
        Ok(())
    }

    /// Hands the sealed original of a case out for the custodian, and writes that down first.
    ///
    /// # Errors
    /// See [`VaultError`]. Nothing is handed out that is not written down.
    pub async fn hand_out(&self, case: &Reference, reason: Reason) -> Result<HandedOut, VaultError> {
        for _ in 0..TRIES {
            let (original, wrap) = self.store.original(case).await?.ok_or(VaultError::NothingKept)?;
            let Some(secret) = self.secret_of(&wrap)? else { continue };
            let handed_out = original.hand_out(&wrap, self.bound(case), &secret).map_err(|_| VaultError::SealBroken)?;
            self.audit.append(&Entry::OriginalHandedOut { case: case.clone(), reason }, self.clock.now())?;
            return Ok(handed_out);
        }
        Err(VaultError::SecretGone)
    }

    /// Sends a text to the reporter of a case. The contact is opened in the channel and nowhere else.
    ///
    /// # Errors
    /// See [`VaultError`].
    pub async fn send(&self, channel: &dyn Channel, case: &Reference, text: &str) -> Result<(), VaultError> {
        self.send_named(channel, case, text, "").await.map(drop)
    }

    /// The same for a message that has a name of ours, by which reports on it can find it again.
    ///
    /// # Errors
    /// See [`VaultError`].
    pub async fn send_named(
        &self,
        channel: &dyn Channel,
        case: &Reference,
        text: &str,
        own_id: &str,
    ) -> Result<SentId, VaultError> {
        for _ in 0..TRIES {
            let kept = self.store.contact(case).await?.ok_or(VaultError::NothingKept)?;
            let Some(secret) = self.secret_of(&kept.wrap)? else { continue };
            let opening = Opening { contact: &kept.contact, wrap: &kept.wrap, bound: self.bound(case), secret: &secret };
            return Ok(channel.send_named(&opening, text, own_id).await?);
        }
        Err(VaultError::SecretGone)
    }

    /// Read from its file each time: what is destroyed there is gone, and no memory keeps it.
    fn secret_of(&self, wrap: &Wrap) -> Result<Option<EpochSecret>, VaultError> {
        Ok(self.keys.secret(wrap.epoch())?)
    }

    fn bound<'a>(&self, case: &'a Reference) -> Bound<'a> {
        Bound { vault: self.keys.vault(), case: case.as_str() }
    }

    /// The present epoch's announcement, and what it says.
    async fn announced(&self) -> Result<Option<(Vec<u8>, EpochKey)>, VaultError> {
        let Some(announcement) = self.store.announcement().await? else { return Ok(None) };
        let epoch = EpochKey::believe(&announcement, self.keys.vault()).map_err(|_| VaultError::OtherVault)?;
        Ok(Some((announcement, epoch)))
    }

    async fn announce(&self, before: Option<&[u8]>, secret: &EpochSecret) -> Result<bool, VaultError> {
        // To the hour: the first epoch may begin with the first report.
        let begun_at = round_to_hour(self.clock.now());
        let announcement = secret.announce(begun_at, self.keys.signer()).map_err(|_| VaultError::SealBroken)?;
        Ok(self.store.announce(before, secret.number(), &announcement).await?)
    }

    fn alone(&self) -> Result<Alone, VaultError> {
        self.keys.lock_now()?.ok_or(VaultError::Busy)
    }

    /// When an epoch should have begun last.
    fn last_roll_time(&self, roll_hour: u64) -> jiff::Timestamp {
        let now = self.clock.now();
        let into_day = i64::try_from(roll_hour).unwrap_or(0) * 3600;
        let second = (now.as_second() - into_day).div_euclid(DAY_SECS) * DAY_SECS + into_day;
        jiff::Timestamp::from_second(second).unwrap_or(now)
    }
}
