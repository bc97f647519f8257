//! The key that kept files are sealed to: made once, for its owner only, never anew over files.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use channels::FilesSecret;
use zeroize::Zeroizing;

use super::FOLDER;
use crate::clock::Rng;
use crate::keys::KeyError;

/// Reads `keys/files` under `data_dir`, or makes it when there are no files yet. With it the folder of files is made, also when
/// they lie elsewhere: it stands for "there may be files".
///
/// # Errors
/// See [`KeyError`].
pub fn open_or_make(data_dir: &Path, rng: &dyn Rng) -> Result<FilesSecret, KeyError> {
    let folder = data_dir.join("keys");
    let file = folder.join("files");
    let unreadable = |_| KeyError::Unreadable(file.clone());
    DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(unreadable)?;
    // Two first starts at once would each make one, and one of them would lose its own.
    let alone = File::open(&folder).map_err(unreadable)?;
    alone.lock().map_err(unreadable)?;
    if !file.exists() {
        if data_dir.join(FOLDER).exists() {
            return Err(KeyError::Missing(file));
        }
        make(&file, rng).map_err(unreadable)?;
        DirBuilder::new().recursive(true).mode(0o700).create(data_dir.join(FOLDER)).map_err(unreadable)?;
    }
    if fs::metadata(&file).map_err(unreadable)?.permissions().mode() & 0o077 != 0 {
        return Err(KeyError::Exposed(file));
    }
    let text = Zeroizing::new(fs::read_to_string(&file).map_err(unreadable)?);
    let mut seed = Zeroizing::new([0; 32]);
    hex::decode_to_slice(text.trim(), seed.as_mut()).map_err(|_| KeyError::Damaged(file.clone()))?;
    if seed.iter().all(|byte| *byte == seed[0]) {
        return Err(KeyError::Weak(file));
    }
    Ok(FilesSecret::from_seed(&seed))
}

/// Writes a new key so that it is whole or not there, and on disk when this returns.
fn make(file: &Path, rng: &dyn Rng) -> std::io::Result<()> {
    let mut seed = Zeroizing::new([0; 32]);
    rng.fill(seed.as_mut());
    let text = Zeroizing::new(hex::encode(seed.as_slice()) + "\n");
    let unfinished = file.with_extension("new");
    let mut out = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    out.write_all(text.as_bytes())?;
    out.sync_all()?;
    fs::rename(&unfinished, file)?;
    File::open(file.parent().unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemRng;

    #[test]
    fn the_key_is_made_once_and_not_anew_over_files() {
        let dir = tempfile::tempdir().expect("a folder");
        let first = open_or_make(dir.path(), &SystemRng).expect("a key");
        let second = open_or_make(dir.path(), &SystemRng).expect("the same key");
        let place = channels::attached::Place { desk: "main", case: "A", number: 1, part: "clean" };
        let sealed = channels::attached::seal_file(b"x", &place, &first.public()).expect("a key");
        assert!(channels::attached::open_file(&sealed, &place, &second).is_ok());
        fs::remove_file(dir.path().join("keys/files")).expect("removed");
        assert!(matches!(open_or_make(dir.path(), &SystemRng), Err(KeyError::Missing(_))));
    }
}
