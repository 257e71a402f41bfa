//! Splits bytes into records and fields.
//!
//! Where a file is regular the outcome is the `csv` crate's, cell for cell. The crate is not used
//! here because of what happens where a file is not: a quote that was left open makes it swallow
//! the rest of the file into one field, and it does not tell where a record's bytes are. Here such
//! a quote costs its one line, and every record knows its number, its line and its bytes.

use memchr::{memchr, memchr_iter, memchr2};
use std::fmt::Write as _;
use std::io::{self, Read};
use std::ops::Range;

/// The most bytes of a field.
pub const FIELD_CAP: usize = 1 << 20;
/// The most bytes of a record.
pub const RECORD_CAP: usize = 16 << 20;
/// The most columns of a file.
pub const MAX_COLUMNS: usize = 4096;

/// What makes a record's bytes impossible to split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breakage {
    /// A quote that was opened and never closed.
    OpenQuote,
    /// A field or record beyond the caps.
    TooLong,
    /// Bytes that are not UTF-8.
    Encoding,
    /// More or fewer fields than the header has columns: none can be told to be in its place.
    Fields {
        /// How many fields there are.
        found: usize,
    },
}

/// Where a field's text is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// In the record's bytes as they came.
    Raw(Range<usize>),
    /// In the record's unescaped text: the field had doubled quotes.
    Unescaped(Range<usize>),
}

/// One record. Reading into the same one again reuses what it has allocated.
#[derive(Debug, Clone, Default)]
pub struct Record {
    /// Its number, from 1, the header not counted.
    pub number: u64,
    /// The physical line it begins on, from 1.
    pub line: u64,
    /// What is wrong with its bytes, if anything; there are no fields then.
    pub breakage: Option<Breakage>,
    /// Its length in the file, in bytes, without its line end. Longer than [`Self::bytes`] only
    /// where a record is so far beyond the caps that it is not held in memory.
    pub length: u64,
    bytes: Vec<u8>,
    unescaped: Vec<u8>,
    fields: Vec<Field>,
}

impl Record {
    /// The bytes as they came, without the line end.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many fields there are.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether there are no fields.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// The text of a field; blank where there is none of that index.
    pub fn field(&self, index: usize) -> &str {
        let bytes = match self.fields.get(index) {
            Some(Field::Raw(range)) => &self.bytes[range.clone()],
            Some(Field::Unescaped(range)) => &self.unescaped[range.clone()],
            None => &[],
        };
        // The whole record was checked, and fields end at ASCII characters.
        std::str::from_utf8(bytes).unwrap_or_default()
    }

    /// All fields in order.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.fields.len()).map(|index| self.field(index))
    }

    /// Keeps the first fields only.
    pub(crate) fn truncate(&mut self, length: usize) {
        self.fields.truncate(length);
    }

    /// Makes this a record whose bytes cannot be told apart as fields.
    pub(crate) fn break_up(&mut self, breakage: Breakage) {
        self.breakage = Some(breakage);
        self.fields.clear();
    }

    /// Gives a record that could not be split its own bytes back.
    pub(crate) fn restore(&mut self, bytes: Vec<u8>, breakage: Breakage) {
        self.break_up(breakage);
        self.length = bytes.len() as u64;
        self.bytes = bytes;
    }

    fn clear(&mut self) {
        self.breakage = None;
        self.bytes.clear();
        self.unescaped.clear();
        self.fields.clear();
    }
}

/// Writes bytes that are no text as text: an undecodable byte as `\xNN`, a backslash as `\\`.
pub fn escaped_bytes(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(&chunk.valid().replace('\\', "\\\\"));
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02X}");
        }
    }
    text
}

/// The bytes that [`escaped_bytes`] wrote. What is no such escape stands for itself.
pub(crate) fn unescaped_bytes(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let hexadecimal = |at: usize| after.get(at).and_then(|b| char::from(*b).to_digit(16));
        rest = after;
        match (first, after.first()) {
            (b'\\', Some(b'\\')) => {
                bytes.push(b'\\');
                rest = &after[1..];
            }
            (b'\\', Some(b'x')) => match (hexadecimal(1), hexadecimal(2)) {
                (Some(high), Some(low)) => {
                    bytes.push(u8::try_from(high * 16 + low).unwrap_or_default());
                    rest = &after[3..];
                }
                _ => bytes.push(first),
            },
            _ => bytes.push(first),
        }
    }
    bytes
}

/// Reads records from bytes, one after the other.
pub struct RecordReader<R> {
    inner: R,
    delimiter: u8,
    buffer: Vec<u8>,
    start: usize,
    ended: bool,
    line: u64,
    records: u64,
}

