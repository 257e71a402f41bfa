//! The report of an import. `docs/report.md` describes what is serialised; its schema is versioned.

use super::column::ColumnOutcome;
use super::contradictions::{ContradictionCounts, ContradictionExample};
use super::counts::{CustomerCounts, DeviceCounts, RecordCounts};
use super::guard::{Guard, SnapshotOutcome};
use super::rejects::Rejects;
use super::status::{SCHEMA, Status, to_json};
use crate::exit::Exit;
use crate::explain::Explain;
use crate::input::{Description, Summary, encoding::EncodingEvidence};
use crate::settings::ExplicitOption;
use crate::text::escaped;
use crate::value::Key;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::path::PathBuf;

/// The report of an import. A field that a stored report does not have is empty.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Outcome {
    /// The version of the schema.
    pub schema: u32,
    /// The version of engage.
    pub engage: String,
    /// `import`.
    pub command: String,
    /// How it ended.
    pub status: Status,
    /// The exit code of the program.
    #[serde(rename = "exit_code")]
    pub exit: Exit,
    /// Its number in the history, if it has one.
    pub import_id: Option<i64>,
    /// The inputs.
    pub sources: Vec<SourceOutcome>,
    /// The attribute that identified a customer.
    pub key: Option<Key>,
    /// What each column became.
    pub mapping: Vec<ColumnOutcome>,
    /// The options that were given, and where.
    #[serde(rename = "choices")]
    pub explicit_options: Vec<ExplicitOption>,
    /// Counts of records.
    pub records: RecordCounts,
    /// Counts of customers.
    pub customers: CustomerCounts,
    /// Counts of devices.
    pub devices: DeviceCounts,
    /// Counts of records that contradict what their customer had.
    pub contradictions: ContradictionCounts,
    /// The rejected records.
    pub rejects: Rejects,
    /// The warnings.
    pub warnings: Vec<Warning>,
    /// Options that would have accepted more records, or that decide an unclear choice.
    pub hints: Vec<String>,
    /// How long it took.
    pub timing: Timing,
    /// Why it was stopped, refused or failed.
    pub error: Option<ErrorReport>,
    /// The columns to compare the next file with. Set only if this file had other columns that were
    /// not accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_columns: Option<Vec<String>>,
    /// The first records that contradict an earlier one.
    #[serde(skip)]
    pub contradiction_examples: Vec<ContradictionExample>,
    /// The guard that stopped it.
    #[serde(skip)]
    pub guard: Option<Guard>,
    /// The store.
    #[serde(skip)]
    pub store: PathBuf,
    /// Whether the store was new.
    #[serde(skip)]
    pub new_store: bool,
    /// The missing customers, if the input was a snapshot.
    #[serde(skip)]
    pub snapshot: Option<SnapshotOutcome>,
    /// The mapping file, if one was written.
    #[serde(skip)]
    pub saved_mapping: Option<PathBuf>,
    /// The file of this report, if one was written.
    #[serde(skip)]
    pub report_file: Option<PathBuf>,
    /// The options that a later import of the rejects needs, as words of a command line.
    #[serde(skip)]
    pub words_for_rejects: Vec<String>,
    /// The file of accepted records, if one was written.
    #[serde(skip)]
    pub accepted: Option<PathBuf>,
}

/// An input and how it was read.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SourceOutcome {
    /// The path as it was given, or `stdin`.
    pub path: String,
    /// Its length in bytes, as stored. This and `sha256` are `None` if it was not read to its end.
    pub bytes: Option<u64>,
    /// The SHA-256 of these bytes, in hexadecimal.
    pub sha256: Option<String>,
    /// The encoding, as the WHATWG spells it.
    pub encoding: Option<String>,
    /// `gzip` or `zstd`, if it is compressed.
    pub compression: Option<String>,
    /// The character between two fields.
    pub delimiter: Option<char>,
    /// The line of the header; 0 if the columns were given.
    pub header_line: Option<u64>,
    /// How many records it had.
    pub records: u64,
    /// Whether it seems to be cut off: its last record is incomplete and has no line end.
    #[serde(skip)]
    pub is_cut_off: bool,
    /// Whether it is UTF-8 although another encoding was given.
    #[serde(skip)]
    pub is_given_over_utf_8: bool,
    /// A sample that shows whether the guessed encoding is right.
    #[serde(skip)]
    pub encoding_guess: Option<String>,
}

