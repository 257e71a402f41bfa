//! A connection to the file of a store, whose errors name that file.

use crate::store::StoreError;
use rusqlite::backup::Backup;
use rusqlite::types::{FromSql, ValueRef};
use rusqlite::{CachedStatement, Connection, ErrorCode, Params, Rows};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The prepared statements that a connection keeps.
const CACHED_STATEMENTS: usize = 64;

/// A text this long or longer makes the page cache small: several copies of it are in memory while it
/// is read or written.
const LONG_TEXT: usize = 1 << 20;

/// The pages that a backup copies at once.
const BACKUP_PAGES: i32 = 4096;

/// A connection, and the path of its file.
pub(crate) struct Database {
    connection: Connection,
    path: PathBuf,
}

/// A row of a query.
#[derive(Clone, Copy)]
pub(crate) struct Row<'r> {
    row: &'r rusqlite::Row<'r>,
    database: &'r Database,
}

impl Database {
    pub(crate) fn new(connection: Connection, path: &Path) -> Self {
        connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
        Self { connection, path: path.to_owned() }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The same connection, whose errors name another file.
    pub(crate) fn with_path(self, path: &Path) -> Self {
        Self { path: path.to_owned(), ..self }
    }

    /// Replaces all content with that of another database.
    pub(crate) fn copy_from(&mut self, other: &Self) -> Result<(), StoreError> {
        let backup = Backup::new(&other.connection, &mut self.connection);
        let copied =
            backup.and_then(|backup| backup.run_to_completion(BACKUP_PAGES, Duration::ZERO, None));
        self.check(copied)
    }

    /// Begins to replace all of this database by another one.
    pub(crate) fn replacement<'d>(
        &'d mut self,
        other: &'d Self,
    ) -> rusqlite::Result<Backup<'d, 'd>> {
        Backup::new(&other.connection, &mut self.connection)
    }

    /// Closes the file, which its drop does without reporting errors.
    pub(crate) fn close(self) -> Result<(), StoreError> {
        let Self { connection, path } = self;
        connection.close().map_err(|(_, error)| sqlite_error(&path, error))
    }

    /// A result of SQLite as one of the store.
    pub(crate) fn check<T>(&self, result: rusqlite::Result<T>) -> Result<T, StoreError> {
        result.map_err(|error| sqlite_error(&self.path, error))
    }

    /// The error of a store that holds something that this program does not write.
    pub(crate) fn damaged(&self, what: &str) -> StoreError {
        StoreError::Damaged { path: self.path.clone(), what: what.to_owned() }
    }

    /// Calls SQLite directly.
    pub(crate) fn with<T>(
        &self,
        call: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        self.check(call(&self.connection))
    }