enum Split {
    /// The record's content ends here, and the next record begins there.
    Done { end: usize, next: usize },
    /// More bytes are needed.
    More,
    /// The quote at this offset was left open.
    OpenQuote(usize),
    /// A field or the record is too long; the search for its end may go on from here.
    TooLong(usize),
}

impl<R: Read> RecordReader<R> {
    const CHUNK: usize = 256 << 10;

    /// Reads from these bytes, fields separated by this byte. A byte order mark is passed over.
    pub fn new(inner: R, delimiter: u8) -> Self {
        Self { inner, delimiter, buffer: Vec::new(), start: 0, ended: false, line: 1, records: 0 }
    }

    /// Gives back the source of the bytes.
    pub fn into_inner(self) -> R {
        self.inner
    }

    /// Counts the records from 1 again: what was read so far was the header.
    pub fn end_header(&mut self) {
        self.records = 0;
    }

    /// Reads the next record; `false` at the end of the file. Blank lines are no records.
    ///
    /// A fault of the record is in [`Record::breakage`]; an error is one of the source.
    pub fn read(&mut self, record: &mut Record) -> io::Result<bool> {
        if self.line == 1 && self.start == 0 && self.buffer.is_empty() {
            while self.buffer.len() < 3 && self.fill()? {}
            if self.buffer.starts_with(b"\xef\xbb\xbf") {
                self.start = 3;
            }
        }
        if !self.skip_blank_lines()? {
            return Ok(false);
        }
        record.clear();
        self.records += 1;
        record.number = self.records;
        record.line = self.line;
        loop {
            record.fields.clear();
            record.unescaped.clear();
            let split = split(&self.buffer[self.start..], self.delimiter, self.ended, record);
            match split {
                Split::Done { end, next } => {
                    self.take(record, end, next);
                    if std::str::from_utf8(&record.bytes).is_err() {
                        record.fields.clear();
                        record.breakage = Some(Breakage::Encoding);
                    }
                    return Ok(true);
                }
                Split::More => {
                    self.fill()?;
                }
                Split::OpenQuote(quote) => {
                    return self.take_line(record, quote, Breakage::OpenQuote).map(|()| true);
                }
                Split::TooLong(from) => {
                    return self.take_line(record, from, Breakage::TooLong).map(|()| true);
                }
            }
        }
    }

    /// Takes everything up to the end of the physical line on which `from` stands, as a record that
    /// cannot be split. Beyond the record cap the bytes are passed over, not held.
    fn take_line(
        &mut self,
        record: &mut Record,
        from: usize,
        breakage: Breakage,
    ) -> io::Result<()> {
        record.fields.clear();
        record.unescaped.clear();
        record.breakage = Some(breakage);
        let mut searched = from;
        let mut dropped = 0_u64;
        loop {
            let bytes = &self.buffer[self.start..];
            if let Some(found) = memchr2(b'\n', b'\r', &bytes[searched..]) {
                let end = searched + found;
                let next = end + line_end_length(&bytes[end..]);
                if dropped == 0 {
                    self.take(record, end, next);
                } else {
                    record.length = dropped + end as u64;
                    self.start += next;
                }
                break;
            }
            searched = bytes.len();
            if searched > RECORD_CAP {
                if record.bytes.is_empty() {
                    record.bytes.extend_from_slice(&bytes[..RECORD_CAP]);
                    self.line += memchr_iter(b'\n', &bytes[..from]).count() as u64;
                }
                dropped += searched as u64;
                self.start = self.buffer.len();
                searched = 0;
            }
            if !self.fill()? {
                let end = self.buffer.len() - self.start;
                if dropped == 0 {
                    self.take(record, end, end);
                } else {
                    record.length = dropped + end as u64;
                    self.start = self.buffer.len();
                }
                return Ok(());
            }
        }
        if dropped > 0 {
            self.line += 1;
        }
        Ok(())
    }

    fn take(&mut self, record: &mut Record, end: usize, next: usize) {
        let bytes = &self.buffer[self.start..];
        record.bytes.extend_from_slice(&bytes[..end]);
        record.length = end as u64;
        self.line += count_lines(&bytes[..next]);
        self.start += next;
    }

    fn skip_blank_lines(&mut self) -> io::Result<bool> {
        loop {
            while let Some(byte) = self.buffer.get(self.start) {
                match byte {
                    b'\r' if self.buffer.get(self.start + 1) == Some(&b'\n') => {}
                    b'\r' if self.start + 1 == self.buffer.len() && !self.ended => break,
                    b'\n' | b'\r' => self.line += 1,
                    _ => return Ok(true),
                }
                self.start += 1;
            }
            if !self.fill()? && self.start == self.buffer.len() {
                return Ok(false);
            }
        }
    }

