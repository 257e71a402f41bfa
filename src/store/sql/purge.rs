//! Purges the bytes that deleted rows leave in the file and in its log.
//!
//! A mark in `settings` is written with the deletion and removed once the bytes are gone, so that
//! the next change finishes a purge that was stopped. Neither `secure_delete` nor a `VACUUM` alone
//! is enough: the log keeps old pages until a checkpoint truncates it, and while a reader is active
//! that fails without an error.

use super::database::{Database, is_busy};
use super::reader::Reader;
use crate::output::companion;
use crate::store::{Interrupt, StoreError};
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

const RETRY_INTERVAL: Duration = Duration::from_millis(100);

/// What happened to the bytes of forgotten customers.
#[derive(Debug)]
pub enum Purge {
    /// None are left.
    Complete,
    /// Some are left, because of a reader or a writer.
    Blocked,
    /// Some are left, for another reason. The change itself is committed.
    Failed(StoreError),
}

/// Marks the store for a purge, in the transaction that deletes.
pub(crate) fn mark(database: &Database) -> Result<(), StoreError> {
    let sql = "INSERT INTO settings (name, value) VALUES ('erasing', 'pending')
               ON CONFLICT (name) DO NOTHING";
    database.execute(sql, [])?;
    Ok(())
}

fn is_pending(database: &Database) -> Result<bool, StoreError> {
    database.value("SELECT EXISTS (SELECT 1 FROM settings WHERE name = 'erasing')", [])
}

impl Reader {
    /// Whether bytes of forgotten customers may still be in the file.
    pub fn is_purge_pending(&self) -> Result<bool, StoreError> {
        is_pending(&self.database)
    }
}

/// Purges a marked store, outside of any transaction. Retries for up to `wait` while readers or
/// writers block it.
pub(crate) fn finish(database: &Database, wait: Duration, interrupt: &Interrupt) -> Purge {
    let started = Instant::now();
    loop {
        match attempt(database) {
            Ok(true) => return Purge::Complete,
            Ok(false) => {}
            Err(error) if is_busy(&error) => {}
            Err(error) => return Purge::Failed(error),
        }
        if interrupt.is_requested_late() {
            return Purge::Failed(StoreError::Interrupted);
        }
        if started.elapsed() >= wait {
            return Purge::Blocked;
        }
        thread::sleep(RETRY_INTERVAL);
    }
}

fn attempt(database: &Database) -> Result<bool, StoreError> {
    if !is_pending(database)? {
        return Ok(true);
    }
    #[cfg(feature = "postgres")]
    if database.is_postgres() {
        return rewrite_tables(database);
    }
    database.with(|connection| connection.busy_timeout(RETRY_INTERVAL))?;
    // While a reader is active, the rest would be useless.
    if !truncate_log(database)? {
        return Ok(false);
    }
    database.batch("VACUUM")?;
    if !truncate_log(database)? {
        return Ok(false);
    }
    database.execute("DELETE FROM settings WHERE name = 'erasing'", [])?;
    Ok(true)
}

/// Rewrites the tables that have held forgotten customers, if this user owns them; `false` if
/// readers block it.
#[cfg(feature = "postgres")]
fn rewrite_tables(database: &Database) -> Result<bool, StoreError> {
    let connection = database.postgres()?;
    let schema = connection.schema();
    let rewrite = || -> Result<(), StoreError> {
        connection.with(|client| client.batch_execute("SET lock_timeout = '100ms'"))?;
        for table in ["customers", "devices", "changes", "deliveries", "imports", "fingerprints"] {
            // `VACUUM` cannot run in a transaction, so each table is sent separately.
            let sql = format!("VACUUM (FULL) {schema}.{table}");
            connection.with(|client| client.batch_execute(&sql))?;
        }
        Ok(())
    };
    match rewrite() {
        Ok(()) => {}
        Err(StoreError::Locked { .. }) => return Ok(false),
        Err(error) => return Err(error),
    }
    database.execute("DELETE FROM settings WHERE name = 'erasing'", [])?;
    Ok(true)
}

/// Moves the log into the file and truncates it; `false` if that was not possible.
fn truncate_log(database: &Database) -> Result<bool, StoreError> {
    let busy: i64 = database.value("PRAGMA wal_checkpoint(TRUNCATE)", [])?;
    let log = companion(database.path(), "-wal");
    Ok(busy == 0 && fs::metadata(log).map_or(0, |log| log.len()) == 0)
}
