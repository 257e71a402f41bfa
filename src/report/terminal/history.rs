//! The history in words.

use super::push::push_counts;
use crate::mapping::Origin;
use crate::outcome::{Outcome, Report, Status, counted, grouped};
use crate::output::named_from_here;
use crate::report::{Cell, RowFormat, Rows, Screen, command_line, entry_status};
use crate::store::HistoryEntry;
use crate::text::{capitalized, escaped, paragraph, unbroken, wrapped};
use std::fmt::Write as _;

/// A line of the history with its sources and counts, line ends included.
pub fn history_lines(entry: &HistoryEntry, screen: Screen) -> String {
    let report = entry.outcome();
    let mut text = String::new();
    heading(entry, &report, screen, &mut text);
    if let Some(Report::Push(push)) = &entry.report {
        push_counts(&push.outcome, screen, &mut text);
        return text;
    }
    counts(&report, screen, &mut text);
    text
}

/// A line of the history with its whole report, line ends included.
pub fn history_page(entry: &HistoryEntry, screen: Screen) -> String {
    let report = entry.outcome();
    let mut text = String::new();
    heading(entry, &report, screen, &mut text);
    if let Some(Report::Push(push)) = &entry.report {
        push_counts(&push.outcome, screen, &mut text);
        return text;
    }
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
    let files: Vec<String> =
        files.map(|file| escaped(&named_from_here(file).display().to_string())).collect();
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
    let heading =
        format!("{} {}: {}", capitalized(entry.kind.as_str()), entry.id, entry_status(entry));
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
        let _ = writeln!(text, "  undoes import {import}");
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
            source.delimiter.map(|delimiter| format!("delimiter \"{}\"", delimiter.escape_debug())),
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
            Cell::text(origin_words(column.how)),
        ]
    });
    table(&["column", "becomes", "type", "from"], rows, screen, text);
}

fn origin_words(origin: Origin) -> &'static str {
    match origin {
        Origin::CommandLine => "given",
        origin => origin.as_str(),
    }
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
                (devices.evicted, "evicted"),
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
            let is_stopped = report.status == Status::Stopped && of != "records";
            let of = if is_stopped { format!("{of} without the stop") } else { of.to_owned() };
            let line = format!("{of}: {}", parts.join(" · "));
            let _ = writeln!(text, "{}", paragraph(&line, screen.width, 2));
        }
    }
}

fn to_the_second(time: &str) -> String {
    escaped(&time.chars().take(19).collect::<String>().replace('T', " ")) + " UTC"
}
