//! Erases the deliveries of forgotten customers, and finds where they were delivered.

use crate::store::StoreError;
use crate::store::sql::Reader;
use crate::store::sql::database::Database;
use rusqlite::params;
use std::collections::BTreeSet;

/// A destination that knows some of the customers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveredTo {
    /// The URL of the API.
    pub url: String,
    /// The digest of the destination.
    pub digest: Vec<u8>,
    /// The uids of these customers.
    pub uids: BTreeSet<String>,
}

impl Reader {
    /// The destinations to which these customers were delivered, archived ones included.
    pub fn delivered_to(&self, uids: &[String]) -> Result<Vec<DeliveredTo>, StoreError> {
        let sql = "SELECT id, url, digest FROM destinations ORDER BY id";
        let destinations: Vec<(i64, String, Vec<u8>)> =
            self.database.rows(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let mut delivered = Vec::new();
        for (id, url, digest) in destinations {
            let mut of_destination = BTreeSet::new();
            for uid in uids {
                let sql = "SELECT EXISTS (SELECT 1 FROM deliveries
                           WHERE destination_id = ?1 AND uid = ?2 AND status <> 'new')";
                if self.database.value(sql, params![id, uid])? {
                    of_destination.insert(uid.clone());
                }
            }
            if !of_destination.is_empty() {
                delivered.push(DeliveredTo { url, digest, uids: of_destination });
            }
        }
        Ok(delivered)
    }
}

/// Erases the deliveries of a customer to all destinations; returns their number.
pub(crate) fn forget_deliveries(database: &Database, uid: &str) -> Result<u64, StoreError> {
    let sql =
        "DELETE FROM deliveries WHERE uid = ?1 AND destination_id IN (SELECT id FROM destinations)";
    database.execute(sql, [uid])
}

/// Replaces the refusal texts of other customers that mention a forgotten one.
pub(crate) fn redact_refusals(
    database: &Database,
    names_customer: impl Fn(&str) -> bool,
    replacement: &str,
) -> Result<(), StoreError> {
    let sql = "SELECT destination_id, uid, refused_text FROM deliveries
               WHERE refused_text IS NOT NULL";
    let mut found: Vec<(i64, String)> = Vec::new();
    database.for_each(sql, [], |row| {
        if names_customer(row.text(2)?) {
            found.push((row.get(0)?, row.get(1)?));
        }
        Ok(())
    })?;
    for (destination, uid) in found {
        let sql = "UPDATE deliveries SET refused_text = ?3 WHERE destination_id = ?1 AND uid = ?2";
        database.execute(sql, params![destination, uid, replacement])?;
    }
    Ok(())
}
