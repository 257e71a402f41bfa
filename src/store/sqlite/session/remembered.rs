//! What an import makes the store remember of columns.

use super::transaction::ImportTransaction;
use crate::mapping::RememberedColumns;
use crate::store::StoreError;
use crate::store::sqlite::remembered::remembered_columns;
use rusqlite::params;

impl ImportTransaction {
    /// What the store remembers of columns.
    pub fn remembered_columns(&self) -> Result<RememberedColumns, StoreError> {
        remembered_columns(&self.database)
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
                .map_err(|_| self.database.damaged("a column cannot be remembered"))?;
            let sql = "INSERT OR REPLACE INTO remembered (header, import_id, facts)
                       VALUES (?1, ?2, ?3)";
            self.write(sql, params![header, self.import_id, facts])?;
        }
        Ok(())
    }
}
