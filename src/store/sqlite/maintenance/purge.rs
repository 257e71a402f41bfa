//! Erases the bytes that deleted rows leave in the file and in its log.
//!
//! A mark in `settings` says that there may be some: it is written with the deletion and goes once
//! they are erased, so that whatever comes in between, the next change finishes the work. Neither
//! `secure_delete` nor a `VACUUM` alone is enough: the log holds old pages until a checkpoint has
//! cut it off, and that fails, without an error, while anybody reads.

use crate::store::Interrupt;
use crate::store::StoreError;
use crate::store::sqlite::translated;
use rusqlite::{Connection, ErrorCode, OptionalExtension};
use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

const INTERVAL: Duration = Duration::from_millis(100);

/// Marks the store, in the transaction that deletes.
pub(crate) fn mark(connection: &Connection) -> rusqlite::Result<()> {
    let sql = "INSERT OR REPLACE INTO settings (name, value) VALUES ('erasing', 'pending')";
    connection.execute(sql, [])?;
    Ok(())
}

/// Whether the store is marked.
pub(crate) fn is_pending(connection: &Connection) -> rusqlite::Result<bool> {
    let sql = "SELECT 1 FROM settings WHERE name = 'erasing'";
    Ok(connection.query_row(sql, [], |_| Ok(())).optional()?.is_some())
}

/// What became of the bytes of forgotten customers.
#[derive(Debug)]
pub enum Erasure {
    /// None are left.
    Done,
    /// Some are: somebody reads, or writes.
    InTheWay,
    /// Some are, for another reason; the change itself is made.
    Failed(StoreError),
}

/// Erases what there is to erase, outside of any transaction; tries that long where readers or
/// writers are in the way.
pub(crate) fn finish(
    connection: &Connection,
    path: &Path,
    wait: Duration,
    interrupt: &Interrupt,
) -> Erasure {
    let started = Instant::now();
    let attempt = || -> rusqlite::Result<bool> {
        if !is_pending(connection)? {
            return Ok(true);
        }
        connection.busy_timeout(INTERVAL)?;
        erase(connection, path)
    };
    loop {
        match attempt() {
            Ok(true) => return Erasure::Done,
            Ok(false) => {}
            Err(error) if is_busy(&error) => {}
            Err(error) => return Erasure::Failed(translated(path, error)),
        }
        if interrupt.is_requested_late() {
            return Erasure::Failed(StoreError::Interrupted);
        }
        if started.elapsed() >= wait {
            return Erasure::InTheWay;
        }
        thread::sleep(INTERVAL);
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

fn erase(connection: &Connection, path: &Path) -> rusqlite::Result<bool> {
    // Whoever reads now would make all of the rest useless.
    if !cut_log(connection, path)? {
        return Ok(false);
    }
    connection.execute_batch("VACUUM")?;
    if !cut_log(connection, path)? {
        return Ok(false);
    }
    connection.execute("DELETE FROM settings WHERE name = 'erasing'", [])?;
    Ok(true)
}

/// Brings the log into the file and cuts it off; says whether that was done.
fn cut_log(connection: &Connection, path: &Path) -> rusqlite::Result<bool> {
    let busy: i64 =
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    Ok(busy == 0 && fs::metadata(log).map_or(0, |log| log.len()) == 0)
}
