//! gzip and zstd, detected by their first bytes, regardless of the file name.

use flate2::bufread::GzDecoder;
use std::io::{self, BufRead, BufReader, Read};
use zstd::stream::read::Decoder as ZstdDecoder;

/// How a file is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compression {
    Gzip,
    Zstd,
}

impl Compression {
    /// Detects the compression by the magic number in these first bytes.
    pub(crate) fn of(prefix: &[u8]) -> Option<Self> {
        match prefix {
            [0x1f, 0x8b, 8, ..] => Some(Self::Gzip),
            // A frame, or a skippable frame, which parallel writers put first.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            _ => None,
        }
    }

    /// Whether another member may begin with these bytes. If they are shorter than a magic number,
    /// its decoder finds out.
    fn may_begin(self, bytes: &[u8]) -> bool {
        match bytes {
            [_, _, _, _, ..] => Self::of(bytes) == Some(self),
            bytes => match self {
                Self::Gzip => bytes.starts_with(&[0x1f]),
                Self::Zstd => matches!(bytes, [0x28 | 0x50..=0x5f, ..]),
            },
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }
}

/// Reads bytes, and decompresses them if they are compressed.
///
/// Several members (gzip) or frames (zstd) are one text. Zeros between and after them are padding,
/// as tapes and block devices add it.
pub(crate) struct Decompressed<R: Read> {
    /// Absent only while one decoder takes over from another.
    stream: Option<Stream<R>>,
    compression: Option<Compression>,
    /// Whether decoding failed: a decoder may report the end if it is read again after an error.
    failed: bool,
}

enum Stream<R: Read> {
    Plain(R),
    Gzip(Box<GzDecoder<BufReader<R>>>),
    Zstd(ZstdDecoder<'static, BufReader<R>>),
    /// After a member: padding, the next member or the end follows.
    Between(BufReader<R>),
    Ended(BufReader<R>),
}

impl<R: Read> Decompressed<R> {
    pub(crate) fn new(inner: R, compression: Option<Compression>) -> io::Result<Self> {
        let stream = match compression {
            None => Stream::Plain(inner),
            Some(compression) => {
                Stream::member(BufReader::with_capacity(128 << 10, inner), compression)?
            }
        };
        Ok(Self { stream: Some(stream), compression, failed: false })
    }

    fn take_stream(&mut self) -> Stream<R> {
        #[expect(clippy::expect_used, reason = "each caller puts a stream back before it returns")]
        self.stream.take().expect("a stream is there between two calls")
    }

    pub(crate) fn into_inner(mut self) -> R {
        match self.take_stream() {
            Stream::Plain(inner) => inner,
            Stream::Gzip(decoder) => decoder.into_inner().into_inner(),
            Stream::Zstd(decoder) => decoder.finish().into_inner(),
            Stream::Between(reader) | Stream::Ended(reader) => reader.into_inner(),
        }
    }

    /// Reads bytes, and starts the next member at the end of one.
    fn read_members(&mut self, buffer: &mut [u8], compression: Compression) -> io::Result<usize> {
        loop {
            let length = match &mut self.stream {
                Some(Stream::Gzip(decoder)) => decoder.read(buffer)?,
                Some(Stream::Zstd(decoder)) => decoder.read(buffer)?,
                Some(Stream::Plain(_) | Stream::Ended(_)) | None => return Ok(0),
                Some(Stream::Between(reader)) => {
                    let is_end = skip_padding(reader)?;
                    self.start_next(is_end, compression)?;
                    continue;
                }
            };
            if length > 0 || buffer.is_empty() {
                return Ok(length);
            }
            self.stream = Some(match self.take_stream() {
                Stream::Gzip(decoder) => Stream::Between(decoder.into_inner()),
                Stream::Zstd(decoder) => Stream::Between(decoder.finish()),
                stream => stream,
            });
        }
    }

