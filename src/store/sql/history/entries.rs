//! Reads the history of a store, entry by entry.

use crate::outcome::{Outcome, Report, Status};
use crate::store::sql::database::{Database, Row};
use crate::store::sql::{Reader, open_for_reading};
use crate::store::{HistoryKind, StoreError, StoreLocation, UndoLog};
use std::borrow::Cow;
use std::path::PathBuf;

/// An entry of the history.
#[derive(Debug, Clone)]
pub struct HistoryEntry {
    /// Its number.
    pub id: i64,
    /// The kind of change.
    pub kind: HistoryKind,
    /// How it ended, such as `imported`.
    pub status: String,
    /// The exit code of the command.
    pub exit_code: u8,
    /// When it began: UTC, RFC 3339.
    pub started_at: String,
    /// When it ended.
    pub finished_at: String,
    /// The user who ran it, if known.
    pub operator: Option<String>,
    /// The command line, without the program's name.
    pub options: Vec<String>,
    /// The files that it read, as they were named.
    pub files: Vec<String>,
    /// The key that identified the customers.
    pub key: Option<String>,
    /// The report, if there is one.
    pub report: Option<Report>,
    /// What is kept to undo it; `None` if it changed no customers itself.
    pub undo_log: Option<UndoLog>,
}

impl HistoryEntry {
    /// The report in the fields of an import; empty if there is none.
    pub fn outcome(&self) -> Cow<'_, Outcome> {
        self.report.as_ref().map_or_else(Cow::default, Report::as_import)
    }

    /// The file of accepted records that its command line names.
    pub fn accepted_file(&self) -> Option<PathBuf> {
        let mut options = self.options.iter();
        while let Some(option) = options.next() {
            match option.strip_prefix("--accepted") {
                Some("") => return options.next().map(PathBuf::from),
                Some(rest) => return rest.strip_prefix('=').map(PathBuf::from),
                None => {}
            }
        }
        None
    }

    /// Whether it is an import that changed the store, undone since or not.
    pub fn is_done_import(&self) -> bool {
        let done = [Status::Imported, Status::Partial];
        self.kind == HistoryKind::Import && done.iter().any(|it| it.as_str() == self.status)
    }

    fn read(row: Row<'_>) -> Result<Self, StoreError> {
        let kind: String = row.get(1)?;
        let undo_log = row.optional_text(11)?.map(str::parse).transpose();
        Ok(Self {
            id: row.get(0)?,
            report: Report::read(&kind, row.text(10)?),
            kind: kind.into(),
            status: row.get(2)?,
            exit_code: row.get(3)?,
            started_at: row.get(4)?,
            finished_at: row.get(5)?,
            operator: row.get(6)?,
            options: texts(row, 7)?,
            files: texts(row, 8)?,
            key: row.get(9)?,
            undo_log: undo_log
                .map_err(|()| row.damaged("a history entry has an unknown undo state"))?,
        })
    }
}

pub(super) fn texts(row: Row<'_>, column: usize) -> Result<Vec<String>, StoreError> {
    serde_json::from_str(row.text(column)?)
        .map_err(|_| row.damaged("a line of the history is not a list of texts"))
}

const COLUMNS: &str = "id, kind, status, exit_code, started_at, finished_at, operator, options,
                       files, key, report, trail";

impl Reader {
    /// Calls `each` with the entries of the history, the newest first, at most `limit` of them.
    pub fn history<E: From<StoreError>>(
        &self,
        limit: Option<u64>,
        mut each: impl FnMut(&HistoryEntry) -> Result<(), E>,
    ) -> Result<(), E> {
        let limit = limit.map_or(i64::MAX, |limit| i64::try_from(limit).unwrap_or(i64::MAX));
        let sql = format!("SELECT {COLUMNS} FROM imports ORDER BY id DESC LIMIT ?1");
        self.database.try_for_each(&sql, [limit], |row| each(&HistoryEntry::read(row)?))
    }

    /// The newest import that was not undone, however it ended.
    pub fn last_import(&self) -> Result<Option<HistoryEntry>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM imports WHERE kind = ?1 AND (trail IS NULL OR trail <> ?2)
             ORDER BY id DESC LIMIT 1"
        );
        let values = [HistoryKind::Import.as_str(), UndoLog::Undone.as_str()];
        self.database.optional_row(&sql, values, HistoryEntry::read)
    }

    /// An entry of the history. Fails with [`StoreError::NotInHistory`] if there is no entry with
    /// that number.
    pub fn history_entry(&self, id: i64) -> Result<HistoryEntry, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM imports WHERE id = ?1");
        if let Some(entry) = self.database.optional_row(&sql, [id], HistoryEntry::read)? {
            return Ok(entry);
        }
        let newest = self.database.value("SELECT max(id) FROM imports", [])?;
        Err(StoreError::NotInHistory { path: self.path().to_owned(), id, newest })
    }
}

/// The report of the newest import that changed the store, was not undone, and whose files satisfy
/// `is_match`. `None` if there is none, or none that this version can read. Fails like
/// [`open_for_reading`].
pub fn last_report(
    store: &StoreLocation,
    is_match: impl Fn(&[String]) -> bool,
) -> Result<Option<Outcome>, StoreError> {
    find_last_report(&open_for_reading(store)?.database, is_match)
}

/// The same as [`last_report`] for an open store.
pub(crate) fn find_last_report(
    database: &Database,
    is_match: impl Fn(&[String]) -> bool,
) -> Result<Option<Outcome>, StoreError> {
    // Reports are long, so only the wanted one is read.
    let sql = "SELECT id, files FROM imports
               WHERE kind = 'import' AND status IN ('imported', 'partial')
                 AND trail IS DISTINCT FROM 'undone' ORDER BY id DESC";
    let found: Option<i64> = database.find_row(sql, [], |row| {
        if is_match(&texts(row, 1)?) { row.get(0).map(Some) } else { Ok(None) }
    })?;
    let Some(id) = found else { return Ok(None) };
    let report: String = database.value("SELECT report FROM imports WHERE id = ?1", [id])?;
    // A report that cannot be parsed is from another version, which is not an error.
    Ok(serde_json::from_str(&report).ok())
}
