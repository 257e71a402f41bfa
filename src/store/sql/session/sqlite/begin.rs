//! Begins an import, in a new store if it is missing, or a dry run.

use super::new_store::NewStore;
use super::sqlite_session::{Access, SqliteSession};
use super::store_file::{check_private, create_file};
use crate::output::FileIdentity;
use crate::store::sql::customers::{LongCustomers, load_many};
use crate::store::sql::database::{Database, sqlite_error};
use crate::store::sql::open::empty_file::{EmptyFile, Found};
use crate::store::sql::open::sqlite::{
    connect, connect_to_any, explain_lock, has_write_ahead_log, is_new, open_to_read, try_lock,
    wait_for_first_import,
};
use crate::store::sql::schema::sqlite as schema;
use crate::store::{DryRun, Interrupt, LoadBefore, Session, StoreError, Wanted, WriteBehind};
use rusqlite::{Connection, OpenFlags};
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
    let mut created = None;
    loop {
        if create_file(path)? {
            created = FileIdentity::of(path);
        }
        let file = FileIdentity::of(path);
        let opened = match EmptyFile::find(path)? {
            Found::Other => connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE),
            Found::Locked => {
                wait_for_first_import(path, started, wait, interrupt)?;
                continue;
            }
            Found::Empty(empty) => {
                check_private(path)?;
                if created == Some(empty.identity()) {
                    return create_session(path, empty, interrupt);
                }
                // What can be removed can be replaced.
                if empty.has_one_name() && empty.remove() {
                    continue;
                }
                connect_to_any(path, OpenFlags::SQLITE_OPEN_READ_WRITE)
            }
        };
        let locked = opened.and_then(|opened| try_lock(opened, started, wait, interrupt));
        let database = match locked {
            Ok(Some(database)) => database,
            Ok(None) => continue,
            Err(error @ StoreError::Busy { .. }) => return Err(error),
            // A first import has removed or replaced the file meanwhile. SQLite has many errors for
            // that.
            Err(_) if FileIdentity::of(path) != file => continue,
            Err(error) => return Err(error),
        };
        // The locked file may be one that was removed meanwhile.
        if file.is_none() || FileIdentity::of(path) != file {
            continue;
        }
        let (access, load_before) = if is_new(&database)? {
            check_private(path)?;
            // The file stays locked until it is closed.
            database.batch("PRAGMA locking_mode = EXCLUSIVE")?;
            schema::create_tables(&database)?;
            (Access::Create, None)
        } else {
            schema::migrate(&database)?;
            let load_before = load_before(&database)?;
            (Access::Change, load_before)
        };
        let session = SqliteSession::begin(database, access, None, interrupt)?;
        return Ok(Box::new(WriteBehind::new(Box::new(session), load_before)));
    }
}

/// Begins the session of a first import, whose store replaces the empty file.
fn create_session(
    path: &Path,
    empty: EmptyFile,
    interrupt: &Interrupt,
) -> Result<Box<dyn Session>, StoreError> {
    let (new_store, database) = NewStore::create(path, empty)?;
    let session = SqliteSession::begin(database, Access::Create, Some(new_store), interrupt)?;
    Ok(Box::new(WriteBehind::new(Box::new(session), None)))
}

/// Loads the customers of a locked store through another connection, which sees them as they were
/// before the transaction that holds the lock. `None` if it would block that transaction, or if the
/// transaction has just migrated the store. Long customers are left out.
fn load_before(locked: &Database) -> Result<Option<LoadBefore>, StoreError> {
    if !has_write_ahead_log(locked)? {
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
    let session = SqliteSession::begin(database, Access::Read, None, interrupt)?;
    Ok(Box::new(DryRun::new(Box::new(session), interrupt)?))
}

fn open_for_dry_run(path: &Path, wait: Duration) -> Result<Database, StoreError> {
    if let Some(Some(database)) = open_to_read(path, wait, || open_existing(path, wait))? {
        return Ok(database);
    }
    check_private(path)?;
    empty(path)
}

/// Opens a store for a dry run; `None` if it has no tables.
fn open_existing(path: &Path, wait: Duration) -> Result<Option<Database>, StoreError> {
    // The last connection removes the log, if it may write.
    let database = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)
        .or_else(|_| connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY))?;
    database.with(|connection| connection.busy_timeout(wait))?;
    database.batch("BEGIN; SELECT count(*) FROM sqlite_schema")?;
    if is_new(&database)? {
        return Ok(None);
    }
    schema::substitute_missing(&database)?;
    database.batch("PRAGMA query_only = ON")?;
    Ok(Some(database))
}

/// Begins a dry run over an empty store, in place of one in PostgreSQL that does not exist yet.
#[cfg(feature = "postgres")]
pub(in crate::store::sql::session) fn begin_empty_dry_run(
    store: &Path,
    interrupt: &Interrupt,
) -> Result<Box<dyn Session>, StoreError> {
    let session = SqliteSession::begin(empty(store)?, Access::Read, None, interrupt)?;
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
