//! A copy of a store, taken while imports may run.

use super::check::errors_of_sqlite;
use crate::output::{companion, is_store_file};
use crate::store::StoreError;
use crate::store::sql::Reader;
use crate::store::sql::database::Database;
use crate::store::sql::open::sqlite::{connect, connect_to_any, is_new};
use rusqlite::OpenFlags;
use std::fs;
use std::path::Path;
use std::time::Duration;

impl Reader {
    /// Copies the store, as it was when it was opened, into an empty file by SQLite's online
    /// backup, and checks the copy. Errors name the file as `name`. Fails with
    /// [`StoreError::Damaged`] if the store, and so its copy, is damaged.
    pub fn back_up(&self, file: &Path, name: &Path) -> Result<(), StoreError> {
        let copy = self.copy(file, name)?;
        let damage = match errors_of_sqlite(&copy, "PRAGMA quick_check(1)") {
            Ok(errors) => errors.into_iter().next(),
            Err(StoreError::Damaged { what, .. }) => Some(what),
            Err(error) => return Err(error),
        };
        match damage {
            Some(what) => Err(self.database.damaged(&what)),
            None => copy.close(),
        }
    }

    /// The same without a check of the copy, for a store that is kept as it is, damaged or not.
    pub fn copy_to(&self, file: &Path, name: &Path) -> Result<(), StoreError> {
        self.copy(file, name)?.close()
    }

    fn copy(&self, file: &Path, name: &Path) -> Result<Database, StoreError> {
        let mut copy = connect_to_any(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?.with_path(name);
        // An unfinished copy is thrown away, so it needs no journal of its own.
        copy.batch("PRAGMA journal_mode = MEMORY")?;
        copy.copy_from(&self.database)?;
        // A backup is one file, without a log next to it.
        copy.batch("PRAGMA journal_mode = DELETE")?;
        Ok(copy)
    }
}

/// Refuses a file that a backup must not replace: the store itself or a file that SQLite keeps next
/// to it, a file that is not a customer store, and one with a journal or a log next to it, which
/// would be treated as the backup's own.
pub fn check_backup_file(store: &Path, file: &Path) -> Result<(), StoreError> {
    if is_store_file(store, file) {
        return Err(StoreError::BackupOfItself(file.to_owned()));
    }
    for ending in ["-wal", "-journal"] {
        let companion = companion(file, ending);
        if fs::metadata(&companion).is_ok_and(|metadata| metadata.len() > 0) {
            return Err(StoreError::InUse { path: file.to_owned(), companion });
        }
    }
    if fs::metadata(file).map_or(true, |it| it.is_file() && it.len() == 0) {
        return Ok(());
    }
    let database = connect(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    database.with(|connection| connection.busy_timeout(Duration::ZERO))?;
    is_new(&database).map(|_| ())
}
