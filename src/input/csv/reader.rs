//! Reads records from bytes.
//!
//! A regular file is read exactly as by the `csv` crate, cell for cell. The crate is not used
//! because of irregular files: with an unclosed quote, it reads the rest of the file as one field,
//! and it does not keep the bytes of a record. Here such a quote costs only its own line, and every
//! record has its number, its line and its bytes.
//!
//! A quote counts as unclosed only if that is certain: text follows its closing quote, or the file
//! ends without one. To find out, bytes are read ahead, and those that do not fit in memory are
//! kept in a temporary file. So the lines of a quoted cell are never read as records, however long
//! the cell is.

use super::dialect::{Dialect, Escape};
use super::discarded::{Discarded, Mark};
use super::lookahead::{Replay, Spool};
use super::oversize::{Oversize, Step};
use super::record::{Breakage, Record};
use super::split::{Split, count_lines, line_end_length, resume, split_from};
use memchr::memchr2;
use std::io::{self, Read};

/// Reads records from bytes, one after the other.
#[expect(clippy::struct_excessive_bools, reason = "independent facts of a stream")]
pub struct RecordReader<R> {
    inner: Replay<R>,
    dialect: Dialect,
    /// Whether the bytes come from our decoder, with marks for invalid bytes.
    marked: bool,
    /// The minimum number of bytes to read at once.
    chunk: usize,
    /// How many bytes of a quoted field are held in memory until it is known whether the field is
    /// closed.
    lookahead: usize,
    buffer: Vec<u8>,
    start: usize,
    /// How many bytes were consumed before `start`.
    taken: u64,
    begun: bool,
    ended: bool,
    line: u64,
    records: u64,
    /// Whether the last record ended with the file and not with a line end.
    is_unended: bool,
}

impl<R: Read> RecordReader<R> {
    const CHUNK: usize = 256 << 10;
    const LOOKAHEAD: usize = 4 << 20;
    /// How many bytes the buffer may keep allocated after a long record.
    const KEPT: usize = 2 << 20;

    /// Reads UTF-8 with fields that are separated by `delimiter`. A byte order mark is skipped.
    pub fn new(inner: R, delimiter: u8) -> Self {
        Self {
            inner: Replay::new(inner),
            dialect: Dialect::new(delimiter, Escape::Doubled),
            marked: false,
            chunk: Self::CHUNK,
            lookahead: Self::LOOKAHEAD,
            buffer: Vec::new(),
            start: 0,
            taken: 0,
            begun: false,
            ended: false,
            line: 1,
            records: 0,
            is_unended: false,
        }
    }

    /// Reads text that our decoder has converted from another encoding.
    pub(crate) fn decoded(inner: R, delimiter: u8) -> Self {
        Self { marked: true, ..Self::new(inner, delimiter) }
    }

    /// Uses this dialect from the next record on.
    pub(crate) fn set_dialect(&mut self, dialect: Dialect) {
        self.dialect = dialect;
    }

    /// Returns the source of the bytes.
    pub(crate) fn into_inner(self) -> R {
        self.inner.into_inner()
    }

    /// Counts the records from 1 again, after the header.
    pub(crate) fn end_header(&mut self) {
        self.records = 0;
    }

    /// Whether the last record ended with the file and not with a line end.
    pub(crate) fn is_unended(&self) -> bool {
        self.is_unended
    }

    /// The number of the next line, from 1.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// The next bytes, up to `wanted`, and whether the text ends with them. Nothing is consumed.
    pub(crate) fn sample(&mut self, wanted: usize) -> io::Result<(&[u8], bool)> {
        self.begin()?;
        while self.buffer.len() - self.start < wanted && self.fill()? {}
        let bytes = &self.buffer[self.start..];
        let complete = self.ended && bytes.len() <= wanted;
        Ok((&bytes[..bytes.len().min(wanted)], complete))
    }

