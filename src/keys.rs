//! The deployment's keys on disk: made once, for their owner only, never made again over existing data.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use channels::{JournalKey, OpeningKey, PseudonymKey, SealingKey};
use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::clock::Rng;

/// All keys of a deployment.
pub struct Keys {
    /// Turns addresses into pseudonyms.
    pub pepper: PseudonymKey,
    /// Seals reports until they are cases.
    pub journal: JournalKey,
    /// Seals contacts.
    pub sealing: SealingKey,
    /// Opens contacts, inside `channels` only.
    pub opening: OpeningKey,
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
        let unreadable = || KeyError::Unreadable(folder.clone());
        DirBuilder::new().recursive(true).mode(0o700).create(data_dir).map_err(|_| unreadable())?;
        DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(|_| unreadable())?;
        // Two first starts at once would each make keys, and one of them would lose its own. Held until all are made.
        let alone = File::open(&folder).map_err(|_| unreadable())?;
        alone.lock().map_err(|_| unreadable())?;
        let has_data = ["journal.db", "cases.db"].iter().any(|name| data_dir.join(name).exists());
        let mut made = false;
        let mut key = |name: &str| {
            let file = folder.join(name);
            if !file.exists() {
                if has_data {
                    return Err(KeyError::Missing(file));
                }
                make(&file, rng).map_err(|_| KeyError::Unreadable(file.clone()))?;
                made = true;
            }
            read(&file)
        };
        let pepper = PseudonymKey::new(*key("pepper")?);
        let journal = JournalKey::new(*key("journal")?);
        let opening = OpeningKey::new(*key("reply")?);
        let sealing = opening.sealing_key().map_err(|_| KeyError::Damaged(folder.join("reply")))?;
        drop(alone);
        Ok(Self { pepper, journal, sealing, opening, folder, made })
    }

    /// Whether this start made them.
    #[must_use]
    pub fn were_made(&self) -> bool {
        self.made
    }

    /// The secret that the gateway made for a channel's webhook, made at first use.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn hook_secret(&self, channel: &str, rng: &dyn Rng) -> Result<SecretString, KeyError> {
        let file = self.hook_secret_file(channel);
        let unreadable = |_| KeyError::Unreadable(file.clone());
        let alone = File::open(&self.folder).map_err(unreadable)?;
        alone.lock().map_err(unreadable)?;
        if !file.exists() {
            make(&file, rng).map_err(|_| KeyError::Unreadable(file.clone()))?;
        }
        read(&file).map(|bytes| SecretString::from(hex::encode(bytes.as_slice())))
    }

    /// Where that secret lies.
    #[must_use]
    pub fn hook_secret_file(&self, channel: &str) -> PathBuf {
        self.folder.join(format!("hook-{channel}"))
    }
}

/// Writes a new key so that it is whole or not there, and on disk when this returns.
fn make(file: &Path, rng: &dyn Rng) -> std::io::Result<()> {
    let mut bytes = Zeroizing::new([0; 32]);
    rng.fill(bytes.as_mut());
    let text = Zeroizing::new(hex::encode(bytes.as_slice()));
    let unfinished = file.with_extension("new");
    let mut out = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    out.write_all(text.as_bytes())?;
    out.write_all(b"\n")?;
    out.sync_all()?;
    fs::rename(&unfinished, file)?;
    File::open(file.parent().unwrap_or(Path::new(".")))?.sync_all()
}

fn read(file: &Path) -> Result<Zeroizing<[u8; 32]>, KeyError> {
    let unreadable = |_| KeyError::Unreadable(file.to_owned());
    if fs::metadata(file).map_err(unreadable)?.permissions().mode() & 0o077 != 0 {
        return Err(KeyError::Exposed(file.to_owned()));
    }
    let text = Zeroizing::new(fs::read_to_string(file).map_err(unreadable)?);
    let mut bytes = Zeroizing::new([0; 32]);
    hex::decode_to_slice(text.trim(), bytes.as_mut()).map_err(|_| KeyError::Damaged(file.to_owned()))?;
    if bytes.iter().all(|byte| *byte == bytes[0]) {
        return Err(KeyError::Weak(file.to_owned()));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemRng;

    #[test]
    fn a_second_start_finds_the_first_ones_keys() {
        let dir = tempfile::tempdir().expect("a folder");
        let first = Keys::open_or_make(dir.path(), &SystemRng).expect("keys");
        let second = Keys::open_or_make(dir.path(), &SystemRng).expect("keys");
        assert!(first.were_made() && !second.were_made());
        assert_eq!(first.sealing.to_bytes(), second.sealing.to_bytes());
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
}
