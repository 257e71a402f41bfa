//! A connection to a store, whose errors name that store.

#[cfg(feature = "postgres")]
mod cell;
mod parameters;
#[cfg(feature = "postgres")]
mod postgres;

pub(crate) use parameters::Parameters;
#[cfg(feature = "postgres")]
pub(crate) use postgres::{Citus, PostgresConnection, TABLES, server_error};

use crate::store::StoreError;
use rusqlite::backup::Backup;
use rusqlite::types::{FromSql, ValueRef};
use rusqlite::{CachedStatement, Connection, ErrorCode, Rows, params_from_iter};
use std::path::{Path, PathBuf};
use std::time::Duration;
const CACHED_STATEMENTS: usize = 64;

/// A text with at least this many bytes shrinks the page cache, because several copies of the text
/// are in memory while it is read or written.
const LONG_TEXT: usize = 1 << 20;

/// The pages that a backup copies at once.
const BACKUP_PAGES: i32 = 4096;

/// A connection, and the path of its store.
pub(crate) struct Database {
    client: Client,
    path: PathBuf,
}

/// The store of a connection.
enum Client {
    Sqlite(Connection),
    #[cfg(feature = "postgres")]
    Postgres(Box<PostgresConnection>),
}

/// A row of a query.
#[derive(Clone, Copy)]
pub(crate) struct Row<'r> {
    cells: Cells<'r>,
    database: &'r Database,
}

/// The values of a row.
#[derive(Clone, Copy)]
enum Cells<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    #[cfg(feature = "postgres")]
    Postgres(&'r [rusqlite::types::Value]),
}

impl Database {
    pub(crate) fn new(connection: Connection, path: &Path) -> Self {
        connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
        Self { client: Client::Sqlite(connection), path: path.to_owned() }
    }

    /// A connection to PostgreSQL.
    #[cfg(feature = "postgres")]
    pub(crate) fn of_postgres(connection: PostgresConnection, store: &Path) -> Self {
        Self { client: Client::Postgres(Box::new(connection)), path: store.to_owned() }
    }

    /// Whether the store is in PostgreSQL, which needs different SQL in places.
    pub(crate) fn is_postgres(&self) -> bool {
        !matches!(self.client, Client::Sqlite(_))
    }

    /// The connection to PostgreSQL. Fails for SQLite.
    #[cfg(feature = "postgres")]
    pub(crate) fn postgres(&self) -> Result<&PostgresConnection, StoreError> {
        match &self.client {
            Client::Postgres(connection) => Ok(connection),
            Client::Sqlite(_) => Err(StoreError::SqliteOnly(self.path.clone())),
        }
    }

    /// The schema of the store; empty in SQLite, which has none.
    pub(crate) fn schema_name(&self) -> String {
        match &self.client {
            Client::Sqlite(_) => String::new(),
            #[cfg(feature = "postgres")]
            Client::Postgres(connection) => connection.schema_name().to_owned(),
        }
    }

