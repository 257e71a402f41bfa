//! Opens the file of a store, and locks it for a change.

use super::empty_file::{EmptyFile, Found};
use super::lock_owner::lock_owner;
use crate::output::{FileIdentity, companion};
use crate::store::sql::database::{Database, is_busy, sqlite_error};
use crate::store::sql::schema::sqlite as schema;
use crate::store::{Interrupt, StoreError};
use rusqlite::{Connection, OpenFlags};
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, absolute};
use std::thread;
use std::time::{Duration, Instant};

/// How long SQLite waits for a lock before an interruption is checked.
const POLL_INTERVAL: Duration = Duration::from_millis(200);

/// How long a command waits between two checks of a store that is being created.
const CREATION_INTERVAL: Duration = Duration::from_millis(20);

/// Begins a transaction that changes an existing store. Waits up to `wait` for another change.
/// Fails with [`StoreError::Missing`] if the store is missing.
pub(crate) fn begin_writing(
    path: &Path,
    wait: Duration,
    interrupt: &Interrupt,
) -> Result<Database, StoreError> {
    interrupt.begin()?;
    let started = Instant::now();
    loop {
        if fs::metadata(path).is_err() {
            return Err(StoreError::Missing(path.to_owned()));
        }
        match EmptyFile::find(path)? {
            Found::Other => {}
            Found::Locked => {
                wait_for_first_import(path, started, wait, interrupt)?;
                continue;
            }
            Found::Empty(_) => return Err(StoreError::Missing(path.to_owned())),
        }
        let opened = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let Some(database) = try_lock(opened, started, wait, interrupt)? else { continue };
        if is_new(&database)? {
            return Err(StoreError::Missing(path.to_owned()));
        }
        schema::migrate(&database)?;
        cancel_on_request(&database, interrupt)?;
        return Ok(database);
    }
}

/// Waits a moment for a first import, which has locked the empty file. Fails after `wait` from
/// `started` on, and if it is interrupted.
pub(crate) fn wait_for_first_import(
    path: &Path,
    started: Instant,
    wait: Duration,
    interrupt: &Interrupt,
) -> Result<(), StoreError> {
    interrupt.check()?;
    let waited = started.elapsed();
    if waited >= wait {
        return Err(busy(path, waited));
    }
    thread::sleep(CREATION_INTERVAL);
    Ok(())
}

/// Opens a store to read it by `open`. Waits up to `wait` for a first import. `None` if the store is
/// missing, or its file is empty.
pub(crate) fn open_to_read<T>(
    path: &Path,
    wait: Duration,
    open: impl Fn() -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    let started = Instant::now();
    loop {
        let file = FileIdentity::of(path);
        match EmptyFile::find(path)? {
            Found::Other if file.is_some() => {}
            Found::Other | Found::Empty(_) => return Ok(None),
            Found::Locked if started.elapsed() >= wait => {
                return Err(StoreError::BeingCreated(path.to_owned()));
            }
            Found::Locked => {
                thread::sleep(CREATION_INTERVAL);
                continue;
            }
        }
        match open() {
            // A first import has replaced its empty file, or removed it.
            Err(_) if FileIdentity::of(path) != file => {}
            opened => return opened.map(Some),
        }
    }
}

/// Begins a transaction that writes; `None` if another one still has the lock, and there is time to
/// try again.
pub(crate) fn try_lock(
    database: Database,
    started: Instant,
    wait: Duration,
    interrupt: &Interrupt,
) -> Result<Option<Database>, StoreError> {
    database.with(|connection| connection.busy_timeout(POLL_INTERVAL.min(wait)))?;
    let path = database.path().to_owned();
    // Foreign keys are off because the history entry of an import is written after the rows that
    // refer to it. Setting the options reads the file, so this fails too if a first import has
    // locked it.
    let begun = database
        .batch(
            "PRAGMA page_size = 4096; PRAGMA cache_size = -65536; PRAGMA synchronous = FULL;
             PRAGMA foreign_keys = OFF;",
        )
        .and_then(|()| database.batch("BEGIN IMMEDIATE"));
    match begun {
        Ok(()) => return Ok(Some(database)),
        Err(error) if !is_busy(&error) => return Err(error),
        Err(_) => drop(database),
    }
    interrupt.check()?;
    let waited = started.elapsed();
    if waited < wait {
        return Ok(None);
    }
    Err(busy(&path, waited))
}

/// The error for a store that another process has kept locked for `waited`.
pub(crate) fn busy(path: &Path, waited: Duration) -> StoreError {
    StoreError::Busy { path: path.to_owned(), waited, lock_owner: lock_owner(path) }
}

/// Lets an interruption cancel the statement that a connection is running.
pub(crate) fn cancel_on_request(
    database: &Database,
    interrupt: &Interrupt,
) -> Result<(), StoreError> {
    let handle = database.with(|connection| Ok(connection.get_interrupt_handle()))?;
    interrupt.set_canceller(move || handle.interrupt());
    Ok(())
}