impl SourceOutcome {
    /// An input with that many records. `summary` is known if it was read to its end.
    pub(crate) fn new(
        path: String,
        description: &Description,
        summary: Option<Summary>,
        records: u64,
    ) -> Self {
        let is_cut_off = summary.as_ref().is_some_and(|summary| summary.is_cut_off);
        let (bytes, sha256) =
            summary.map_or((None, None), |summary| (Some(summary.bytes), Some(summary.sha256)));
        Self {
            path,
            bytes,
            sha256,
            encoding: Some(description.encoding.clone()),
            compression: description.compression.map(str::to_owned),
            delimiter: Some(description.delimiter),
            header_line: Some(description.header_line),
            records,
            is_cut_off,
            is_given_over_utf_8: description.encoding_evidence == EncodingEvidence::GivenOverUtf8,
            encoding_guess: match &description.encoding_evidence {
                EncodingEvidence::Guessed { sample } => Some(sample.clone()),
                _ => None,
            },
        }
    }
}

/// A warning of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// A stable name.
    #[serde(default)]
    pub code: Cow<'static, str>,
    /// The sentence, without a full stop.
    pub message: String,
    /// How often it occurred.
    #[serde(default)]
    pub count: u64,
    /// What it is about, such as a column, if that is a single thing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// An excerpt of the file that shows it, escaped.
    #[serde(skip)]
    pub seen: Option<String>,
    /// Whether the last import of a file of that name had it too.
    #[serde(skip)]
    pub is_repeated: bool,
}

impl Warning {
    pub(crate) fn new(code: &'static str, message: String, count: u64) -> Self {
        Self { code: code.into(), message, count, about: None, seen: None, is_repeated: false }
    }

    /// The same warning about a column.
    pub(crate) fn about(self, name: &str) -> Self {
        Self { about: Some(name.to_owned()), ..self }
    }

    /// Whether an earlier warning was about the same choice, and at least about half as many
    /// values.
    pub(crate) fn repeats(&self, earlier: &Self) -> bool {
        let is_choice = [
            "source.",
            "type.",
            "mapping.",
            "value.",
            "device.",
            "number.",
            "email.",
            "uid.",
            "record.blocked",
        ]
        .iter()
        .any(|group| self.code.starts_with(group));
        let is_drift = ["mapping.new", "mapping.gone"].contains(&&*self.code);
        let is_same = match (&self.about, &earlier.about) {
            (None, None) => self.message == earlier.message,
            (one, other) => one == other,
        };
        is_choice
            && !is_drift
            && self.code == earlier.code
            && is_same
            && self.count / 2 <= earlier.count
    }
}

/// How long an import took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Timing {
    /// Seconds from start to end.
    pub seconds: f64,
    /// Records per second.
    pub records_per_second: f64,
}

impl Timing {
    pub(crate) fn new(seconds: f64, records: u64) -> Self {
        Self { seconds, records_per_second: records as f64 / seconds.max(1e-9) }
    }
}

/// Why a command did nothing, and what to do about it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ErrorReport {
    /// One sentence, without a full stop.
    pub message: String,
    /// What to do, each hint one line.
    pub hints: Vec<String>,
}

impl ErrorReport {
    /// The error as reports have it.
    pub fn new(error: &impl Explain) -> Self {
        let hints = error.hints().iter().map(|hint| escaped(hint)).collect();
        // The message may contain names of columns and files, so it is escaped.
        Self { message: escaped(&error.to_string()), hints }
    }
}

impl Outcome {
    /// An empty report of this version.
    pub fn new() -> Self {
        Self {
            schema: SCHEMA,
            engage: env!("CARGO_PKG_VERSION").to_owned(),
            command: "import".to_owned(),
            ..Self::default()
        }
    }

    /// The report of an import that was refused or failed: it has only the paths of its inputs.
    pub fn failed(error: &impl Explain, inputs: &[String]) -> Self {
        let source =
            |path: &String| SourceOutcome { path: path.clone(), ..SourceOutcome::default() };
        let exit = error.exit();
        Self {
            status: if exit == Exit::Refused { Status::Refused } else { Status::Failed },
            exit,
            sources: inputs.iter().map(source).collect(),
            error: Some(ErrorReport::new(error)),
            ..Self::new()
        }
    }

    /// The report as one JSON object, without a line end.
    pub fn to_json(&self) -> String {
        to_json(self)
    }

    /// Sets the exit code of a committed import that failed to write one of its files.
    pub(crate) fn report_failure(&mut self) {
        if matches!(self.status, Status::Imported | Status::Partial) {
            self.exit = Exit::Unreported;
        }
    }
}