    /// Starts the next member after the padding, or ends. Fails if other bytes follow.
    fn start_next(&mut self, is_end: bool, compression: Compression) -> io::Result<()> {
        let Stream::Between(reader) = self.take_stream() else { return Ok(()) };
        if !is_end && compression.may_begin(reader.buffer()) {
            self.stream = Some(Stream::member(reader, compression)?);
            return Ok(());
        }
        self.stream = Some(Stream::Ended(reader));
        if is_end { Ok(()) } else { Err(io::Error::other(Trailing)) }
    }
}

impl<R: Read> Stream<R> {
    /// The stream of one member.
    fn member(reader: BufReader<R>, compression: Compression) -> io::Result<Self> {
        Ok(match compression {
            Compression::Gzip => Self::Gzip(Box::new(GzDecoder::new(reader))),
            Compression::Zstd => Self::Zstd(ZstdDecoder::with_buffer(reader)?.single_frame()),
        })
    }
}

/// Skips zeros, and returns whether nothing follows them.
fn skip_padding(reader: &mut impl BufRead) -> io::Result<bool> {
    loop {
        let bytes = reader.fill_buf()?;
        if bytes.is_empty() {
            return Ok(true);
        }
        let padding = bytes.iter().take_while(|byte| **byte == 0).count();
        let is_next_found = padding < bytes.len();
        reader.consume(padding);
        if is_next_found {
            return Ok(false);
        }
    }
}

/// Something other than padding follows the last member.
#[derive(Debug, thiserror::Error)]
#[error("other bytes follow its end")]
struct Trailing;

fn is_trailing(error: &io::Error) -> bool {
    error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<Trailing>)
}

impl<R: Read> Read for Decompressed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.failed {
            return Err(io::Error::other("the compressed data is damaged"));
        }
        let Some(compression) = self.compression else {
            return match &mut self.stream {
                Some(Stream::Plain(inner)) => inner.read(buffer),
                _ => Ok(0),
            };
        };
        let name = compression.name();
        self.read_members(buffer, compression).map_err(|error| {
            let message = match error.kind() {
                io::ErrorKind::Interrupted => return error,
                io::ErrorKind::UnexpectedEof => format!("the {name} data is cut off"),
                // Errors of reading the file itself are passed on as they are.
                _ if error.raw_os_error().is_some() => return error,
                _ if is_trailing(&error) => {
                    format!("the {name} data is followed by bytes that are not {name}")
                }
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
    fn zeros_around_members_are_padding_and_other_bytes_are_not() {
        let zstd = |bytes: &[u8]| zstd::encode_all(bytes, 1).unwrap();
        let zeros = vec![0; 300_000];
        for (one, two, name) in
            [(gzip(b"a,b\n"), gzip(b"1,2\n"), "gzip"), (zstd(b"a,b\n"), zstd(b"1,2\n"), "zstd")]
        {
            assert_eq!(read(&[&one[..], &[0]].concat()).unwrap(), b"a,b\n");
            assert_eq!(read(&[&one[..], &zeros].concat()).unwrap(), b"a,b\n");
            let padded = [&one[..], &zeros, &two, &zeros[..512]].concat();
            assert_eq!(read(&padded).unwrap(), b"a,b\n1,2\n");
            for trailing in [&b"x"[..], b"\0\0x", b"\0\x01", b"PK\x03\x04", b"\n"] {
                let error = read(&[&one[..], trailing].concat()).unwrap_err().to_string();
                let told = format!("is followed by bytes that are not {name}");
                assert!(error.contains(&told), "{trailing:?}: {error}");
            }
            // Bytes that begin like another member are damaged, or cut off.
            assert!(read(&[&one[..], &one[..1], b"garbage"].concat()).is_err());
            assert!(read(&[&one[..], &zeros, &two[..two.len() - 3]].concat()).is_err());
        }
    }

    #[test]
    fn data_that_is_cut_off_anywhere_is_an_error() {
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
    fn a_window_that_needs_too_much_memory_is_not_damage() {
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
