//! The errors of a mapping file.

use crate::exit::Exit;
use crate::explain::Explain;
use crate::text::shell_path;
use std::io;
use std::path::PathBuf;

/// The version of the mapping file that this program writes, and the newest that it reads.
pub(super) const MAPPING_FILE_VERSION: i64 = 1;

/// Why a mapping file cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum MappingFileError {
    /// It cannot be read.
    #[error("the mapping file {} cannot be read: {source}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// It cannot be written.
    #[error("the mapping file {} cannot be written: {source}", .path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// There is another file at its path.
    #[error("{} already exists and is not a mapping file", .0.display())]
    NotOurs(PathBuf),
    /// There is another mapping file at its path.
    #[error("the mapping file {} already exists with other contents", .0.display())]
    Exists(PathBuf),
    /// One of its lines is wrong.
    #[error("{}, line {}: {}", .path.display(), .problem.line, .problem.kind)]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        problem: MappingFileProblem,
    },
}

/// Something that is wrong in a mapping file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingFileProblem {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub kind: MappingFileProblemKind,
}

/// What is wrong with a line of a mapping file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingFileProblemKind {
    /// It is not TOML.
    #[error("not TOML: {0}")]
    Syntax(String),
    /// The file has no version.
    #[error("it has no version")]
    NoVersion,
    /// A newer program has written it.
    #[error(
        "it was written by a newer engage (version {found}; this one supports {MAPPING_FILE_VERSION})"
    )]
    Newer {
        /// Its version.
        found: i64,
    },
    /// The option does not exist.
    #[error("unknown option '{key}'")]
    UnknownKey {
        /// The name in the file.
        key: String,
        /// The option with the most similar name, if one is similar.
        nearest: Option<String>,
    },
    /// The value is invalid for that option.
    #[error("{key}: {reason}")]
    Value {
        /// The option, the column or the attribute.
        key: String,
        /// What is wrong.
        reason: String,
    },
}

impl Explain for MappingFileError {
    fn exit(&self) -> Exit {
        match self {
            Self::Unreadable { .. } | Self::Unwritable { .. } => Exit::Failed,
            Self::NotOurs(_) | Self::Exists(_) | Self::Invalid { .. } => Exit::Usage,
        }
    }

    fn hints(&self) -> Vec<String> {
        vec![match self {
            Self::Unreadable { .. } => "--save-mapping FILE writes one".to_owned(),
            Self::Unwritable { .. } => {
                "nothing was imported; choose another file with --save-mapping FILE".to_owned()
            }
            Self::Exists(path) => {
                let path = shell_path(path);
                return vec![
                    format!(
                        "write a new one with the guards and types of {path}: --mapping \
                         {path} --save-mapping NEW.toml"
                    ),
                    format!("or remove {path} first"),
                ];
            }
            Self::NotOurs(_) => "choose another file with --save-mapping FILE".to_owned(),
            Self::Invalid { problem, .. } => problem.kind.hint(),
        }]
    }
}

impl MappingFileProblemKind {
    fn hint(&self) -> String {
        match self {
            Self::UnknownKey { nearest: Some(nearest), .. } => format!("did you mean {nearest}?"),
            Self::UnknownKey { .. } => "columns go below [map], types below [types]".to_owned(),
            Self::NoVersion => "begin the file with version = 1".to_owned(),
            Self::Newer { .. } => "use the engage that wrote it, or a newer one".to_owned(),
            Self::Syntax(_) | Self::Value { .. } => {
                "docs/mapping.md describes every line".to_owned()
            }
        }
    }
}
