//! The history: what was done to a store, line by line.

use super::error::StoreError;
use super::reading::Reader;
use super::transaction::ImportTransaction;
use rusqlite::{Connection, Row, params};
use std::path::PathBuf;

/// A line of the history.
#[derive(Debug, Clone)]
pub struct HistoryEntry {
    /// Its number.
    pub id: i64,
    /// What was done, such as `import`.
    pub kind: String,
    /// How it ended, such as `imported`.
    pub status: String,
    /// With which exit code.
    pub exit_code: u8,
    /// When it began: UTC, RFC 3339.
    pub started_at: String,
    /// When it ended.
    pub finished_at: String,
    /// Who ran it, where that is known.
    pub operator: Option<String>,
    /// The command line that it was run with, the program's name aside.
    pub options: Vec<String>,
    /// The files that it read, as they were named.
    pub files: Vec<String>,
    /// What identified a customer.
    pub key: Option<String>,
    /// The whole report, as JSON.
    pub report: String,
}

const COLUMNS: &str = "id, kind, status, exit_code, started_at, finished_at, operator, options,
                       files, key, report";

/// Rejects files of the newest imports: their temporary names, and those that they are to have.
fn pending_rejects(connection: &Connection) -> rusqlite::Result<Vec<(PathBuf, PathBuf)>> {
    const NEWEST: u32 = 20;
    let sql = "SELECT rejects FROM imports WHERE rejects IS NOT NULL ORDER BY id DESC LIMIT ?1";
    let mut pending = Vec::new();
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([NEWEST])?;
    while let Some(row) = rows.next()? {
        let names: Vec<(PathBuf, PathBuf)> =
            serde_json::from_str(row.get_ref(0)?.as_str()?).unwrap_or_default();
        pending.extend(names);
    }
    Ok(pending)
}

impl ImportTransaction {
    /// Rejects files whose renaming an import that was killed may have left to others.
    pub fn pending_rejects(&self) -> Result<Vec<(PathBuf, PathBuf)>, StoreError> {
        pending_rejects(&self.connection).map_err(|error| self.sqlite(error))
    }
}

impl Reader {
    /// Rejects files whose renaming an import that was killed may have left to others.
    pub fn pending_rejects(&self) -> Result<Vec<(PathBuf, PathBuf)>, StoreError> {
        pending_rejects(&self.connection).map_err(|error| self.sqlite(error))
    }

    /// Hands over the history, the newest line first; so many lines at most.
    pub fn history<E: From<StoreError>>(
        &self,
        limit: Option<u64>,
        mut each: impl FnMut(&HistoryEntry) -> Result<(), E>,
    ) -> Result<(), E> {
        let sqlite = |source| self.sqlite(source);
        let limit = limit.map_or(-1, |limit| i64::try_from(limit).unwrap_or(i64::MAX));
        let sql = format!("SELECT {COLUMNS} FROM imports ORDER BY id DESC LIMIT ?1");
        let mut statement = self.connection.prepare(&sql).map_err(sqlite)?;
        let mut rows = statement.query([limit]).map_err(sqlite)?;
        while let Some(row) = rows.next().map_err(sqlite)? {
            each(&self.entry(row)?)?;
        }
        Ok(())
    }

    /// One line of the history. Fails with [`StoreError::NotInHistory`] where there is none of that
    /// number.
    pub fn history_entry(&self, id: i64) -> Result<HistoryEntry, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM imports WHERE id = ?1");
        let mut statement = self.connection.prepare(&sql).map_err(|source| self.sqlite(source))?;
        let mut rows = statement.query(params![id]).map_err(|source| self.sqlite(source))?;
        match rows.next().map_err(|source| self.sqlite(source))? {
            Some(row) => self.entry(row),
            None => Err(self.not_in_history(id)),
        }
    }

    fn not_in_history(&self, id: i64) -> StoreError {
        let newest = self.connection.query_row("SELECT max(id) FROM imports", [], |row| row.get(0));
        StoreError::NotInHistory { path: self.path.clone(), id, newest: newest.unwrap_or_default() }
    }

    fn entry(&self, row: &Row<'_>) -> Result<HistoryEntry, StoreError> {
        let list = |column: usize| -> Result<Vec<String>, StoreError> {
            let text: String = row.get(column).map_err(|source| self.sqlite(source))?;
            serde_json::from_str(&text)
                .map_err(|_| self.damaged("a line of the history is not a list of texts"))
        };
        let (options, files) = (list(7)?, list(8)?);
        let read = || -> rusqlite::Result<HistoryEntry> {
            Ok(HistoryEntry {
                id: row.get(0)?,
                kind: row.get(1)?,
                status: row.get(2)?,
                exit_code: row.get(3)?,
                started_at: row.get(4)?,
                finished_at: row.get(5)?,
                operator: row.get(6)?,
                options,
                files,
                key: row.get(9)?,
                report: row.get(10)?,
            })
        };
        read().map_err(|source| self.sqlite(source))
    }
}
