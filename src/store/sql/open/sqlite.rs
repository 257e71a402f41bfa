//! Opens the file of a store, and locks it for a change.

use crate::store::sql::database::{Database, is_busy, sqlite_error};
use crate::store::sql::schema::sqlite as schema;
use crate::store::{Interrupt, StoreError};
use rusqlite::{Connection, OpenFlags};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf, absolute};
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
        let Some(database) = try_lock(path, started, wait, interrupt)? else { continue };
        if is_new(&database)? {
            // A first import has created the file and not locked it yet.
            drop(database);
            if started.elapsed() >= wait {
                return Err(StoreError::Missing(path.to_owned()));
            }
            interrupt.check()?;
            thread::sleep(CREATION_INTERVAL);
            continue;
        }
        schema::migrate(&database)?;
        cancel_on_request(&database, interrupt)?;
        return Ok(database);
    }
}

/// Begins a transaction that writes; `None` if another one still has the lock, and there is time to
/// try again.
pub(crate) fn try_lock(
    path: &Path,
    started: Instant,
    wait: Duration,
    interrupt: &Interrupt,
) -> Result<Option<Database>, StoreError> {
    let database = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    database.with(|connection| connection.busy_timeout(POLL_INTERVAL.min(wait)))?;
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
    Err(busy(path, waited))
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

pub(crate) fn connect(path: &Path, access: OpenFlags) -> Result<Database, StoreError> {
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return Err(StoreError::NotAFile(path.to_owned()));
    }
    // SQLite gives `:memory:`, `file:…` and the empty name a special meaning, so the path is
    // absolute.
    let absolute = absolute(path).map_err(|error| unusable(path, &error))?;
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(absolute, flags);
    connection
        .map(|connection| Database::new(connection, path))
        .map_err(|error| sqlite_error(path, error))
}

/// Opens a file that no process writes, without a log and without locks.
pub(crate) fn connect_immutable(path: &Path) -> Result<Database, StoreError> {
    let absolute = absolute(path).map_err(|error| unusable(path, &error))?;
    let escaped = absolute.as_os_str().as_encoded_bytes().iter().map(|byte| match byte {
        b'/' => "/".to_owned(),
        byte => format!("%{byte:02X}"),
    });
    let uri = format!("file://{}?immutable=1", escaped.collect::<String>());
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(uri, flags)
        .map(|connection| Database::new(connection, path))
        .map_err(|error| sqlite_error(path, error))
}

pub(crate) fn unusable(path: &Path, reason: &dyn std::fmt::Display) -> StoreError {
    StoreError::Unusable { path: path.to_owned(), reason: reason.to_string() }
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

/// The path of a file that SQLite keeps next to a database.
pub(crate) fn companion(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    name.into()
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

/// The process that holds the write lock, and its command line if that can be read. This process
/// must have closed its connections to the store: closing any handle of the file releases all locks
/// of the process.
#[cfg(target_os = "linux")]
fn lock_owner(path: &Path) -> Option<String> {
    // SQLite's write lock is a byte of the shared memory next to a write-ahead log, else a byte of
    // the file itself (https://www.sqlite.org/fileformat2.html and walformat.html, "locks").
    const WAL_WRITE_LOCK: u64 = 120;
    const PENDING_BYTE: u64 = 0x4000_0000;
    let process = process_with_lock(&companion(path, "-shm"), WAL_WRITE_LOCK, 1)
        .or_else(|| process_with_lock(path, PENDING_BYTE, 512))?;
    let command = fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
    let words = command.split(|byte| *byte == 0).filter(|word| !word.is_empty()).skip(1);
    let words: Vec<String> =
        words.map(|word| String::from_utf8_lossy(word).into_owned()).take(4).collect();
    Some(if words.is_empty() {
        format!("process {process}")
    } else {
        format!("process {process}: {}", words.join(" ").escape_debug())
    })
}

#[cfg(not(target_os = "linux"))]
fn lock_owner(_: &Path) -> Option<String> {
    None
}

#[cfg(target_os = "linux")]
fn process_with_lock(path: &Path, start: u64, length: u64) -> Option<i32> {
    use rustix::process::{Flock, FlockType, fcntl_getlk};
    let file = File::open(path).ok()?;
    let wanted = Flock { start, length, ..Flock::from(FlockType::ReadLock) };
    let held = fcntl_getlk(file, &wanted).ok()??;
    held.pid.map(|process| process.as_raw_nonzero().get())
}
