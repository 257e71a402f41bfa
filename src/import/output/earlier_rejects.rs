//! The rejects files of earlier imports, and which of them a new import may replace.

use super::digest::sha256_of;
use crate::import::error::{ImportError, RejectsError};
use crate::input::is_rejects_file;
use crate::store::StoreError;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// The mark at the beginning of a file that makes a spreadsheet read it as UTF-8.
pub(super) const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// What an import does with a rejects file of an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EarlierRejects {
    /// It reads the whole input, so its own rejects replace them.
    Replace,
    /// It stops after some records: the earlier ones stay, and its own go to a numbered file.
    Keep,
}

/// Who wrote an existing rejects file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RejectsOrigin {
    /// An import into this store wrote it, or has read it.
    Import,
    /// Only imports that a guard stopped: no record of their input is in the store.
    StoppedImport,
    /// No import into this store: it was edited, or is of another store.
    Unknown,
}

/// The rejects files that earlier imports of the input have left.
#[derive(Debug, Default)]
pub(super) struct EarlierFiles {
    /// Whether the rejects replace the input itself, an imported rejects file.
    pub(super) is_input: bool,
    /// Whether all of them are kept.
    pub(super) keep: bool,
    /// The files that this import makes obsolete, the one at its own path first.
    pub(super) obsolete: Vec<PathBuf>,
    /// The files that no import into this store has written, each with its SHA-256.
    pub(super) edited: Vec<(PathBuf, String)>,
    /// Where the rejects go if a guard stops this import: the rejects of completed imports are
    /// kept.
    pub(super) if_stopped: Option<PathBuf>,
}

impl EarlierFiles {
    /// Looks at the rejects files at a path and at its numbered variants. Returns the first name
    /// that is free or whose file may be replaced, if it differs from the path.
    pub(super) fn find(
        &mut self,
        path: &Path,
        origin: &impl Fn(&str) -> Result<RejectsOrigin, StoreError>,
    ) -> Result<Option<PathBuf>, ImportError> {
        if self.is_input || self.keep {
            return Ok(None);
        }
        self.obsolete.clear();
        let mut free = None;
        for candidate in candidates(path) {
            let Some(sha256) = rejects_digest(&candidate)? else {
                if fs::symlink_metadata(&candidate).is_ok() {
                    continue;
                }
                self.if_stopped.get_or_insert_with(|| candidate.clone());
                free.get_or_insert(candidate);
                break;
            };
            let origin = origin(&sha256)?;
            if origin == RejectsOrigin::Unknown {
                self.edited.push((candidate, sha256));
                continue;
            }
            if origin == RejectsOrigin::StoppedImport {
                self.if_stopped.get_or_insert_with(|| candidate.clone());
            }
            free.get_or_insert_with(|| candidate.clone());
            self.obsolete.push(candidate);
        }
        Ok(free.filter(|free| free != path))
    }
}

/// The path with the lowest number that no file has: `users.rejects.2.csv` for `users.rejects.csv`.
pub(crate) fn numbered(path: &Path) -> PathBuf {
    let mut candidates = candidates(path).skip(1);
    candidates
        .find(|candidate| fs::symlink_metadata(candidate).is_err())
        .unwrap_or_else(|| path.to_owned())
}

/// The path itself, then its numbered variants: `users.rejects.2.csv` for `users.rejects.csv`.
fn candidates(path: &Path) -> impl Iterator<Item = PathBuf> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let (stem, ending) = name.rsplit_once('.').unwrap_or((&name, "csv"));
    let (stem, ending, path) = (stem.to_owned(), ending.to_owned(), path.to_owned());
    let first = path.clone();
    let numbers =
        (2..).map(move |number: u64| path.with_file_name(format!("{stem}.{number}.{ending}")));
    std::iter::once(first).chain(numbers)
}

/// Whether a path has a rejects file of an earlier import. Fails if it has another file.
pub(super) fn is_stale(path: &Path) -> Result<bool, RejectsError> {
    let failed = |source| RejectsError::Write { path: path.to_owned(), source };
    match File::open(path) {
        Ok(file) if is_rejects(&file).map_err(failed)? => Ok(true),
        Ok(_) => Err(RejectsError::NotOurs(path.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(failed(error)),
    }
}

/// The SHA-256 of a rejects file; `None` if there is no file, or another one.
fn rejects_digest(path: &Path) -> Result<Option<String>, RejectsError> {
    let failed = |source| RejectsError::Write { path: path.to_owned(), source };
    match File::open(path) {
        Ok(file) if is_rejects(&file).map_err(failed)? => sha256_of(path).map(Some).map_err(failed),
        Ok(_) => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(error)),
    }
}

/// Whether a file is a rejects file, or empty.
pub(crate) fn is_rejects(file: &File) -> io::Result<bool> {
    let mut beginning = Vec::new();
    // A header is far shorter; a longer line is not a header.
    file.take(1 << 20).read_to_end(&mut beginning)?;
    let text = beginning.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&beginning);
    Ok(text.is_empty() || is_rejects_file(text))
}