    /// Reads more bytes; `false` at the end. What has been taken makes room first.
    fn fill(&mut self) -> io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        if self.start > 0 {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        let held = self.buffer.len();
        // Doubling keeps the work on one long record linear, which is split anew after each fill.
        let wanted = held.max(Self::CHUNK);
        self.buffer.resize(held + wanted, 0);
        let mut filled = held;
        while filled < self.buffer.len() {
            match self.inner.read(&mut self.buffer[filled..]) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(length) => filled += length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.buffer.truncate(filled);
                    return Err(error);
                }
            }
        }
        self.buffer.truncate(filled);
        Ok(filled > held)
    }
}

/// Physical lines in bytes: `\n`, `\r\n` and a lone `\r` each end one.
fn count_lines(bytes: &[u8]) -> u64 {
    let feeds = memchr_iter(b'\n', bytes).count();
    let lone = memchr_iter(b'\r', bytes).filter(|at| bytes.get(at + 1) != Some(&b'\n')).count();
    (feeds + lone) as u64
}

fn line_end_length(bytes: &[u8]) -> usize {
    if bytes.starts_with(b"\r\n") { 2 } else { 1 }
}

/// Splits the record at the beginning of `bytes`.
fn split(bytes: &[u8], delimiter: u8, ended: bool, record: &mut Record) -> Split {
    let mut at = 0;
    loop {
        // At the first byte of a field.
        let end = if bytes.get(at) == Some(&b'"') {
            match quoted(bytes, at, delimiter, ended, record) {
                Ok(end) => end,
                Err(split) => return split,
            }
        } else {
            let rest = &bytes[at..];
            let length = match memchr::memchr3(delimiter, b'\n', b'\r', rest) {
                Some(length) => length,
                None if rest.len() > FIELD_CAP => return Split::TooLong(bytes.len()),
                None if !ended => return Split::More,
                None => rest.len(),
            };
            if length > FIELD_CAP {
                return Split::TooLong(at + length);
            }
            record.fields.push(Field::Raw(at..at + length));
            at + length
        };
        if end > RECORD_CAP {
            return Split::TooLong(end);
        }
        match bytes.get(end) {
            None if ended => return Split::Done { end, next: end },
            None => return Split::More,
            Some(b'\r') if end + 1 == bytes.len() && !ended => return Split::More,
            Some(b'\n' | b'\r') => {
                return Split::Done { end, next: end + line_end_length(&bytes[end..]) };
            }
            Some(_) => at = end + 1,
        }
        if record.fields.len() > MAX_COLUMNS {
            return Split::TooLong(end);
        }
    }
}

/// Reads the quoted field that opens at `open`; gives where it ends, its closing quote included.
fn quoted(
    bytes: &[u8],
    open: usize,
    delimiter: u8,
    ended: bool,
    record: &mut Record,
) -> Result<usize, Split> {
    let content = open + 1;
    let begin = record.unescaped.len();
    let mut copied = content;
    let mut doubled = false;
    let mut from = content;
    loop {
        let Some(found) = memchr(b'"', &bytes[from..]) else {
            return Err(match bytes.len() - open > FIELD_CAP {
                true => beyond_cap(bytes, open),
                false if !ended => Split::More,
                false => Split::OpenQuote(open),
            });
        };
        let quote = from + found;
        if quote - open > FIELD_CAP {
            return Err(beyond_cap(bytes, open));
        }
        match bytes.get(quote + 1) {
            Some(b'"') => {
                record.unescaped.extend_from_slice(&bytes[copied..=quote]);
                doubled = true;
                copied = quote + 2;
                from = quote + 2;
            }
            None if !ended => return Err(Split::More),
            None | Some(b'\n' | b'\r') => {}
            Some(byte) if *byte == delimiter => {}
            Some(_) => return Err(Split::OpenQuote(open)),
        }
        if from == quote + 2 {
            continue;
        }
        if doubled {
            record.unescaped.extend_from_slice(&bytes[copied..quote]);
            record.fields.push(Field::Unescaped(begin..record.unescaped.len()));
        } else {
            record.fields.push(Field::Raw(content..quote));
        }
        return Ok(quote + 1);
    }
}

