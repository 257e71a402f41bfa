//! Opens a store to read it, while imports may run.

use super::database::Database;
use super::open::sqlite::{connect, connect_immutable, explain_lock, is_new, open_to_read};
use super::schema::sqlite as schema;
use super::segment_sql::register_functions;
use crate::output::{companion, resolved};
use crate::store::{StoreError, StoreLocation};
use rusqlite::OpenFlags;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// How long a reader waits while SQLite recovers or removes a log. An import never blocks readers,
/// except the first one into a new store.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);

/// A store opened for reading: a snapshot of the moment when it was opened.
pub struct Reader {
    pub(crate) database: Database,
}

/// Opens a store for reading. Fails with [`StoreError::Missing`] if it is missing, or nothing was
/// ever imported into it.
pub fn open_for_reading(store: &StoreLocation) -> Result<Reader, StoreError> {
    let Some(path) = store.file() else {
        #[cfg(feature = "postgres")]
        return Ok(Reader { database: super::open::postgres::begin_reading(store)? });
        #[cfg(not(feature = "postgres"))]
        return Err(StoreError::NoPostgres(store.to_path_buf()));
    };
    let opened = open_to_read(path, BUSY_TIMEOUT, || open_file(path))?;
    opened.ok_or_else(|| StoreError::Missing(path.to_owned()))
}

fn open_file(path: &Path) -> Result<Reader, StoreError> {
    // A connection that may write removes the log when it is the last one, and rolls back what a
    // killed import has left. `query_only` keeps it from changing anything else.
    let reader = match open(connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)) {
        Err(StoreError::Unusable { .. }) => {
            match open(connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)) {
                Err(StoreError::Unusable { .. }) => open_without_log(path),
                result => result,
            }
        }
        result => result,
    };
    reader.map_err(explain_lock)
}

/// Opens a store in a folder where SQLite cannot create files next to it. Without a log, the file
/// itself is the whole store.
fn open_without_log(path: &Path) -> Result<Reader, StoreError> {
    let resolved = resolved(path);
    let has_content =
        |ending| fs::metadata(companion(&resolved, ending)).is_ok_and(|file| file.len() > 0);
    if has_content("-wal") || has_content("-journal") {
        return Err(StoreError::ReadOnlyLog(path.to_owned()));
    }
    open(connect_immutable(path))
}

fn open(database: Result<Database, StoreError>) -> Result<Reader, StoreError> {
    let database = database?;
    database.with(|connection| connection.busy_timeout(BUSY_TIMEOUT))?;
    database.batch(
        "PRAGMA cache_size = -65536; BEGIN;
         SELECT count(*) FROM sqlite_schema;",
    )?;
    if is_new(&database)? {
        return Err(StoreError::Missing(database.path().to_owned()));
    }
    schema::substitute_missing(&database)?;
    database.batch("PRAGMA query_only = ON")?;
    database.with(register_functions)?;
    Ok(Reader { database })
}

impl Reader {
    /// How many customers there are, and how many of them are archived.
    pub fn customer_counts(&self) -> Result<(u64, u64), StoreError> {
        let count = |sql: &str| self.database.count(sql, []);
        Ok((
            count("SELECT count(*) FROM customers")?,
            count("SELECT count(*) FROM customers WHERE archived_at IS NOT NULL")?,
        ))
    }

    /// The store's path.
    pub fn path(&self) -> &Path {
        self.database.path()
    }
}
