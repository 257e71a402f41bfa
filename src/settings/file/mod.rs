//! The mapping file: what was chosen of how a file is read, mapped and judged, as TOML that a
//! person can read and change. `docs/mapping.md` explains it.

mod read;
mod write;

pub use read::{parse_mapping_file, read_mapping_file};
pub use write::{SavedMapping, SavedType};

use std::io;
use std::path::PathBuf;

/// The version of the mapping file that this program writes, and the newest that it reads.
const MAPPING_FILE_VERSION: i64 = 1;

/// What can be wrong with a mapping file.
#[derive(Debug, thiserror::Error)]
pub enum MappingFileError {
    /// It cannot be read.
    #[error("the mapping file {} cannot be read: {source}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// It cannot be written.
    #[error("the mapping file {} cannot be written: {source}", .path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// Something else is where it is to be written.
    #[error("{} is there already, and it is no mapping file", .0.display())]
    NotOurs(PathBuf),
    /// It says something that means nothing.
    #[error("{}, line {}: {}", .path.display(), .fault.line, .fault.kind)]
    Faulty {
        /// The file.
        path: PathBuf,
        /// What it says.
        fault: MappingFileFault,
    },
}

/// Something in a mapping file that means nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingFileFault {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub kind: MappingFileFaultKind,
}

/// What is wrong with a line of a mapping file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingFileFaultKind {
    /// It is not TOML.
    #[error("not TOML: {0}")]
    Syntax(String),
    /// The file does not say its version.
    #[error("it does not say its version")]
    NoVersion,
    /// A newer program has written it.
    #[error(
        "a newer engage has written it (version {found}; this one knows {MAPPING_FILE_VERSION})"
    )]
    Newer {
        /// Its version.
        found: i64,
    },
    /// There is no such option.
    #[error("no option '{key}'")]
    UnknownKey {
        /// The name in the file.
        key: String,
        /// The option with the most similar name, if one is similar.
        nearest: Option<String>,
    },
    /// The value is none for that option.
    #[error("{key}: {reason}")]
    Value {
        /// The option, the column or the attribute.
        key: String,
        /// What is wrong.
        reason: String,
    },
}

#[cfg(test)]
mod tests;
