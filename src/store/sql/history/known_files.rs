//! The rejects files that imports have written or read, by their SHA-256.

use crate::store::StoreError;
use crate::store::sql::database::Database;
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
}

#[derive(Deserialize)]
struct Source {
    sha256: Option<String>,
}

/// Whether an import wrote a rejects file of this SHA-256, or has imported such a file and was not
/// undone since. Either way no correction is lost with the file.
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
