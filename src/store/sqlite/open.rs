//! Opens a store, makes a new one, and takes the one place of who writes to it.

use super::lock_owner::lock_owner;
use super::schema;
use super::session::ImportTransaction;
use crate::store::Interrupt;
use crate::store::StoreError;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf, absolute};
use std::time::{Duration, Instant};

/// The store that is meant where none is named.
pub const DEFAULT_PATH: &str = "engage.db";

/// How long SQLite waits for a lock before somebody is asked whether to wait on.
const WAITING_INTERVAL: Duration = Duration::from_millis(200);

/// Opens a store for an import, a new one where there is none, and begins the one transaction that
/// the import is. Waits that long for another change, unless it is interrupted.
pub fn begin_import(
    path: &Path,
    wait: Duration,
    interrupt: &Interrupt,
) -> Result<ImportTransaction, StoreError> {
    interrupt.begin()?;
    let started = Instant::now();
    loop {
        let created = create_file(path)?;
        let opened = identity(path);
        let connection = match begin(path, started, wait, interrupt) {
            Ok(Some(connection)) => connection,
            Ok(None) => continue,
            // A failed first import has removed the file meanwhile, for which SQLite has many words.
            Err(error) if identity(path) != opened && !matches!(error, StoreError::Busy { .. }) => {
                continue;
            }
            Err(error) => {
                // Whoever takes the file meanwhile finds at its commit that it is gone.
                remove_if_empty(path, created && !matches!(error, StoreError::Busy { .. }));
                return Err(error);
            }
        };
        // Whoever waited here may hold a file that a failed first import has removed meanwhile.
        if opened.is_none() || identity(path) != opened {
            continue;
        }
        let new = is_new(&connection, path)?;
        if new {
            check_private(path)?;
            // The file stays locked until it is closed: whoever removes it does so locked.
            let made = connection
                .execute_batch("PRAGMA locking_mode = EXCLUSIVE")
                .and_then(|()| schema::create_tables(&connection));
            if let Err(source) = made {
                remove_if_empty(path, created);
                return Err(translated(path, source));
            }
        }
        return ImportTransaction::begin(connection, path.to_owned(), new, created, interrupt);
    }
}

/// Removes a file that was made for a first import which came to nothing.
pub(crate) fn remove_if_empty(path: &Path, created: bool) {
    if created && fs::metadata(path).is_ok_and(|file| file.len() == 0) {
        let _ = fs::remove_file(path);
    }
}

/// Begins a transaction that writes to a store that is there. Waits that long for an import. Fails
/// with [`StoreError::Missing`] where there is no store.
pub(crate) fn begin_writing(
    path: &Path,
    wait: Duration,
    interrupt: &Interrupt,
) -> Result<Connection, StoreError> {
    interrupt.begin()?;
    let started = Instant::now();
    loop {
        if fs::metadata(path).is_err() {
            return Err(StoreError::Missing(path.to_owned()));
        }
        let Some(connection) = begin(path, started, wait, interrupt)? else { continue };
        if is_new(&connection, path)? {
            return Err(StoreError::Missing(path.to_owned()));
        }
        let handle = connection.get_interrupt_handle();
        interrupt.set_canceller(move || handle.interrupt());
        return Ok(connection);
    }
}

/// Begins a transaction that writes; `None` where another one is still in the way and it is to be
/// tried again.
fn begin(
    path: &Path,
    started: Instant,
    wait: Duration,
    interrupt: &Interrupt,
) -> Result<Option<Connection>, StoreError> {
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // An import's history line comes last, after the rows that refer to it.
    connection
        .execute_batch(
            "PRAGMA page_size = 4096; PRAGMA cache_size = -65536; PRAGMA synchronous = FULL;
             PRAGMA foreign_keys = OFF;",
        )
        .and_then(|()| connection.busy_timeout(WAITING_INTERVAL.min(wait)))
        .map_err(|source| translated(path, source))?;
    match connection.execute_batch("BEGIN IMMEDIATE") {
        Ok(()) => Ok(Some(connection)),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
            drop(connection);
            interrupt.check()?;
            let waited = started.elapsed();
            if waited < wait {
                return Ok(None);
            }
            let lock_owner = lock_owner(path);
            Err(StoreError::Busy { path: path.to_owned(), waited, lock_owner })
        }
        Err(error) => Err(translated(path, error)),
    }
}

/// Opens a store to say what an import would do, and writes nothing; where there is no store, an
/// empty one in memory stands in. Waits that long for a first import into it.
pub fn begin_rehearsal(
    path: &Path,
    wait: Duration,
    interrupt: &Interrupt,
) -> Result<ImportTransaction, StoreError> {
    interrupt.begin()?;
    let connection = open_rehearsal(path, wait).map_err(with_lock_owner)?;
    ImportTransaction::rehearse(connection, path.to_owned(), interrupt)
}

fn open_rehearsal(path: &Path, wait: Duration) -> Result<Connection, StoreError> {
    let sqlite = |source| translated_for_readers(path, source);
    let exists = fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() || metadata.len() > 0);
    let (connection, new) = if exists {
        let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        connection.busy_timeout(wait).map_err(sqlite)?;
        connection.execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema").map_err(sqlite)?;
        let new = is_new(&connection, path)?;
        (connection, new)
    } else {
        (Connection::open_in_memory().map_err(sqlite)?, true)
    };
    if !new {
        return Ok(connection);
    }
    check_private(path)?;
    let empty = Connection::open_in_memory().map_err(sqlite)?;
    schema::create_tables(&empty)
        .and_then(|()| schema::create_indexes(&empty))
        .and_then(|()| empty.execute_batch("BEGIN"))
        .map_err(sqlite)?;
    Ok(empty)
}

