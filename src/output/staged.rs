//! Outputs that are written while a change runs, and published once it is committed.

use super::destination::Destination;
use super::temporary::{PersistError, PrivateFile, Purpose, TemporaryFiles};
use super::terminal::{Notation, TerminalWriter};
use std::fs::File;
use std::io::{self, Seek as _, Write};
use std::path::{Path, PathBuf};

/// An output that may be written. A stream is open already, so that a pipe without a reader fails
/// before the change begins.
#[derive(Debug)]
pub struct PlannedOutput {
    path: PathBuf,
    stream: Option<File>,
    files: TemporaryFiles,
    purpose: Purpose,
}

impl PlannedOutput {
    /// Checks that the output can be written. Fails with the error of the operating system.
    pub fn new(path: PathBuf, files: &TemporaryFiles, purpose: Purpose) -> io::Result<Self> {
        let stream = Destination::of(&path).open_stream()?;
        if stream.is_none() {
            if path.is_dir() {
                return Err(io::ErrorKind::IsADirectory.into());
            }
            files.create(purpose, &path)?;
        }
        Ok(Self { path, stream, files: files.clone(), purpose })
    }

    /// The final path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The same output under another name in the same folder.
    #[must_use]
    pub fn moved_to(&self, path: PathBuf) -> Self {
        Self { path, stream: None, files: self.files.clone(), purpose: self.purpose }
    }

    /// Whether it is written into a pipe, a device or an open file.
    pub fn is_stream(&self) -> bool {
        self.stream.is_some()
    }

    /// Begins to write it. The content of a stream is kept in an unnamed file in `TMPDIR` until the
    /// change is committed: a reader that stops reading must not block the store.
    pub fn create(&self) -> io::Result<StagedOutput> {
        let content = match &self.stream {
            None => Content::File(self.files.create(self.purpose, &self.path)?),
            Some(stream) => {
                Content::Stream { kept: tempfile::tempfile()?, stream: stream.try_clone()? }
            }
        };
        Ok(StagedOutput { path: self.path.clone(), content })
    }
}

/// An output that is written and not yet published.
#[derive(Debug)]
pub struct StagedOutput {
    path: PathBuf,
    content: Content,
}

#[derive(Debug)]
enum Content {
    File(PrivateFile),
    Stream { kept: File, stream: File },
}

/// Why an output was not published.
#[derive(Debug)]
pub struct PublishError {
    /// The error of the operating system.
    pub error: io::Error,
    /// The whole output under its temporary name; `None` for a stream.
    pub file: Option<PrivateFile>,
}

impl StagedOutput {
    /// The final path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Changes the final path, to another one in the same folder.
    pub fn move_to(&mut self, path: PathBuf) {
        self.path = path;
    }

    /// Its temporary name; `None` for a stream.
    pub fn temporary(&self) -> Option<&Path> {
        match &self.content {
            Content::File(file) => Some(file.path()),
            Content::Stream { .. } => None,
        }
    }

    /// Syncs it to the disk, so that it survives a power loss.
    pub fn sync(&self) -> io::Result<()> {
        match &self.content {
            Content::File(file) => file.file()?.sync_all(),
            Content::Stream { .. } => Ok(()),
        }
    }

    /// Closes the file, which is then identified only by its name; a stream stays open.
    pub fn close(&mut self) {
        if let Content::File(file) = &mut self.content {
            file.close();
        }
    }

    /// Keeps the file when a signal ends the process: the store lists it from now on.
    pub fn protect(&self) {
        if let Content::File(file) = &self.content {
            file.protect();
        }
    }

    /// Keeps a file under its temporary name.
    pub fn keep(self) {
        if let Content::File(file) = self.content {
            file.keep();
        }
    }

    /// Gives a file its final name, and replaces a file that has it; writes a stream.
    pub fn publish(self) -> Result<(), PublishError> {
        match self.content {
            Content::File(file) => file.persist(&self.path).map_err(|failed| {
                let PersistError { error, file } = failed;
                PublishError { error, file: Some(file) }
            }),
            Content::Stream { mut kept, stream } => {
                let mut writer = TerminalWriter::new(stream, Notation::Text);
                kept.rewind()
                    .and_then(|()| io::copy(&mut kept, &mut writer))
                    .and_then(|_| writer.flush())
                    .map_err(|error| PublishError { error, file: None })
            }
        }
    }
}

impl Write for StagedOutput {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.content {
            Content::File(file) => file.write(bytes),
            Content::Stream { kept, .. } => kept.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.content {
            Content::File(file) => file.flush(),
            Content::Stream { kept, .. } => kept.flush(),
        }
    }
}
