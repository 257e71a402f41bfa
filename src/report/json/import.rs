//! The report for programs. `docs/report.md` describes it; its schema is versioned.

use super::parts::{ChoiceReport, ErrorReport, WarningReport};
use crate::import::{
    ColumnOutcome, CustomerCounts, DeviceCounts, Outcome, RecordCounts, SourceOutcome,
};
use crate::mapping::TypeSource;
use crate::report::terminal::{guard_hints, guard_sentence};
use crate::value::{Code, Key};
use serde::Serialize;

/// The version of the report's schema.
pub const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Report<'a> {
    schema: u32,
    engage: &'static str,
    command: &'static str,
    status: &'static str,
    exit_code: u8,
    import_id: Option<i64>,
    sources: Vec<SourceReport<'a>>,
    key: Option<Key>,
    mapping: Vec<ColumnReport<'a>>,
    choices: Vec<ChoiceReport<'a>>,
    records: RecordReport,
    customers: CustomerReport,
    devices: DeviceReport,
    rejects: RejectsReport<'a>,
    warnings: Vec<WarningReport<'a>>,
    timing: Timing,
    error: Option<ErrorReport<'a>>,
}

#[derive(Serialize)]
struct SourceReport<'a> {
    path: &'a str,
    bytes: Option<u64>,
    sha256: Option<&'a str>,
    encoding: Option<&'a str>,
    compression: Option<&'a str>,
    delimiter: Option<char>,
    header_line: Option<u64>,
    records: u64,
}

#[derive(Serialize)]
struct ColumnReport<'a> {
    column: &'a str,
    index: usize,
    attribute: Option<&'a str>,
    standard: bool,
    r#type: &'static str,
    type_from: Option<&'static str>,
    how: &'static str,
}

#[derive(Default, Serialize)]
struct RecordReport {
    read: u64,
    accepted: u64,
    rejected: u64,
    skipped: u64,
    merged: u64,
}

#[derive(Default, Serialize)]
struct CustomerReport {
    inserted: u64,
    updated: u64,
    unchanged: u64,
    missing: u64,
    archived: u64,
    deleted: u64,
}

#[derive(Default, Serialize)]
struct DeviceReport {
    added: u64,
    refreshed: u64,
    evicted: u64,
}

#[derive(Default, Serialize)]
struct RejectsReport<'a> {
    file: Option<String>,
    files: Vec<String>,
    by_code: Vec<GroupReport<'a>>,
}

#[derive(Serialize)]
struct GroupReport<'a> {
    code: Code,
    column: Option<&'a str>,
    count: u64,
    first_source: usize,
    first_record: u64,
}

#[derive(Serialize)]
struct Timing {
    seconds: f64,
    records_per_second: f64,
}

/// The report of an import as one JSON object, without a line end. It holds no cell of the file.
pub fn import_report(outcome: &Outcome) -> String {
    let stopped = outcome
        .guard
        .as_ref()
        .map(|guard| (guard_sentence(guard, outcome), guard_hints(guard, outcome)));
    let Outcome { records, customers, devices, rejects, .. } = outcome;
    let &RecordCounts { read, accepted, rejected, skipped, merged } = records;
    let &CustomerCounts { inserted, updated, unchanged, missing, archived, deleted } = customers;
    let &DeviceCounts { added, refreshed, evicted } = devices;
    let report = Report {
        schema: SCHEMA,
        engage: env!("CARGO_PKG_VERSION"),
        command: "import",
        status: outcome.status.as_str(),
        exit_code: outcome.exit_code,
        import_id: outcome.import_id,
        sources: outcome.sources.iter().map(source).collect(),
        key: Some(outcome.key),
        mapping: outcome.mapping.iter().map(column).collect(),
        choices: outcome.choices.iter().map(ChoiceReport::new).collect(),
        records: RecordReport { read, accepted, rejected, skipped, merged },
        customers: CustomerReport { inserted, updated, unchanged, missing, archived, deleted },
        devices: DeviceReport { added, refreshed, evicted },
        rejects: RejectsReport {
            file: rejects.files.first().map(|path| path.display().to_string()),
            files: rejects.files.iter().map(|path| path.display().to_string()).collect(),
            by_code: rejects
                .groups
                .iter()
                .map(|group| GroupReport {
                    code: group.code,
                    column: group.column.as_deref(),
                    count: group.count,
                    first_source: group.source,
                    first_record: group.first_record,
                })
                .collect(),
        },
        warnings: outcome.warnings.iter().map(WarningReport::new).collect(),
        timing: Timing {
            seconds: outcome.seconds,
            records_per_second: read as f64 / outcome.seconds.max(1e-9),
        },
        error: stopped.as_ref().map(|(message, hints)| ErrorReport { message, hints }),
    };
    // Structs of texts and numbers always are JSON.
    serde_json::to_string(&report).unwrap_or_default()
}

/// The report of an import that did not happen: refused for what its input is (exit code 4), or
/// failed. It has the same fields, with nothing in them but what is known: `inputs` are the paths.
pub fn failure_report(exit_code: u8, message: &str, hints: &[String], inputs: &[String]) -> String {
    let report = Report {
        schema: SCHEMA,
        engage: env!("CARGO_PKG_VERSION"),
        command: "import",
        status: if exit_code == 4 { "refused" } else { "failed" },
        exit_code,
        import_id: None,
        sources: inputs
            .iter()
            .map(|path| SourceReport {
                path,
                bytes: None,
                sha256: None,
                encoding: None,
                compression: None,
                delimiter: None,
                header_line: None,
                records: 0,
            })
            .collect(),
        key: None,
        mapping: Vec::new(),
        choices: Vec::new(),
        records: RecordReport::default(),
        customers: CustomerReport::default(),
        devices: DeviceReport::default(),
        rejects: RejectsReport::default(),
        warnings: Vec::new(),
        timing: Timing { seconds: 0.0, records_per_second: 0.0 },
        error: Some(ErrorReport { message, hints }),
    };
    serde_json::to_string(&report).unwrap_or_default()
}

fn source(source: &SourceOutcome) -> SourceReport<'_> {
    SourceReport {
        path: &source.name,
        bytes: source.summary.as_ref().map(|summary| summary.bytes),
        sha256: source.summary.as_ref().map(|summary| summary.sha256.as_str()),
        encoding: Some(&source.description.encoding),
        compression: source.description.compression,
        delimiter: Some(source.description.delimiter),
        header_line: Some(source.description.header_line),
        records: source.records,
    }
}

fn column(column: &ColumnOutcome) -> ColumnReport<'_> {
    ColumnReport {
        column: &column.column,
        index: column.index,
        attribute: column.attribute.as_deref(),
        standard: column.standard,
        r#type: column.kind,
        type_from: column.type_source.map(TypeSource::as_str),
        how: column.how.as_str(),
    }
}
