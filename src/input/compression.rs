//! gzip and zstd, told by their first bytes, whatever the file is called.

use flate2::bufread::MultiGzDecoder;
use std::io::{self, BufReader, Read};
use zstd::stream::read::Decoder as ZstdDecoder;

/// How a file is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compression {
    Gzip,
    Zstd,
}

impl Compression {
    /// The compression whose magic number these first bytes are.
    pub(crate) fn of(prefix: &[u8]) -> Option<Self> {
        match prefix {
            [0x1f, 0x8b, 8, ..] => Some(Self::Gzip),
            // A frame, or a frame to be skipped, with which parallel writers begin.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            _ => None,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }
}

/// Bytes as they were before they were compressed, if they were.
pub(crate) struct Decompressed<R: Read> {
    stream: Stream<R>,
    /// A decoder that failed may take what follows for the end.
    failed: bool,
}

enum Stream<R: Read> {
    Plain(R),
    Gzip(Box<MultiGzDecoder<BufReader<R>>>),
    Zstd(ZstdDecoder<'static, BufReader<R>>),
}

impl<R: Read> Decompressed<R> {
    pub(crate) fn new(inner: R, compression: Option<Compression>) -> io::Result<Self> {
        let buffered = |inner| BufReader::with_capacity(128 << 10, inner);
        let stream = match compression {
            None => Stream::Plain(inner),
            Some(Compression::Gzip) => Stream::Gzip(Box::new(MultiGzDecoder::new(buffered(inner)))),
            Some(Compression::Zstd) => Stream::Zstd(ZstdDecoder::with_buffer(buffered(inner))?),
        };
        Ok(Self { stream, failed: false })
    }

    pub(crate) fn into_inner(self) -> R {
        match self.stream {
            Stream::Plain(inner) => inner,
            Stream::Gzip(decoder) => decoder.into_inner().into_inner(),
            Stream::Zstd(decoder) => decoder.finish().into_inner(),
        }
    }
}

impl<R: Read> Read for Decompressed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.failed {
            return Err(io::Error::other("the compressed data is damaged"));
        }
        let (read, name) = match &mut self.stream {
            Stream::Plain(inner) => return inner.read(buffer),
            Stream::Gzip(decoder) => (decoder.read(buffer), Compression::Gzip.name()),
            Stream::Zstd(decoder) => (decoder.read(buffer), Compression::Zstd.name()),
        };
        read.map_err(|error| {
            let message = match error.kind() {
                io::ErrorKind::Interrupted => return error,
                io::ErrorKind::UnexpectedEof => format!("the {name} data is cut off"),
                // Errors of the file below are not ours to explain.
                _ if error.raw_os_error().is_some() => return error,
                _ if error.to_string().contains("too much memory") => {
                    format!("the {name} data needs too much memory: compress it without --long")
                }
                _ => format!("the {name} data is damaged: {error}"),
            };
            self.failed = true;
            io::Error::new(error.kind(), message)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn read(bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut read = Vec::new();
        Decompressed::new(bytes, Compression::of(bytes))?.read_to_end(&mut read)?;
        Ok(read)
    }

    #[test]
    fn several_members_are_one_text() {
        let zstd = |bytes: &[u8]| zstd::encode_all(bytes, 1).unwrap();
        assert_eq!(read(&[gzip(b"a,b\n"), gzip(b"1,2\n")].concat()).unwrap(), b"a,b\n1,2\n");
        assert_eq!(read(&[zstd(b"a,b\n"), zstd(b"1,2\n")].concat()).unwrap(), b"a,b\n1,2\n");
        let skipped = b"\x50\x2a\x4d\x18\x03\0\0\0abc";
        assert_eq!(read(&[skipped, &zstd(b"a")[..]].concat()).unwrap(), b"a");
        assert_eq!(read(b"a,b").unwrap(), b"a,b");
    }

    #[test]
    fn wherever_it_is_cut_off_it_is_an_error() {
        let text: Vec<u8> = (0..20_000_u32).flat_map(|n| format!("{n},x\n").into_bytes()).collect();
        let zstd = zstd::encode_all(&text[..], 1).unwrap();
        for (compressed, header) in [(gzip(&text), 3), (zstd, 4)] {
            for cut in (header..compressed.len()).rev().step_by(997).chain(header..40) {
                let error = read(&compressed[..cut]).unwrap_err();
                assert!(error.to_string().contains("cut off"), "{cut}: {error}");
            }
            let two = [&compressed[..], &compressed[..compressed.len() - 5]].concat();
            assert!(read(&two).is_err());
        }
    }

    #[test]
    fn a_window_of_more_memory_than_there_is_for_it_is_no_damage() {
        let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
        encoder.window_log(28).unwrap();
        encoder.write_all(b"a,b\n1,2\n").unwrap();
        let error = read(&encoder.finish().unwrap()).unwrap_err();
        assert!(error.to_string().contains("without --long"), "{error}");
    }

    #[test]
    fn damage_is_an_error_and_stays_one() {
        let mut compressed = gzip(b"a,b\n1,2\n");
        let end = compressed.len() - 6;
        compressed[end] ^= 1;
        let mut reader = Decompressed::new(&compressed[..], Some(Compression::Gzip)).unwrap();
        let mut read = Vec::new();
        assert!(reader.read_to_end(&mut read).is_err());
        assert!(reader.read_to_end(&mut read).is_err());
    }
}
