//! Opens an input: a file, or standard input.

use crate::text::hexadecimal;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Why an input cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// There is no file with that name.
    #[error("no such file: {}", .0.display())]
    Missing(PathBuf),
    /// It is a folder.
    #[error("{} is a folder, not a CSV file", .0.display())]
    Directory(PathBuf),
    /// Opening or reading it failed.
    #[error("{} cannot be read: {source}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
}

/// Where an import's bytes come from.
pub struct Input {
    name: String,
    path: Option<PathBuf>,
    length: Option<u64>,
    reader: Box<dyn Read + Send>,
}

impl Input {
    /// Opens a file, or standard input for `-`. Nothing of it is read yet.
    pub fn open(path: &Path) -> Result<Self, InputError> {
        if path.as_os_str() == "-" {
            return Ok(Self {
                name: "stdin".to_owned(),
                path: None,
                length: None,
                reader: Box::new(io::stdin()),
            });
        }
        let unreadable = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound => InputError::Missing(path.to_owned()),
            _ => InputError::Unreadable { path: path.to_owned(), source },
        };
        let file = File::open(path).map_err(unreadable)?;
        let metadata = file.metadata().map_err(unreadable)?;
        if metadata.is_dir() {
            return Err(InputError::Directory(path.to_owned()));
        }
        Ok(Self {
            name: path.display().to_string(),
            path: Some(path.to_owned()),
            length: metadata.is_file().then_some(metadata.len()),
            reader: Box::new(file),
        })
    }

    /// An input that reads from any other source.
    pub fn from_reader(name: impl Into<String>, reader: impl Read + Send + 'static) -> Self {
        Self { name: name.into(), path: None, length: None, reader: Box::new(reader) }
    }

    /// The name in messages: the path as it was given, or `stdin`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file's path; standard input has none.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The file's length in bytes, if it is known.
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// The bytes. They are counted in `progress` as they are read; [`Checksum::finish`] returns
    /// their number and checksum.
    pub(crate) fn reader(self, progress: Progress) -> Checksum<Box<dyn Read + Send>> {
        Checksum { inner: self.reader, hash: Sha256::new(), bytes: 0, progress }
    }
}

/// How many bytes of an input have been read, for a progress bar.
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<AtomicU64>);

impl Progress {
    /// The bytes read so far.
    pub fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A reader that counts and hashes the bytes that pass through it.
pub(crate) struct Checksum<R> {
    inner: R,
    hash: Sha256,
    bytes: u64,
    progress: Progress,
}

impl<R: Read> Checksum<R> {
    /// Reads what is left and returns the number of bytes, and their SHA-256 in hexadecimal.
    pub(crate) fn finish(mut self) -> io::Result<(u64, String)> {
        io::copy(&mut self, &mut io::sink())?;
        Ok((self.bytes, hexadecimal(&self.hash.finalize())))
    }
}

impl<R: Read> Read for Checksum<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.hash.update(&buffer[..length]);
        self.bytes += length as u64;
        self.progress.0.fetch_add(length as u64, Ordering::Relaxed);
        Ok(length)
    }
}