/// A quoted field ran into the cap: over several lines its quote was left open, on one line it is
/// simply too long.
fn beyond_cap(bytes: &[u8], open: usize) -> Split {
    let end = bytes.len().min(open + FIELD_CAP);
    match memchr2(b'\n', b'\r', &bytes[open..end]) {
        Some(_) => Split::OpenQuote(open),
        None => Split::TooLong(end),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Seen = (u64, u64, Option<Breakage>, Vec<String>);

    fn read(bytes: &[u8]) -> Vec<Seen> {
        let mut reader = RecordReader::new(bytes, b',');
        let mut record = Record::default();
        let mut seen = Vec::new();
        while reader.read(&mut record).unwrap() {
            let fields = record.fields().map(str::to_owned).collect();
            seen.push((record.number, record.line, record.breakage, fields));
        }
        seen
    }

    fn fields(bytes: &[u8]) -> Vec<Vec<String>> {
        read(bytes).into_iter().map(|seen| seen.3).collect()
    }

    #[test]
    fn records_know_their_number_and_line() {
        let seen = read(b"\xef\xbb\xbfa,b\r\n\r\n\"x\ny\",2\n\n3,\"4\"\"5\"");
        let place: Vec<_> = seen.iter().map(|(number, line, ..)| (*number, *line)).collect();
        assert_eq!(place, [(1, 1), (2, 3), (3, 6)]);
        assert_eq!(seen[1].3, ["x\ny", "2"]);
        assert_eq!(seen[2].3, ["3", "4\"5"]);
    }

    #[test]
    fn a_quote_left_open_costs_its_one_line() {
        let seen = read(b"a,b\n1,\"open\n2,fine\n3,\"also \"fine\n\"4\",x\n");
        let broken: Vec<_> =
            seen.iter().map(|(number, line, broken, _)| (*number, *line, *broken)).collect();
        assert_eq!(broken[1], (2, 2, Some(Breakage::OpenQuote)));
        assert_eq!(broken[2], (3, 3, None));
        assert_eq!(broken[3], (4, 4, Some(Breakage::OpenQuote)));
        assert_eq!(seen[4].3, ["4", "x"]);
    }

    #[test]
    fn a_quote_left_open_after_a_long_field_costs_the_lines_up_to_it() {
        let seen = read(b"\"two\nlines\",\"open\nnext,line\n");
        assert_eq!(seen[0].2, Some(Breakage::OpenQuote));
        assert_eq!(
            (seen[1].1, seen[1].3.as_slice()),
            (3, ["next".to_owned(), "line".to_owned()].as_slice())
        );
    }

    #[test]
    fn what_is_too_long_is_passed_over() {
        let mut bytes = b"a,".to_vec();
        bytes.resize(40 << 20, b'x');
        bytes.extend_from_slice(b"\nb,c\n");
        let seen = read(&bytes);
        assert_eq!((seen[0].2, seen[0].1), (Some(Breakage::TooLong), 1));
        assert_eq!((seen[1].1, seen[1].3.len()), (2, 2));
        let mut quoted = b"\"".to_vec();
        quoted.resize(3 << 20, b'x');
        quoted.extend_from_slice(b"\"\nb,c\n");
        let seen = read(&quoted);
        assert_eq!((seen[0].2, seen[1].1), (Some(Breakage::TooLong), 2));
    }

    #[test]
    fn bytes_that_are_no_text_break_their_record_alone() {
        let seen = read(b"a,\xff\nb,c\n");
        assert_eq!((seen[0].2, seen[1].2), (Some(Breakage::Encoding), None));
        let bytes = b"a\\\xff\xc3\\x41";
        assert_eq!(escaped_bytes(bytes), "a\\\\\\xFF\\xC3\\\\x41");
        assert_eq!(unescaped_bytes(&escaped_bytes(bytes)), bytes);
    }

    proptest! {
        #[test]
        fn a_regular_file_is_split_as_the_csv_crate_splits_it(
            rows in proptest::collection::vec(proptest::collection::vec("[a-z,\" \n\ré]{0,6}", 2..5), 0..8),
            crlf: bool,
        ) {
            let terminator = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
            let mut writer = csv::WriterBuilder::new().flexible(true).terminator(terminator).from_writer(Vec::new());
            for row in &rows {
                writer.write_record(row).unwrap();
            }
            let bytes = writer.into_inner().unwrap();
            let expected: Vec<Vec<String>> = csv::ReaderBuilder::new()
                .flexible(true).has_headers(false).from_reader(&bytes[..])
                .records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect();
            prop_assert_eq!(fields(&bytes), expected);
        }

        #[test]
        fn any_bytes_end_and_lose_nothing(bytes in proptest::collection::vec(
            prop_oneof![Just(b'"'), Just(b','), Just(b'\n'), Just(b'\r'), any::<u8>()], 0..60)) {
            let mut reader = RecordReader::new(&bytes[..], b',');
            let mut record = Record::default();
            let mut kept = Vec::new();
            while reader.read(&mut record).unwrap() {
                kept.extend_from_slice(record.bytes());
            }
            let text = |bytes: &[u8]| -> Vec<u8> {
                let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
                bytes.iter().copied().filter(|b| !matches!(b, b'\n' | b'\r')).collect()
            };
            prop_assert_eq!(text(&kept), text(&bytes));
        }
    }
}
