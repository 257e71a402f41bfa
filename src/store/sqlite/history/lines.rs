//! The history: what was done to a store, line by line.

use crate::outcome::{Outcome, Report};
use crate::store::sqlite::Reader;
use crate::store::{StoreError, UndoLog};
use crate::value::Key;
use rusqlite::{Connection, Row, params};
use std::borrow::Cow;

/// The line that an import leaves in the history.
#[derive(Debug, Clone)]
pub struct HistoryLine {
    /// What was done: `import`, `undo`, `forget`, `attributes`.
    pub kind: &'static str,
    /// How it ended.
    pub status: &'static str,
    /// With which exit code.
    pub exit_code: u8,
    /// When it began: UTC, RFC 3339.
    pub started_at: String,
    /// When it ended.
    pub finished_at: String,
    /// Who ran it, where that is known.
    pub operator: Option<String>,
    /// The options that it was run with, as JSON.
    pub options: String,
    /// The names of its files, as JSON.
    pub files: String,
    /// What identified a customer.
    pub key: Option<Key>,
    /// The report; `None` where it failed without one.
    pub report: Option<Report>,
    /// Its rejects files as JSON: the temporary name of each, and where it is to be.
    pub rejects: Option<String>,
}

/// What of a history line is the store's own business.
#[derive(Debug, Default)]
pub(crate) struct Footing {
    /// The plan that it was run by.
    pub(crate) plan: Option<i64>,
    /// The catalogue's entries that it has changed, as they were, as JSON.
    pub(crate) catalogue_before: Option<String>,
    /// What is kept of it; `None` where it changed no customer.
    pub(crate) undo_log: Option<UndoLog>,
    /// The last customer's number that was given out by then.
    pub(crate) last_customer: Option<u32>,
}

/// The time as it is stored: UTC, RFC 3339, to the second.
pub fn now() -> String {
    let now = jiff::Timestamp::now();
    jiff::Timestamp::from_second(now.as_second()).unwrap_or(now).to_string()
}

/// The time so many days ago, as it is stored.
pub fn days_ago(days: i64) -> String {
    let second = jiff::Timestamp::now().as_second().saturating_sub(days.saturating_mul(86_400));
    // Before all that can be stored there is no import.
    jiff::Timestamp::from_second(second).unwrap_or(jiff::Timestamp::MIN).to_string()
}

impl HistoryLine {
    /// A line of something that began then and is over now, run with that command line. It has
    /// failed, unless more is said of it.
    pub fn new(kind: &'static str, started_at: &str, as_given: &[String]) -> Self {
        Self {
            kind,
            status: "failed",
            exit_code: 1,
            started_at: started_at.to_owned(),
            finished_at: now(),
            operator: std::env::var("USER").ok().filter(|name| !name.is_empty()),
            options: serde_json::json!(as_given).to_string(),
            files: "[]".to_owned(),
            key: None,
            report: None,
            rejects: None,
        }
    }
}

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
    /// The report, where there is one.
    pub report: Option<Report>,
    /// What is kept of the customers that it changed; `None` if it is not an import, or changed none.
    pub undo_log: Option<UndoLog>,
}

impl HistoryEntry {
    /// The report in the fields of an import; empty where there is none.
    pub fn outcome(&self) -> Cow<'_, Outcome> {
        self.report.as_ref().map_or_else(Cow::default, Report::as_import)
    }
}

const COLUMNS: &str = "id, kind, status, exit_code, started_at, finished_at, operator, options,
                       files, key, report, trail";

impl Reader {
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
        let undo_log: Option<String> = row.get(11).map_err(|source| self.sqlite(source))?;
        let undo_log = undo_log
            .map(|word| word.parse())
            .transpose()
            .map_err(|()| self.damaged("a line of the history has a trail that is not known"))?;
        let read = || -> rusqlite::Result<HistoryEntry> {
            let kind: String = row.get(1)?;
            Ok(HistoryEntry {
                id: row.get(0)?,
                report: Report::read(&kind, &row.get::<_, String>(10)?),
                kind,
                status: row.get(2)?,
                exit_code: row.get(3)?,
                started_at: row.get(4)?,
                finished_at: row.get(5)?,
                operator: row.get(6)?,
                options,
                files,
                key: row.get(9)?,
                undo_log,
            })
        };
        read().map_err(|source| self.sqlite(source))
    }
}

/// Writes a line of the history, under that number or else the next; says which.
pub(crate) fn write_line(
    connection: &Connection,
    id: Option<i64>,
    line: &HistoryLine,
    footing: &Footing,
) -> rusqlite::Result<i64> {
    let sql = "INSERT INTO imports (id, kind, status, exit_code, started_at, finished_at, operator,
               options, files, key, report, plan_id, rejects, catalogue_before,
               trail, last_customer)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";
    connection.execute(
        sql,
        params![
            id,
            line.kind,
            line.status,
            line.exit_code,
            line.started_at,
            line.finished_at,
            line.operator,
            line.options,
            line.files,
            line.key.map(Key::as_str),
            line.report.as_ref().map_or(String::new(), Report::to_json),
            footing.plan,
            line.rejects,
            footing.catalogue_before.as_deref().unwrap_or("{}"),
            footing.undo_log.map(UndoLog::as_str),
            footing.last_customer,
        ],
    )?;
    Ok(connection.last_insert_rowid())
}
