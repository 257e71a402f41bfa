//! The history for people and for programs.

use super::command_line::command_line;
use super::rows::{Cell, RowFormat, Rows};
use super::style::Screen;
use super::text::{paragraph, unbroken, wrapped};
use crate::input::escaped;
use crate::mapping::Origin;
use crate::outcome::{Outcome, Report, counted, grouped, to_json};
use crate::store::UndoLog;
use crate::store::sqlite::history::{HistoryEntry, HistoryKind};
use serde::Serialize;
use std::fmt::Write as _;

/// The columns of the history: a person gets what tells one import from the next, a program all.
pub fn history_columns(format: RowFormat) -> &'static [&'static str] {
    match format {
        RowFormat::Table => {
            &["id", "when (UTC)", "status", "files", "records", "new", "changed", "rejected", "who"]
        }
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

/// A line of the history as cells of those columns.
pub fn history_row(entry: &HistoryEntry, format: RowFormat) -> Vec<Cell<'_>> {
    let report = entry.outcome();
    let (records, customers) = (&report.records, &report.customers);
    let list =
        |texts: &[String]| Cell::List(texts.iter().map(|text| text.clone().into()).collect());
    let id = Cell::number(entry.id);
    let who = Cell::optional(entry.operator.as_deref());
    if format == RowFormat::Table {
        return vec![
            id,
            Cell::text(to_the_minute(&entry.started_at)),
            Cell::text(status(entry)),
            if entry.files.is_empty() { Cell::Missing } else { list(&entry.files) },
            Cell::Count(records.read),
            Cell::Count(customers.inserted),
            Cell::Count(customers.updated),
            Cell::Count(records.rejected),
            who,
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
        who,
        Cell::optional(entry.key.as_deref()),
        list(&entry.files),
        Cell::List(sums.map(Into::into).collect()),
    ];
    let counts = [
        records.read,
        records.accepted,
        records.rejected,
        records.skipped,
        records.merged,
        customers.inserted,
        customers.updated,
        customers.unchanged,
        customers.missing,
        customers.archived,
        customers.deleted,
    ];
    row.extend(counts.map(Cell::Count));
    row.push(Cell::optional(entry.undo_log.map(UndoLog::as_str)));
    row.push(list(&entry.options));
    row
}

/// A whole line of the history, its report included, as one JSON object without a line end.
pub fn history_record(entry: &HistoryEntry) -> String {
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

/// A line of the history in words, line ends included: its sources and its counts.
pub fn history_lines(entry: &HistoryEntry, screen: Screen) -> String {
    let report = entry.outcome();
    let mut text = String::new();
    heading(entry, &report, screen, &mut text);
    counts(&report, screen, &mut text);
    text
}

/// A line of the history in words with all that its report says, line ends included.
pub fn history_page(entry: &HistoryEntry, screen: Screen) -> String {
    let report = entry.outcome();
    let mut text = String::new();
    heading(entry, &report, screen, &mut text);
    if !report.mapping.is_empty() {
        text.push('\n');
        mapping(&report, screen, &mut text);
        text.push('\n');
    }
    counts(&report, screen, &mut text);
    if !report.rejects.groups.is_empty() {
        text.push('\n');
        rejects(&report, screen, &mut text);
    }
    let files = report.rejects.files.iter();
    let files: Vec<String> = files.map(|file| escaped(&file.display().to_string())).collect();
    if !files.is_empty() {
        let line = format!("rejected records went to {}", files.join(", "));
        let _ = writeln!(text, "{}", paragraph(&line, screen.width, 2));
    }
    for warning in &report.warnings {
        let prefix = screen.palette().warning("warning:");
        let line = format!("{prefix} {}", escaped(&warning.message));
        let _ = writeln!(text, "{}", paragraph(&line, screen.width, 2));
    }
    text
}

fn heading(entry: &HistoryEntry, report: &Outcome, screen: Screen, text: &mut String) {
    let heading = format!("{} {}: {}", capitalised(entry.kind.as_str()), entry.id, status(entry));
    let line = format!(
        "{}, exit code {}, {} ({:.1} s)",
        unbroken(&escaped(&heading)),
        entry.exit_code,
        to_the_second(&entry.started_at),
        report.timing.seconds,
    );
    let line = wrapped(&line, screen.width, 2);
    let heading = escaped(&heading);
    let _ = writeln!(text, "{}", line.replacen(&heading, &screen.palette().done(&heading), 1));
    let by = entry.operator.as_deref().map_or(String::new(), |who| format!("by {who}, "));
    let key = entry.key.as_deref().map_or(String::new(), |key| format!("keyed by {key}, "));
    let from = escaped(&format!("{by}{key}engage {}", report.engage));
    let _ = writeln!(text, "{}", paragraph(&from, screen.width, 2));
    let _ = writeln!(text, "  {}", escaped(&command_line(&entry.options)));
    if let Some(import) = entry.report.as_ref().and_then(Report::undone) {
        let _ = writeln!(text, "  takes back import {import}");
    }
    if let Some(error) = &report.error {
        let _ = writeln!(text, "{}", paragraph(&escaped(&error.message), screen.width, 2));
    }
    sources(report, screen, text);
}

fn sources(report: &Outcome, screen: Screen, text: &mut String) {
    for source in &report.sources {
        let parts = [
            Some(counted(source.records, "record")),
            source.bytes.map(|bytes| counted(bytes, "byte")),
            source.compression.clone(),
            source.encoding.clone(),
            source
                .delimiter
                .map(|delimiter| format!("between fields \"{}\"", delimiter.escape_debug())),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        let line = format!("{}: {}", source.path, parts.join(", "));
        let _ = writeln!(text, "{}", paragraph(&escaped(&line), screen.width, 2));
        if let Some(sum) = &source.sha256 {
            let line = format!("sha256 {}", escaped(sum));
            let _ = writeln!(text, "{}", paragraph(&line, screen.width, 4));
        }
    }
}

fn mapping(report: &Outcome, screen: Screen, text: &mut String) {
    let rows = report.mapping.iter().map(|column| {
        let kind =
            if column.standard || column.attribute.is_none() { "" } else { column.kind.as_str() };
        vec![
            Cell::text(column.column.as_str()),
            column.attribute.as_deref().map_or(Cell::text("left out"), Cell::text),
            Cell::text(kind),
            Cell::text(if column.how == Origin::CommandLine {
                "as you said"
            } else {
                column.how.as_str()
            }),
        ]
    });
    table(&["column", "becomes", "type", "from"], rows, screen, text);
}

fn rejects(report: &Outcome, screen: Screen, text: &mut String) {
    let rows = report.rejects.groups.iter().map(|group| {
        vec![
            Cell::Count(group.count),
            Cell::text(group.code.as_str()),
            Cell::optional(group.column.as_deref()),
            Cell::Count(group.first_record),
        ]
    });
    table(&["rejected", "reason", "column", "first in record"], rows, screen, text);
}

/// A small table, indented.
fn table<'a>(
    columns: &[&str],
    rows: impl Iterator<Item = Vec<Cell<'a>>>,
    screen: Screen,
    text: &mut String,
) {
    let screen = Screen { width: screen.width.saturating_sub(2), ..screen };
    let mut written = Vec::new();
    // Writing to memory does not fail.
    if let Ok(mut out) = Rows::new(RowFormat::Table, columns, screen, &mut written) {
        for row in rows {
            let _ = out.push(&row);
        }
        let _ = out.finish();
    }
    for line in String::from_utf8_lossy(&written).lines() {
        let _ = writeln!(text, "{}", format!("  {line}").trim_end());
    }
}

fn counts(report: &Outcome, screen: Screen, text: &mut String) {
    let Outcome { records, customers, devices, .. } = report;
    let groups: [(&str, &[(u64, &str)]); 3] = [
        (
            "records",
            &[
                (records.read, "read"),
                (records.accepted, "accepted"),
                (records.rejected, "rejected"),
                (records.skipped, "skipped"),
                (records.merged, "merged"),
            ],
        ),
        (
            "customers",
            &[
                (customers.inserted, "new"),
                (customers.updated, "changed"),
                (customers.unchanged, "unchanged"),
                (customers.missing, "missing"),
                (customers.archived, "archived"),
                (customers.deleted, "deleted"),
            ],
        ),
        (
            "devices",
            &[
                (devices.added, "new"),
                (devices.refreshed, "refreshed"),
                (devices.evicted, "pushed out"),
            ],
        ),
    ];
    for (of, counts) in groups {
        let parts: Vec<String> = counts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{} {what}", grouped(*count)))
            .collect();
        if !parts.is_empty() {
            let parts: Vec<String> = parts.iter().map(|part| unbroken(part)).collect();
            let line = format!("{of}: {}", parts.join(" · "));
            let _ = writeln!(text, "{}", paragraph(&line, screen.width, 2));
        }
    }
}

/// How a line of the history ended; what is no import says what it was.
fn status(entry: &HistoryEntry) -> String {
    match (&entry.kind, entry.report.as_ref().and_then(Report::undone)) {
        (HistoryKind::Import, _) if entry.undo_log == Some(UndoLog::Undone) => "undone".to_owned(),
        (HistoryKind::Import, _) => entry.status.clone(),
        (HistoryKind::Undo, Some(import)) => format!("undo of {import}"),
        (kind, _) => kind.as_str().to_owned(),
    }
}

pub(crate) fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

fn to_the_minute(time: &str) -> String {
    time.chars().take(16).collect::<String>().replace('T', " ")
}

fn to_the_second(time: &str) -> String {
    escaped(&time.chars().take(19).collect::<String>().replace('T', " ")) + " UTC"
}
