//! Begins an import, in a new store if it is missing, or a dry run.

use super::sqlite_session::{Access, SqliteSession};
use super::store_file::{check_private, create_file, remove_if_empty};
use crate::output::FileIdentity;
use crate::store::sql::customers::{LongCustomers, load_many};
use crate::store::sql::database::{Database, sqlite_error};
use crate::store::sql::open::sqlite::{connect, explain_lock, is_new, try_lock};
use crate::store::sql::schema::sqlite as schema;
use crate::store::{DryRun, Interrupt, LoadBefore, Session, StoreError, Wanted, WriteBehind};
use rusqlite::{Connection, OpenFlags};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

/// The page cache of the connection that loads customers. It is small because each customer is read
/// once.
const READING_KIBIBYTES: u32 = 4096;

/// Begins the session of an import, in a new store if it is missing. Waits up to `wait` for another
/// change, unless interrupted.
pub(in crate::store::sql::session) fn begin_import(
    path: &Path,
    wait: Duration,
    interrupt: &Interrupt,
) -> Result<Box<dyn Session>, StoreError> {
    interrupt.begin()?;
    let started = Instant::now();
    loop {
        let is_created = create_file(path)?;
        let file = FileIdentity::of(path);
        let database = match try_lock(path, started, wait, interrupt) {
            Ok(Some(database)) => database,
            Ok(None) => continue,
            Err(error @ StoreError::Busy { .. }) => return Err(error),
            // A failed first import has removed the file meanwhile. SQLite has many errors for
            // that.
            Err(_) if FileIdentity::of(path) != file => continue,
            Err(error) => {
                // A process that locks the file meanwhile finds at its commit that it is gone.
                remove_if_empty(path, is_created);
                return Err(error);
            }
        };
        // The locked file may be one that a failed first import has removed meanwhile.
        if file.is_none() || FileIdentity::of(path) != file {
            continue;
        }
        let access = if is_new(&database)? {
            check_private(path)?;
            if let Err(error) = create_store(&database) {
                remove_if_empty(path, is_created);
                return Err(error);
            }
            Access::Create { is_created }
        } else {
            schema::migrate(&database)?;
            Access::Change
        };
        let load_before = match access {
            Access::Change => load_before(&database)?,
            _ => None,
        };
        let session = Box::new(SqliteSession::begin(database, access, interrupt)?);
        return Ok(Box::new(WriteBehind::new(session, load_before)));
    }
}

/// Loads the customers of a locked store through another connection, which sees them as they were
/// before the transaction that holds the lock. `None` if it would block that transaction, or if the
/// transaction has just migrated the store. Long customers are left out.
fn load_before(locked: &Database) -> Result<Option<LoadBefore>, StoreError> {
    let mode: String = locked.value("PRAGMA journal_mode", [])?;
    if mode != "wal" {
        return Ok(None);
    }
    let database = connect(locked.path(), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    database.batch(&format!("PRAGMA cache_size = -{READING_KIBIBYTES}; BEGIN"))?;
    let version: i32 = database.value("PRAGMA user_version", [])?;
    if version != schema::VERSION {
        return Ok(None);
    }
    Ok(Some(Box::new(move |wanted: &[Wanted]| {
        load_many(&database, wanted, LongCustomers::LeaveOut)
    })))
}

/// Begins a dry run over a store, or over an empty one in memory if the store is missing. Waits up
/// to `wait` for a first import into it.
pub(in crate::store::sql::session) fn begin_dry_run(
    path: &Path,
    wait: Duration,
    interrupt: &Interrupt,
) -> Result<Box<dyn Session>, StoreError> {
    interrupt.begin()?;
    let database = open_for_dry_run(path, wait).map_err(explain_lock)?;
    let session = SqliteSession::begin(database, Access::Read, interrupt)?;
    Ok(Box::new(DryRun::new(Box::new(session), interrupt)?))
}

fn open_for_dry_run(path: &Path, wait: Duration) -> Result<Database, StoreError> {
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() || metadata.len() > 0) {
        // The last connection removes the log, if it may write.
        let database = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)
            .or_else(|_| connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY))?;
        database.with(|connection| connection.busy_timeout(wait))?;
        database.batch("BEGIN; SELECT count(*) FROM sqlite_schema")?;
        if !is_new(&database)? {
            schema::substitute_missing(&database)?;
            database.batch("PRAGMA query_only = ON")?;
            return Ok(database);
        }
    }
    check_private(path)?;
    empty(path)
}

/// Begins a dry run over an empty store, in place of one in PostgreSQL that does not exist yet.
#[cfg(feature = "postgres")]
pub(in crate::store::sql::session) fn begin_empty_dry_run(
    store: &Path,
    interrupt: &Interrupt,
) -> Result<Box<dyn Session>, StoreError> {
    let session = SqliteSession::begin(empty(store)?, Access::Read, interrupt)?;
    Ok(Box::new(DryRun::new(Box::new(session), interrupt)?))
}

fn empty(path: &Path) -> Result<Database, StoreError> {
    let connection = Connection::open_in_memory().map_err(|error| sqlite_error(path, error))?;
    let database = Database::new(connection, path);
    schema::create_tables(&database)?;
    schema::create_indexes(&database)?;
    database.batch("BEGIN")?;
    Ok(database)
}

/// Creates the tables. The file stays locked until it is closed, so that it can be removed under
/// the lock.
fn create_store(database: &Database) -> Result<(), StoreError> {
    database.batch("PRAGMA locking_mode = EXCLUSIVE")?;
    schema::create_tables(database)
}
