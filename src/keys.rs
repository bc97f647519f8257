//! The deployment's keys on disk: made once, for their owner only, never made again over existing data.

mod files;
mod pepper;
mod reply;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use channels::{JournalKey, PseudonymKey, VaultId};
use jiff::civil::Date;
use secrecy::SecretString;
use zeroize::Zeroizing;

pub use pepper::Peppers;
pub use reply::{PUBLIC as VAULT_FILE, ReplyKeys};

use crate::clock::Rng;

/// The keys of the side that takes reports in. It can seal, and open nothing that is a case.
pub struct Keys {
    /// Turns delivery ids into keyed values and references.
    pub delivery: PseudonymKey,
    /// Seals reports until they are cases.
    pub journal: JournalKey,
    peppers: RwLock<Arc<Peppers>>,
    folder: PathBuf,
    made: bool,
}

/// Why there are no keys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The folder or a file in it cannot be made or read.
    #[error("the key file {0} cannot be read or made: check who owns the folder")]
    Unreadable(PathBuf),
    /// Somebody else on this machine could read it.
    #[error("the key file {0} can be read by others: run chmod 600 on it")]
    Exposed(PathBuf),
    /// It is no key of ours.
    #[error("the key file {0} does not hold 64 hexadecimal digits: restore it from a backup")]
    Damaged(PathBuf),
    /// It is all the same byte.
    #[error("the key file {0} holds no random key: delete it if there is no data yet, or restore it from a backup")]
    Weak(PathBuf),
    /// The folder was made by a build that sealed in another way.
    #[error(
        "the key file {0} was made by an early build, whose sealed contacts this one cannot read: answer what is open with that \
         build, then move the whole data folder away and start with an empty one"
    )]
    Older(PathBuf),
    /// It is the key of another vault.
    #[error("the key file {0} belongs to another vault than the one that contacts are sealed for: restore the right folder")]
    OtherVault(PathBuf),
    /// The side that answers has not been introduced.
    #[error("the file {0} is missing: copy vault.pub there, which `pmm-gateway serve --role reply` made in its reply folder")]
    NoVault(PathBuf),
    /// There is data, but its keys are gone.
    #[error("the key file {0} is missing but there is data that needs it: restore it from a backup")]
    Missing(PathBuf),
}

