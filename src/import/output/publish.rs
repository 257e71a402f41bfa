//! The files that an import has written under temporary names, and that they get their own.

use super::accepted::FinishedAccepted;
use super::rejects::{FinishedRejects, Placed};
use crate::outcome::{Outcome, Status, Warning};
use std::io;
use std::path::{Path, PathBuf, absolute};

/// The files of an import, whole and on the disk, under temporary names.
pub(crate) struct Written {
    pub(crate) rejects: Vec<FinishedRejects>,
    pub(crate) accepted: Option<FinishedAccepted>,
}

impl Written {
    /// The rejects files as JSON, each with its temporary name before the one that it is to have.
    /// One whose path is no text is left out.
    pub(crate) fn pending(&self) -> Option<String> {
        let text = |path: &Path| absolute(path).ok()?.into_os_string().into_string().ok();
        let names = self.rejects.iter().filter_map(FinishedRejects::names);
        let names: Vec<[String; 2]> =
            names.filter_map(|(temporary, path)| Some([text(temporary)?, text(path)?])).collect();
        (!names.is_empty()).then(|| serde_json::json!(names).to_string())
    }

    /// Where the rejects will be.
    pub(crate) fn rejects_paths(&self) -> Vec<PathBuf> {
        self.rejects.iter().filter_map(FinishedRejects::path).map(Path::to_owned).collect()
    }

    /// Keeps the rejects when the process is ended by a signal: their import is committed.
    pub(crate) fn protect_rejects(&self) {
        self.rejects.iter().for_each(FinishedRejects::protect);
    }

    /// Gives the files their names. What the import came to is settled by then: a file that cannot
    /// get its name is something to warn of, and the exit code tells of it. An earlier rejects file is
    /// removed only by an import that was done and rejected nothing.
    ///
    /// Says whether every rejects file has its name.
    pub(crate) fn place(self, outcome: &mut Outcome) -> bool {
        let mut is_whole = true;
        let is_done = matches!(outcome.status, Status::Imported | Status::Partial);
        for file in self.rejects {
            match file.place(is_done) {
                Placed::Done => {}
                Placed::Removed(path) => outcome.rejects.removed.push(path),
                Placed::NotRemoved(path, error) => outcome.warnings.push(Warning::new(
                    "output.stale",
                    format!(
                        "{} is of an earlier import and cannot be removed: {error}",
                        path.display()
                    ),
                    1,
                )),
                Placed::Unwritten { path, error } => {
                    outcome.warnings.push(unwritten(&path, &error));
                    outcome.report_failure();
                }
                Placed::Nameless { path, temporary, error } => {
                    is_whole = false;
                    outcome.report_failure();
                    outcome.warnings.push(nameless(&path, &temporary, &error, is_done));
                    for file in outcome.rejects.files.iter_mut().filter(|file| **file == path) {
                        file.clone_from(&temporary);
                    }
                }
            }
        }
        let Some(accepted) = self.accepted.filter(|_| outcome.guard.is_none()) else {
            return is_whole;
        };
        match accepted.place() {
            Ok(path) => outcome.accepted = Some(path),
            Err((path, temporary, error)) => {
                outcome.warnings.push(match temporary {
                    Some(temporary) => nameless(&path, &temporary, &error, false),
                    None => unwritten(&path, &error),
                });
                outcome.report_failure();
            }
        }
        is_whole
    }
}

fn unwritten(path: &Path, error: &io::Error) -> Warning {
    let message = format!("{} could not be written: {error}", path.display());
    Warning::new("output.unwritten", message, 1)
}

/// A file that is whole, and has not got its name. `again` says that the store knows of it.
fn nameless(path: &Path, temporary: &Path, error: &io::Error, again: bool) -> Warning {
    let next = match again {
        true => "the next change of the store tries again",
        false => "move it before the next import, which clears it away",
    };
    let message = format!(
        "{} could not be given its name: {error}; it is in {}: {next}",
        path.display(),
        temporary.display()
    );
    Warning::new("output.nameless", message, 1)
}