    /// A statement of the cache.
    pub(crate) fn prepare(&self, sql: &str) -> Result<CachedStatement<'_>, StoreError> {
        self.check(self.connection.prepare_cached(sql))
    }

    /// The next row of a query.
    pub(crate) fn next_row<'r>(
        &'r self,
        rows: &'r mut Rows<'_>,
    ) -> Result<Option<Row<'r>>, StoreError> {
        Ok(self.check(rows.next())?.map(|row| Row { row, database: self }))
    }

    /// Runs a statement; gives the number of changed rows.
    pub(crate) fn execute(&self, sql: &str, values: impl Params) -> Result<u64, StoreError> {
        self.check(self.prepare(sql)?.execute(values)).map(|rows| rows as u64)
    }

    /// Runs statements that bind nothing.
    pub(crate) fn batch(&self, sql: &str) -> Result<(), StoreError> {
        self.with(|connection| connection.execute_batch(sql))
    }

    /// The first row that `read` takes a value from.
    pub(crate) fn find_row<T>(
        &self,
        sql: &str,
        values: impl Params,
        mut read: impl FnMut(Row<'_>) -> Result<Option<T>, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let mut statement = self.prepare(sql)?;
        let mut rows = self.check(statement.query(values))?;
        while let Some(row) = self.next_row(&mut rows)? {
            if let Some(value) = read(row)? {
                return Ok(Some(value));
            }
        }
        Ok(None)
    }

    /// Calls `each` with every row; its errors end the query.
    pub(crate) fn try_for_each<E: From<StoreError>>(
        &self,
        sql: &str,
        values: impl Params,
        mut each: impl FnMut(Row<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let failed = self.find_row(sql, values, |row| Ok(each(row).err()))?;
        failed.map_or(Ok(()), Err)
    }

    /// Calls `each` with every row.
    pub(crate) fn for_each(
        &self,
        sql: &str,
        values: impl Params,
        each: impl FnMut(Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.try_for_each(sql, values, each)
    }

    /// The first row, if there is one.
    pub(crate) fn optional_row<T>(
        &self,
        sql: &str,
        values: impl Params,
        mut read: impl FnMut(Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        self.find_row(sql, values, |row| read(row).map(Some))
    }

    /// The only row of a query that always has one.
    pub(crate) fn row<T>(
        &self,
        sql: &str,
        values: impl Params,
        read: impl FnMut(Row<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let row = self.optional_row(sql, values, read)?;
        self.check(row.ok_or(rusqlite::Error::QueryReturnedNoRows))
    }

    /// All rows.
    pub(crate) fn rows<T, C: FromIterator<T>>(
        &self,
        sql: &str,
        values: impl Params,
        mut read: impl FnMut(Row<'_>) -> Result<T, StoreError>,
    ) -> Result<C, StoreError> {
        let mut all = Vec::new();
        self.for_each(sql, values, |row| {
            all.push(read(row)?);
            Ok(())
        })?;
        Ok(all.into_iter().collect())
    }

    /// The only value of a query that always has one.
    pub(crate) fn value<T: FromSql>(
        &self,
        sql: &str,
        values: impl Params,
    ) -> Result<T, StoreError> {
        self.row(sql, values, |row| row.get(0))
    }

    /// The count that a query gives.
    pub(crate) fn count(&self, sql: &str, values: impl Params) -> Result<u64, StoreError> {
        self.value::<i64>(sql, values).map(i64::unsigned_abs)
    }

    /// Shrinks the page cache where texts of this many bytes are read or written.
    pub(crate) fn bound_cache(&self, length: usize) -> Result<(), StoreError> {
        if length < LONG_TEXT {
            return Ok(());
        }
        self.batch("PRAGMA cache_size = -4096; PRAGMA shrink_memory")
    }
}

impl<'r> Row<'r> {
    /// The value of a column, from 0.
    pub(crate) fn get<T: FromSql>(self, column: usize) -> Result<T, StoreError> {
        self.database.check(self.row.get(column))
    }

    /// The same without a copy.
    pub(crate) fn value(self, column: usize) -> Result<ValueRef<'r>, StoreError> {
        self.database.check(self.row.get_ref(column))
    }

    /// A text without a copy.
    pub(crate) fn text(self, column: usize) -> Result<&'r str, StoreError> {
        self.database.check(self.value(column)?.as_str().map_err(Into::into))
    }

    /// A text without a copy, or NULL.
    pub(crate) fn optional_text(self, column: usize) -> Result<Option<&'r str>, StoreError> {
        self.database.check(self.value(column)?.as_str_or_null().map_err(Into::into))
    }

    /// Bytes without a copy.
    pub(crate) fn blob(self, column: usize) -> Result<&'r [u8], StoreError> {
        self.database.check(self.value(column)?.as_blob().map_err(Into::into))
    }

    /// As [`Database::damaged`].
    pub(crate) fn damaged(self, what: &str) -> StoreError {
        self.database.damaged(what)
    }
}

/// What SQLite says, in terms of what a user can do about it.
pub(crate) fn sqlite_error(path: &Path, source: rusqlite::Error) -> StoreError {
    let path = path.to_owned();
    let unusable = |path, reason: &str| StoreError::Unusable { path, reason: reason.to_owned() };
    match source.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => StoreError::NotSqlite(path),
        Some(ErrorCode::CannotOpen) => unusable(path, "no access to it, or to its folder"),
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            unusable(path, "it, or its folder, is read-only")
        }
        Some(ErrorCode::OperationInterrupted) => StoreError::Interrupted,
        Some(ErrorCode::DatabaseCorrupt) => {
            StoreError::Damaged { path, what: "SQLite cannot read it".to_owned() }
        }
        _ => StoreError::Sqlite { path, source },
    }
}

/// Whether another connection is in the way.
pub(crate) fn is_busy(error: &StoreError) -> bool {
    let StoreError::Sqlite { source, .. } = error else { return false };
    matches!(source.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}
