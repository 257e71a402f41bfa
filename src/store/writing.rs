//! Opens a store to change what is kept beside the customers: saved segments and indexes.

use super::error::StoreError;
use super::open::{begin_writing, translated};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A store opened for a change, in one transaction. Dropped before it is committed, it takes
/// everything back.
pub struct Writer {
    pub(super) connection: Connection,
    pub(super) path: PathBuf,
}

/// Opens a store for a change, and waits that long for whoever else writes to it. Fails with
/// [`StoreError::Missing`] where there is none, or nothing was ever imported into it.
pub fn open_for_writing(path: &Path, wait: Duration) -> Result<Writer, StoreError> {
    let connection = begin_writing(path, wait)?;
    Ok(Writer { connection, path: path.to_owned() })
}

impl Writer {
    pub(super) fn sqlite(&self, source: rusqlite::Error) -> StoreError {
        translated(&self.path, source)
    }

    /// Makes the change lasting.
    pub fn commit(self) -> Result<(), StoreError> {
        self.connection.execute_batch("COMMIT").map_err(|error| self.sqlite(error))
    }
}
