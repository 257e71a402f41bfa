//! Creates the temporary files of commands, and removes those that killed commands have left.
//!
//! A temporary file is in the same folder as the file that it becomes. It is named after the store,
//! and it is locked as long as its command writes it, so that another command can tell a file in
//! use from one that was left behind.

use super::destination::{folder_of, resolved};
use super::file_identity::FileIdentity;
use super::store_files::{COMPANIONS, companion, is_store_url};
use std::collections::BTreeSet;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Seek as _, Write};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use tempfile::TempPath;

const SUFFIX: &str = ".part";

/// The unfinished files of this process, to remove if a signal ends it.
static UNFINISHED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn unfinished<T>(each: impl FnOnce(&mut BTreeSet<PathBuf>) -> T) -> T {
    each(&mut UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Removes every temporary file of this process. For a process that ends without unwinding.
pub fn remove_unfinished() {
    unfinished(|paths| {
        for path in std::mem::take(paths) {
            // A file that cannot be removed is cleared by the next command.
            let _ = fs::remove_file(&path);
            for ending in COMPANIONS {
                let _ = fs::remove_file(companion(&path, ending));
            }
        }
    });
}

/// What a temporary file becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Rejected or accepted records, which the store may list, or a new store: only a command that
    /// holds the store's write lock removes it.
    Import,
    /// A backup, an export, a report, or an output of a dry run: useless once its command has
    /// ended.
    Copy,
}

impl Purpose {
    fn word(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Copy => "copy",
        }
    }
}

/// The temporary files of the commands on one store.
#[derive(Debug, Clone)]
pub struct TemporaryFiles {
    /// `.engage-<hash of the store's path>-`
    prefix: String,
}

impl TemporaryFiles {
    /// The temporary files for the store at this path.
    pub fn of_store(store: &Path) -> Self {
        // A URL is the same from every folder.
        let store = if is_store_url(store) { store.to_owned() } else { resolved(store) };
        let hash = xxhash_rust::xxh3::xxh3_64(store.as_os_str().as_encoded_bytes());
        Self { prefix: format!(".engage-{hash:016x}-") }
    }

    /// Creates a file next to its target, readable only by its owner, locked until it is closed.
    ///
    /// Fails with the error of the operating system, without the temporary name.
    pub fn create(&self, purpose: Purpose, target: &Path) -> io::Result<PrivateFile> {
        let prefix = format!("{}{}-", self.prefix, purpose.word());
        loop {
            let file = PrivateFile::new(&prefix, folder_of(target))?;
            file.file()?.lock()?;
            // Before it was locked, another command may have removed it as a file that was left
            // behind.
            if file.is_in_place() {
                return Ok(file);
            }
        }
    }

    /// Whether a path has the name of a temporary file of any store.
    pub fn is_any_name(path: &Path) -> bool {
        let name = path.file_name().map(std::ffi::OsStr::as_encoded_bytes).unwrap_or_default();
        let hash = name.strip_prefix(b".engage-").and_then(|rest| rest.split_at_checked(16));
        has_affixes(path, "")
            && hash.is_some_and(|(hash, rest)| {
                hash.iter().all(u8::is_ascii_hexdigit) && rest.starts_with(b"-")
            })
    }

    /// Whether a path has the name of a temporary file of this store.
    pub fn is_name(&self, path: &Path) -> bool {
        has_affixes(path, &self.prefix)
    }

    /// Removes files in a folder that a killed command left; keeps those in use and those in
    /// `kept`. With [`Purpose::Copy`] only files of that purpose; with [`Purpose::Import`] all, for
    /// a command that holds the store's write lock.
    pub fn clear(&self, folder: &Path, purpose: Purpose, kept: &[PathBuf]) {
        let prefix = match purpose {
            Purpose::Copy => format!("{}{}-", self.prefix, purpose.word()),
            Purpose::Import => self.prefix.clone(),
        };
        let Ok(entries) = fs::read_dir(folder) else { return };
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            let is_kept = kept.iter().any(|kept| kept.file_name() == path.file_name());
            let part = without_side_ending(&path);
            if has_affixes(&part, &prefix)
                && !is_kept
                && is_own_regular_file(&path)
                && !is_in_use(&part)
            {
                let _ = fs::remove_file(&path);
            }
        }
    }
}

fn has_affixes(path: &Path, prefix: &str) -> bool {
    path.file_name().is_some_and(|name| {
        let name = name.as_encoded_bytes();
        name.starts_with(prefix.as_bytes()) && name.ends_with(SUFFIX.as_bytes())
    })
}

