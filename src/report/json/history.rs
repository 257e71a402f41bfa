//! A line of the history as JSON.

use crate::outcome::{Report, to_json};
use crate::store::HistoryEntry;
use serde::Serialize;

/// A line of the history with its report, as one JSON object without a line end.
pub fn history_json(entry: &HistoryEntry) -> String {
    #[derive(Serialize)]
    struct Record<'a> {
        id: i64,
        kind: &'a str,
        status: &'a str,
        exit_code: u8,
        started_at: &'a str,
        finished_at: &'a str,
        operator: Option<&'a str>,
        key: Option<&'a str>,
        files: &'a [String],
        options: &'a [String],
        report: Option<&'a Report>,
    }
    let record = Record {
        id: entry.id,
        kind: entry.kind.as_str(),
        status: &entry.status,
        exit_code: entry.exit_code,
        started_at: &entry.started_at,
        finished_at: &entry.finished_at,
        operator: entry.operator.as_deref(),
        key: entry.key.as_deref(),
        files: &entry.files,
        options: &entry.options,
        report: entry.report.as_ref(),
    };
    to_json(&record)
}