/// Names the process that holds the lock. It is looked up only after the connection was closed: this
/// process must have none while it looks.
pub(crate) fn with_lock_owner(error: StoreError) -> StoreError {
    match error {
        StoreError::Locked { path, .. } => {
            let lock_owner = lock_owner(&path);
            StoreError::Locked { path, lock_owner }
        }
        error => error,
    }
}

pub(crate) fn connect(path: &Path, access: OpenFlags) -> Result<Connection, StoreError> {
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return Err(StoreError::NotAFile(path.to_owned()));
    }
    // SQLite takes `:memory:`, `file:…` and an empty name for something else than a path.
    let place = absolute(path).map_err(|error| unusable(path, &error))?;
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(place, flags).map_err(|source| translated(path, source))
}

/// Opens a file that nothing writes, without a log and without locks.
pub(crate) fn connect_immutable(path: &Path) -> Result<Connection, StoreError> {
    let place = absolute(path).map_err(|error| unusable(path, &error))?;
    let escaped = place.as_os_str().as_encoded_bytes().iter().map(|byte| match byte {
        b'/' => "/".to_owned(),
        byte => format!("%{byte:02X}"),
    });
    let uri = format!("file://{}?immutable=1", escaped.collect::<String>());
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(uri, flags).map_err(|source| translated(path, source))
}

/// Refuses to make a store of an empty file that others may read, or that belongs to another user.
fn check_private(path: &Path) -> Result<(), StoreError> {
    let Ok(metadata) = fs::metadata(path) else { return Ok(()) };
    let mode = metadata.mode() & 0o777;
    let reason = if metadata.uid() != rustix::process::geteuid().as_raw() {
        "belongs to another user".to_owned()
    } else if mode & 0o077 != 0 {
        format!("others have access to it (mode {mode:04o})")
    } else {
        return Ok(());
    };
    Err(StoreError::NotPrivate { path: path.to_owned(), reason })
}

fn unusable(path: &Path, reason: &dyn std::fmt::Display) -> StoreError {
    StoreError::Unusable { path: path.to_owned(), reason: reason.to_string() }
}

/// Makes the file, for its owner alone, where there is none. Says whether it did.
fn create_file(path: &Path) -> Result<bool, StoreError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    match options.open(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(StoreError::NoFolder {
            folder: path.parent().unwrap_or(Path::new(".")).to_owned(),
            path: path.to_owned(),
        }),
        Err(error) => Err(unusable(path, &error)),
    }
}

/// What tells one file from another that later takes its name.
pub(crate) fn identity(path: &Path) -> Option<(u64, u64)> {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.dev(), metadata.ino()))
}

/// Whether the database is empty, so that a store can be made in it. Refuses any that is neither
/// empty nor a store of this program's.
pub(crate) fn is_new(connection: &Connection, path: &Path) -> Result<bool, StoreError> {
    let sqlite = |source| translated(path, source);
    let pragma = |name: &str| -> Result<i32, StoreError> {
        connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0)).map_err(sqlite)
    };
    let objects: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(sqlite)?;
    let application_id = pragma("application_id")?;
    let version = pragma("user_version")?;
    if objects == 0 && application_id == 0 && version == 0 {
        return Ok(true);
    }
    if application_id != schema::APPLICATION_ID {
        return Err(StoreError::NotAnEngageStore(path.to_owned()));
    }
    if version > schema::VERSION {
        let path = path.to_owned();
        return Err(StoreError::Newer { path, found: version, known: schema::VERSION });
    }
    Ok(false)
}

/// The same as [`translated`] for readers, which only a first import or another program locks out.
pub(crate) fn translated_for_readers(path: &Path, source: rusqlite::Error) -> StoreError {
    match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy) if is_being_made(path) => {
            StoreError::BeingCreated(path.to_owned())
        }
        Some(ErrorCode::DatabaseBusy) => {
            StoreError::Locked { path: path.to_owned(), lock_owner: None }
        }
        _ => translated(path, source),
    }
}

/// Whether a first import is filling the file: it is empty, or the journal beside it says that it was
/// empty before (<https://www.sqlite.org/fileformat2.html#the_rollback_journal>).
fn is_being_made(path: &Path) -> bool {
    const JOURNAL_MAGIC: [u8; 8] = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];
    const ORIGINAL_PAGES: std::ops::Range<usize> = 16..20;
    if fs::metadata(path).is_ok_and(|file| file.len() == 0) {
        return true;
    }
    let mut journal = path.as_os_str().to_owned();
    journal.push("-journal");
    let mut header = [0; ORIGINAL_PAGES.end];
    let read = fs::File::open(journal)
        .and_then(|mut journal| io::Read::read_exact(&mut journal, &mut header));
    // The magic is written once the journal is synced; until then it is zero.
    let magic = &header[..JOURNAL_MAGIC.len()];
    read.is_ok()
        && (magic == JOURNAL_MAGIC || magic == [0; 8])
        && header[ORIGINAL_PAGES].iter().all(|byte| *byte == 0)
}

/// What SQLite says, in terms of what a person can do about it.
pub(crate) fn translated(path: &Path, source: rusqlite::Error) -> StoreError {
    let path: PathBuf = path.to_owned();
    match source.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => StoreError::NotSqlite(path),
        Some(ErrorCode::CannotOpen) => {
            StoreError::Unusable { path, reason: "no access to it, or to its folder".to_owned() }
        }
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            StoreError::Unusable { path, reason: "it, or its folder, is read-only".to_owned() }
        }
        Some(ErrorCode::OperationInterrupted) => StoreError::Interrupted,
        Some(ErrorCode::DatabaseCorrupt) => {
            StoreError::Damaged { path, what: "SQLite cannot read it".to_owned() }
        }
        _ => StoreError::Sqlite { path, source },
    }
}
