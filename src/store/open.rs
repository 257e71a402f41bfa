//! Opens a store, makes a new one, and takes the one place of who writes to it.

use super::error::StoreError;
use super::holder::holder_of;
use super::schema;
use super::transaction::ImportTransaction;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The store that is meant where none is named.
pub const DEFAULT_PATH: &str = "engage.db";

/// How long SQLite waits for a lock before somebody is asked whether to wait on.
const WAITING_INTERVAL: Duration = Duration::from_millis(200);

/// Opens a store for an import, a new one where there is none, and begins the one transaction that
/// the import is. Waits that long for another import, or as long as `waits_on`.
pub fn begin_import(
    path: &Path,
    wait: Duration,
    waits_on: impl Fn() -> bool,
) -> Result<ImportTransaction, StoreError> {
    let started = Instant::now();
    loop {
        let created = create_file(path)?;
        let opened = identity(path);
        let connection = match begin(path, started, wait, &waits_on) {
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
            // The file stays locked until it is closed: whoever removes it does so locked.
            let made = connection
                .execute_batch("PRAGMA locking_mode = EXCLUSIVE")
                .and_then(|()| schema::create_tables(&connection));
            if let Err(source) = made {
                remove_if_empty(path, created);
                return Err(translated(path, source));
            }
        }
        return ImportTransaction::begin(connection, path.to_owned(), new, created);
    }
}

/// Removes a file that was made for a first import which came to nothing.
pub(super) fn remove_if_empty(path: &Path, created: bool) {
    if created && fs::metadata(path).is_ok_and(|file| file.len() == 0) {
        let _ = fs::remove_file(path);
    }
}

/// Begins a transaction that writes to a store that is there. Waits that long for an import. Fails
/// with [`StoreError::Missing`] where there is no store.
pub(super) fn begin_writing(path: &Path, wait: Duration) -> Result<Connection, StoreError> {
    let started = Instant::now();
    loop {
        if fs::metadata(path).is_err() {
            return Err(StoreError::Missing(path.to_owned()));
        }
        let Some(connection) = begin(path, started, wait, &|| true)? else { continue };
        if is_new(&connection, path)? {
            return Err(StoreError::Missing(path.to_owned()));
        }
        return Ok(connection);
    }
}

/// Begins a transaction that writes; `None` where another one is still in the way and it is to be
/// tried again.
fn begin(
    path: &Path,
    started: Instant,
    wait: Duration,
    waits_on: &dyn Fn() -> bool,
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
            let waited = started.elapsed();
            if waited < wait && waits_on() {
                return Ok(None);
            }
            let holder = holder_of(path);
            Err(StoreError::Busy { path: path.to_owned(), waited, holder })
        }
        Err(error) => Err(translated(path, error)),
    }
}

/// Opens a store to say what an import would do, and writes nothing; where there is no store, an
/// empty one in memory stands in. Waits that long for a first import into it.
pub fn begin_rehearsal(path: &Path, wait: Duration) -> Result<ImportTransaction, StoreError> {
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
    let connection = if new {
        let empty = Connection::open_in_memory().map_err(sqlite)?;
        schema::create_tables(&empty)
            .and_then(|()| schema::create_indexes(&empty))
            .and_then(|()| empty.execute_batch("BEGIN"))
            .map_err(sqlite)?;
        empty
    } else {
        connection
    };
    ImportTransaction::rehearse(connection, path.to_owned())
}

pub(super) fn connect(path: &Path, access: OpenFlags) -> Result<Connection, StoreError> {
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return Err(StoreError::NotAFile(path.to_owned()));
    }
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(path, flags).map_err(|source| translated(path, source))
}

/// Makes the file, for its owner alone, where there is none. Says whether it did.
fn create_file(path: &Path) -> Result<bool, StoreError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(StoreError::NoFolder {
            folder: path.parent().unwrap_or(Path::new(".")).to_owned(),
            path: path.to_owned(),
        }),
        Err(error) => {
            Err(StoreError::Unusable { path: path.to_owned(), reason: error.to_string() })
        }
    }
}

/// What tells one file from another that later takes its name.
pub(super) fn identity(path: &Path) -> Option<(u64, u64)> {
    let metadata = fs::metadata(path).ok()?;
    #[cfg(unix)]
    let identity = {
        use std::os::unix::fs::MetadataExt;
        (metadata.dev(), metadata.ino())
    };
    #[cfg(not(unix))]
    let identity = (0, u64::from(metadata.is_file()));
    Some(identity)
}

/// Whether the database is empty, so that a store can be made in it. Refuses any that is neither
/// empty nor a store of this program's.
pub(super) fn is_new(connection: &Connection, path: &Path) -> Result<bool, StoreError> {
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
        return Err(StoreError::Foreign(path.to_owned()));
    }
    if version > schema::VERSION {
        let path = path.to_owned();
        return Err(StoreError::Newer { path, found: version, known: schema::VERSION });
    }
    Ok(false)
}

/// The same as [`translated`] for who only reads: nobody but a first import keeps readers out.
pub(super) fn translated_for_readers(path: &Path, source: rusqlite::Error) -> StoreError {
    match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy) => StoreError::BeingMade(path.to_owned()),
        _ => translated(path, source),
    }
}

/// What SQLite says, in terms of what a person can do about it.
pub(super) fn translated(path: &Path, source: rusqlite::Error) -> StoreError {
    let path: PathBuf = path.to_owned();
    match source.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => StoreError::NotSqlite(path),
        Some(ErrorCode::CannotOpen) => {
            StoreError::Unusable { path, reason: "no access to it, or to its folder".to_owned() }
        }
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            StoreError::Unusable { path, reason: "it, or its folder, is read-only".to_owned() }
        }
        Some(ErrorCode::DatabaseCorrupt) => {
            StoreError::Damaged { path, what: "SQLite cannot read it".to_owned() }
        }
        _ => StoreError::Sqlite { path, source },
    }
}
