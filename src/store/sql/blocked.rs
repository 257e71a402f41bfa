//! Stores the digests of uids that imports leave out.

use super::database::Database;
use super::writer::Writer;
use crate::store::blocked_uids::{BlockedUids, digest_of};
use crate::store::{StoreError, now};
use rusqlite::params;
use std::collections::HashSet;

/// The digests of the blocked uids.
pub(crate) fn digests(database: &Database) -> Result<HashSet<Vec<u8>>, StoreError> {
    let digests: Vec<Vec<u8>> =
        database.rows("SELECT digest FROM blocked", [], |row| row.get(0))?;
    Ok(digests.into_iter().collect())
}

/// The uids that imports into the store leave out.
pub(crate) fn blocked_uids(database: &Database) -> Result<BlockedUids, StoreError> {
    Ok(BlockedUids::new(digests(database)?))
}

/// Adds digests of uids; returns how many are new.
pub(crate) fn add(
    database: &Database,
    digests: impl Iterator<Item = Vec<u8>>,
    now: &str,
) -> Result<u64, StoreError> {
    let sql =
        "INSERT INTO blocked (digest, blocked_at) VALUES (?1, ?2) ON CONFLICT (digest) DO NOTHING";
    let mut added = 0;
    for digest in digests {
        added += database.execute(sql, params![digest, now])?;
    }
    Ok(added)
}

impl Writer {
    /// Makes later imports leave out these uids; returns how many were not blocked before.
    pub fn block(&self, uids: &[String]) -> Result<u64, StoreError> {
        add(self.database(), uids.iter().map(|uid| digest_of(uid)), &now())
    }

    /// Lets imports accept these uids again; returns how many were blocked.
    pub fn unblock(&self, uids: &[String]) -> Result<u64, StoreError> {
        let mut unblocked = 0;
        for uid in uids {
            let sql = "DELETE FROM blocked WHERE digest = ?1";
            unblocked += self.database().execute(sql, [digest_of(uid)])?;
        }
        Ok(unblocked)
    }
}