/// Opens a store. Fails with [`StoreError::Missing`] if its file is empty: see
/// [`empty_file`](super::empty_file).
pub(crate) fn connect(path: &Path, access: OpenFlags) -> Result<Database, StoreError> {
    if fs::metadata(path).is_ok_and(|metadata| metadata.is_file() && metadata.len() == 0) {
        return Err(StoreError::Missing(path.to_owned()));
    }
    connect_to_any(path, access)
}

/// The same for a file that may be empty, since no other process uses it.
pub(crate) fn connect_to_any(path: &Path, access: OpenFlags) -> Result<Database, StoreError> {
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return Err(StoreError::NotAFile(path.to_owned()));
    }
    // SQLite gives `:memory:`, `file:…` and the empty name a special meaning, so the path is
    // absolute.
    let absolute = absolute(path).map_err(|error| StoreError::unusable(path, &error))?;
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(absolute, flags);
    connection
        .map(|connection| Database::new(connection, path))
        .map_err(|error| sqlite_error(path, error))
}

/// Opens a file that no process writes, without a log and without locks.
pub(crate) fn connect_immutable(path: &Path) -> Result<Database, StoreError> {
    connect_by_uri(path, "immutable=1", OpenFlags::SQLITE_OPEN_READ_ONLY)
}

/// Opens a file that no other process uses, without locks.
pub(crate) fn connect_unlocked(path: &Path) -> Result<Database, StoreError> {
    connect_by_uri(path, "nolock=1", OpenFlags::SQLITE_OPEN_READ_WRITE)
}

fn connect_by_uri(path: &Path, option: &str, access: OpenFlags) -> Result<Database, StoreError> {
    let absolute = absolute(path).map_err(|error| StoreError::unusable(path, &error))?;
    let escaped = absolute.as_os_str().as_encoded_bytes().iter().map(|byte| match byte {
        b'/' => "/".to_owned(),
        byte => format!("%{byte:02X}"),
    });
    let uri = format!("file://{}?{option}", escaped.collect::<String>());
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(uri, flags)
        .map(|connection| Database::new(connection, path))
        .map_err(|error| sqlite_error(path, error))
}

/// Whether a store has a write-ahead log, so that readers do not block changes, nor are blocked by
/// them. Other programs can take it away.
pub(crate) fn has_write_ahead_log(database: &Database) -> Result<bool, StoreError> {
    let mode: String = database.value("PRAGMA journal_mode", [])?;
    Ok(mode == "wal")
}

/// Whether the database is empty, so that a store can be created in it. Fails if it is neither
/// empty nor a store of this program.
pub(crate) fn is_new(database: &Database) -> Result<bool, StoreError> {
    let objects = database.count("SELECT count(*) FROM sqlite_schema", [])?;
    let application_id: i32 = database.value("PRAGMA application_id", [])?;
    let version: i32 = database.value("PRAGMA user_version", [])?;
    if objects == 0 && application_id == 0 && version == 0 {
        return Ok(true);
    }
    let path = database.path().to_owned();
    if application_id != schema::APPLICATION_ID {
        return Err(StoreError::NotAnEngageStore(path));
    }
    if version > schema::VERSION {
        return Err(StoreError::Newer { path, found: version, known: schema::VERSION });
    }
    Ok(false)
}

/// Converts the error of a locked store to one that tells a reader why it is locked. This process
/// must have closed its connections to the store.
pub(crate) fn explain_lock(error: StoreError) -> StoreError {
    let StoreError::Sqlite { path, .. } = &error else { return error };
    if !is_busy(&error) {
        return error;
    }
    let path = path.clone();
    if is_being_created(&path) {
        return StoreError::BeingCreated(path);
    }
    StoreError::Locked { lock_owner: lock_owner(&path), path }
}

/// Whether a first import is filling the file: it is empty, or the journal next to it says that it
/// was empty before (<https://www.sqlite.org/fileformat2.html#the_rollback_journal>).
fn is_being_created(path: &Path) -> bool {
    const JOURNAL_MAGIC: [u8; 8] = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];
    const ORIGINAL_PAGES: std::ops::Range<usize> = 16..20;
    if fs::metadata(path).is_ok_and(|file| file.len() == 0) {
        return true;
    }
    let mut header = [0; ORIGINAL_PAGES.end];
    let read = File::open(companion(path, "-journal"))
        .and_then(|mut journal| journal.read_exact(&mut header));
    // The magic is written once the journal is synced; until then it is zero.
    let magic = &header[..JOURNAL_MAGIC.len()];
    read.is_ok()
        && (magic == JOURNAL_MAGIC || magic == [0; 8])
        && header[ORIGINAL_PAGES].iter().all(|byte| *byte == 0)
}
