//! Writes a line of the history.

use crate::outcome::Report;
use crate::store::sql::catalogue::CatalogueBefore;
use crate::store::sql::database::Database;
use crate::store::{HistoryLine, StoreError, UndoLog};
use crate::value::Key;
use rusqlite::params;
use serde::Serialize;

/// What the store itself keeps about an import, in addition to its history line.
#[derive(Debug, Default)]
pub(crate) struct ImportState {
    /// The plan of its fingerprints.
    pub(crate) plan: Option<i64>,
    /// The entries of the catalogue that it changed, before the change.
    pub(crate) catalogue_before: CatalogueBefore,
    /// What is kept to undo it; `None` if it changed no customers itself.
    pub(crate) undo_log: Option<UndoLog>,
    /// The highest customer id so far.
    pub(crate) last_customer: Option<u32>,
}

/// Writes a line of the history, with the number `id` or else the next one; returns the number.
pub(crate) fn write_line(
    database: &Database,
    id: Option<i64>,
    line: &HistoryLine,
    state: &ImportState,
) -> Result<i64, StoreError> {
    let next = "(SELECT 1 + coalesce(max(id), 0) FROM imports)";
    // SQLite assigns the numbers.
    let id_of_line = if database.is_postgres() {
        format!("coalesce(CAST(?1 AS bigint), {next})")
    } else {
        "?1".to_owned()
    };
    let sql = format!(
        "INSERT INTO imports (id, kind, status, exit_code, started_at, finished_at, operator,
               options, files, key, report, plan_id, rejects, catalogue_before,
               trail, last_customer)
               VALUES ({id_of_line}, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15,
                       ?16) RETURNING id"
    );
    let pending = &line.pending_outputs;
    database.value(
        &sql,
        params![
            id,
            line.kind.as_str(),
            line.status.as_str(),
            line.exit_code,
            line.started_at,
            line.finished_at,
            line.operator,
            json(&line.options),
            json(&line.files),
            line.key.map(Key::as_str),
            line.report.as_ref().map_or(String::new(), Report::to_json),
            state.plan,
            (!pending.is_empty()).then(|| json(pending)),
            json(&state.catalogue_before),
            state.undo_log.map(UndoLog::as_str),
            state.last_customer,
        ],
    )
}

#[expect(clippy::expect_used, reason = "a map of it has texts as keys")]
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("texts, numbers and lists of them are JSON")
}
