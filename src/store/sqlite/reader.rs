//! Opens a store to read it, while imports may run.

use super::open::{
    connect, connect_immutable, is_new, translated, translated_for_readers, with_lock_owner,
};
use crate::store::StoreError;
use crate::store::sqlite::segment_sql::register_functions;
use rusqlite::{Connection, OpenFlags};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a reader waits for the moments in which SQLite lets nobody in: a log being recovered or
/// given up. An import never keeps readers out, except the first one into a new store.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);

/// A store opened for reading: one state of it, that of the moment when it was opened, whatever is
/// imported meanwhile.
pub struct Reader {
    pub(crate) connection: Connection,
    pub(crate) path: PathBuf,
}

/// Opens a store for reading. Fails with [`StoreError::Missing`] where there is none, or nothing was
/// ever imported into it.
pub fn open_for_reading(path: &Path) -> Result<Reader, StoreError> {
    if fs::metadata(path).is_err() {
        return Err(StoreError::Missing(path.to_owned()));
    }
    let opened = match open(path, connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)) {
        // A first import that has failed has removed its file meanwhile.
        Err(_) if fs::metadata(path).is_err() => Err(StoreError::Missing(path.to_owned())),
        // What a killed import has left can only be rolled back by a connection that may write.
        Err(StoreError::Unusable { .. }) => {
            match open(path, connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)) {
                Err(StoreError::Unusable { .. }) => open_without_log(path),
                opened => opened,
            }
        }
        opened => opened,
    };
    opened.map_err(with_lock_owner)
}

/// Opens a store in a folder where SQLite can make no files beside it. Where it has no log, the file
/// itself is the whole store.
fn open_without_log(path: &Path) -> Result<Reader, StoreError> {
    let resolved = crate::output::resolved(path);
    let has_content = |ending: &str| {
        let mut beside = resolved.as_os_str().to_owned();
        beside.push(ending);
        fs::metadata(beside).is_ok_and(|file| file.len() > 0)
    };
    if has_content("-wal") || has_content("-journal") {
        return Err(StoreError::ReadOnlyLog(path.to_owned()));
    }
    open(path, connect_immutable(path))
}

fn open(path: &Path, connection: Result<Connection, StoreError>) -> Result<Reader, StoreError> {
    let sqlite = |source| translated_for_readers(path, source);
    let connection = connection?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.busy_timeout(BUSY_TIMEOUT).map_err(sqlite)?;
    connection
        .execute_batch(
            "PRAGMA query_only = ON; PRAGMA cache_size = -65536; BEGIN;
             SELECT count(*) FROM sqlite_schema;",
        )
        .map_err(sqlite)?;
    if is_new(&connection, path)? {
        return Err(StoreError::Missing(path.to_owned()));
    }
    register_functions(&connection).map_err(sqlite)?;
    Ok(Reader { connection, path: path.to_owned() })
}

impl Reader {
    /// The store's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn sqlite(&self, source: rusqlite::Error) -> StoreError {
        translated(&self.path, source)
    }

    pub(crate) fn damaged(&self, what: &str) -> StoreError {
        StoreError::Damaged { path: self.path.clone(), what: what.to_owned() }
    }
}
