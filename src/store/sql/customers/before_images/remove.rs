//! Removes before-images.

use super::group::{block_range, each_with, read_images};
use crate::store::sql::customers::CustomerId;
use crate::store::sql::database::Database;
use crate::store::{StoreError, UndoLog};
use rusqlite::params;

/// A row without the removed images.
struct Rest {
    id: Option<i64>,
    /// The first customer and the images that are left; `None` if there are none.
    left: Option<(u32, String)>,
}

/// Removes the before-images that an import has written for these customers, which are sorted.
/// Returns the number of removed images. Only for SQLite.
pub(crate) fn remove(
    database: &Database,
    import: i64,
    customers: &[CustomerId],
) -> Result<u64, StoreError> {
    let mut removed = 0;
    let mut rests = Vec::new();
    each_with(database, import, customers, |group, found| {
        removed += found.len() as u64;
        let mut images = group.images.clone();
        images.retain(|id, _| !found.contains(&CustomerId(*id)));
        let first = images.first_key_value().map(|(id, _)| *id);
        let left = first.map(|first| serde_json::to_string(&images).map(|json| (first, json)));
        let left = left.transpose().map_err(|_| database.damaged("a before-image is not JSON"))?;
        rests.push(Rest { id: group.id, left });
        Ok(())
    })?;
    for Rest { id, left } in rests {
        match left {
            Some((first, images)) => {
                let sql = "UPDATE before_images SET first_customer = ?2, images = ?3 WHERE id = ?1";
                database.execute(sql, params![id, first, images])?;
            }
            None => {
                database.execute("DELETE FROM before_images WHERE id = ?1", [id])?;
            }
        }
    }
    Ok(removed)
}

/// Removes all before-images of a customer, and returns how many there were.
pub(crate) fn remove_customer(
    database: &Database,
    customer: CustomerId,
) -> Result<u64, StoreError> {
    if database.is_postgres() {
        return database.execute("DELETE FROM changes WHERE customer_id = ?1", [customer]);
    }
    let (first, last) = block_range(customer).into_inner();
    let sql = "SELECT DISTINCT import_id FROM before_images WHERE first_customer BETWEEN ?1 AND ?2";
    let imports: Vec<i64> = database.rows(sql, [first, last], |row| row.get(0))?;
    imports.into_iter().map(|import| remove(database, import, &[customer])).sum()
}

/// Removes the before-images of an import.
pub(crate) fn remove_import(database: &Database, import: i64) -> Result<(), StoreError> {
    let table = table(database);
    database.execute(&format!("DELETE FROM {table} WHERE import_id = ?1"), [import]).map(|_| ())
}

/// Removes the before-images of all imports up to this one, and returns how many there were.
pub(crate) fn remove_up_to(database: &Database, import: i64) -> Result<u64, StoreError> {
    if database.is_postgres() {
        return database.execute("DELETE FROM changes WHERE import_id <= ?1", [import]);
    }
    // Damaged rows are removed as well.
    let mut images = 0;
    let sql = "SELECT images FROM before_images WHERE import_id <= ?1";
    database.for_each(sql, [import], |row| {
        images += read_images(row, 0).map_or(1, |found| found.len() as u64);
        Ok(())
    })?;
    database.execute("DELETE FROM before_images WHERE import_id <= ?1", [import])?;
    Ok(images)
}

/// Removes every before-image: no import so far can be undone.
pub(crate) fn make_final(database: &Database) -> Result<(), StoreError> {
    // In SQLite, a temporary table of the same name may hide the stored one.
    let table = if database.is_postgres() { "changes" } else { "main.before_images" };
    database.execute(&format!("DELETE FROM {table}"), [])?;
    let sql = "UPDATE imports SET trail = ?1 WHERE trail = ?2";
    database.execute(sql, [UndoLog::Final.as_str(), UndoLog::Complete.as_str()])?;
    Ok(())
}

/// The table with the before-images; each row has at least one, and the column `import_id`.
pub(crate) fn table(database: &Database) -> &'static str {
    if database.is_postgres() { "changes" } else { "before_images" }
}