    #[cfg_attr(
        not(feature = "postgres"),
        expect(clippy::unnecessary_wraps, reason = "as with the feature")
    )]
    fn sqlite(&self) -> Result<&Connection, StoreError> {
        match &self.client {
            Client::Sqlite(connection) => Ok(connection),
            #[cfg(feature = "postgres")]
            Client::Postgres(_) => Err(StoreError::SqliteOnly(self.path.clone())),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The same connection, with errors that name another file.
    pub(crate) fn with_path(self, path: &Path) -> Self {
        Self { path: path.to_owned(), ..self }
    }

    /// Replaces all content with that of another database.
    pub(crate) fn copy_from(&mut self, other: &Self) -> Result<(), StoreError> {
        let source = other.sqlite()?;
        let path = self.path.clone();
        let backup = Backup::new(source, self.sqlite_mut()?);
        let copied =
            backup.and_then(|backup| backup.run_to_completion(BACKUP_PAGES, Duration::ZERO, None));
        copied.map_err(|error| sqlite_error(&path, error))
    }

    /// Begins to replace the content of this database with that of another one.
    pub(crate) fn replacement<'d>(
        &'d mut self,
        other: &'d Self,
    ) -> Result<Backup<'d, 'd>, StoreError> {
        let path = self.path.clone();
        Backup::new(other.sqlite()?, self.sqlite_mut()?).map_err(|error| sqlite_error(&path, error))
    }

    #[cfg_attr(
        not(feature = "postgres"),
        expect(clippy::unnecessary_wraps, reason = "as with the feature")
    )]
    fn sqlite_mut(&mut self) -> Result<&mut Connection, StoreError> {
        match &mut self.client {
            Client::Sqlite(connection) => Ok(connection),
            #[cfg(feature = "postgres")]
            Client::Postgres(_) => Err(StoreError::SqliteOnly(self.path.clone())),
        }
    }

    /// Closes the file and reports errors, which dropping it does not.
    pub(crate) fn close(self) -> Result<(), StoreError> {
        match self.client {
            Client::Sqlite(connection) => {
                connection.close().map_err(|(_, error)| sqlite_error(&self.path, error))
            }
            #[cfg(feature = "postgres")]
            Client::Postgres(_) => Ok(()),
        }
    }

    /// Converts an error of SQLite to one of the store.
    pub(crate) fn check<T>(&self, result: rusqlite::Result<T>) -> Result<T, StoreError> {
        result.map_err(|error| sqlite_error(&self.path, error))
    }

    /// The error for a store that holds something that engage never writes.
    pub(crate) fn damaged(&self, what: &str) -> StoreError {
        StoreError::Damaged { path: self.path.clone(), what: what.to_owned() }
    }

    /// Calls SQLite directly.
    pub(crate) fn with<T>(
        &self,
        call: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        self.check(call(self.sqlite()?))
    }

    /// Prepares a statement, or takes it from the cache.
    pub(crate) fn prepare(&self, sql: &str) -> Result<CachedStatement<'_>, StoreError> {
        self.check(self.sqlite()?.prepare_cached(sql))
    }

    /// The next row of a query.
    pub(crate) fn next_row<'r>(
        &'r self,
        rows: &'r mut Rows<'_>,
    ) -> Result<Option<Row<'r>>, StoreError> {
        Ok(self.check(rows.next())?.map(|row| Row { cells: Cells::Sqlite(row), database: self }))
    }

    /// Runs a statement; returns the number of changed rows.
    pub(crate) fn execute(&self, sql: &str, values: impl Parameters) -> Result<u64, StoreError> {
        #[cfg(feature = "postgres")]
        if let Client::Postgres(connection) = &self.client {
            return values.with_all(|values| connection.execute(sql, values));
        }
        let mut statement = self.prepare(sql)?;
        let changed = values.with_all(|values| statement.execute(params_from_iter(values)));
        self.check(changed).map(|rows| rows as u64)
    }

    /// Runs statements without parameters.
    pub(crate) fn batch(&self, sql: &str) -> Result<(), StoreError> {
        #[cfg(feature = "postgres")]
        if let Client::Postgres(connection) = &self.client {
            return connection.batch(sql);
        }
        self.with(|connection| connection.execute_batch(sql))
    }

    /// Reads rows until `read` returns a value.
    pub(crate) fn find_row<T>(
        &self,
        sql: &str,
        values: impl Parameters,
        read: impl FnMut(Row<'_>) -> Result<Option<T>, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        self.search(sql, values, false, read)
    }

    /// The same; with `is_small`, all rows fit in memory.
    fn search<T>(
        &self,
        sql: &str,
        values: impl Parameters,
        is_small: bool,
        mut read: impl FnMut(Row<'_>) -> Result<Option<T>, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        #[cfg(feature = "postgres")]
        if let Client::Postgres(connection) = &self.client {
            let mut found = None;
            let mut each = |cells: &[rusqlite::types::Value]| {
                found = read(Row { cells: Cells::Postgres(cells), database: self })?;
                Ok(found.is_some())
            };
            values.with_all(|values| connection.query(sql, values, is_small, &mut each))?;
            return Ok(found);
        }
        let _ = is_small;
        let mut statement = self.prepare(sql)?;
        let bound = values.with_all(|values| {
            for (index, value) in (1..).zip(values) {
                statement.raw_bind_parameter(index, value)?;
            }
            Ok(())
        });
        self.check(bound)?;
        let mut rows = statement.raw_query();
        while let Some(row) = self.next_row(&mut rows)? {
            if let Some(value) = read(row)? {
                return Ok(Some(value));
            }
        }
        Ok(None)
    }

    /// Calls `each` with every row; an error ends the query.
    pub(crate) fn try_for_each<E: From<StoreError>>(
        &self,
        sql: &str,
        values: impl Parameters,
        mut each: impl FnMut(Row<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let failed = self.find_row(sql, values, |row| Ok(each(row).err()))?;
        failed.map_or(Ok(()), Err)
    }

    /// Calls `each` with every row.
    pub(crate) fn for_each(
        &self,
        sql: &str,
        values: impl Parameters,
        each: impl FnMut(Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.try_for_each(sql, values, each)
    }

    /// The first row, if there is one.
    pub(crate) fn optional_row<T>(
        &self,
        sql: &str,
        values: impl Parameters,
        mut read: impl FnMut(Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        self.search(sql, values, true, |row| read(row).map(Some))
    }

    /// The only row of a query that always has one.
    pub(crate) fn row<T>(
        &self,
        sql: &str,
        values: impl Parameters,
        read: impl FnMut(Row<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let row = self.optional_row(sql, values, read)?;
        self.check(row.ok_or(rusqlite::Error::QueryReturnedNoRows))
    }

    /// All rows.
    pub(crate) fn rows<T, C: FromIterator<T>>(
        &self,
        sql: &str,
        values: impl Parameters,
        mut read: impl FnMut(Row<'_>) -> Result<T, StoreError>,
    ) -> Result<C, StoreError> {
        let mut all = Vec::new();
        self.search(sql, values, true, |row| {
            all.push(read(row)?);
            Ok(None::<()>)
        })?;
        Ok(all.into_iter().collect())
    }

    /// The only value of a query that always has one.
    pub(crate) fn value<T: FromSql>(
        &self,
        sql: &str,
        values: impl Parameters,
    ) -> Result<T, StoreError> {
        self.row(sql, values, |row| row.get(0))
    }

    /// The count that a query returns.
    pub(crate) fn count(&self, sql: &str, values: impl Parameters) -> Result<u64, StoreError> {
        self.value::<i64>(sql, values).map(i64::unsigned_abs)
    }

    /// Shrinks the page cache if a text of this many bytes is long.
    pub(crate) fn bound_cache(&self, length: usize) -> Result<(), StoreError> {
        if length < LONG_TEXT || self.is_postgres() {
            return Ok(());
        }
        self.batch("PRAGMA cache_size = -4096; PRAGMA shrink_memory")
    }
}

impl<'r> Row<'r> {
    /// The value of a column, from 0.
    pub(crate) fn get<T: FromSql>(self, column: usize) -> Result<T, StoreError> {
        match self.cells {
            Cells::Sqlite(row) => self.database.check(row.get(column)),
            #[cfg(feature = "postgres")]
            Cells::Postgres(_) => {
                let value = T::column_result(self.value(column)?);
                value.map_err(|error| self.damaged(&format!("column {column}: {error}")))
            }
        }
    }

    /// The value of a column without a copy.
    pub(crate) fn value(self, column: usize) -> Result<ValueRef<'r>, StoreError> {
        match self.cells {
            Cells::Sqlite(row) => self.database.check(row.get_ref(column)),
            #[cfg(feature = "postgres")]
            Cells::Postgres(cells) => match cells.get(column) {
                Some(value) => Ok(value.into()),
                None => Err(self.damaged("a row is too short")),
            },
        }
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

    /// See [`Database::damaged`].
    pub(crate) fn damaged(self, what: &str) -> StoreError {
        self.database.damaged(what)
    }
}

/// Converts an error of SQLite to one that tells users what they can do.
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

/// Whether the error is that another connection has locked the store.
pub(crate) fn is_busy(error: &StoreError) -> bool {
    let StoreError::Sqlite { source, .. } = error else { return false };
    matches!(source.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

/// A name as an SQL identifier.
pub(crate) fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
