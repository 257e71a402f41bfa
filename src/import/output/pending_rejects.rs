//! Rejects files that wait for a correction.

use super::digest::sha256_of;
use super::earlier_rejects::is_rejects;
use crate::outcome::PendingRejects;
use crate::output::named_from_here;
use crate::store::{HistoryKind, Reader, StoreError, UndoLog};
use std::collections::{BTreeSet, HashSet};
use std::fs::File;
use std::path::{Path, PathBuf, absolute};

/// How many imports are looked at, the newest first.
const IMPORTS_LOOKED_AT: u64 = 400;

/// The rejects files of imports into a store that still exist and were not imported unchanged.
/// Stopped and undone imports have none, since their whole input has to be imported again.
pub fn pending_rejects(reader: &Reader) -> Result<Vec<PendingRejects>, StoreError> {
    let mut files = BTreeSet::new();
    // By SHA-256: the files that imports have read, the rejects that they have written, and the
    // rejects of stopped or undone imports.
    let (mut imported, mut written, mut void) = (HashSet::new(), HashSet::new(), HashSet::new());
    reader.history(Some(IMPORTS_LOOKED_AT), |entry| {
        if entry.kind != HistoryKind::Import {
            return Ok(());
        }
        let report = entry.outcome();
        if !entry.is_done_import() || entry.undo_log == Some(UndoLog::Undone) {
            void.extend(report.rejects.sha256.iter().cloned());
            return Ok(());
        }
        // Older versions kept the paths as they were given.
        files.extend(report.rejects.files.iter().filter_map(|file| absolute(file).ok()));
        written.extend(report.rejects.sha256.iter().cloned());
        imported.extend(report.sources.iter().filter_map(|source| source.sha256.clone()));
        Ok::<(), StoreError>(())
    })?;
    let waits = |sha256: &String| {
        !imported.contains(sha256) && (written.contains(sha256) || !void.contains(sha256))
    };
    let is_pending = |path: &PathBuf| {
        File::open(path).and_then(|file| is_rejects(&file)).unwrap_or(false)
            && sha256_of(path).is_ok_and(|sha256| waits(&sha256))
    };
    let pending = files.into_iter().filter(is_pending);
    let named = |path: &Path| named_from_here(path).display().to_string();
    Ok(pending.map(|path| PendingRejects { records: records(&path), file: named(&path) }).collect())
}

/// How many records a rejects file has.
fn records(path: &Path) -> u64 {
    let reader = csv::ReaderBuilder::new().flexible(true).from_path(path);
    reader.map_or(0, |mut reader| reader.byte_records().filter_map(Result::ok).count() as u64)
}
