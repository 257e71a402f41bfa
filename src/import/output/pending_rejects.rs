//! Rejects files that wait for a correction.

use super::digest::sha256_of;
use super::earlier_rejects::is_rejects;
use crate::outcome::PendingRejects;
use crate::store::{HistoryKind, Reader, StoreError, UndoLog};
use std::collections::{BTreeSet, HashSet};
use std::fs::File;
use std::path::{Path, PathBuf};

/// The imports that are looked at, the newest first.
const IMPORTS_LOOKED_AT: u64 = 400;

/// The rejects files of imports into a store that are still there and were not imported as they are.
pub fn pending_rejects(reader: &Reader) -> Result<Vec<PendingRejects>, StoreError> {
    let (mut files, mut imported) = (BTreeSet::new(), HashSet::new());
    reader.history(Some(IMPORTS_LOOKED_AT), |entry| {
        if entry.kind != HistoryKind::Import {
            return Ok(());
        }
        let report = entry.outcome();
        files.extend(report.rejects.files.iter().cloned());
        if entry.is_done_import() && entry.undo_log != Some(UndoLog::Undone) {
            imported.extend(report.sources.iter().filter_map(|source| source.sha256.clone()));
        }
        Ok::<(), StoreError>(())
    })?;
    let is_pending = |path: &PathBuf| {
        File::open(path).and_then(|file| is_rejects(&file)).unwrap_or(false)
            && sha256_of(path).is_ok_and(|sha256| !imported.contains(&sha256))
    };
    let pending = files.into_iter().filter(is_pending);
    Ok(pending
        .map(|path| PendingRejects { records: records(&path), file: path.display().to_string() })
        .collect())
}

/// How many records a rejects file has.
fn records(path: &Path) -> u64 {
    let reader = csv::ReaderBuilder::new().flexible(true).from_path(path);
    reader.map_or(0, |mut reader| reader.byte_records().filter_map(Result::ok).count() as u64)
}
