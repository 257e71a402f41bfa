//! Reads records from bytes.
//!
//! Where a file is regular the outcome is the `csv` crate's, cell for cell. The crate is not used
//! here because of what happens where a file is not: a quote that was left open makes it swallow
//! the rest of the file into one field, and it does not tell where a record's bytes are. Here such
//! a quote costs its one line, and every record knows its number, its line and its bytes.

use super::dialect::{Dialect, Escape, RECORD_CAP};
use super::record::{Breakage, Record};
use super::split::{Split, count_lines, line_end_length, split};
use memchr::{memchr_iter, memchr2};
use std::io::{self, Read};

/// Reads records from bytes, one after the other.
pub struct RecordReader<R> {
    inner: R,
    dialect: Dialect,
    /// Whether the bytes come from our decoder, with marks for what was no text.
    marked: bool,
    buffer: Vec<u8>,
    start: usize,
    /// How many bytes were taken before `start`.
    taken: u64,
    begun: bool,
    ended: bool,
    line: u64,
    records: u64,
}

impl<R: Read> RecordReader<R> {
    const CHUNK: usize = 256 << 10;

    /// Reads UTF-8 from these bytes, fields separated by this byte. A byte order mark is passed
    /// over.
    pub fn new(inner: R, delimiter: u8) -> Self {
        Self {
            inner,
            dialect: Dialect::new(delimiter, Escape::Doubled),
            marked: false,
            buffer: Vec::new(),
            start: 0,
            taken: 0,
            begun: false,
            ended: false,
            line: 1,
            records: 0,
        }
    }

    /// Reads what a decoder made of bytes in another encoding.
    pub(crate) fn decoded(inner: R, delimiter: u8) -> Self {
        Self { marked: true, ..Self::new(inner, delimiter) }
    }

    /// Splits as this dialect does, from the next record on.
    pub(crate) fn set_dialect(&mut self, dialect: Dialect) {
        self.dialect = dialect;
    }

    /// Gives back the source of the bytes.
    pub(crate) fn into_inner(self) -> R {
        self.inner
    }

    /// Counts the records from 1 again: what was read so far was the header.
    pub(crate) fn end_header(&mut self) {
        self.records = 0;
    }

    /// The line that comes next, from 1.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// What comes next, up to this many bytes, and whether that is all there is. Nothing is taken.
    pub(crate) fn sample(&mut self, wanted: usize) -> io::Result<(&[u8], bool)> {
        self.begin()?;
        while self.buffer.len() - self.start < wanted && self.fill()? {}
        let bytes = &self.buffer[self.start..];
        let complete = self.ended && bytes.len() <= wanted;
        Ok((&bytes[..bytes.len().min(wanted)], complete))
    }

    /// Passes over physical lines, however long they are; `false` where there are not so many.
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

    /// Reads the next record; `false` at the end of the file. Blank lines are no records.
    ///
    /// A fault of the record is in [`Record::breakage`]; an error is one of the source.
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
        loop {
            record.fields.clear();
            let rest = &self.buffer[self.start..];
            match split(rest, self.dialect, self.ended, &mut record.fields) {
                Split::Done { end, next, lines } => {
                    self.line += if lines { count_lines(&rest[..next]) } else { 1 };
                    self.take(record, end, next);
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
        record.break_up(breakage);
        let mut searched = from;
        let mut dropped = 0_u64;
        loop {
            let bytes = &self.buffer[self.start..];
            let found = memchr2(b'\n', b'\r', &bytes[searched..]).map(|at| searched + at);
            let complete =
                found.filter(|at| self.ended || bytes[*at] == b'\n' || at + 1 < bytes.len());
            if let Some(end) = complete {
                let next = end + line_end_length(&bytes[end..]);
                self.line += if dropped == 0 { count_lines(&bytes[..next]) } else { 1 };
                self.take_broken(record, end, next, dropped);
                return Ok(());
            }
            searched = found.unwrap_or(bytes.len());
            if searched > RECORD_CAP {
                if dropped == 0 {
                    record.set_bytes(&bytes[..RECORD_CAP]);
                    self.line += memchr_iter(b'\n', &bytes[..from]).count() as u64;
                }
                dropped += searched as u64;
                self.pass(searched);
                searched = 0;
            }
            if !self.fill()? && found.is_none() {
                let end = self.buffer.len() - self.start;
                self.take_broken(record, end, end, dropped);
                return Ok(());
            }
        }
    }

    fn take(&mut self, record: &mut Record, end: usize, next: usize) {
        let is_text = record.set_bytes(&self.buffer[self.start..self.start + end]);
        record.length = end as u64;
        self.pass(next);
        if is_text {
            record.unescape(self.dialect.escape == Escape::Backslash);
        } else {
            record.break_up(Breakage::Encoding);
            self.unmark(record);
        }
    }

    fn take_broken(&mut self, record: &mut Record, end: usize, next: usize, dropped: u64) {
        if dropped == 0 {
            record.set_bytes(&self.buffer[self.start..self.start + end]);
        }
        record.length = dropped + end as u64;
        self.pass(next);
        self.unmark(record);
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
        // Programs that join files, or mark what is marked already, leave several.
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

#[cfg(test)]
mod tests;