impl Keys {
    /// Reads the keys under `data_dir`, or makes them when there are neither keys nor data.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn open_or_make(data_dir: &Path, rng: &dyn Rng) -> Result<Self, KeyError> {
        let folder = data_dir.join("keys");
        files::make_folder(data_dir)?;
        files::make_folder(&folder)?;
        // Two first starts at once would each make keys, and one of them would lose its own. Held until all are made.
        let alone = files::lock(&folder)?;
        let early = folder.join("reply");
        if early.exists() {
            return Err(KeyError::Older(early));
        }
        let has_data = ["journal.db", "outbox.db", "cases.db"].iter().any(|name| data_dir.join(name).exists());
        let mut made = false;
        let mut file = |name: &str| {
            let file = folder.join(name);
            if !file.exists() {
                if has_data {
                    return Err(KeyError::Missing(file));
                }
                make(&file, rng)?;
                made = true;
            }
            Ok(file)
        };
        let pepper = file("pepper")?;
        let delivery = PseudonymKey::new(*files::read(&file("delivery")?)?);
        let journal = JournalKey::new(*files::read(&file("journal")?)?);
        let peppers = RwLock::new(Arc::new(Peppers::read(&pepper)?));
        drop(alone);
        Ok(Self { delivery, journal, peppers, folder, made })
    }

    /// Whether this start made them.
    #[must_use]
    pub fn were_made(&self) -> bool {
        self.made
    }

    /// The peppers that live now.
    #[must_use]
    pub fn peppers(&self) -> Arc<Peppers> {
        Arc::clone(&self.peppers.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Makes a new pepper when the present one is `days` old, and destroys the one before: whoever was not met since then is
    /// linked to nothing. Says whether it did. With 0 days it never does.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn turn_pepper(&self, today: Date, days: i64, rng: &dyn Rng) -> Result<bool, KeyError> {
        let is_due = |since: Date| days > 0 && (today - since).get_days() >= i32::try_from(days).unwrap_or(i32::MAX);
        self.change_pepper(|file, since| match since {
            None => pepper::stamp(file, today).map(|()| false),
            Some(since) if is_due(since) => pepper::turn(file, today, rng).map(|()| true),
            Some(_) => Ok(false),
        })
    }

    fn change_pepper(&self, change: impl FnOnce(&Path, Option<Date>) -> Result<bool, KeyError>) -> Result<bool, KeyError> {
        let alone = files::lock(&self.folder)?;
        let file = self.folder.join("pepper");
        // Another process may have changed it meanwhile.
        let turned = change(&file, Peppers::read(&file)?.since)?;
        *self.peppers.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Peppers::read(&file)?);
        drop(alone);
        Ok(turned)
    }

    /// The vault that contacts are sealed for; `None` when none was introduced.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn vault(&self) -> Result<Option<VaultId>, KeyError> {
        vault_in(&self.folder)
    }

    /// The vault, for the side that cannot make one.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn introduced_vault(&self) -> Result<VaultId, KeyError> {
        self.vault()?.ok_or_else(|| KeyError::NoVault(self.folder.join("vault")))
    }

    /// Remembers the vault that contacts are sealed for.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn introduce(&self, vault: VaultId) -> Result<(), KeyError> {
        let file = self.folder.join("vault");
        if vault_in(&self.folder)? == Some(vault) {
            return Ok(());
        }
        files::write(&file, &hex::encode(vault.to_bytes())).map_err(|_| KeyError::Unreadable(file))
    }

    /// The secret that the gateway made for a channel's webhook, made at first use.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn hook_secret(&self, channel: &str, rng: &dyn Rng) -> Result<SecretString, KeyError> {
        let file = self.hook_secret_file(channel);
        let alone = files::lock(&self.folder)?;
        if !file.exists() {
            make(&file, rng)?;
        }
        drop(alone);
        files::read(&file).map(|bytes| SecretString::from(hex::encode(bytes.as_slice())))
    }

    /// Where that secret lies.
    #[must_use]
    pub fn hook_secret_file(&self, channel: &str) -> PathBuf {
        self.folder.join(format!("hook-{channel}"))
    }
}

/// The vault known in a data folder, without touching anything.
///
/// # Errors
/// See [`KeyError`].
pub fn known_vault(data_dir: &Path) -> Result<Option<VaultId>, KeyError> {
    vault_in(&data_dir.join("keys"))
}

/// The file holds a public key: it may be read by everybody, as whoever copied it left it.
fn vault_in(folder: &Path) -> Result<Option<VaultId>, KeyError> {
    let file = folder.join("vault");
    if !file.exists() {
        return Ok(None);
    }
    let text = fs::read_to_string(&file).map_err(|_| KeyError::Unreadable(file.clone()))?;
    files::digits(&text, &file).map(|bytes| Some(VaultId::new(*bytes)))
}

