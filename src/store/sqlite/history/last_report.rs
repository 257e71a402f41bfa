//! The report of the last import of such files.

use crate::outcome::Outcome;
use crate::store::StoreError;
use crate::store::sqlite::{ImportTransaction, open_for_reading, translated};
use rusqlite::{Connection, params};
use std::path::Path;

/// The report of the newest import whose files `are_such`, that changed the store and was not undone;
/// `None` if there was none, or none that this version can read. Fails as opening a store for reading
/// does.
pub fn last_report(
    path: &Path,
    are_such: impl Fn(&[String]) -> bool,
) -> Result<Option<Outcome>, StoreError> {
    read(&open_for_reading(path)?.connection, path, are_such)
}

impl ImportTransaction {
    /// The same as [`last_report`], as the store is within the transaction.
    pub fn last_report(
        &self,
        are_such: impl Fn(&[String]) -> bool,
    ) -> Result<Option<Outcome>, StoreError> {
        read(&self.connection, &self.path, are_such)
    }
}

fn read(
    connection: &Connection,
    path: &Path,
    are_such: impl Fn(&[String]) -> bool,
) -> Result<Option<Outcome>, StoreError> {
    let sqlite = |source| translated(path, source);
    // Reports are long: only the one that is wanted is read.
    let sql = "SELECT id, files FROM imports
               WHERE kind = 'import' AND status IN ('imported', 'partial')
                 AND trail IS NOT 'undone' ORDER BY id DESC";
    let mut statement = connection.prepare(sql).map_err(sqlite)?;
    let mut rows = statement.query([]).map_err(sqlite)?;
    while let Some(row) = rows.next().map_err(sqlite)? {
        let (id, files): (i64, String) =
            row.get(0).and_then(|id| Ok((id, row.get(1)?))).map_err(sqlite)?;
        let files: Vec<String> = serde_json::from_str(&files).map_err(|_| {
            let what = "a line of the history is not a list of texts".to_owned();
            StoreError::Damaged { path: path.to_owned(), what }
        })?;
        if are_such(&files) {
            let sql = "SELECT report FROM imports WHERE id = ?1";
            let report: String =
                connection.query_row(sql, params![id], |row| row.get(0)).map_err(sqlite)?;
            // A report that cannot be parsed was written by another version: no reason to fail.
            return Ok(serde_json::from_str(&report).ok());
        }
    }
    Ok(None)
}
