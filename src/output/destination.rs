//! The kind of file at the path of an output: a regular file, or a stream.

use super::file_identity::FileIdentity;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::fd::AsFd as _;
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf, absolute};

/// How many links are followed before a path counts as a loop; the limit of Linux.
const MAX_LINKS: usize = 40;

/// Where an output goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// A regular file, which may not exist yet. It is replaced once its new content is complete.
    File(PathBuf),
    /// The program's own standard output: `-`, `/dev/stdout` and its other names.
    StandardOutput,
    /// A pipe, a device, or an open file by its descriptor. It is written directly.
    Stream(PathBuf),
}

impl Destination {
    /// Where an output with this path goes. Everything in `/dev` and `/proc` is a stream, even if
    /// it links to a file: `/dev/stdout` leads to the regular file of `engage … > out.csv`, and
    /// replacing the link would break the machine. The folder `/dev/shm` has ordinary files.
    pub fn of(path: &Path) -> Self {
        if path == Path::new("-") {
            return Self::StandardOutput;
        }
        let mut place = in_real_folder(path);
        for _ in 0..MAX_LINKS {
            if is_standard_output(&place) {
                return Self::StandardOutput;
            }
            if is_device_path(&place) {
                return Self::Stream(path.to_owned());
            }
            match fs::read_link(&place) {
                Ok(target) => place = in_real_folder(&folder_of(&place).join(target)),
                Err(_) => break,
            }
        }
        let is_file = fs::metadata(path).map_or(true, |there| there.is_file() || there.is_dir());
        if is_file { Self::File(path.to_owned()) } else { Self::Stream(path.to_owned()) }
    }

    /// Opens the stream for writing; `None` for a regular file.
    ///
    /// Fails immediately for a pipe that no process reads, instead of waiting for a reader.
    pub fn open_stream(&self) -> io::Result<Option<File>> {
        match self {
            Self::File(_) => Ok(None),
            Self::StandardOutput => {
                let descriptor = io::stdout().as_fd().try_clone_to_owned()?;
                Ok(Some(descriptor.into()))
            }
            Self::Stream(path) => open(path).map(Some),
        }
    }
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    // Appending keeps what the owner of an open file has written there already.
    options.append(true);
    let is_pipe = fs::metadata(path)?.file_type().is_fifo();
    if !is_pipe {
        return options.open(path);
    }
    // Opening a pipe for writing would wait for a reader, and ignore signals.
    options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    let pipe = options.open(path).map_err(|error| match error.raw_os_error() {
        Some(code) if code == rustix::io::Errno::NXIO.raw_os_error() => {
            io::Error::new(error.kind(), "no process reads from this pipe")
        }
        _ => error,
    })?;
    let flags = rustix::fs::fcntl_getfl(&pipe)?;
    rustix::fs::fcntl_setfl(&pipe, flags - rustix::fs::OFlags::NONBLOCK)?;
    Ok(pipe)
}

/// The path with its folder resolved, so that a link to `/dev` is seen as `/dev`.
fn in_real_folder(path: &Path) -> PathBuf {
    match (folder_of(path).canonicalize(), path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => absolute(path).unwrap_or_else(|_| path.to_owned()),
    }
}

fn is_device_path(path: &Path) -> bool {
    let is_shared_memory = path.starts_with("/dev/shm") && path != Path::new("/dev/shm");
    (path.starts_with("/dev") || path.starts_with("/proc")) && !is_shared_memory
}

fn is_standard_output(place: &Path) -> bool {
    place == Path::new("/dev/stdout")
        || (place.file_name().is_some_and(|name| name == "1")
            && place.parent().is_some_and(|folder| {
                let own = Path::new("/proc/self/fd").canonicalize();
                own.is_ok_and(|own| own == folder) || folder == Path::new("/dev/fd")
            }))
}

/// The folder of an existing or future file.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The absolute path without links, which identifies a file. The file need not exist.
pub fn resolved(path: &Path) -> PathBuf {
    let mut place = path.to_owned();
    for _ in 0..MAX_LINKS {
        if let Ok(found) = place.canonicalize() {
            return found;
        }
        // A link may lead to a file that does not exist yet.
        match fs::read_link(&place) {
            Ok(target) => place = folder_of(&place).join(target),
            Err(_) => break,
        }
    }
    in_real_folder(&place)
}

/// Where a path leads.
pub(super) struct FilePlace {
    resolved: PathBuf,
    /// The file, if it exists.
    file: Option<FileIdentity>,
}

impl FilePlace {
    pub(super) fn of(path: &Path) -> Self {
        Self { resolved: resolved(path), file: FileIdentity::of(path) }
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.resolved == other.resolved || (self.file.is_some() && self.file == other.file)
    }
}

/// Whether two paths lead to one file: by name, through links, or as hard links.
pub fn is_same_file(one: &Path, other: &Path) -> bool {
    FilePlace::of(one).is_same(&FilePlace::of(other))
}

/// The path relative to the current folder if it is in it, else the path unchanged.
pub fn named_from_here(path: &Path) -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here).unwrap_or(path).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn names_of_standard_output_are_known() {
        for name in ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "/dev/../dev/stdout"] {
            assert_eq!(Destination::of(Path::new(name)), Destination::StandardOutput, "{name}");
        }
    }

    #[test]
    fn devices_are_streams_through_any_link() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        symlink("/dev", &link).unwrap();
        for name in [link.join("null"), link.join("absent"), "/proc/self/fd/2".into()] {
            assert_eq!(Destination::of(&name), Destination::Stream(name.clone()));
        }
        let file = folder.path().join("file");
        symlink(link.join("stdout"), &file).unwrap();
        assert_eq!(Destination::of(&file), Destination::StandardOutput);
        let plain = folder.path().join("out.csv");
        assert_eq!(Destination::of(&plain), Destination::File(plain.clone()));
        symlink(&plain, folder.path().join("to-plain")).unwrap();
        let to_plain = folder.path().join("to-plain");
        assert_eq!(Destination::of(&to_plain), Destination::File(to_plain.clone()));
    }

    #[test]
    fn hard_links_are_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (folder.path().join("one"), folder.path().join("other"));
        fs::write(&one, "").unwrap();
        assert!(!is_same_file(&one, &other));
        fs::hard_link(&one, &other).unwrap();
        assert!(is_same_file(&one, &other));
    }
}
