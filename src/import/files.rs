//! Files that an import writes: for their owner alone, and whole or not at all.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::NamedTempFile;

/// The temporary files of imports into one store, which its next import clears away where one was
/// killed.
#[derive(Debug, Clone)]
pub(super) struct TemporaryFiles {
    prefix: String,
    /// How long one that nobody writes any more is left alone: it may be about to get its name.
    settled: Duration,
}

impl TemporaryFiles {
    /// Those of imports, which the store's lock keeps apart.
    pub(super) fn of_imports(store: &Path) -> Self {
        Self { prefix: prefix("", store), settled: Duration::ZERO }
    }

    /// Those of dry runs, of which there may be several at once.
    pub(super) fn of_dry_runs(store: &Path) -> Self {
        Self { prefix: prefix("dry-", store), settled: Duration::from_secs(60) }
    }

    /// A file beside where it is to be, for its owner alone, locked as long as it is open.
    pub(super) fn beside(&self, path: &Path) -> io::Result<NamedTempFile> {
        let file = beside(path, &self.prefix)?;
        file.as_file().lock()?;
        Ok(file)
    }

    fn is_settled(&self, file: &File) -> bool {
        let modified = file.metadata().and_then(|metadata| metadata.modified());
        let age = modified.map(|modified| modified.elapsed().unwrap_or_default());
        age.is_ok_and(|age| age >= self.settled)
    }

    /// Removes those that no process writes any more, but for `kept`. Nobody is the worse for one
    /// that cannot be removed. Those of imports are only cleared by who holds the store's lock.
    pub(super) fn clear(&self, folder: &Path, kept: &[PathBuf]) {
        let Ok(entries) = fs::read_dir(folder) else { return };
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            let is_ours = path
                .file_name()
                .is_some_and(|name| name.as_encoded_bytes().starts_with(self.prefix.as_bytes()));
            if is_ours
                && !kept.iter().any(|kept| kept.file_name() == path.file_name())
                && File::open(&path)
                    .is_ok_and(|file| file.try_lock().is_ok() && self.is_settled(&file))
            {
                let _ = fs::remove_file(&path);
            }
        }
    }
}

fn prefix(kind: &str, store: &Path) -> String {
    let store = resolved(store);
    let hash = xxhash_rust::xxh3::xxh3_64(store.as_os_str().as_encoded_bytes());
    format!(".engage-{kind}{hash:016x}-")
}

/// The folder that a file is in, or is to be in.
pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn beside(path: &Path, prefix: &str) -> io::Result<NamedTempFile> {
    let folder = folder_of(path);
    let made = tempfile::Builder::new().prefix(prefix).suffix(".part").tempfile_in(folder);
    made.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            io::Error::new(error.kind(), format!("there is no folder {}", folder.display()))
        }
        _ => without_path(error),
    })
}

/// What the operating system says, without the temporary name that it says it of.
fn without_path(error: io::Error) -> io::Error {
    let inner = error.get_ref().and_then(|error| error.source());
    let code = inner.and_then(|inner| inner.downcast_ref::<io::Error>()?.raw_os_error());
    code.map_or(error, io::Error::from_raw_os_error)
}

/// Gives rejects files of an import that was killed just after its commit their names: each pair is
/// a temporary name and the one that the file is to have. Those that have it already stay.
pub fn finish_rejects(pending: &[(PathBuf, PathBuf)]) {
    for (temporary, path) in pending {
        // Most were renamed long ago.
        let _ = fs::rename(temporary, path);
    }
}

/// Looks whether [`write_whole`] can write a file there, so that it is found out in time.
pub(super) fn check_writable(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    beside(path, ".engage-").map(drop)
}

/// Writes a whole file in place of one that may be there: for its owner alone, and never half.
///
/// Fails as the operating system does; what was there before is then as it was.
pub fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    replace(path, |temporary| fs::write(temporary, content))?
}

/// Puts a file in place of one that may be there, once `fill` has written all of it under a
/// temporary name. The outer error is the operating system's, the inner one that of `fill`; what was
/// there before is then as it was.
pub fn replace<E>(
    path: &Path,
    fill: impl FnOnce(&Path) -> Result<(), E>,
) -> io::Result<Result<(), E>> {
    let temporary = beside(path, ".engage-")?;
    if let Err(error) = fill(temporary.path()) {
        return Ok(Err(error));
    }
    temporary.as_file().sync_all()?;
    temporary.persist(path).map_err(|error| error.error)?;
    Ok(Ok(()))
}

/// The path by which a file is the same by whatever way it was named, be it there or not.
pub(super) fn resolved(path: &Path) -> PathBuf {
    if let Ok(whole) = path.canonicalize() {
        return whole;
    }
    match (folder_of(path).canonicalize(), path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path.to_owned(),
    }
}