/// The name of a temporary file without what SQLite appends to it.
fn without_side_ending(path: &Path) -> PathBuf {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    match COMPANIONS.iter().find_map(|ending| name.strip_suffix(ending)) {
        Some(name) => path.with_file_name(name),
        None => path.to_owned(),
    }
}

/// Whether a process writes the file, as far as can be known. Only a regular file of this user is
/// opened, without following a link and without waiting for the other end of a pipe.
fn is_in_use(path: &Path) -> bool {
    if fs::symlink_metadata(path).is_err() {
        return false;
    }
    if !is_own_regular_file(path) {
        return true;
    }
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(flags.bits().cast_signed());
    !options.open(path).is_ok_and(|file| {
        file.metadata().is_ok_and(|opened| is_own_regular(&opened)) && file.try_lock().is_ok()
    })
}

fn is_own_regular(metadata: &Metadata) -> bool {
    metadata.is_file() && metadata.uid() == rustix::process::geteuid().as_raw()
}

/// Whether the path is a regular file of this process's user, and not a link to one.
pub fn is_own_regular_file(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|there| is_own_regular(&there))
}

/// The error of the operating system, without the temporary name in it.
fn without_path(folder: &Path, error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::NotFound {
        return io::Error::new(error.kind(), format!("no such folder: {}", folder.display()));
    }
    let inner = error.get_ref().and_then(|error| error.source());
    let code = inner.and_then(|inner| inner.downcast_ref::<io::Error>()?.raw_os_error());
    code.map_or(error, io::Error::from_raw_os_error)
}

/// A file that only its owner may read, under a temporary name. It is removed when it is dropped.
#[derive(Debug)]
pub struct PrivateFile {
    path: TempPath,
    /// `None` if it was closed, as when many files are written; then only its name identifies it.
    file: Option<File>,
    /// What its name begins with.
    prefix: String,
}

/// Why a temporary file could not be renamed. The file is unchanged.
#[derive(Debug)]
pub struct PersistError {
    /// The error of the operating system.
    pub error: io::Error,
    /// The file, under its temporary name.
    pub file: PrivateFile,
}

impl PrivateFile {
    fn new(prefix: &str, folder: &Path) -> io::Result<Self> {
        let made = tempfile::Builder::new().prefix(prefix).suffix(SUFFIX).tempfile_in(folder);
        let (file, path) = made.map_err(|error| without_path(folder, error))?.into_parts();
        unfinished(|paths| paths.insert(path.to_path_buf()));
        Ok(Self { path, file: Some(file), prefix: prefix.to_owned() })
    }

    /// The temporary name.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The open file. Fails if it was closed.
    pub fn file(&self) -> io::Result<&File> {
        self.file.as_ref().ok_or_else(|| io::Error::other("the temporary file is closed"))
    }

    /// Whether its name still leads to it. A closed file is identified only by its name.
    fn is_in_place(&self) -> bool {
        let own = self.file.as_ref().and_then(|file| file.metadata().ok());
        match (own, fs::symlink_metadata(&self.path)) {
            (Some(own), Ok(there)) => FileIdentity::from(&own) == FileIdentity::from(&there),
            (None, Ok(_)) => true,
            (_, Err(_)) => false,
        }
    }

    /// Closes the file and so releases its lock: the store's lock must keep other commands away.
    pub fn close(&mut self) {
        self.file = None;
    }

    /// Keeps [`remove_unfinished`] from removing the file, as with rejects once their import is
    /// committed.
    pub fn protect(&self) {
        unfinished(|paths| paths.remove(self.path()));
    }

    /// Gives the file its final name, and replaces a file that has it. If the temporary name was
    /// removed meanwhile, the content is written again.
    pub fn persist(mut self, target: &Path) -> Result<(), PersistError> {
        if !self.is_in_place() {
            match self.copied(target) {
                Ok(copy) => self = copy,
                Err(error) => return Err(PersistError { error, file: self }),
            }
        }
        match fs::rename(self.path(), target) {
            Ok(()) => {
                self.keep();
                Ok(())
            }
            Err(error) => Err(PersistError { error, file: self }),
        }
    }

    /// The same content under a new temporary name.
    fn copied(&self, target: &Path) -> io::Result<Self> {
        let removed = |_| io::Error::other("its temporary file was removed by another program");
        let mut content = self.file().map_err(removed)?;
        let mut copy = Self::new(&self.prefix, folder_of(target))?;
        content.rewind()?;
        io::copy(&mut content, &mut copy)?;
        copy.file()?.sync_all()?;
        Ok(copy)
    }

    /// Keeps the file under its temporary name.
    pub fn keep(mut self) {
        self.protect();
        self.path.disable_cleanup(true);
    }
}

impl Write for PrivateFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file()?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file()?.flush()
    }
}
