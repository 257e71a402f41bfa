//! Renames the rejects files of an import that was killed after its commit.

use super::digest::sha256_of;
use super::earlier_rejects::{is_rejects, numbered};
use crate::output::is_own_regular_file;
use crate::store::PendingOutput;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// What happened to pending outputs.
#[derive(Debug, Default)]
pub struct FinishedOutputs {
    /// The imports without pending outputs.
    pub imports: Vec<i64>,
    /// Temporary files that could not be renamed, and must be kept.
    pub kept: Vec<PathBuf>,
}

/// Renames pending rejects files. Only for a command that holds the store's write lock.
///
/// The store is untrusted input: an entry that no import can have written is left alone, so that
/// `engage check` reports it. Only a rejects file of this user is renamed. It may replace a rejects
/// file that was not edited: `is_known` says whether an import has written or read a file of this
/// SHA-256. If the name is taken by another file, a number is added.
pub fn rename_pending_outputs(
    store: &Path,
    pending: &[PendingOutput],
    is_known: impl Fn(&str) -> bool,
) -> FinishedOutputs {
    let mut finished = FinishedOutputs::default();
    let mut unfinished: Vec<i64> = Vec::new();
    for output in pending {
        finished.imports.push(output.import);
        if !output.is_plausible() {
            unfinished.push(output.import);
            continue;
        }
        let is_there = output.is_of_store(store)
            && is_own_regular_file(&output.temporary)
            && holds_rejects(&output.temporary);
        if is_there && fs::rename(&output.temporary, free_name(output, &is_known)).is_err() {
            unfinished.push(output.import);
            finished.kept.push(output.temporary.clone());
        }
    }
    finished.imports.sort_unstable();
    finished.imports.dedup();
    finished.imports.retain(|import| !unfinished.contains(import));
    finished
}

fn holds_rejects(path: &Path) -> bool {
    File::open(path).and_then(|file| is_rejects(&file)).unwrap_or(false)
}

/// The target, or its next number if the path is taken.
fn free_name(output: &PendingOutput, is_known: impl Fn(&str) -> bool) -> PathBuf {
    let target = &output.target;
    let is_unedited = || {
        sha256_of(target).is_ok_and(|sha256| {
            is_known(&sha256) || sha256_of(&output.temporary).is_ok_and(|own| own == sha256)
        })
    };
    let is_free = fs::symlink_metadata(target).is_err()
        || (is_own_regular_file(target) && holds_rejects(target) && is_unedited());
    if is_free { target.to_owned() } else { numbered(target) }
}
