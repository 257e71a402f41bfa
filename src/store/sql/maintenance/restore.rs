//! Puts a backup in place of a store.

use crate::store::now;
use crate::store::sql::blocked;
use crate::store::sql::database::sqlite_error;
use crate::store::sql::open::sqlite::{busy, connect};
use crate::store::sql::{Reader, Writer, open_for_reading};
use crate::store::{Interrupt, StoreError};
use rusqlite::OpenFlags;
use rusqlite::backup::StepResult;
use std::collections::HashSet;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// How long to wait before the lock is tried again.
const RETRY_INTERVAL: Duration = Duration::from_millis(50);

/// The digests of uids that a replaced store had blocked.
#[derive(Debug, Default)]
pub struct BlockedDigests(HashSet<Vec<u8>>);

/// Replaces the content of a store by that of a backup, in one transaction: killed anywhere, the store
/// is as before or as the backup. Waits that long for another change. `keep` gets the store as it was,
/// while no command can change it.
pub fn restore<E: From<StoreError>>(
    store: &Path,
    backup: &Reader,
    wait: Duration,
    interrupt: &Interrupt,
    keep: impl FnOnce(&Reader) -> Result<(), E>,
) -> Result<BlockedDigests, E> {
    let failed = |error| E::from(sqlite_error(store, error));
    interrupt.begin()?;
    let started = Instant::now();
    let mut database = connect(store, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let replacement = database.replacement(&backup.database)?;
    // No page is copied yet, but from here on the store is locked.
    while let StepResult::Busy | StepResult::Locked = replacement.step(0).map_err(failed)? {
        interrupt.check()?;
        if started.elapsed() >= wait {
            return Err(busy(store, started.elapsed()).into());
        }
        thread::sleep(RETRY_INTERVAL);
    }
    let current = open_for_reading(&store.into())?;
    let digests = blocked::digests(&current.database)?;
    keep(&current)?;
    drop(current);
    interrupt.commit()?;
    if replacement.step(-1).map_err(failed)? != StepResult::Done {
        return Err(busy(store, started.elapsed()).into());
    }
    drop(replacement);
    interrupt.committed();
    Ok(BlockedDigests(digests))
}

impl Writer {
    /// Blocks what a replaced store had blocked, and gives how many customers of this one are blocked.
    pub fn block_again(&self, digests: BlockedDigests) -> Result<u64, StoreError> {
        blocked::add(self.database(), digests.0.into_iter(), &now())?;
        blocked::blocked_customers(self.database())
    }
}
