//! The files of an import: written under temporary names, and renamed once it has ended.

use super::publish_result::PublishResult;
use super::rejects_file::FinishedRejects;
use crate::outcome::{Outcome, Status, Warning};
use crate::output::StagedOutput;
use std::io;
use std::path::{Path, PathBuf, absolute};

/// The files of an import, complete and on the disk, under temporary names.
pub(crate) struct StagedFiles {
    /// One for each input.
    pub(crate) rejects: Vec<FinishedRejects>,
    /// The accepted records. The file stays open and locked, so that no other command removes it.
    pub(crate) accepted: Option<StagedOutput>,
}

impl StagedFiles {
    /// The rejects files, each with its temporary name before its final one. A path that is
    /// not UTF-8 is left out.
    pub(crate) fn pending(&self) -> Vec<[String; 2]> {
        let text = |path: &Path| absolute(path).ok()?.into_os_string().into_string().ok();
        let names = self.rejects.iter().filter_map(FinishedRejects::names);
        names.filter_map(|(temporary, path)| Some([text(temporary)?, text(path)?])).collect()
    }

    /// Handles the rejects of an import that a guard stopped: they are kept if they show why, and
    /// discarded otherwise. Those of earlier imports stay.
    pub(crate) fn stop(&mut self, shows_why: bool) {
        for rejects in &mut self.rejects {
            if shows_why { rejects.set_aside() } else { rejects.discard() }
        }
    }

    /// Whether an input was a rejects file that is replaced by its own rejects.
    pub(crate) fn are_of_rejects_files(&self) -> bool {
        self.rejects.iter().any(FinishedRejects::replaces_input)
    }

    /// The final paths of the rejects files.
    pub(crate) fn rejects_paths(&self) -> Vec<PathBuf> {
        self.rejects.iter().filter_map(FinishedRejects::path).map(Path::to_owned).collect()
    }

    /// The SHA-256 of each rejects file.
    pub(crate) fn rejects_digests(&self) -> Vec<String> {
        let digests = self.rejects.iter().filter_map(FinishedRejects::digest);
        digests.map(|(_, sha256)| sha256.to_owned()).collect()
    }

    /// Warnings of rejects files that stay because they were edited.
    pub(crate) fn edited_warnings(&self) -> Vec<Warning> {
        let warning = |rejects: &FinishedRejects| {
            let own = rejects.path();
            let of = |edited: &Path| edited_warning(edited, own);
            rejects.edited().map(of).collect::<Vec<_>>()
        };
        self.rejects.iter().flat_map(warning).collect()
    }

    /// Keeps the rejects when a signal ends the process: their import is committed.
    pub(crate) fn protect_rejects(&self) {
        self.rejects.iter().for_each(FinishedRejects::protect);
    }

    /// Keeps the rejects under their temporary names: it is unknown whether their import is
    /// committed. If it is, the next import renames them; if not, it removes them.
    pub(crate) fn keep_rejects(self) {
        self.rejects.into_iter().for_each(FinishedRejects::keep);
    }

    /// Renames the files and returns whether every rejects file has its name. By now the result of
    /// the import is final, so a file that cannot be renamed causes a warning and an exit code.
    /// Obsolete rejects files are removed only if the import was completed.
    pub(crate) fn publish(self, outcome: &mut Outcome) -> bool {
        let mut has_all_rejects = true;
        let is_done = matches!(outcome.status, Status::Imported | Status::Partial);
        for file in self.rejects {
            for result in file.publish(is_done) {
                has_all_rejects &= note_result(result, is_done, outcome);
            }
        }
        if let Some(file) = self.accepted.filter(|_| outcome.guard.is_none()) {
            publish_accepted(file, outcome);
        }
        has_all_rejects
    }
}

/// Notes what happened to a rejects file, and returns whether it has its name.
fn note_result(result: PublishResult, is_done: bool, outcome: &mut Outcome) -> bool {
    match result {
        PublishResult::Published => {}
        PublishResult::Removed(path) => outcome.rejects.removed.push(path),
        PublishResult::NotRemoved { path, error } => {
            outcome.warnings.push(not_removed(&path, &error));
        }
        PublishResult::NotWritten { path, error } => {
            outcome.warnings.push(not_written(&path, &error));
            outcome.report_failure();
        }
        PublishResult::NotRenamed { path, temporary, error } => {
            outcome.report_failure();
            outcome.warnings.push(not_renamed(&path, &temporary, &error, is_done));
            for file in outcome.rejects.files.iter_mut().filter(|file| **file == path) {
                file.clone_from(&temporary);
            }
            return false;
        }
    }
    true
}

fn edited_warning(edited: &Path, own: Option<&Path>) -> Warning {
    let edited = edited.display();
    let message = match own {
        Some(own) => format!(
            "{edited} was edited or belongs to another store, so it was kept: the new rejects are in {}",
            own.display()
        ),
        None => format!(
            "{edited} was edited or belongs to another store, so it was kept: import it, or remove it"
        ),
    };
    Warning::new("rejects.edited", message, 1)
}

fn publish_accepted(file: StagedOutput, outcome: &mut Outcome) {
    let path = file.path().to_owned();
    let warning = match PublishResult::of_file(file) {
        PublishResult::Published | PublishResult::Removed(_) => {
            outcome.accepted = Some(path);
            return;
        }
        PublishResult::NotRenamed { path, temporary, error } => {
            not_renamed(&path, &temporary, &error, false)
        }
        PublishResult::NotWritten { path, error } | PublishResult::NotRemoved { path, error } => {
            not_written(&path, &error)
        }
    };
    outcome.warnings.push(warning);
    outcome.report_failure();
}

fn not_removed(path: &Path, error: &io::Error) -> Warning {
    let message =
        format!("{} belongs to an earlier import and cannot be removed: {error}", path.display());
    Warning::new("output.stale", message, 1)
}

fn not_written(path: &Path, error: &io::Error) -> Warning {
    let message = format!("{} could not be written: {error}", path.display());
    Warning::new("output.unwritten", message, 1)
}

/// `is_retried` says that the store has the file in its list of pending outputs.
fn not_renamed(path: &Path, temporary: &Path, error: &io::Error, is_retried: bool) -> Warning {
    let next = if is_retried {
        "the next change to the store tries again"
    } else {
        "move it before the next import, which deletes it"
    };
    let message = format!(
        "{} could not be renamed: {error}; it is in {}: {next}",
        path.display(),
        temporary.display()
    );
    Warning::new("output.nameless", message, 1)
}
