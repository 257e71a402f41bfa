//! What the store remembers of the columns that its imports had. Each change is a row of its import,
//! so that undoing the import brings back what was remembered before.

use super::open::translated;
use super::session::ImportTransaction;
use crate::mapping::{RememberedColumn, RememberedColumns};
use crate::store::StoreError;
use rusqlite::{Connection, params};
use std::path::Path;

/// Reads what a store remembers: the newest row of each header.
pub(crate) fn remembered_columns(
    connection: &Connection,
    path: &Path,
) -> Result<RememberedColumns, StoreError> {
    let damaged = || StoreError::Damaged {
        path: path.to_owned(),
        what: "what it remembers of a column cannot be read".to_owned(),
    };
    let sql = "SELECT header, facts, max(import_id) FROM remembered GROUP BY header";
    let sqlite = |source| translated(path, source);
    let mut statement = connection.prepare(sql).map_err(sqlite)?;
    let rows = statement
        .query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))
        .map_err(sqlite)?;
    let mut columns = std::collections::BTreeMap::new();
    for row in rows {
        let (header, facts) = row.map_err(sqlite)?;
        let column: RememberedColumn = serde_json::from_str(&facts).map_err(|_| damaged())?;
        columns.insert(header, column);
    }
    Ok(RememberedColumns::new(columns))
}

/// Forgets what an import has made the store remember.
pub(crate) fn forget_import(connection: &Connection, import: i64) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM remembered WHERE import_id = ?1", [import]).map(|_| ())
}

impl ImportTransaction {
    /// What the store remembers of columns.
    pub fn remembered_columns(&self) -> Result<RememberedColumns, StoreError> {
        remembered_columns(&self.connection, &self.path)
    }

    /// Remembers what columns became in this import, by their compared headers. What the store knows
    /// already is not written again.
    pub fn remember_columns(
        &mut self,
        columns: &RememberedColumns,
        known: &RememberedColumns,
    ) -> Result<(), StoreError> {
        for (header, column) in columns.iter() {
            if known.find(header) == Some(column) {
                continue;
            }
            let facts = serde_json::to_string(column)
                .map_err(|_| self.damaged("a column cannot be remembered"))?;
            let sql = "INSERT OR REPLACE INTO remembered (header, import_id, facts)
                       VALUES (?1, ?2, ?3)";
            self.write(sql, params![header, self.import_id, facts])?;
        }
        Ok(())
    }
}
