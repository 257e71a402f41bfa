//! What an import came to, as data: for people, programs and the history alike.

use super::options::MissingAction;
use crate::input::{Description, Summary};
use crate::mapping::{Origin, TypeSource};
use crate::settings::Choice;
use crate::value::{Code, Key};
use std::path::PathBuf;

/// The exit code of a change that is done, while its report or one of its files is not written.
pub const UNREPORTED: u8 = 6;

/// How an import ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Everything was taken.
    Imported,
    /// It was done, and records were rejected.
    Partial,
    /// Nothing was written, as was asked.
    DryRun,
    /// A guard stopped it: nothing was written.
    Stopped,
}

impl Status {
    /// The program's exit code. `told` says that it tells of rejects, which no bound allows.
    pub(crate) fn exit_code(self, told: bool) -> u8 {
        match self {
            Self::Stopped => 5,
            Self::Imported | Self::Partial | Self::DryRun if told => 3,
            Self::Imported | Self::Partial | Self::DryRun => 0,
        }
    }

    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Imported => "imported",
            Self::Partial => "partial",
            Self::DryRun => "dry_run",
            Self::Stopped => "stopped",
        }
    }
}

/// Which guard stopped an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guard {
    /// More records were rejected than `--max-rejects` allows.
    MaxRejects {
        /// The bound as it was given.
        bound: String,
    },
    /// No record was accepted.
    AllRejected,
    /// There was no record at all.
    NoRecords,
    /// A snapshot does not name more of the customers than `--max-missing` allows.
    MaxMissing {
        /// The bound as it was given, or the default.
        bound: String,
    },
}

/// An input and how it was read.
#[derive(Debug, Clone)]
pub struct SourceOutcome {
    /// The path as it was given, or `stdin`.
    pub name: String,
    /// How it was read.
    pub description: Description,
    /// Its length and checksum; `None` where it was not read to its end.
    pub summary: Option<Summary>,
    /// How many records it had.
    pub records: u64,
}

/// A column and what became of it.
#[derive(Debug, Clone)]
pub struct ColumnOutcome {
    /// Its name as the file has it.
    pub column: String,
    /// Its place in the file, from 0.
    pub index: usize,
    /// The attribute; `None` where it was left out.
    pub attribute: Option<String>,
    /// Whether that is a standard attribute.
    pub standard: bool,
    /// The type of its values.
    pub kind: &'static str,
    /// Why that attribute.
    pub how: Origin,
    /// Where the type of a custom attribute comes from.
    pub type_source: Option<TypeSource>,
    /// Why that type, in words, where there is something to say.
    pub type_reason: Option<String>,
    /// The type that would read more.
    pub type_hint: Option<String>,
    /// Whether it has a value in the sample, or is of no interest.
    pub has_values: bool,
}

/// Counts of records. `read` = `accepted` + `rejected` + `skipped`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RecordCounts {
    /// All that were read.
    pub read: u64,
    /// Those that were taken.
    pub accepted: u64,
    /// Those that were not.
    pub rejected: u64,
    /// Those that `--mode` passed over.
    pub skipped: u64,
    /// Accepted records beyond the first of their customer.
    pub merged: u64,
}

/// Counts of customers by their state before and after the import.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CustomerCounts {
    /// Those that are new.
    pub inserted: u64,
    /// Those that are not as they were.
    pub updated: u64,
    /// Those that were named and are as they were.
    pub unchanged: u64,
    /// Those that a snapshot does not name.
    pub missing: u64,
    /// Those that were archived for it.
    pub archived: u64,
    /// Those that were deleted for it.
    pub deleted: u64,
}

/// Counts of devices by their state before and after the import.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DeviceCounts {
    /// Those that a customer had not.
    pub added: u64,
    /// Those that moved up, or changed their platform.
    pub refreshed: u64,
    /// Those that a customer has no more.
    pub evicted: u64,
}

