//! Key files: whole or not there, for their owner only, and overwritten before they go.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use zeroize::Zeroizing;

use super::KeyError;
use crate::alone::Alone;

/// Makes a folder that nobody else may look into.
pub(super) fn make_folder(folder: &Path) -> Result<(), KeyError> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|_| KeyError::Unreadable(folder.to_owned()))
}

/// Locks a folder for whoever asks until the lock is dropped.
pub(super) fn lock(folder: &Path) -> Result<Alone, KeyError> {
    File::open(folder).and_then(Alone::wait_with).map_err(|_| KeyError::Unreadable(folder.to_owned()))
}

/// Writes a file so that it is whole or not there, and on disk when this returns.
pub(super) fn write(file: &Path, text: &str) -> io::Result<()> {
    let unfinished = file.with_extension("new");
    let mut out = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    out.write_all(text.as_bytes())?;
    out.write_all(b"\n")?;
    out.sync_all()?;
    fs::rename(&unfinished, file)?;
    sync_folder(file)
}

/// The same over an older file, whose bytes are overwritten when the newer one is in place.
pub(super) fn replace(file: &Path, text: &str) -> io::Result<()> {
    let old = OpenOptions::new().write(true).open(file);
    write(file, text)?;
    match old {
        Ok(old) => wipe(old),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Overwrites a file and takes it away. One that is gone already is no error.
pub(super) fn destroy(file: &Path) -> io::Result<()> {
    match OpenOptions::new().write(true).open(file) {
        Ok(old) => {
            wipe(old)?;
            fs::remove_file(file)?;
            sync_folder(file)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

fn wipe(mut old: File) -> io::Result<()> {
    let n_bytes = usize::try_from(old.metadata()?.len()).unwrap_or(0);
    old.seek(SeekFrom::Start(0))?;
    old.write_all(&vec![b'0'; n_bytes])?;
    old.sync_all()
}

fn sync_folder(file: &Path) -> io::Result<()> {
    File::open(file.parent().unwrap_or(Path::new(".")))?.sync_all()
}

/// Reads a file that nobody else may read.
pub(super) fn read_text(file: &Path) -> Result<Zeroizing<String>, KeyError> {
    let unreadable = |_| KeyError::Unreadable(file.to_owned());
    if fs::metadata(file).map_err(unreadable)?.permissions().mode() & 0o077 != 0 {
        return Err(KeyError::Exposed(file.to_owned()));
    }
    fs::read_to_string(file).map(Zeroizing::new).map_err(unreadable)
}

/// Reads 64 hexadecimal digits.
pub(super) fn read(file: &Path) -> Result<Zeroizing<[u8; 32]>, KeyError> {
    digits(&read_text(file)?, file)
}

/// Takes 64 hexadecimal digits that were read from `file`.
pub(super) fn digits(text: &str, file: &Path) -> Result<Zeroizing<[u8; 32]>, KeyError> {
    let mut bytes = Zeroizing::new([0; 32]);
    hex::decode_to_slice(text.trim(), bytes.as_mut()).map_err(|_| KeyError::Damaged(file.to_owned()))?;
    if bytes.iter().all(|byte| *byte == bytes[0]) {
        return Err(KeyError::Weak(file.to_owned()));
    }
    Ok(bytes)
}
