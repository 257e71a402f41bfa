//! The errors of an import.

mod evidence;
mod explain;
mod new_mapping;

use crate::events::EventEvidence;
use crate::input::{InputError, SourceError};
use crate::mapping::{KeyHints, KnownFrom, MappingError, UnreadableNumbers};
use crate::own_export::TypeMarkerError;
use crate::settings::file::MappingFileError;
use crate::store::StoreError;
use crate::value::Key;
use crate::value::typed::TypeSpec;
pub use new_mapping::NewMapping;
use std::fmt;
use std::path::PathBuf;

/// The role of a file in an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileRole {
    /// An input.
    Input,
    /// The mapping file that is read.
    ReadMapping,
    /// The mapping file that is written.
    SavedMapping,
    /// A rejects file.
    Rejects,
    /// The file of accepted records.
    Accepted,
    /// The events.
    Events,
    /// The report.
    Report,
    /// The store.
    Store,
    /// The store, its journal or its log.
    StoreFile,
}

impl fmt::Display for FileRole {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Input => "an input",
            Self::ReadMapping => "the mapping file that is read",
            Self::SavedMapping => "the mapping file",
            Self::Rejects => "a rejects file",
            Self::Accepted => "the file of accepted records",
            Self::Events => "the file of events",
            Self::Report => "the report",
            Self::Store => "the store",
            Self::StoreFile => "the store or a file of it",
        })
    }
}

/// Why a rejects file cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum RejectsError {
    /// Writing it failed.
    #[error("the rejects file {} cannot be written: {source}", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// Another file, which is not a rejects file, has that name.
    #[error("{} already exists and is not a rejects file", .0.display())]
    NotOurs(PathBuf),
}

/// Why the file of accepted records cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("the file of accepted records {} cannot be written: {source}", .path.display())]
pub struct AcceptedError {
    pub(crate) path: PathBuf,
    pub(crate) source: std::io::Error,
}

/// A column whose values have a different format than those in the store.
#[derive(Debug, thiserror::Error)]
#[error("the values of {column} are {found}, but earlier imports read {attribute} as {known}")]
pub struct TypeContradiction {
    /// The column.
    pub column: String,
    /// Its attribute.
    pub attribute: String,
    /// The type that the store remembers.
    pub known: TypeSpec,
    /// The type that the values of the file prove.
    pub found: TypeSpec,
}

