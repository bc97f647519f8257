//! The present epoch, as the side that takes reports in knows it: a public key under the vault's signature.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use channels::{EpochKey, VaultId};

use super::{Vault, VaultError};
use crate::store::{CaseStore, StoreError};

/// The present epoch.
pub struct CurrentEpoch {
    vault: VaultId,
    /// Begins the first epoch where both sides are one process.
    founder: Option<Arc<Vault>>,
    known: Mutex<Option<EpochKey>>,
    was_missed: AtomicBool,
}

/// Why nothing can be sealed now. Reports wait in the journal meanwhile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EpochError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The other side has not announced any.
    #[error("the side that answers has announced no epoch yet: start `pmm-gateway serve --role reply` on this store")]
    None,
    /// What is announced is not signed by the vault, or is older than what was seen before.
    #[error("the epoch announced in the store is not signed by the vault in keys/vault")]
    Forged,
}

impl CurrentEpoch {
    /// Nothing is known yet. Only what `vault` signed will be believed.
    #[must_use]
    pub fn of(vault: VaultId) -> Self {
        Self { vault, founder: None, known: Mutex::new(None), was_missed: AtomicBool::new(false) }
    }

    /// The same where both sides are one process: the first epoch begins when it is first needed.
    #[must_use]
    pub fn founded_by(vault: &Arc<Vault>) -> Self {
        Self { founder: Some(Arc::clone(vault)), ..Self::of(vault.id()) }
    }

    /// Which vault it seals for.
    #[must_use]
    pub fn vault(&self) -> VaultId {
        self.vault
    }

    /// The epoch to seal for.
    ///
    /// # Errors
    /// See [`EpochError`].
    pub async fn get(&self, store: &dyn CaseStore) -> Result<EpochKey, EpochError> {
        let known = *self.known.lock().unwrap_or_else(PoisonError::into_inner);
        match known {
            Some(epoch) => Ok(epoch),
            None => self.look_again(store).await,
        }
    }

    /// Reads the announcement anew: the store says that the epoch is over. One that began before the newest seen is not
    /// believed, because its secret may be out.
    ///
    /// # Errors
    /// See [`EpochError`].
    pub async fn look_again(&self, store: &dyn CaseStore) -> Result<EpochKey, EpochError> {
        let epoch = match (store.announcement().await?, &self.founder) {
            (Some(announcement), _) => EpochKey::believe(&announcement, self.vault).map_err(|_| EpochError::Forged)?,
            (None, None) => return Err(EpochError::None),
            (None, Some(founder)) => match founder.establish().await {
                Ok(epoch) => epoch,
                Err(VaultError::Store(error)) => return Err(EpochError::Store(error)),
                Err(VaultError::OtherVault) => return Err(EpochError::Forged),
                Err(_) => return Err(EpochError::None),
            },
        };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.is_some_and(|known| epoch.begun_at() < known.begun_at()) {
            return Err(EpochError::Forged);
        }
        *known = Some(epoch);
        self.was_missed.store(false, Ordering::Relaxed);
        Ok(epoch)
    }

    /// Whether this is the first time in a row that no epoch could be had, so that it is told once.
    pub fn is_newly_missed(&self) -> bool {
        !self.was_missed.swap(true, Ordering::Relaxed)
    }
}
