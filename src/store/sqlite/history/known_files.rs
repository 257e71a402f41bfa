//! The rejects files that imports have written or read, by their SHA-256.

use crate::store::StoreError;
use crate::store::sqlite::database::Database;

/// Whether an import wrote a rejects file of this SHA-256, or has imported such a file and was not
/// undone since. Either way no correction is lost with the file.
pub(crate) fn is_known(database: &Database, sha256: &str) -> Result<bool, StoreError> {
    // A report of another version need not be JSON.
    let sql = "SELECT EXISTS (
                   SELECT 1 FROM imports WHERE kind = 'import' AND instr(report, ?1) > 0
                   AND json_valid(report) AND (
                       EXISTS (SELECT 1 FROM json_each(report, '$.rejects.sha256')
                               WHERE value = ?1)
                       OR status IN ('imported', 'partial') AND trail IS NOT 'undone'
                       AND EXISTS (SELECT 1 FROM json_each(report, '$.sources')
                                   WHERE json_extract(value, '$.sha256') = ?1)))";
    database.value(sql, [sha256])
}