fn make(file: &Path, rng: &dyn Rng) -> Result<(), KeyError> {
    let mut bytes = Zeroizing::new([0; 32]);
    rng.fill(bytes.as_mut());
    let text = Zeroizing::new(hex::encode(bytes.as_slice()));
    files::write(file, &text).map_err(|_| KeyError::Unreadable(file.to_owned()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::clock::SystemRng;

    #[test]
    fn a_second_start_finds_the_first_ones_keys() {
        let dir = tempfile::tempdir().expect("a folder");
        let first = Keys::open_or_make(dir.path(), &SystemRng).expect("keys");
        let second = Keys::open_or_make(dir.path(), &SystemRng).expect("keys");
        assert!(first.were_made() && !second.were_made());
        assert_eq!(first.delivery.derive("x", b""), second.delivery.derive("x", b""));
        assert_eq!(first.peppers().present.derive("x", b""), second.peppers().present.derive("x", b""));
        for file in fs::read_dir(dir.path().join("keys")).expect("the folder") {
            let mode = file.expect("a file").metadata().expect("its mode").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn keys_are_not_made_anew_over_data() {
        let dir = tempfile::tempdir().expect("a folder");
        fs::write(dir.path().join("journal.db"), "").expect("a file");
        assert!(matches!(Keys::open_or_make(dir.path(), &SystemRng), Err(KeyError::Missing(_))));
    }

    #[test]
    fn exposed_weak_and_damaged_keys_are_refused() {
        let dir = tempfile::tempdir().expect("a folder");
        drop(Keys::open_or_make(dir.path(), &SystemRng).expect("keys"));
        let file = dir.path().join("keys/pepper");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("chmod");
        assert!(matches!(Keys::open_or_make(dir.path(), &SystemRng), Err(KeyError::Exposed(_))));
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("chmod");
        fs::write(&file, "00".repeat(32)).expect("write");
        assert!(matches!(Keys::open_or_make(dir.path(), &SystemRng), Err(KeyError::Weak(_))));
        fs::write(&file, "pepper").expect("write");
        assert!(matches!(Keys::open_or_make(dir.path(), &SystemRng), Err(KeyError::Damaged(_))));
    }

    fn day(written: &str) -> Date {
        written.parse().expect("a day")
    }

    fn known_as(key: &PseudonymKey) -> [u8; 16] {
        key.derive("test", b"")
    }

    #[test]
    fn a_pepper_lives_for_two_windows_and_leaves_no_bytes() {
        let dir = tempfile::tempdir().expect("a folder");
        let keys = Keys::open_or_make(dir.path(), &SystemRng).expect("keys");
        let file = dir.path().join("keys/pepper");
        let first = known_as(&keys.peppers().present);
        let first_digits = fs::read_to_string(&file).expect("it reads").trim().to_owned();
        assert_eq!(keys.turn_pepper(day("2026-01-01"), 90, &SystemRng), Ok(false));
        assert_eq!(keys.turn_pepper(day("2026-03-31"), 90, &SystemRng), Ok(false));
        assert_eq!(keys.turn_pepper(day("2026-04-01"), 90, &SystemRng), Ok(true));
        let second = known_as(&keys.peppers().present);
        assert_ne!(first, second);
        assert_eq!(keys.peppers().before.as_ref().map(known_as), Some(first));
        assert!(fs::read_to_string(&file).expect("it reads").contains(&first_digits));
        let kept = dir.path().join("kept");
        fs::hard_link(&file, &kept).expect("a second name");
        assert_eq!(keys.turn_pepper(day("2026-06-29"), 90, &SystemRng), Ok(false));
        assert_eq!(keys.turn_pepper(day("2026-06-30"), 90, &SystemRng), Ok(true));
        assert_eq!(keys.peppers().before.as_ref().map(known_as), Some(second));
        for file in [&file, &kept] {
            assert!(!fs::read_to_string(file).expect("it reads").contains(&first_digits), "the old pepper is still there");
        }
        let again = Keys::open_or_make(dir.path(), &SystemRng).expect("keys");
        assert_eq!(known_as(&again.peppers().present), known_as(&keys.peppers().present));
        assert_eq!(keys.turn_pepper(day("2030-01-01"), 0, &SystemRng), Ok(false));
    }

    #[test]
    fn a_folder_of_an_early_build_is_told_and_left_alone() {
        let dir = tempfile::tempdir().expect("a folder");
        fs::create_dir(dir.path().join("keys")).expect("a folder");
        fs::write(dir.path().join("keys/reply"), "ab".repeat(32)).expect("a file");
        let error = Keys::open_or_make(dir.path(), &SystemRng).err().expect("it is refused");
        assert!(matches!(error, KeyError::Older(_)) && error.to_string().contains("move the whole data folder away"));
        assert_eq!(fs::read_dir(dir.path().join("keys")).expect("a folder").count(), 1);
    }

    #[test]
    fn a_vault_is_introduced_once_and_asked_for_by_name() {
        let dir = tempfile::tempdir().expect("a folder");
        let keys = Keys::open_or_make(dir.path(), &SystemRng).expect("keys");
        assert!(matches!(keys.introduced_vault(), Err(KeyError::NoVault(_))));
        let vault = channels::VaultSigner::new([3; 32]).id();
        keys.introduce(vault).expect("it is written");
        assert_eq!((keys.introduced_vault(), known_vault(dir.path())), (Ok(vault), Ok(Some(vault))));
    }
}
