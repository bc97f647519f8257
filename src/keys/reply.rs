//! The keys of the side that answers, in a folder of its own: the vault's signer, and the secret of the epoch.
//!
//! The side that takes reports in never opens this folder. A copy of an epoch's secret would open old copies of the store, so
//! there must be none; the signer opens nothing, and a copy of it is what brings a deployment back after a broken disk.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use channels::{EpochSecret, VaultId, VaultSigner};
use zeroize::Zeroizing;

use super::{KeyError, files};
use crate::alone::Alone;
use crate::clock::Rng;

const SIGNER: &str = "signer";
/// What the other side needs to know of this one.
pub const PUBLIC: &str = "vault.pub";
const EPOCH: &str = "epoch-";

/// The keys of the side that answers.
pub struct ReplyKeys {
    folder: PathBuf,
    signer: VaultSigner,
}

impl ReplyKeys {
    /// Reads the keys in `folder`, or makes them. `known` is the vault that this deployment's contacts are sealed for, if it
    /// has one: its keys are not made anew.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn open_or_make(folder: &Path, known: Option<VaultId>, rng: &dyn Rng) -> Result<Self, KeyError> {
        files::make_folder(folder)?;
        let alone = files::lock(folder)?;
        let file = folder.join(SIGNER);
        if !file.exists() {
            if known.is_some() {
                return Err(KeyError::Missing(file));
            }
            let unreadable = |_| KeyError::Unreadable(file.clone());
            let mut seed = Zeroizing::new([0; 32]);
            rng.fill(seed.as_mut());
            let id = VaultSigner::new(*seed).id();
            // The public half first: where the secret is, the other must be.
            files::write(&folder.join(PUBLIC), &hex::encode(id.to_bytes())).map_err(unreadable)?;
            files::write(&file, &Zeroizing::new(hex::encode(seed.as_slice()))).map_err(unreadable)?;
        }
        drop(alone);
        let keys = Self { folder: folder.to_owned(), signer: VaultSigner::new(*files::read(&file)?) };
        match known {
            Some(known) if known != keys.vault() => Err(KeyError::OtherVault(file)),
            Some(_) | None => Ok(keys),
        }
    }

    /// The vault that these keys answer for.
    #[must_use]
    pub fn vault(&self) -> VaultId {
        self.signer.id()
    }

    /// Signs announcements.
    #[must_use]
    pub fn signer(&self) -> &VaultSigner {
        &self.signer
    }

    /// Where the keys lie.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Keeps everybody else from changing epochs until the lock is dropped. `None` when another process does so now.
    ///
    /// # Errors
    /// When the folder cannot be locked.
    pub fn lock_now(&self) -> Result<Option<Alone>, KeyError> {
        File::open(&self.folder).and_then(Alone::try_with).map_err(|_| KeyError::Unreadable(self.folder.clone()))
    }

    /// The epochs whose secrets are here, oldest first.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn epochs(&self) -> Result<Vec<u64>, KeyError> {
        let entries = fs::read_dir(&self.folder).map_err(|_| KeyError::Unreadable(self.folder.clone()))?;
        let number = |name: &str| name.strip_prefix(EPOCH)?.parse().ok();
        let mut numbers: Vec<u64> =
            entries.flatten().filter_map(|entry| number(entry.file_name().to_str().unwrap_or_default())).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// The secret of an epoch; `None` when it is not here, or no more.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn secret(&self, epoch: u64) -> Result<Option<EpochSecret>, KeyError> {
        let file = self.file(epoch);
        if !file.exists() {
            return Ok(None);
        }
        Ok(Some(EpochSecret::new(epoch, *files::read(&file)?)))
    }

    /// Makes the secret of a new epoch.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn make(&self, epoch: u64, rng: &dyn Rng) -> Result<EpochSecret, KeyError> {
        let file = self.file(epoch);
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill(seed.as_mut());
        let secret = EpochSecret::from_seed(epoch, &seed);
        files::write(&file, &Zeroizing::new(hex::encode(secret.to_bytes().as_slice())))
            .map_err(|_| KeyError::Unreadable(file))?;
        Ok(secret)
    }

    /// Destroys the secret of an epoch: overwrites its file and takes it away.
    ///
    /// # Errors
    /// When the disk does not let it go.
    pub fn destroy(&self, epoch: u64) -> Result<(), KeyError> {
        let file = self.file(epoch);
        files::destroy(&file).map_err(|_| KeyError::Unreadable(file))
    }

    fn file(&self, epoch: u64) -> PathBuf {
        self.folder.join(format!("{EPOCH}{epoch}"))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::clock::SystemRng;

    #[test]
    fn the_secret_of_an_epoch_is_private_and_goes_without_a_trace() {
        let dir = tempfile::tempdir().expect("a folder");
        let keys = ReplyKeys::open_or_make(&dir.path().join("reply"), None, &SystemRng).expect("keys");
        let secret = keys.make(3, &SystemRng).expect("it is written");
        assert_eq!(keys.secret(3).expect("it reads").expect("it is there").to_bytes(), secret.to_bytes());
        let file = dir.path().join("reply/epoch-3");
        assert_eq!(fs::metadata(&file).expect("it is there").permissions().mode() & 0o777, 0o600);
        // A second name for the same bytes shows what is left of them.
        let kept = dir.path().join("kept");
        fs::hard_link(&file, &kept).expect("a second name");
        keys.destroy(3).expect("it goes");
        keys.destroy(3).expect("a second time is no error");
        assert!(keys.secret(3).expect("it reads").is_none() && keys.epochs().expect("it reads").is_empty());
        let left = fs::read_to_string(kept).expect("it reads");
        assert!(left.bytes().all(|byte| byte == b'0'), "the bytes are still there");
    }

    #[test]
    fn a_vault_that_has_contacts_is_not_made_anew() {
        let dir = tempfile::tempdir().expect("a folder");
        let known = VaultSigner::new([7; 32]).id();
        let made = ReplyKeys::open_or_make(dir.path(), Some(known), &SystemRng);
        assert!(matches!(made, Err(KeyError::Missing(_))));
        let own = ReplyKeys::open_or_make(dir.path(), None, &SystemRng).expect("keys").vault();
        assert_eq!(ReplyKeys::open_or_make(dir.path(), Some(own), &SystemRng).expect("the same").vault(), own);
        assert!(matches!(ReplyKeys::open_or_make(dir.path(), Some(known), &SystemRng), Err(KeyError::OtherVault(_))));
    }
}