/// Rejects of one reason and one column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectGroup {
    /// The reason.
    pub code: Code,
    /// The column, where it is one column's.
    pub column: Option<String>,
    /// How many there are.
    pub count: u64,
    /// The place among the sources of the one with the first record.
    pub source: usize,
    /// The first record.
    pub first_record: u64,
    /// The line it begins on.
    pub first_line: u64,
    /// What is said of it.
    pub message: String,
    /// Its value: for a person's eyes only, never in a stored report.
    pub value: Option<String>,
    /// The few records after it, in the order of the files: for a person's eyes only too.
    pub further: Vec<RejectExample>,
}

/// A rejected record of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectExample {
    /// The place of its file among the sources.
    pub source: usize,
    /// The record.
    pub record: u64,
    /// The line it begins on.
    pub line: u64,
    /// What is said of it.
    pub message: String,
    /// The beginning of its value.
    pub value: Option<String>,
}

/// What happened to the rejected records.
#[derive(Debug, Clone, Default)]
pub struct Rejects {
    /// The files that they are in, one for each input that has any.
    pub files: Vec<PathBuf>,
    /// Why they were rejected, the most frequent reason first.
    pub groups: Vec<RejectGroup>,
    /// Files of earlier rejects that were removed.
    pub removed: Vec<PathBuf>,
}

/// What became of customers whom a snapshot does not name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotOutcome {
    /// What was to become of them.
    pub action: MissingAction,
    /// How many customers could be missing.
    pub of: u64,
    /// How many records the last import of a file of that name had, where they are too many.
    pub last_records: Option<u64>,
    /// The keys of a few who are: for a person's eyes only, never in a stored report.
    pub examples: Vec<String>,
}

/// Something that a person should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// A stable name.
    pub code: &'static str,
    /// The sentence, without a full stop.
    pub message: String,
    /// How often.
    pub count: u64,
    /// The piece of the file that shows it, fit to be shown: for a person's eyes only, never in a
    /// report.
    pub seen: Option<String>,
}

impl Warning {
    pub(crate) fn new(code: &'static str, message: String, count: u64) -> Self {
        Self { code, message, count, seen: None }
    }
}

/// What an import came to.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// How it ended.
    pub status: Status,
    /// The program's exit code.
    pub exit_code: u8,
    /// The guard that stopped it, where one did.
    pub guard: Option<Guard>,
    /// Its number in the history, where it has one.
    pub import_id: Option<i64>,
    /// The store.
    pub store: PathBuf,
    /// Whether the store was new.
    pub new_store: bool,
    /// What was read.
    pub sources: Vec<SourceOutcome>,
    /// What identified a customer.
    pub key: Key,
    /// What became of each column.
    pub mapping: Vec<ColumnOutcome>,
    /// The options that were chosen, and where.
    pub choices: Vec<Choice>,
    /// Counts of records.
    pub records: RecordCounts,
    /// Counts of customers.
    pub customers: CustomerCounts,
    /// Who was missing, where the input was a snapshot.
    pub snapshot: Option<SnapshotOutcome>,
    /// Counts of devices.
    pub devices: DeviceCounts,
    /// What was rejected.
    pub rejects: Rejects,
    /// The mapping file, where one was written.
    pub saved_mapping: Option<PathBuf>,
    /// The file of accepted records, where one was written.
    pub accepted: Option<PathBuf>,
    /// What else a person should know.
    pub warnings: Vec<Warning>,
    /// How long it took, in seconds.
    pub seconds: f64,
}

impl Outcome {
    /// A file of a committed import could not be written: the exit code tells of it.
    pub(crate) fn report_failure(&mut self) {
        if matches!(self.status, Status::Imported | Status::Partial) {
            self.exit_code = UNREPORTED;
        }
    }

    /// Whether options or a mapping file shape how the records are read, so that rejects need them
    /// too.
    pub fn has_manual_settings(&self) -> bool {
        let is_manual = |column: &ColumnOutcome| column.how.is_manual();
        !self.choices.is_empty() || self.mapping.iter().any(is_manual)
    }
}
