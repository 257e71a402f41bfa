//! What the store remembers about the columns of its imports. Each change is a row of its import,
//! so that undoing the import restores what was remembered before.

use crate::mapping::{RememberedColumn, RememberedColumns};
use crate::store::StoreError;
use crate::store::sql::database::Database;
use rusqlite::params;

/// Reads what a store remembers: the newest row of each header.
pub(crate) fn remembered_columns(database: &Database) -> Result<RememberedColumns, StoreError> {
    let sql = "SELECT header, facts FROM remembered r WHERE import_id =
               (SELECT max(import_id) FROM remembered o WHERE o.header = r.header)";
    let columns: Vec<(String, RememberedColumn)> = database.rows(sql, [], |row| {
        let facts = serde_json::from_str(row.text(1)?)
            .map_err(|_| row.damaged("the remembered facts about a column cannot be read"))?;
        Ok((row.get(0)?, facts))
    })?;
    Ok(RememberedColumns::new(columns.into_iter().collect()))
}

/// Remembers what columns became in an import, by their compared headers. What the store knows
/// already is not written again.
pub(crate) fn remember_columns(
    database: &Database,
    import: i64,
    columns: &RememberedColumns,
    known: &RememberedColumns,
) -> Result<(), StoreError> {
    for (header, column) in columns.iter() {
        if known.find(header) == Some(column) {
            continue;
        }
        let facts = serde_json::to_string(column)
            .map_err(|_| database.damaged("a column cannot be remembered"))?;
        let sql = "INSERT INTO remembered (header, import_id, facts) VALUES (?1, ?2, ?3)
                   ON CONFLICT (header, import_id) DO UPDATE SET facts = ?3";
        database.execute(sql, params![header, import, facts])?;
    }
    Ok(())
}

/// Removes what the store remembers from an import.
pub(crate) fn forget_import(database: &Database, import: i64) -> Result<(), StoreError> {
    database.execute("DELETE FROM remembered WHERE import_id = ?1", [import]).map(|_| ())
}
