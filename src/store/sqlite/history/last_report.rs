//! The report of the last import of such files.

use crate::outcome::Outcome;
use crate::store::StoreError;
use crate::store::sqlite::open_for_reading;
use rusqlite::params;
use std::path::Path;

/// The report of the newest import whose files `are_such`, that changed the store and was not undone;
/// `None` where there is none, or none that this version can read. Fails as opening a store for
/// reading does.
pub fn last_report(
    path: &Path,
    are_such: impl Fn(&[String]) -> bool,
) -> Result<Option<Outcome>, StoreError> {
    let reader = open_for_reading(path)?;
    let sqlite = |source| reader.sqlite(source);
    // Reports are long: only the one that is wanted is read.
    let sql = "SELECT id, files FROM imports
               WHERE kind = 'import' AND status IN ('imported', 'partial')
                 AND trail IS NOT 'undone' ORDER BY id DESC";
    let mut statement = reader.connection.prepare(sql).map_err(sqlite)?;
    let mut rows = statement.query([]).map_err(sqlite)?;
    while let Some(row) = rows.next().map_err(sqlite)? {
        let (id, files): (i64, String) =
            row.get(0).and_then(|id| Ok((id, row.get(1)?))).map_err(sqlite)?;
        let files: Vec<String> = serde_json::from_str(&files)
            .map_err(|_| reader.damaged("a line of the history is not a list of texts"))?;
        if are_such(&files) {
            let sql = "SELECT report FROM imports WHERE id = ?1";
            let report: String =
                reader.connection.query_row(sql, params![id], |row| row.get(0)).map_err(sqlite)?;
            return Ok(serde_json::from_str(&report).ok());
        }
    }
    Ok(None)
}
