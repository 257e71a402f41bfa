//! The trail of an import: what its customers were before it.

use super::changes::ChangeKind;
use super::customers::CustomerId;
use super::error::StoreError;
use super::history::Trail;
use super::transaction::ImportTransaction;
use crate::attribute::Differences;
use rusqlite::{Connection, OptionalExtension, params};

/// Drops every before-image: no import so far can be taken back any more.
pub(super) fn make_final(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM main.changes", [])?;
    let sql = "UPDATE imports SET trail = ?1 WHERE trail = ?2";
    connection.execute(sql, [Trail::Final.as_str(), Trail::Whole.as_str()])?;
    Ok(())
}

impl ImportTransaction {
    /// Keeps what a customer was before this import, so that it can be explained and taken back.
    pub fn keep_before(
        &self,
        customer: CustomerId,
        kind: ChangeKind,
        before: &Differences,
    ) -> Result<(), StoreError> {
        let text = serde_json::to_string(before)
            .map_err(|_| self.damaged("its attributes are not JSON"))?;
        let sql = "INSERT OR REPLACE INTO changes (import_id, customer_id, kind, before)
                   VALUES (?1, ?2, ?3, ?4)";
        self.write(sql, params![self.import_id, customer.0, kind.as_str(), text])
    }

    /// What a customer was before this import, where an earlier record of it has changed them.
    pub fn before(&self, customer: CustomerId) -> Result<Option<Differences>, StoreError> {
        let sql = "SELECT before FROM changes WHERE import_id = ?1 AND customer_id = ?2";
        let text: Option<String> = self
            .connection
            .prepare_cached(sql)
            .and_then(|mut sql| {
                sql.query_row(params![self.import_id, customer.0], |row| row.get(0)).optional()
            })
            .map_err(|error| self.sqlite(error))?;
        text.map(|text| {
            serde_json::from_str(&text).map_err(|_| self.damaged("a before-image is not JSON"))
        })
        .transpose()
    }

    /// Forgets what a customer was: later records have brought them back to just that.
    pub fn drop_before(&self, customer: CustomerId) -> Result<(), StoreError> {
        let sql = "DELETE FROM changes WHERE import_id = ?1 AND customer_id = ?2";
        self.write(sql, params![self.import_id, customer.0])
    }
}
