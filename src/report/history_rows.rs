//! The history as rows: a table has the columns that distinguish imports, other formats have all.

use super::rows::{Cell, RowFormat};
use super::words::to_the_minute;
use crate::outcome::{Report, Status};
use crate::store::{HistoryEntry, HistoryKind, UndoLog};

/// The columns of the history.
pub fn history_columns(format: RowFormat) -> &'static [&'static str] {
    match format {
        RowFormat::Table => &[
            "id",
            "when (UTC)",
            "status",
            "files",
            "new",
            "changed",
            "missing",
            "archived",
            "deleted",
            "rejected",
        ],
        RowFormat::Csv { .. } | RowFormat::Json | RowFormat::JsonLines => &[
            "id",
            "kind",
            "status",
            "exit_code",
            "started_at",
            "finished_at",
            "operator",
            "key",
            "files",
            "sha256",
            "read",
            "accepted",
            "rejected",
            "skipped",
            "merged",
            "inserted",
            "updated",
            "unchanged",
            "missing",
            "archived",
            "deleted",
            "trail",
            "options",
        ],
    }
}

/// A line of the history, in the columns of [`history_columns`].
pub fn history_row(entry: &HistoryEntry, format: RowFormat) -> Vec<Cell<'_>> {
    let report = entry.outcome();
    let (records, customers) = (&report.records, &report.customers);
    let list =
        |texts: &[String]| Cell::List(texts.iter().map(|text| text.clone().into()).collect());
    let id = Cell::number(entry.id);
    // The report of a stopped import has the counts that it would have changed.
    let has_changed = has_changed_customers(entry);
    let changed = |count: u64| if has_changed { Cell::Count(count) } else { Cell::Missing };
    if format == RowFormat::Table {
        return vec![
            id,
            Cell::number(to_the_minute(&entry.started_at)),
            Cell::text(short_status(entry)),
            if entry.files.is_empty() { Cell::Missing } else { list(&entry.files) },
            changed(customers.inserted),
            changed(customers.updated),
            Cell::Count(customers.missing),
            changed(customers.archived),
            changed(customers.deleted),
            Cell::Count(records.rejected),
        ];
    }
    let sums = report.sources.iter().filter_map(|source| source.sha256.clone());
    let mut row = vec![
        id,
        Cell::text(entry.kind.as_str()),
        Cell::text(entry.status.as_str()),
        Cell::number(entry.exit_code),
        Cell::text(entry.started_at.as_str()),
        Cell::text(entry.finished_at.as_str()),
        Cell::optional(entry.operator.as_deref()),
        Cell::optional(entry.key.as_deref()),
        list(&entry.files),
        Cell::List(sums.map(Into::into).collect()),
    ];
    let counts =
        [records.read, records.accepted, records.rejected, records.skipped, records.merged];
    row.extend(counts.map(Cell::Count));
    row.extend([customers.inserted, customers.updated, customers.unchanged].map(changed));
    row.push(Cell::Count(customers.missing));
    row.extend([customers.archived, customers.deleted].map(changed));
    row.push(Cell::optional(entry.undo_log.map(UndoLog::as_str)));
    row.push(list(&entry.options));
    row
}

/// The status or kind of a line, in a few words.
fn short_status(entry: &HistoryEntry) -> String {
    match (&entry.kind, entry.report.as_ref().and_then(Report::undone)) {
        (HistoryKind::Import, _) if entry.undo_log == Some(UndoLog::Undone) => "undone".to_owned(),
        (HistoryKind::Import, _) => entry.status.clone(),
        (HistoryKind::Undo, Some(import)) => format!("undo of {import}"),
        (kind, _) => kind.as_str().to_owned(),
    }
}

/// The status or kind of a line, and whether it changed nothing.
pub(crate) fn entry_status(entry: &HistoryEntry) -> String {
    let status = short_status(entry);
    if has_changed_customers(entry) { status } else { format!("{status}, nothing changed") }
}

/// Whether the counts of changed customers are real. The report of a stopped import has the counts
/// that it would have changed.
fn has_changed_customers(entry: &HistoryEntry) -> bool {
    let unchanged = [Status::Stopped, Status::Refused, Status::Failed];
    entry.kind != HistoryKind::Import
        || !unchanged.iter().any(|status| status.as_str() == entry.status)
}
