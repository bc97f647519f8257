//! A lock on a file or a folder that ends when it is dropped.
//!
//! Closing the file is not enough: a program that is being started at that moment still has a copy of it for an instant, and
//! with it the lock.

use std::fs::{File, TryLockError};
use std::io;

/// Held as long as nobody else may.
#[derive(Debug)]
pub struct Alone(File);

impl Alone {
    /// Waits until nobody else has it.
    ///
    /// # Errors
    /// When the file system has no locks.
    pub fn wait_with(file: File) -> io::Result<Self> {
        file.lock()?;
        Ok(Self(file))
    }

    /// Takes it if nobody else has it.
    ///
    /// # Errors
    /// When the file system has no locks.
    pub fn try_with(file: File) -> io::Result<Option<Self>> {
        match file.try_lock() {
            Ok(()) => Ok(Some(Self(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        // If it fails the operating system unlocks it with the process.
        let _ = self.0.unlock();
    }
}
