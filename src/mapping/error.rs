//! Why a mapping cannot be made.

use super::columns::How;
use super::header::normalised;
use super::nearest::nearest;
use crate::input::excerpt;
use crate::value::Standard;

/// How many names of columns a message has.
const MOST_NAMES: usize = 12;

/// Why a mapping cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// The file has no such column.
    #[error("no column '{name}' in the file")]
    UnknownColumn {
        /// The name that was given.
        name: String,
        /// The column whose name is nearest, where one is near.
        nearest: Option<String>,
        /// All columns.
        columns: Vec<String>,
    },
    /// The file has lost columns.
    #[error("{} in the file, which {known_from} names", no_column(.names))]
    GoneColumns {
        /// The names that are not there, at least one.
        names: Vec<String>,
        /// What knows them: `the mapping file`.
        known_from: &'static str,
        /// The column whose name is nearest to the first, where one is near.
        nearest: Option<String>,
        /// All columns.
        columns: Vec<String>,
    },
    /// Two columns are mapped to one attribute by hand.
    #[error("the columns '{first}' and '{second}' are both mapped to {attribute}")]
    TwoColumns {
        /// The attribute.
        attribute: String,
        /// The first column.
        first: String,
        /// The second column.
        second: String,
    },
    /// One column is mapped by hand twice, or mapped and skipped.
    #[error("the column '{0}' is mapped twice, or both mapped and skipped")]
    TwoTargets(String),
    /// A full name and one of its parts cannot both be mapped by hand.
    #[error("full_name already gives {0}, which another column is mapped to")]
    FullNameAndPart(Standard),
    /// No attribute can have that name.
    #[error("'{name}' cannot be the name of an attribute: {reason}")]
    InvalidName {
        /// The name.
        name: String,
        /// Why not.
        reason: &'static str,
    },
}

impl MappingError {
    /// Columns that were named, and are not in the header: a slip where they were named by hand, a
    /// loss where the mapping file names them.
    pub(crate) fn absent(names: &[String], how: How, header: &[String]) -> Self {
        let wanted = names.first().map(String::as_str).unwrap_or_default();
        let nearest = nearest(&normalised(wanted), header, normalised).cloned();
        let columns = header.to_vec();
        match how {
            How::MappingFile => {
                let known_from = "the mapping file";
                Self::GoneColumns { names: names.to_vec(), known_from, nearest, columns }
            }
            _ => Self::UnknownColumn { name: wanted.to_owned(), nearest, columns },
        }
    }
}

fn no_column(names: &[String]) -> String {
    let shown: Vec<String> = names
        .iter()
        .take(MOST_NAMES)
        .map(|name| format!("'{}'", excerpt(name.trim(), 40)))
        .collect();
    let columns = if names.len() == 1 { "column" } else { "columns" };
    let shown = shown.join(", ");
    match names.len().saturating_sub(MOST_NAMES) {
        0 => format!("no {columns} {shown}"),
        more => format!("no {columns} {shown} and {more} more"),
    }
}
