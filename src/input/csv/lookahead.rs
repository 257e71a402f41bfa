//! Bytes that were read ahead, kept in a temporary file until they are read again.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, Write as _};
use zstd::stream::read::Decoder;
use zstd::stream::write::Encoder;

/// The fastest level. A small compressed input that is huge once decompressed stays small here too,
/// and cannot fill the disk.
const LEVEL: i32 = 1;

/// An unnamed temporary file that takes bytes in the order in which they were read.
pub(crate) struct Spool {
    encoder: Encoder<'static, File>,
}

/// The content of a [`Spool`].
type Spooled = Decoder<'static, BufReader<File>>;

impl Spool {
    /// Creates an empty spool. Fails if no temporary file can be created.
    pub(crate) fn new() -> io::Result<Self> {
        let create = || Encoder::new(tempfile::tempfile()?, LEVEL);
        Ok(Self { encoder: create().map_err(|error| explained(&error))? })
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.encoder.write_all(bytes).map_err(|error| explained(&error))
    }

    fn into_spooled(self) -> io::Result<Spooled> {
        let mut file = self.encoder.finish()?;
        file.rewind()?;
        Decoder::new(file)
    }
}

/// Names the folder for temporary files: its disk may be full, not that of the input.
fn explained(error: &io::Error) -> io::Error {
    let folder = std::env::temp_dir();
    let message = format!("no temporary file for it in {}: {error}", folder.display());
    io::Error::new(error.kind(), message)
}

/// A reader to which bytes can be given back.
pub(crate) struct Replay<R> {
    inner: R,
    /// Bytes before the rest of `inner`; the last entry comes first.
    spooled: Vec<Spooled>,
}

impl<R> Replay<R> {
    pub(crate) fn new(inner: R) -> Self {
        Self { inner, spooled: Vec::new() }
    }

    pub(crate) fn into_inner(self) -> R {
        self.inner
    }

    /// Gives bytes back: they are the next ones to be read.
    pub(crate) fn unread(&mut self, spool: Spool) -> io::Result<()> {
        self.spooled.push(spool.into_spooled().map_err(|error| explained(&error))?);
        Ok(())
    }
}

impl<R: Read> Read for Replay<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(spooled) = self.spooled.last_mut() {
            match spooled.read(buffer) {
                Ok(0) if !buffer.is_empty() => drop(self.spooled.pop()),
                read => return read,
            }
        }
        self.inner.read(buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_given_back_come_before_the_rest_and_the_last_given_first() {
        let mut replay = Replay::new(&b"rest"[..]);
        for bytes in [&b"second "[..], b"first "] {
            let mut spool = Spool::new().unwrap();
            spool.write(bytes).unwrap();
            replay.unread(spool).unwrap();
        }
        let mut all = String::new();
        replay.read_to_string(&mut all).unwrap();
        assert_eq!(all, "first second rest");
    }
}
