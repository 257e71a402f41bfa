//! Puts a backup in place of a store.

use crate::outcome::ForgetOutcome;
use crate::store::blocked_uids::BlockedUids;
use crate::store::sql::database::sqlite_error;
use crate::store::sql::history::deleted_customers;
use crate::store::sql::open::sqlite::{busy, connect};
use crate::store::sql::{Purge, Reader, blocked, open_for_reading, open_for_writing};
use crate::store::{Interrupt, StoreError, now};
use rusqlite::OpenFlags;
use rusqlite::backup::StepResult;
use std::collections::{BTreeSet, HashSet};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// How long to wait before the lock is tried again.
const RETRY_INTERVAL: Duration = Duration::from_millis(50);

/// The digests of uids that a store has blocked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BlockedDigests(HashSet<Vec<u8>>);

impl BlockedDigests {
    /// Whether no uid is blocked.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The result of an attempt to restore.
#[derive(Debug)]
pub enum RestoreAttempt {
    /// The store has the content of the backup.
    Restored,
    /// Nothing was changed: the blocked uids of the store have changed meanwhile, to these.
    BlockedMeanwhile(BlockedDigests),
}

/// Replaces the content of a store with that of a backup, in one transaction: if the process is
/// killed, the store has either its old content or that of the backup. Waits up to `wait` for
/// another change. `blocked` are the uids whose customers are not in the backup; if the store now
/// blocks others, nothing is done. `keep` gets the store as it was, while no command can change it.
pub fn restore<E: From<StoreError>>(
    store: &Path,
    backup: &Reader,
    blocked: &BlockedDigests,
    wait: Duration,
    interrupt: &Interrupt,
    keep: impl FnOnce(&Reader) -> Result<(), E>,
) -> Result<RestoreAttempt, E> {
    let failed = |error| E::from(sqlite_error(store, error));
    interrupt.check()?;
    let started = Instant::now();
    let mut database = connect(store, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let replacement = database.replacement(&backup.database)?;
    // This copies no page yet, but locks the store.
    while let StepResult::Busy | StepResult::Locked = replacement.step(0).map_err(failed)? {
        interrupt.check()?;
        if started.elapsed() >= wait {
            return Err(busy(store, started.elapsed()).into());
        }
        thread::sleep(RETRY_INTERVAL);
    }
    let current = open_for_reading(&store.into())?;
    let digests = current.blocked_digests()?;
    if digests != *blocked {
        return Ok(RestoreAttempt::BlockedMeanwhile(digests));
    }
    keep(&current)?;
    drop(current);
    interrupt.commit()?;
    if replacement.step(-1).map_err(failed)? != StepResult::Done {
        return Err(busy(store, started.elapsed()).into());
    }
    drop(replacement);
    interrupt.committed();
    Ok(RestoreAttempt::Restored)
}

impl Reader {
    /// The digests of the uids that imports leave out.
    pub fn blocked_digests(&self) -> Result<BlockedDigests, StoreError> {
        Ok(BlockedDigests(blocked::digests(&self.database)?))
    }

    /// Copies a backup into an empty file without the customers whose uids are blocked, and blocks
    /// these uids in it. No byte of these customers is left in the file.
    pub fn copy_without(
        &self,
        blocked: &BlockedDigests,
        file: &Path,
    ) -> Result<ForgetOutcome, StoreError> {
        self.copy_to(file, self.path())?;
        // Only this command uses the copy, and a request to stop is handled before it is used.
        let writer = open_for_writing(&file.into(), Duration::ZERO, &Interrupt::default())?;
        blocked::add(writer.database(), blocked.0.iter().cloned(), &now())?;
        let uids = writer.reader().uids_among(&BlockedUids::new(blocked.0.clone()))?;
        let forgotten = writer.forget(&uids)?;
        match writer.commit_and_wait(None, Duration::ZERO)? {
            Purge::Complete => Ok(forgotten),
            Purge::Blocked => Err(busy(self.path(), Duration::ZERO)),
            Purge::Failed(error) => Err(error),
        }
    }

    /// The blocked uids that the store knows, from customers, deleted customers and deliveries.
    fn uids_among(&self, blocked: &BlockedUids) -> Result<Vec<String>, StoreError> {
        let sql = format!(
            "SELECT uid FROM customers UNION SELECT uid FROM {} UNION SELECT uid FROM deliveries",
            deleted_customers(&self.database)
        );
        let mut uids = BTreeSet::new();
        self.database.for_each(&sql, [], |row| {
            let uid = row.optional_text(0)?.filter(|uid| blocked.contains(uid));
            uids.extend(uid.map(str::to_owned));
            Ok(())
        })?;
        Ok(uids.into_iter().collect())
    }
}
