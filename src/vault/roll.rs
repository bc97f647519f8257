//! The nightly roll: a new epoch begins, what is still wanted is moved to it, the old secret is destroyed.
//!
//! Each step leaves a state from which the next attempt goes on, wherever the process ends:
//!
//! 1. the new secret is on disk, and nobody knows its public half;
//! 2. the store has its announcement, and takes nothing for an older epoch from here on;
//! 3. every wrap of an older epoch is moved, batch by batch;
//! 4. none is left that could be, and the older secrets are overwritten and deleted.

use std::collections::BTreeMap;
use std::sync::Arc;

use channels::{Bound, EpochKey, EpochSecret};

use super::{Vault, VaultError};
use crate::audit::Entry;
use crate::store::vault::{KeptWrap, Moved};

/// Moving one takes a fifth of a millisecond of a core.
const BATCH: usize = 256;
/// So many that do not open, and not one that does, are no damage but a fault.
const SUSPICIOUS: u64 = 10;

/// A step that is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The new secret is on disk.
    SecretMade,
    /// The store has its public half.
    Announced,
    /// A batch of wraps is moved.
    BatchMoved,
    /// No wrap is left in an older epoch.
    AllMoved,
    /// An older secret is destroyed.
    SecretDestroyed,
}

/// What a roll did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rolled {
    /// The epoch that is the present one now.
    pub epoch: u64,
    /// Wraps that were moved to it.
    pub n_moved: u64,
    /// Wraps that nobody can open any more.
    pub n_lost: u64,
}

/// Told of each step; `false` stops the roll right there, as a crash would.
pub type OnStep<'a> = &'a mut (dyn FnMut(Step) -> bool + Send);

fn told(on_step: &mut (dyn FnMut(Step) -> bool + Send), step: Step) -> Result<(), VaultError> {
    if on_step(step) { Ok(()) } else { Err(VaultError::Stopped) }
}

impl Vault {
    /// Begins a new epoch and ends the ones before.
    ///
    /// # Errors
    /// See [`VaultError`]. Whatever was done stays done, and the next attempt goes on from there.
    pub async fn roll(&self, on_step: OnStep<'_>) -> Result<Rolled, VaultError> {
        self.establish().await?;
        let alone = self.alone()?;
        let (announcement, before) = self.announced().await?.ok_or(VaultError::Busy)?;
        let number = before.number() + 1;
        // One that an interrupted attempt made has been announced to nobody; it will do.
        let secret = match self.keys.secret(number)? {
            Some(secret) => secret,
            None => self.keys.make(number, self.rng.as_ref())?,
        };
        told(on_step, Step::SecretMade)?;
        if !self.announce(Some(&announcement), &secret).await? {
            return Err(VaultError::Busy);
        }
        told(on_step, Step::Announced)?;
        let rolled = self.end_older_epochs(on_step).await?;
        drop(alone);
        Ok(rolled)
    }

    /// Goes on where an interrupted roll stopped.
    ///
    /// # Errors
    /// See [`VaultError`].
    pub async fn finish_roll(&self, on_step: OnStep<'_>) -> Result<Rolled, VaultError> {
        let alone = self.alone()?;
        let rolled = self.end_older_epochs(on_step).await?;
        drop(alone);
        Ok(rolled)
    }

    async fn end_older_epochs(&self, on_step: OnStep<'_>) -> Result<Rolled, VaultError> {
        let (_, present) = self.announced().await?.ok_or(VaultError::Busy)?;
        let older: Vec<u64> = self.keys.epochs()?.into_iter().filter(|epoch| *epoch < present.number()).collect();
        let mut secrets = BTreeMap::new();
        for epoch in &older {
            if let Some(secret) = self.keys.secret(*epoch)? {
                secrets.insert(*epoch, secret);
            }
        }
        let (n_moved, n_lost) = self.move_all(present, Arc::new(secrets), on_step).await?;
        told(on_step, Step::AllMoved)?;
        // Before the last step, because after it nothing is left to be found unfinished. An interrupted roll may have two entries.
        self.audit.append(&Entry::EpochBegun { epoch: present.number(), n_moved, n_lost }, self.clock.now())?;
        for epoch in older {
            self.keys.destroy(epoch)?;
            told(on_step, Step::SecretDestroyed)?;
        }
        Ok(Rolled { epoch: present.number(), n_moved, n_lost })
    }

    /// Moves every wrap that can be moved. Says how many were, and how many cannot be.
    async fn move_all(
        &self,
        present: EpochKey,
        secrets: Arc<BTreeMap<u64, EpochSecret>>,
        on_step: OnStep<'_>,
    ) -> Result<(u64, u64), VaultError> {
        let mut n_all_moved = 0;
        // A pass may miss one because another was forgotten meanwhile; the pass that moves nothing has missed none.
        loop {
            let (mut skip, mut n_moved, mut n_shut, mut n_odd) = (0, 0, 0_u64, 0_u64);
            loop {
                let wraps = self.store.wraps_before(present.number(), skip, BATCH).await?;
                if wraps.is_empty() {
                    break;
                }
                let (vault, secrets, n_read) = (self.id(), Arc::clone(&secrets), wraps.len());
                let n_openable = wraps.iter().filter(|kept| secrets.contains_key(&kept.wrap.epoch())).count();
                let moving = tokio::task::spawn_blocking(move || {
                    wraps.into_iter().filter_map(|from| moved(from, vault, &secrets, &present)).collect::<Vec<_>>()
                });
                let moved = moving.await.map_err(|_| VaultError::Stopped)?;
                n_moved += self.store.move_wraps(&moved).await?;
                skip += n_read - moved.len();
                n_shut += count(n_read - moved.len());
                n_odd += count(n_openable.saturating_sub(moved.len()));
                told(on_step, Step::BatchMoved)?;
            }
            n_all_moved += n_moved;
            if n_moved == 0 {
                let is_a_fault = n_all_moved == 0 && n_odd >= SUSPICIOUS;
                return if is_a_fault { Err(VaultError::NothingOpens) } else { Ok((n_all_moved, n_shut)) };
            }
        }
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

fn moved(from: KeptWrap, vault: channels::VaultId, secrets: &BTreeMap<u64, EpochSecret>, to: &EpochKey) -> Option<Moved> {
    let secret = secrets.get(&from.wrap.epoch())?;
    let bound = Bound { vault, case: from.reference.as_str() };
    let to = from.wrap.moved(from.kept, bound, secret, to).ok()?;
    Some(Moved { from, to })
}
