//! Looks for deliveries that engage cannot have written.

use super::rows::{COLUMNS, FieldNames};
use crate::store::StoreError;
use crate::store::sql::database::Database;
use rusqlite::params;

/// The number of deliveries that cannot be read, and the uid of the first. Reads all of them.
pub(crate) fn check(database: &Database) -> Result<(Option<String>, u64), StoreError> {
    let unreadable = unreadable(database)?;
    let count = unreadable.len() as u64;
    Ok((unreadable.into_iter().next().map(|(_, uid)| uid), count))
}

/// Drops the deliveries that cannot be read: the next push sends these customers whole.
pub(crate) fn drop_unreadable(database: &Database) -> Result<(), StoreError> {
    for (destination, uid) in unreadable(database)? {
        let sql = "DELETE FROM deliveries WHERE destination_id = ?1 AND uid = ?2";
        database.execute(sql, params![destination, uid])?;
    }
    Ok(())
}

fn unreadable(database: &Database) -> Result<Vec<(i64, String)>, StoreError> {
    let mut names = FieldNames::read(database)?;
    let sql = format!(
        "SELECT d.destination_id, d.uid,
                d.destination_id IN (SELECT id FROM destinations), {COLUMNS}
         FROM deliveries d"
    );
    let mut unreadable = Vec::new();
    database.for_each(&sql, [], |row| {
        let is_readable = row.get(2)? && names.delivery(database, row, 3).is_ok();
        if !is_readable {
            unreadable.push((row.get(0)?, row.get(1)?));
        }
        Ok(())
    })?;
    Ok(unreadable)
}