    /// Skips physical lines of any length; `false` if there are fewer.
    pub(crate) fn skip_lines(&mut self, lines: u64) -> io::Result<bool> {
        self.begin()?;
        for _ in 0..lines {
            loop {
                let bytes = &self.buffer[self.start..];
                let found = memchr2(b'\n', b'\r', bytes);
                let complete =
                    found.filter(|at| self.ended || bytes[*at] == b'\n' || at + 1 < bytes.len());
                if let Some(end) = complete {
                    self.pass(end + line_end_length(&bytes[end..]));
                    self.line += 1;
                    break;
                }
                self.pass(found.unwrap_or(bytes.len()));
                if !self.fill()? && self.start == self.buffer.len() {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Reads the next record; `false` at the end of the file. Blank lines are skipped.
    ///
    /// An error in the record is in [`Record::breakage`]; an error of this function is one of the
    /// source.
    pub fn read(&mut self, record: &mut Record) -> io::Result<bool> {
        self.begin()?;
        if !self.skip_blank_lines()? {
            return Ok(false);
        }
        record.clear();
        self.records += 1;
        record.number = self.records;
        record.line = self.line;
        record.offset = self.taken;
        let mut from = 0;
        loop {
            let rest = &self.buffer[self.start..];
            match split_from(from, rest, self.dialect, self.ended, &mut record.fields) {
                Split::Done { end, next, lines } => {
                    self.is_unended = end == next;
                    self.line += if lines { count_lines(&rest[..next]) } else { 1 };
                    self.take(record, end, next);
                }
                Split::More => {
                    from = resume(rest, self.dialect.delimiter, &mut record.fields);
                    self.fill()?;
                    continue;
                }
                Split::OpenQuote(quote) => {
                    let mut discarded = Discarded::default();
                    self.discard(&mut discarded, quote);
                    self.take_line(record, discarded, Breakage::OpenQuote)?;
                }
                Split::Oversize => self.take_oversize(record)?,
            }
            return Ok(true);
        }
    }

    /// Consumes a record that is longer than the caps allow, up to its end or to the end of the
    /// line with an unclosed quote.
    fn take_oversize(&mut self, record: &mut Record) -> io::Result<()> {
        let mut scan = Oversize::new(self.dialect);
        let mut discarded = Discarded::default();
        // Where the quoted field that is being scanned begins, and its scanned bytes: the first
        // ones are in the spool, if there is one, and the rest in the buffer.
        let mut opened: Option<Mark> = None;
        let mut spool: Option<Spool> = None;
        let mut scanned = 0;
        loop {
            let bytes = &self.buffer[self.start + scanned..];
            match scan.advance(bytes, self.ended) {
                Step::More(length) => {
                    if opened.is_none() {
                        self.discard(&mut discarded, length);
                    } else {
                        discarded.add(&bytes[..length]);
                        scanned += length;
                    }
                    if scanned > self.lookahead || spool.is_some() {
                        let spool = match &mut spool {
                            Some(spool) => spool,
                            None => spool.insert(Spool::new()?),
                        };
                        spool.write(&self.buffer[self.start..self.start + scanned])?;
                        self.pass(scanned);
                        scanned = 0;
                    }
                    self.fill()?;
                }
                Step::Opened(length) => {
                    self.discard(&mut discarded, length - 1);
                    opened = Some(discarded.mark());
                    discarded.add(b"\"");
                    scanned = 1;
                }
                Step::Closed(length) => {
                    discarded.add(&bytes[..length]);
                    self.pass(scanned + length);
                    (opened, spool, scanned) = (None, None, 0);
                }
                Step::Unclosed => {
                    discarded.cut_back(opened.unwrap_or_default());
                    if let Some(mut spool) = spool {
                        spool.write(&self.buffer[self.start..])?;
                        self.unread(spool, record.offset + discarded.length())?;
                    }
                    let breakage = match scan.is_too_long {
                        true => Breakage::TooLong,
                        false => Breakage::OpenQuote,
                    };
                    return self.take_line(record, discarded, breakage);
                }
                Step::End { end, next } => {
                    self.is_unended = end == next;
                    discarded.add(&bytes[..end]);
                    discarded.add_lines(&bytes[end..next]);
                    self.pass(next);
                    self.take_broken(record, discarded, Breakage::TooLong);
                    return Ok(());
                }
            }
        }
    }

    /// Consumes the rest of a physical line of any length, which ends the record.
    fn take_line(
        &mut self,
        record: &mut Record,
        mut discarded: Discarded,
        breakage: Breakage,
    ) -> io::Result<()> {
        self.is_unended = false;
        loop {
            let bytes = &self.buffer[self.start..];
            let found = memchr2(b'\n', b'\r', bytes);
            let complete =
                found.filter(|at| self.ended || bytes[*at] == b'\n' || at + 1 < bytes.len());
            if let Some(end) = complete {
                let next = end + line_end_length(&bytes[end..]);
                discarded.add(&bytes[..end]);
                discarded.add_lines(&bytes[end..next]);
                self.pass(next);
                break;
            }
            self.discard(&mut discarded, found.unwrap_or(bytes.len()));
            if !self.fill()? && found.is_none() {
                self.is_unended = true;
                break;
            }
        }
        self.take_broken(record, discarded, breakage);
        Ok(())
    }

    fn take(&mut self, record: &mut Record, end: usize, next: usize) {
        let is_text = record.set_bytes(&self.buffer[self.start..self.start + end]);
        record.length = end as u64;
        self.pass(next);
        self.shrink();
        if is_text {
            record.unescape(self.dialect.escape == Escape::Backslash);
        } else {
            record.break_up(Breakage::Encoding);
            self.unmark(record);
        }
    }

    fn take_broken(&mut self, record: &mut Record, discarded: Discarded, breakage: Breakage) {
        self.shrink();
        record.break_up(breakage);
        record.length = discarded.length();
        self.line += discarded.lines();
        record.hold(discarded.into_held());
        self.unmark(record);
    }

    /// Skips bytes of a record that cannot be split.
    fn discard(&mut self, discarded: &mut Discarded, length: usize) {
        discarded.add(&self.buffer[self.start..self.start + length]);
        self.pass(length);
    }

    /// Puts back the bytes of a spool, which begin at `offset`, so that they are read again.
    fn unread(&mut self, spool: Spool, offset: u64) -> io::Result<()> {
        self.inner.unread(spool)?;
        self.buffer.clear();
        self.start = 0;
        self.taken = offset;
        self.ended = false;
        Ok(())
    }

    fn unmark(&self, record: &mut Record) {
        if self.marked {
            record.unmark();
        }
    }

    fn pass(&mut self, length: usize) {
        self.start += length;
        self.taken += length as u64;
    }

    fn begin(&mut self) -> io::Result<()> {
        if self.begun {
            return Ok(());
        }
        while self.buffer.len() < 3 && self.fill()? {}
        self.begun = true;
        // There may be several marks: some programs join files, or mark a file that has a mark.
        while self.buffer[self.start..].starts_with(b"\xef\xbb\xbf") {
            self.pass(3);
        }
        Ok(())
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
                self.pass(1);
            }
            if !self.fill()? && self.start == self.buffer.len() {
                return Ok(false);
            }
        }
    }

    /// Shrinks the buffer after a long record, if most of it is unused.
    fn shrink(&mut self) {
        let held = self.buffer.len() - self.start;
        if self.buffer.capacity() > Self::KEPT.max(2 * held) {
            self.drain();
            self.buffer.shrink_to(Self::KEPT);
        }
    }

    fn drain(&mut self) {
        self.buffer.drain(..self.start);
        self.start = 0;
    }

    /// Reads more bytes; `false` at the end. Consumed bytes are removed first.
    fn fill(&mut self) -> io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        if self.start > 0 {
            self.drain();
        }
        let held = self.buffer.len();
        let wanted = self.chunk.max(held / 4);
        self.buffer.reserve_exact(wanted);
        let read = self.inner.by_ref().take(wanted as u64).read_to_end(&mut self.buffer)?;
        self.ended = read < wanted;
        Ok(read > 0)
    }
}

#[cfg(test)]
mod tests;
