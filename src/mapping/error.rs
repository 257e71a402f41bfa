//! The errors of a mapping.

use super::header::names::normalised;
use super::target::Origin;
use crate::exit::Exit;
use crate::explain::Explain;
use crate::text::{closest_name, excerpt, name_list, quoted, shell_word};
use crate::value::Standard;
use std::fmt;

/// The maximum number of column names in a message.
const MOST_NAMES: usize = 12;

/// The source that lists the columns that a file had before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnownFrom {
    /// The mapping file.
    MappingFile,
    /// The last import of a file of that name.
    LastImport,
}

impl fmt::Display for KnownFrom {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::MappingFile => "the mapping file",
            Self::LastImport => "the last import of a file of that name",
        })
    }
}

/// Why a mapping cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// The file has no such column.
    #[error("no column '{name}' in the file")]
    UnknownColumn {
        /// The name that was given.
        name: String,
        /// The column with the most similar name, if one is similar.
        nearest: Option<String>,
        /// All columns.
        columns: Vec<String>,
    },
    /// The file no longer has these columns.
    #[error("{}", gone_columns(.names, *.known_from))]
    GoneColumns {
        /// The missing columns, at least one.
        names: Vec<String>,
        /// The source that lists them.
        known_from: KnownFrom,
        /// The column with the name most similar to the first, if one is similar.
        nearest: Option<String>,
        /// All columns.
        columns: Vec<String>,
    },
    /// Two columns are mapped to one attribute.
    #[error("the columns '{first}' and '{second}' are both mapped to {attribute}")]
    TwoColumns {
        /// The attribute.
        attribute: String,
        /// The first column.
        first: String,
        /// The second column.
        second: String,
    },
    /// One column is mapped twice, or mapped and skipped.
    #[error("the column '{0}' is mapped twice, or both mapped and skipped")]
    TwoTargets(String),
    /// The values of a column contradict what the store remembers about it.
    #[error("{}", contradicted(.column, *.standard, *.was_standard, *.fitting, *.values))]
    RoleContradicted {
        /// The column.
        column: String,
        /// The attribute that it was, or that its values prove.
        standard: Standard,
        /// Whether it was that attribute.
        was_standard: bool,
        /// How many of its values fit that attribute.
        fitting: usize,
        /// How many values were examined.
        values: usize,
    },
    /// A full name and one of its parts cannot both be mapped.
    #[error("full_name already gives {0}, which another column is mapped to")]
    FullNameAndPart(Standard),
    /// No attribute can have that name.
    #[error("'{name}' is not a valid attribute name: {reason}")]
    InvalidName {
        /// The name.
        name: String,
        /// Why not.
        reason: &'static str,
    },
}

impl MappingError {
    /// The error for columns that are not in the header: a typo in an option, or columns that the
    /// file has lost since its mapping was saved.
    pub(crate) fn missing_columns(names: &[String], origin: Origin, header: &[String]) -> Self {
        let first = names.first().map(String::as_str).unwrap_or_default();
        let nearest = closest_name(&normalised(first), header, normalised).cloned();
        let columns = header.to_vec();
        if origin == Origin::MappingFile {
            let known_from = KnownFrom::MappingFile;
            return Self::GoneColumns { names: names.to_vec(), known_from, nearest, columns };
        }
        Self::UnknownColumn { name: first.to_owned(), nearest, columns }
    }
}

impl Explain for MappingError {
    fn exit(&self) -> Exit {
        match self {
            Self::GoneColumns { .. } => Exit::Refused,
            Self::RoleContradicted { .. } => Exit::Stopped,
            _ => Exit::Usage,
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::UnknownColumn { nearest, columns, .. } => {
                let columns = format!("the columns are: {}", name_list(columns));
                vec![match nearest {
                    Some(nearest) => format!("did you mean {}? {columns}", quoted(nearest, 40)),
                    None => columns,
                }]
            }
            Self::GoneColumns { names, known_from, nearest, columns } => {
                let columns = format!("the columns are: {}", name_list(columns));
                let columns = match nearest {
                    Some(nearest) if names.len() == 1 => {
                        format!("was it renamed to {}? {columns}", quoted(nearest, 40))
                    }
                    _ => columns,
                };
                vec![columns, format!("if the export is complete, change {known_from}")]
            }
            Self::TwoColumns { .. } | Self::TwoTargets(_) => {
                vec!["use each column and each attribute once in --map and --skip".to_owned()]
            }
            Self::RoleContradicted { column, standard, .. } => {
                let map = |name: &str| shell_word(&format!("{column}={name}"));
                vec![
                    format!("-m {} maps it to {standard}", map(standard.as_str())),
                    format!(
                        "-m {} keeps it as a custom attribute",
                        map(&format!("custom_{standard}"))
                    ),
                ]
            }
            Self::FullNameAndPart(_) => {
                vec!["skip one of the two with --skip COLUMN".to_owned()]
            }
            Self::InvalidName { .. } => {
                vec!["choose another name, such as -m COLUMN=plan".to_owned()]
            }
        }
    }
}

fn contradicted(
    column: &str,
    standard: Standard,
    was_standard: bool,
    fitting: usize,
    values: usize,
) -> String {
    if was_standard {
        format!(
            "the column '{column}' was {standard} in an earlier import, but only {fitting} of {values} \
             values fit now"
        )
    } else {
        format!(
            "the column '{column}' was a custom attribute in an earlier import, but {fitting} of \
             {values} values are those of {standard} now"
        )
    }
}

fn gone_columns(names: &[String], known_from: KnownFrom) -> String {
    let them = if names.len() == 1 { "it" } else { "them" };
    format!("{} in the file, but {known_from} has {them}", no_column(names))
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
