//! Decodes a stream of bytes in another encoding to UTF-8.

use crate::input::csv::mark;
use encoding_rs::{Decoder, DecoderResult, Encoding};
use std::io::{self, Read};

/// How many decoded bytes are kept, since an invalid sequence may begin in them.
const TAIL: usize = 16;
const CHUNK: usize = 64 << 10;

/// Bytes decoded to UTF-8. Each invalid byte is replaced by a mark that is not valid UTF-8: the
/// record cannot be split, and gets the byte itself back for its raw text.
pub(crate) struct Decoded<R> {
    inner: R,
    decoder: Decoder,
    /// Whether C1 controls mean bytes that the encoding leaves undefined; the WHATWG decodes them
    /// as such. No text uses them, so one in a name shows that the encoding is wrong.
    undefined: bool,
    /// The last decoded bytes, then those that are still to be decoded.
    input: Vec<u8>,
    at: usize,
    ended: bool,
    scratch: Vec<u8>,
    ready: Vec<u8>,
    given: usize,
    finished: bool,
}

impl<R: Read> Decoded<R> {
    pub(crate) fn new(inner: R, encoding: &'static Encoding) -> Self {
        Self {
            inner,
            decoder: encoding.new_decoder_without_bom_handling(),
            undefined: encoding.is_single_byte() || encoding == encoding_rs::SHIFT_JIS,
            input: vec![0; TAIL],
            at: TAIL,
            ended: false,
            scratch: vec![0; CHUNK],
            ready: Vec::new(),
            given: 0,
            finished: false,
        }
    }

    pub(crate) fn into_inner(self) -> R {
        self.inner
    }

    /// Decodes one chunk into `ready`.
    fn refill(&mut self) -> io::Result<()> {
        self.ready.clear();
        self.given = 0;
        if self.at == self.input.len() && !self.ended {
            let tail = self.input.len() - TAIL;
            self.input.copy_within(tail.., 0);
            self.input.resize(TAIL + CHUNK, 0);
            self.at = TAIL;
            let read = self.inner.read(&mut self.input[TAIL..]);
            self.input.truncate(TAIL + read.as_ref().copied().unwrap_or(0));
            self.ended = read? == 0;
        }
        loop {
            let input = &self.input[self.at..];
            let (result, read, written) = self.decoder.decode_to_utf8_without_replacement(
                input,
                &mut self.scratch,
                self.ended,
            );
            self.at += read;
            append(&mut self.ready, &self.scratch[..written], self.undefined);
            match result {
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(length, after) => {
                    let end = self.at.saturating_sub(usize::from(after));
                    let begin = end.saturating_sub(usize::from(length));
                    self.ready.extend(self.input[begin..end].iter().flat_map(|b| mark(*b)));
                }
                DecoderResult::InputEmpty => {
                    self.finished = self.ended;
                    return Ok(());
                }
            }
        }
    }
}

/// Adds decoded text; C1 controls become marks if they stand for undefined bytes.
fn append(ready: &mut Vec<u8>, text: &[u8], undefined: bool) {
    let mut copied = 0;
    if undefined {
        for at in memchr::memchr_iter(0xc2, text) {
            if let Some(byte @ 0x80..=0x9f) = text.get(at + 1) {
                ready.extend_from_slice(&text[copied..at]);
                ready.extend(mark(*byte));
                copied = at + 2;
            }
        }
    }
    ready.extend_from_slice(&text[copied..]);
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.ready.len() {
            if self.finished {
                return Ok(0);
            }
            self.refill()?;
        }
        let rest = &self.ready[self.given..];
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        self.given += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte at a time, so that every character is cut.
    struct Dripping<'bytes>(&'bytes [u8]);

    impl Read for Dripping<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = self.0.len().min(buffer.len()).min(1);
            buffer[..length].copy_from_slice(&self.0[..length]);
            self.0 = &self.0[length..];
            Ok(length)
        }
    }

    fn decoded(bytes: &[u8], encoding: &'static Encoding) -> Vec<u8> {
        let mut whole = Vec::new();
        Decoded::new(bytes, encoding).read_to_end(&mut whole).unwrap();
        let mut dripped = Vec::new();
        Decoded::new(Dripping(bytes), encoding).read_to_end(&mut dripped).unwrap();
        assert_eq!(whole, dripped);
        whole
    }

    fn marked(parts: &[&str], bytes: &[&[u8]]) -> Vec<u8> {
        let mut marked = parts[0].as_bytes().to_vec();
        for (part, bytes) in parts[1..].iter().zip(bytes) {
            marked.extend(bytes.iter().flat_map(|b| mark(*b)));
            marked.extend(part.as_bytes());
        }
        marked
    }

    #[test]
    fn text_is_decoded_and_invalid_bytes_are_marked() {
        let windows = encoding_rs::WINDOWS_1252;
        assert_eq!(decoded(b"M\xfcller \x93x\x94\xa0", windows), "Müller “x”\u{a0}".as_bytes());
        assert_eq!(decoded(b"M\x81ller", windows), marked(&["M", "ller"], &[&[0x81]]));
        assert_eq!(decoded(b"a\xaa", encoding_rs::WINDOWS_1253), marked(&["a", ""], &[&[0xaa]]));
        assert_eq!(
            decoded(b"\x83e\x81\n", encoding_rs::SHIFT_JIS),
            marked(&["テ", "\n"], &[&[0x81]])
        );
        // In no encoding does a lead byte make the quote after it part of a character.
        assert_eq!(decoded(b"\xb0\",", encoding_rs::EUC_KR), marked(&["", "\","], &[&[0xb0]]));
        assert_eq!(decoded(b"\x810a", encoding_rs::GB18030), marked(&["", "0a"], &[&[0x81]]));
    }

    #[test]
    fn lone_surrogates_of_utf_16_are_marked() {
        let little = encoding_rs::UTF_16LE;
        assert_eq!(decoded(b"a\0\x3d\xd8\x00\xde", little), "a😀".as_bytes());
        let lone = decoded(b"a\0\x3d\xd8b\0c", little);
        assert_eq!(lone, marked(&["a", "b", ""], &[&[0x3d, 0xd8], b"c"]));
        let big = encoding_rs::UTF_16BE;
        assert_eq!(decoded(b"\0a\xdc\x01\0b", big), marked(&["a", "b"], &[&[0xdc, 0x01]]));
    }

    #[test]
    fn decoding_invalid_bytes_takes_linear_time() {
        let bytes = vec![0x81; 1 << 20];
        let mut read = 0;
        let mut reader = Decoded::new(&bytes[..], encoding_rs::WINDOWS_1253);
        let mut buffer = vec![0; 1 << 16];
        loop {
            match reader.read(&mut buffer).unwrap() {
                0 => break,
                length => read += length,
            }
        }
        assert_eq!(read, 3 << 20);
    }
}
