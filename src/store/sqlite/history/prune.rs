//! Bounds the trail: before-images of old imports go.

use crate::outcome::PruneOutcome;
use crate::store::sqlite::Writer;
use crate::store::{StoreError, UndoLog};
use rusqlite::params;

/// Which imports keep their before-images.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// The newest so many of those that have them.
    Newest(u64),
    /// Those that began at this time or later: UTC, RFC 3339.
    Since(String),
}

impl Writer {
    /// Drops the before-images of all imports but those that are to be kept.
    pub fn prune(&self, kept: &Kept) -> Result<PruneOutcome, StoreError> {
        let connection = &self.reader().connection;
        let number = |sql: &str, values: &[&dyn rusqlite::ToSql]| -> Result<i64, StoreError> {
            connection
                .query_row(sql, values, |row| row.get(0))
                .map_err(|source| self.reader().sqlite(source))
        };
        let whole = UndoLog::Complete.as_str();
        let last = match kept {
            Kept::Newest(count) => {
                let skipped = i64::try_from(*count).unwrap_or(i64::MAX);
                let sql = "SELECT coalesce((SELECT id FROM imports WHERE trail = ?1
                           ORDER BY id DESC LIMIT 1 OFFSET ?2), 0)";
                number(sql, &[&whole, &skipped])?
            }
            Kept::Since(time) => {
                let sql = "SELECT coalesce(max(id), 0) FROM imports
                           WHERE trail = ?1 AND started_at < ?2";
                number(sql, &[&whole, time])?
            }
        };
        let images = self.execute("DELETE FROM changes WHERE import_id <= ?1", [last])?;
        let sql = "UPDATE imports SET trail = ?3 WHERE trail = ?1 AND id <= ?2";
        let imports = self.execute(sql, params![whole, last, UndoLog::Pruned.as_str()])?;
        let left = number("SELECT count(*) FROM imports WHERE trail = ?1", &[&whole])?;
        Ok(PruneOutcome { imports, images, left: left.try_into().unwrap_or_default() })
    }
}
