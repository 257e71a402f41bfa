//! A copy of a store, taken while imports may run.

use crate::output::is_store_file;
use crate::store::StoreError;
use crate::store::sqlite::Reader;
use crate::store::sqlite::{connect, is_new, translated};
use rusqlite::OpenFlags;
use rusqlite::backup::Backup;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Pages copied in one go.
const PAGES: i32 = 4096;

impl Reader {
    /// Copies the store, in the state in which it was opened, into an empty file, by SQLite's online
    /// backup. Errors name the file as `name`.
    pub fn back_up(&self, file: &Path, name: &Path) -> Result<(), StoreError> {
        let sqlite = |source| translated(name, source);
        let mut copy = connect(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        // A copy that is not whole is thrown away, so that it needs no journal of its own.
        copy.execute_batch("PRAGMA journal_mode = MEMORY").map_err(sqlite)?;
        Backup::new(&self.connection, &mut copy)
            .and_then(|backup| backup.run_to_completion(PAGES, Duration::ZERO, None))
            .map_err(sqlite)?;
        // One file is all that there is of a backup: no log beside it.
        copy.execute_batch("PRAGMA journal_mode = DELETE").map_err(sqlite)?;
        copy.close().map_err(|(_, error)| sqlite(error))
    }
}

/// Refuses a file that a backup must not replace: the store or a file that SQLite keeps beside it, one that is no customer store,
/// and one with a journal or a log beside it, which would be taken for the backup's own.
pub fn check_backup_file(store: &Path, file: &Path) -> Result<(), StoreError> {
    if is_store_file(store, file) {
        return Err(StoreError::BackupOfItself(file.to_owned()));
    }
    for ending in ["-wal", "-journal"] {
        let mut beside = file.as_os_str().to_owned();
        beside.push(ending);
        let beside = PathBuf::from(beside);
        if fs::metadata(&beside).is_ok_and(|metadata| metadata.len() > 0) {
            return Err(StoreError::InUse { path: file.to_owned(), beside });
        }
    }
    if !fs::exists(file).unwrap_or(true) {
        return Ok(());
    }
    let connection = connect(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.busy_timeout(Duration::ZERO).map_err(|source| translated(file, source))?;
    is_new(&connection, file).map(|_| ())
}
