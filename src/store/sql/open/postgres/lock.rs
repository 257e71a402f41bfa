//! One change at a time: an advisory lock that ends with its transaction.

use crate::store::sql::database::Database;
use crate::store::{Interrupt, StoreError};
use std::thread;
use std::time::{Duration, Instant};

/// How long to wait before the lock is tried again.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// The number of a store's lock within its database.
fn number_of(schema: &str) -> i64 {
    xxhash_rust::xxh3::xxh3_64(format!("engage store {schema}").as_bytes()).cast_signed()
}

/// Takes the lock for the transaction. Waits up to `wait` for it, unless interrupted.
pub(crate) fn lock(
    database: &Database,
    schema: &str,
    wait: Duration,
    interrupt: &Interrupt,
) -> Result<(), StoreError> {
    let started = Instant::now();
    while !take_lock(database, schema)? {
        interrupt.check()?;
        let waited = started.elapsed();
        if waited >= wait {
            let lock_owner = owner(database, schema)?;
            return Err(StoreError::Busy { path: database.path().to_owned(), waited, lock_owner });
        }
        thread::sleep(POLL_INTERVAL.min(wait.saturating_sub(waited)));
    }
    Ok(())
}

/// Takes the lock if it is free; returns whether it was.
pub(crate) fn take_lock(database: &Database, schema: &str) -> Result<bool, StoreError> {
    database.value("SELECT pg_try_advisory_xact_lock(CAST(?1 AS bigint))", [number_of(schema)])
}

/// The connection that holds the lock.
fn owner(database: &Database, schema: &str) -> Result<Option<String>, StoreError> {
    let number = number_of(schema);
    let sql = "SELECT a.pid, a.application_name, coalesce(host(a.client_addr), 'this machine')
               FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
               WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
                 AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                 AND l.classid = CAST(?1 AS bigint) AND l.objid = CAST(?2 AS bigint)
                 AND a.pid <> pg_backend_pid()";
    let halves = [number.cast_unsigned() >> 32, number.cast_unsigned() & 0xffff_ffff];
    let halves = halves.map(u64::cast_signed);
    database.optional_row(sql, halves, |row| {
        let (pid, name, host): (i64, &str, &str) = (row.get(0)?, row.text(1)?, row.text(2)?);
        let name: String = name.escape_debug().collect();
        let name = if name.is_empty() { String::new() } else { format!(", {name}") };
        Ok(format!("backend {pid}{name}, from {host}"))
    })
}
