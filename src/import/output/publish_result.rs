//! What happens to an output file when its import has ended.

use crate::output::{PublishError, StagedOutput};
use std::fs;
use std::io;
use std::path::PathBuf;

/// What happened to an output file.
pub(crate) enum PublishResult {
    /// It has its name, or there was no file to publish.
    Published,
    /// There was nothing to write, and the file of an earlier import was removed.
    Removed(PathBuf),
    /// There was nothing to write, and the file of an earlier import cannot be removed.
    NotRemoved { path: PathBuf, error: io::Error },
    /// It goes to a stream that could not be written.
    NotWritten { path: PathBuf, error: io::Error },
    /// It is complete, but still has its temporary name.
    NotRenamed { path: PathBuf, temporary: PathBuf, error: io::Error },
}

impl PublishResult {
    /// Gives a file its name.
    pub(crate) fn of_file(file: StagedOutput) -> Self {
        let path = file.path().to_owned();
        match file.publish() {
            Ok(()) => Self::Published,
            Err(PublishError { error, file: None }) => Self::NotWritten { path, error },
            Err(PublishError { error, file: Some(file) }) => {
                let temporary = file.path().to_owned();
                file.keep();
                Self::NotRenamed { path, temporary, error }
            }
        }
    }

    /// Removes the file of an earlier import.
    pub(crate) fn of_removal(path: PathBuf) -> Self {
        match fs::remove_file(&path) {
            Ok(()) => Self::Removed(path),
            // Another process was faster.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::Published,
            Err(error) => Self::NotRemoved { path, error },
        }
    }

    /// Why the file could not be written, renamed or removed, if so.
    pub(crate) fn failure(&self) -> Option<String> {
        match self {
            Self::Published | Self::Removed(_) => None,
            Self::NotRemoved { path, error } => {
                Some(format!("{} cannot be removed: {error}", path.display()))
            }
            Self::NotWritten { path, error } => {
                Some(format!("{} cannot be written: {error}", path.display()))
            }
            Self::NotRenamed { path, temporary, error } => Some(format!(
                "{} is complete, but still named {}: {error}",
                path.display(),
                temporary.display()
            )),
        }
    }
}
