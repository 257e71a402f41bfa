//! Opens a store to change what is kept beside the customers: saved segments and indexes.

use super::error::StoreError;
use super::holder::holder_of;
use super::open::{connect, is_new, translated};
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A store opened for a change, in one transaction. Dropped before it is committed, it takes
/// everything back.
pub struct Writer {
    pub(super) connection: Connection,
    pub(super) path: PathBuf,
}

/// Opens a store for a change, and waits that long for whoever else writes to it. Fails with
/// [`StoreError::Missing`] where there is none, or nothing was ever imported into it.
pub fn open_for_writing(path: &Path, wait: Duration) -> Result<Writer, StoreError> {
    let started = Instant::now();
    let sqlite = |source| translated(path, source);
    if fs::metadata(path).is_err() {
        return Err(StoreError::Missing(path.to_owned()));
    }
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.busy_timeout(wait).map_err(sqlite)?;
    match connection.execute_batch("PRAGMA cache_size = -65536; BEGIN IMMEDIATE") {
        Ok(()) => {}
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
            // Who holds the lock is only told while this process has the store not open.
            drop(connection);
            let (path, waited, holder) = (path.to_owned(), started.elapsed(), holder_of(path));
            return Err(StoreError::Busy { path, waited, holder });
        }
        Err(error) => return Err(sqlite(error)),
    }
    if is_new(&connection, path)? {
        return Err(StoreError::Missing(path.to_owned()));
    }
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
