//! The empty file that has the name of a store during its first import.
//!
//! The import locks it, and replaces it or lets SQLite fill it. Other commands wait for the `flock`.
//! They must not open the file with SQLite: SQLite deletes the log next to an empty file, and that
//! may be the log of the store which has replaced it meanwhile. A second lock on all bytes keeps
//! other programs from changing the file with SQLite.

use crate::output::FileIdentity;
use crate::store::StoreError;
use rustix::fs::{FlockOperation, fcntl_lock};
use rustix::io::Errno;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// A locked empty file. The lock ends when it is dropped, even if the process is killed.
#[derive(Debug)]
pub(crate) struct EmptyFile {
    path: PathBuf,
    file: File,
    identity: FileIdentity,
}

/// What is at the path of a store.
#[derive(Debug)]
pub(crate) enum Found {
    /// Nothing, or a file that is not empty.
    Other,
    /// An empty file that another process has locked, or that SQLite is filling: a first import is
    /// running.
    Locked,
    /// An empty file that is now locked by this process.
    Empty(EmptyFile),
}

impl EmptyFile {
    /// Looks for an empty file, and locks it.
    pub(crate) fn find(path: &Path) -> Result<Found, StoreError> {
        let is_empty = || fs::metadata(path).is_ok_and(|it| it.is_file() && it.len() == 0);
        if !is_empty() {
            return Ok(Found::Other);
        }
        let file = match OpenOptions::new().read(true).write(true).open(path) {
            Ok(file) => file,
            Err(_) if !is_empty() => return Ok(Found::Other),
            Err(error) => return Err(StoreError::unusable(path, &error)),
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(Found::Locked),
            Err(TryLockError::Error(error)) => return Err(StoreError::unusable(path, &error)),
        }
        let metadata = file.metadata().map_err(|error| StoreError::unusable(path, &error))?;
        let empty = Self { path: path.to_owned(), file, identity: (&metadata).into() };
        // Another process may have filled or replaced it before it was locked.
        if !empty.is_unchanged() {
            return Ok(Found::Other);
        }
        // It ends when this process closes any handle of the file, so the commit checks again.
        let locked = fcntl_lock(&empty.file, FlockOperation::NonBlockingLockExclusive);
        if let Err(Errno::AGAIN | Errno::ACCESS) = locked {
            return Ok(Found::Locked);
        }
        Ok(Found::Empty(empty))
    }

    /// Distinguishes it from a file that replaces it.
    pub(crate) fn identity(&self) -> FileIdentity {
        self.identity
    }

    /// Whether its path is its only name, and not a link to it.
    pub(crate) fn has_one_name(&self) -> bool {
        fs::symlink_metadata(&self.path).is_ok_and(|it| it.is_file() && it.nlink() == 1)
    }

    /// Whether it is still at its path, and empty.
    pub(crate) fn is_unchanged(&self) -> bool {
        fs::metadata(&self.path)
            .is_ok_and(|it| FileIdentity::from(&it) == self.identity && it.len() == 0)
    }

    /// Removes it, if it is unchanged. Returns whether it was removed.
    pub(crate) fn remove(self) -> bool {
        self.is_unchanged() && fs::remove_file(&self.path).is_ok()
    }
}
