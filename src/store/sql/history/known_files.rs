//! The rejects files that imports have written or read, by their SHA-256.

use super::entries::texts;
use crate::outcome::Status;
use crate::store::sql::database::Database;
use crate::store::{RejectsWriter, StoreError, UndoLog};
use serde::Deserialize;

/// The parts of a report that name files.
#[derive(Deserialize)]
struct Files {
    #[serde(default)]
    rejects: Rejects,
    #[serde(default)]
    sources: Vec<Source>,
}

#[derive(Default, Deserialize)]
struct Rejects {
    #[serde(default)]
    sha256: Vec<String>,
    #[serde(default)]
    files: Vec<String>,
}

#[derive(Deserialize)]
struct Source {
    sha256: Option<String>,
}

/// Whether an import wrote a rejects file with this SHA-256, or imported such a file and was not
/// undone since. Either way, no correction is lost if the file is removed.
pub(crate) fn is_known(database: &Database, sha256: &str) -> Result<bool, StoreError> {
    let sql = "SELECT report, status IN ('imported', 'partial') AND trail IS DISTINCT FROM 'undone'
               FROM imports WHERE kind = 'import' AND report LIKE '%' || ?1 || '%'";
    let known = database.find_row(sql, [sha256], |row| {
        // A report of another version need not be JSON.
        let Ok(files) = serde_json::from_str::<Files>(row.text(0)?) else { return Ok(None) };
        let is_imported = row.get(1)?;
        let is_read = || files.sources.iter().any(|it| it.sha256.as_deref() == Some(sha256));
        let is_known =
            files.rejects.sha256.iter().any(|it| it == sha256) || (is_imported && is_read());
        Ok(is_known.then_some(()))
    })?;
    Ok(known.is_some())
}

/// The imports whose reports name a rejects file by its absolute path or its SHA-256, the newest
/// first.
pub(crate) fn writers(database: &Database, file: &str) -> Result<Vec<RejectsWriter>, StoreError> {
    let sql = "SELECT id, files, status, trail, report FROM imports WHERE kind = 'import' ORDER BY id DESC";
    let done = [Status::Imported, Status::Partial].map(Status::as_str);
    let mut writers = Vec::new();
    database.for_each(sql, [], |row| {
        // A report of another version need not be JSON.
        let Ok(Files { rejects, .. }) = serde_json::from_str(row.text(4)?) else { return Ok(()) };
        if rejects.files.iter().chain(&rejects.sha256).any(|named| named == file) {
            let is_undone = row.optional_text(3)? == Some(UndoLog::Undone.as_str());
            writers.push(RejectsWriter {
                import: row.get(0)?,
                is_done: done.contains(&row.text(2)?) && !is_undone,
                files: texts(row, 1)?,
            });
        }
        Ok(())
    })?;
    Ok(writers)
}
