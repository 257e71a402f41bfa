//! What a column can become, and where that decision comes from.

use crate::customer::CUSTOM_PREFIX;
use crate::own_export::{ExportColumn, StoreColumn};
use crate::value::Standard;
use serde::{Deserialize, Serialize};

/// The name that `--map` takes for a column that holds both first and last names.
pub const FULL_NAME: &str = "full_name";

/// What a column becomes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Target {
    /// A standard attribute.
    Standard(Standard),
    /// A further column of a standard attribute, for records in which those before it have no valid
    /// value; counted from 1.
    Fallback(Standard, usize),
    /// A part of the uid, which several columns make together, counted from 0.
    UidPart(usize),
    /// A first and a last name, to be split.
    FullName,
    /// A custom attribute of this name.
    Custom(String),
    /// What the store keeps about a customer in addition to attributes: only in engage's own export.
    Store(StoreColumn),
    /// Nothing: the column is left out.
    Skipped,
}

impl Target {
    /// The attribute's name; `None` if the column is left out.
    pub fn attribute(&self) -> Option<&str> {
        match self {
            Self::Standard(standard) | Self::Fallback(standard, _) => Some(standard.as_str()),
            Self::UidPart(_) => Some(Standard::Uid.as_str()),
            Self::FullName => Some(FULL_NAME),
            Self::Custom(name) => Some(name),
            Self::Store(column) => Some(column.name()),
            Self::Skipped => None,
        }
    }

    /// The name that maps a column to this target on the command line and in a mapping file, if
    /// there is one.
    pub fn option_value(&self) -> Option<String> {
        match self {
            Self::Store(_) | Self::UidPart(_) => None,
            Self::Custom(name) if name == FULL_NAME || name.starts_with(CUSTOM_PREFIX) => {
                Some(format!("{CUSTOM_PREFIX}{name}"))
            }
            target => target.attribute().map(str::to_owned),
        }
    }
}

impl From<ExportColumn> for Target {
    fn from(column: ExportColumn) -> Self {
        match column {
            ExportColumn::Standard(standard) => Self::Standard(standard),
            ExportColumn::Custom(name) => Self::Custom(name),
            ExportColumn::Store(column) => Self::Store(column),
        }
    }
}

/// Where a decision about a column or an option comes from. Reports use the names of
/// [`Self::as_str`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The header is in the table of aliases.
    Alias,
    /// The command line.
    #[serde(rename = "given")]
    CommandLine,
    /// The mapping file.
    MappingFile,
    /// The column's values.
    Values,
    /// The store, which remembers what an earlier file's column of that name became.
    #[serde(rename = "store")]
    Remembered,
    /// The header is not that of a standard attribute.
    Custom,
}

impl Origin {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Alias => "alias",
            Self::CommandLine => "given",
            Self::MappingFile => "mapping_file",
            Self::Values => "values",
            Self::Remembered => "store",
            Self::Custom => "custom",
        }
    }

    /// Whether the command line or the mapping file decided it.
    pub fn is_manual(self) -> bool {
        matches!(self, Self::CommandLine | Self::MappingFile)
    }
}

/// What each column of a header becomes, as far as it is decided.
pub(crate) type Assignments = [Option<(Target, Origin)>];
