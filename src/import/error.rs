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

/// What a file is to an import.
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
    /// The operating system does not allow it.
    #[error("the rejects file {} cannot be written: {source}", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
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

/// A file whose values are proven to be written otherwise than those that the store knows.
#[derive(Debug, thiserror::Error)]
#[error("the values of {column} are {found}, but earlier imports read {attribute} as {known}")]
pub struct TypeContradiction {
    /// The column.
    pub column: String,
    /// Its attribute.
    pub attribute: String,
    /// How the store knows it.
    pub known: TypeSpec,
    /// How the file writes it.
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
        /// What messages call the input.
        name: String,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// Two inputs do not have the same columns.
    #[error("{name} does not have the columns of {first}")]
    ColumnsDiffer {
        /// What messages call the input.
        name: String,
        /// What they call the first input.
        first: String,
        /// The first input's columns that it lacks.
        missing: Vec<String>,
        /// Its columns that the first lacks.
        surplus: Vec<String>,
    },
    /// An input was replaced by another file after the import began.
    #[error("{0} was replaced while other files were imported")]
    Replaced(String),
    /// One input was named twice.
    #[error("{0} is given twice")]
    Twice(String),
    /// A rejects file is not a snapshot.
    #[error("{0} is a rejects file, so customers that are not in it are not missing")]
    SnapshotOfRejects(String),
    /// The options do not fit the columns.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// Columns are new or gone, and `--strict` was given.
    #[error("the columns of {name} are not those of {since}")]
    ColumnsChanged {
        /// What messages call the input.
        name: String,
        /// What lists the columns that the file had before.
        since: KnownFrom,
        /// Those that were not there before.
        new: Vec<String>,
        /// Those that are no longer there.
        gone: Vec<String>,
        /// How to accept them, where a mapping file names the columns.
        new_mapping: Option<Box<NewMapping>>,
    },
    /// The mapping file names columns that are no longer there.
    #[error("{error}")]
    MappedColumnsGone {
        /// Which, and the candidates that replace them.
        error: MappingError,
        /// How to do without them.
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
        /// The type it was to have.
        kind: String,
        /// The attributes that there are.
        attributes: Vec<String>,
    },
    /// The values of a column are proven to be written otherwise than those that the store knows.
    #[error(transparent)]
    TypeContradicted(Box<TypeContradiction>),
    /// Most numbers of a column do not say their country, and no region is known.
    #[error(
        "{} of {} numbers in {column} of {name} have no country code, and no region is known",
        .numbers.unreadable, .numbers.of
    )]
    UnreadableNumbers {
        /// What messages call the input.
        name: String,
        /// The column.
        column: String,
        /// How many, and the regions that would read them.
        numbers: Box<UnreadableNumbers>,
        /// The columns that would say the regions.
        region_columns: Vec<String>,
    },
    /// A type was declared for a standard attribute.
    #[error("{0} is a standard attribute: its type cannot be declared")]
    StandardType(String),
    /// The input is event data, which direct import refuses.
    #[error("{name} looks like {}, and direct import takes attributes only", .evidence.looks_like)]
    EventData {
        /// What messages call the input.
        name: String,
        /// What shows it.
        evidence: Box<EventEvidence>,
        /// The command that turns it into events, where a column names the customer.
        command: Option<String>,
    },
    /// No column says whose or what events these are.
    #[error("{name} has no column with the {what}")]
    EventColumn {
        /// What messages call the input.
        name: String,
        /// `customer` or `event`.
        what: &'static str,
        /// The columns that there are.
        columns: Vec<String>,
    },
    /// Events cannot be written.
    #[error("the events cannot be written: {0}")]
    EventOutput(std::io::Error),
    /// The input is engage's own export, but was changed.
    #[error("{name} is engage's own export, but {reason}")]
    OwnExport {
        /// What messages call the input.
        name: String,
        /// What is wrong with it.
        reason: TypeMarkerError,
    },
    /// No column identifies a customer.
    #[error("{name} has no column that identifies a customer")]
    NoKey {
        /// What messages call the input.
        name: String,
        /// The key that was looked for, where only one would do.
        wanted: Option<Key>,
        /// Whether that key is the store's.
        of_store: bool,
        /// The columns that there are.
        columns: Vec<String>,
        /// What could identify customers.
        hints: Box<KeyHints>,
    },
    /// The customers of the store are in the file under other uids.
    #[error("{}", other_uids(.name, .column, *.known, *.of, *.key, *.belong, *.values))]
    OtherUids {
        /// What messages call the input.
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
        /// What will be written.
        output: FileRole,
        /// Where.
        path: PathBuf,
        /// What is there.
        other: FileRole,
    },
    /// The report could not be written.
    #[error("the report {} cannot be written: {source}", .path.display())]
    Report {
        /// Where.
        path: PathBuf,
        /// What the operating system says.
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