/// Why an import did not happen. No customer was changed.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The input cannot be read, or is not CSV.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// Reading the input failed after it was opened.
    #[error("{name} cannot be read to the end: {source}")]
    Reading {
        /// The name of the input in messages.
        name: String,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// Two inputs do not have the same columns.
    #[error("{name} does not have the columns of {first}")]
    ColumnsDiffer {
        /// The name of the input in messages.
        name: String,
        /// The name of the first input in messages.
        first: String,
        /// The columns that it lacks.
        missing: Vec<String>,
        /// The columns that the first input lacks.
        surplus: Vec<String>,
    },
    /// An input was replaced by another file after the import began.
    #[error("{0} was replaced while other files were imported")]
    Replaced(String),
    /// One input was named twice.
    #[error("{0} is given twice")]
    Twice(String),
    /// A rejects file was given as a snapshot.
    #[error("{0} is a rejects file, so customers that are not in it are not missing")]
    SnapshotOfRejects(String),
    /// The options do not fit the columns.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// Columns are new or gone, and `--strict` was given.
    #[error("the columns of {name} are not those of {since}")]
    ColumnsChanged {
        /// The name of the input in messages.
        name: String,
        /// Where the columns that were expected are listed.
        since: KnownFrom,
        /// The columns that were not there before.
        new: Vec<String>,
        /// The columns that are no longer there.
        gone: Vec<String>,
        /// How to accept them, if a mapping file names the columns.
        new_mapping: Option<Box<NewMapping>>,
    },
    /// The mapping file names columns that are no longer there.
    #[error("{error}")]
    MappedColumnsGone {
        /// The columns, and candidates to replace them.
        error: MappingError,
        /// How to write a mapping file without them.
        new_mapping: Option<Box<NewMapping>>,
    },
    /// The mapping file cannot be written.
    #[error(transparent)]
    MappingFile(#[from] MappingFileError),
    /// A type was declared for an attribute that the file does not have.
    #[error("'{name}' is declared as {kind}, but the file has no such attribute")]
    UnknownAttribute {
        /// The name that was given.
        name: String,
        /// The declared type.
        kind: String,
        /// The attributes of the file.
        attributes: Vec<String>,
    },
    /// The values of a column have a different format than those in the store.
    #[error(transparent)]
    TypeContradicted(Box<TypeContradiction>),
    /// Most numbers of a column do not say their country, and no region is known.
    #[error(
        "{} of {} numbers in {column} of {name} have no country code, and no region is known",
        .numbers.unreadable, .numbers.of
    )]
    UnreadableNumbers {
        /// The name of the input in messages.
        name: String,
        /// The column.
        column: String,
        /// How many numbers there are, and the regions that would read them.
        numbers: Box<UnreadableNumbers>,
        /// The columns that could give the regions.
        region_columns: Vec<String>,
    },
    /// A type was declared for a standard attribute.
    #[error("{0} is a standard attribute: its type cannot be declared")]
    StandardType(String),
    /// The input is event data, which direct import refuses.
    #[error("{name} looks like {}, and direct import takes attributes only", .evidence.looks_like)]
    EventData {
        /// The name of the input in messages.
        name: String,
        /// The evidence.
        evidence: Box<EventEvidence>,
        /// The command that turns it into events, if a column names the customer.
        command: Option<String>,
    },
    /// No column names the customer or the event.
    #[error("{name} has no column with the {what}")]
    EventColumn {
        /// The name of the input in messages.
        name: String,
        /// `customer` or `event`.
        what: &'static str,
        /// The columns of the input.
        columns: Vec<String>,
    },
    /// Events cannot be written.
    #[error("the events cannot be written: {0}")]
    EventOutput(std::io::Error),
    /// The input is engage's own export, but was changed.
    #[error("{name} is engage's own export, but {reason}")]
    OwnExport {
        /// The name of the input in messages.
        name: String,
        /// What is wrong with it.
        reason: TypeMarkerError,
    },
    /// No column identifies a customer.
    #[error("{name} has no column that identifies a customer")]
    NoKey {
        /// The name of the input in messages.
        name: String,
        /// The key that is required, if any.
        wanted: Option<Key>,
        /// Whether that key is the store's.
        of_store: bool,
        /// The columns of the input.
        columns: Vec<String>,
        /// What could identify customers.
        hints: Box<KeyHints>,
    },
    /// The customers of the store are in the file under other uids.
    #[error("{}", other_uids(.name, .column, *.known, *.of, *.key, *.belong, *.values))]
    OtherUids {
        /// The name of the input in messages.
        name: String,
        /// The column with the uids.
        column: String,
        /// The column that gave the uid before.
        before: Option<String>,
        /// How many of its sampled values are uids of customers.
        known: usize,
        /// How many values were sampled.
        of: usize,
        /// The attribute by which the customers were found.
        key: Key,
        /// How many of its values belong to customers.
        belong: usize,
        /// How many values of it were looked up.
        values: usize,
    },
    /// An output would overwrite an input or the store.
    #[error("{output} {} is also {other}", .path.display())]
    Overwrites {
        /// The role of the output.
        output: FileRole,
        /// Its path.
        path: PathBuf,
        /// The role of the file at that path.
        other: FileRole,
    },
    /// The report could not be written.
    #[error("the report {} cannot be written: {source}", .path.display())]
    Report {
        /// The path of the report.
        path: PathBuf,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// The rejects file could not be written.
    #[error(transparent)]
    Rejects(#[from] RejectsError),
    /// The file of accepted records could not be written.
    #[error(transparent)]
    Accepted(#[from] AcceptedError),
    /// The import was interrupted.
    #[error("interrupted: nothing was changed")]
    Interrupted,
    /// The store cannot be used.
    #[error(transparent)]
    Store(StoreError),
}

fn other_uids(
    name: &str,
    column: &str,
    known: usize,
    of: usize,
    key: Key,
    belong: usize,
    values: usize,
) -> String {
    format!(
        "{name} would duplicate customers: {known} of {of} sampled values of '{column}' are uids in \
         the store, but {belong} of {values} {key}s belong to customers with other uids"
    )
}

impl From<StoreError> for ImportError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Interrupted => Self::Interrupted,
            error => Self::Store(error),
        }
    }
}

impl From<InputError> for ImportError {
    fn from(error: InputError) -> Self {
        Self::Source(error.into())
    }
}
