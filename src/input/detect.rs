//! From an input's first bytes to its header: decompress, decode, find the dialect, or refuse.

use super::compression::{Compression, Decompressed};
use super::encoding;
use super::error::{EncodingFault, HeaderFault, SourceError};
use super::excerpt::excerpt;
use super::file::{Checksum, Input, Progress};
use super::non_csv::Foreign;
use super::options::ReadOptions;
use super::own_files::{own_delimiter, rejects_delimiter};
use super::source::{Description, MARK_COLUMN, REJECT_COLUMNS, Source};
use super::spreadsheet::{PROTECTION_COLUMN, PROTECTION_MARK, unprotected};
use crate::input::csv::RecordReader;
use crate::input::csv::value_in_header;
use crate::input::csv::{Breakage, Record};
use crate::input::csv::{Caps, MAX_COLUMNS};
use crate::input::csv::{DelimiterEvidence, Dialect, Escape, Sniffed, dialect, sniff};
use crate::input::encoding::Decoded;
use crate::input::encoding::{Detected, Encoding, EncodingEvidence, Undetected};
use std::io::{self, Chain, Cursor, Read};
use std::path::Path;

/// How many bytes the encoding is judged by.
const PREFIX: usize = 1 << 20;
/// How many bytes of text the dialect is judged by. A header is no longer.
const SAMPLE: usize = 256 << 10;

type Stored = Checksum<Box<dyn Read + Send>>;
type Peeked<R> = Chain<Cursor<Vec<u8>>, R>;
type Bytes = Peeked<Decompressed<Peeked<Stored>>>;

/// An input's bytes as UTF-8.
pub(crate) enum Text {
    Utf8(Box<Bytes>),
    Decoded(Box<Decoded<Bytes>>),
}

impl Text {
    pub(crate) fn into_inner(self) -> Stored {
        let bytes = match self {
            Self::Utf8(bytes) => *bytes,
            Self::Decoded(decoded) => decoded.into_inner(),
        };
        bytes.into_inner().1.into_inner().into_inner().1
    }
}

impl Read for Text {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Utf8(bytes) => bytes.read(buffer),
            Self::Decoded(decoded) => decoded.read(buffer),
        }
    }
}

/// Opens an input and reads its header.
pub(crate) fn open(
    input: Input,
    options: &ReadOptions,
    progress: Progress,
) -> Result<Source, SourceError> {
    let name = input.name().to_owned();
    let path = input.path().map(Path::to_owned);
    let length = input.length();
    if let Some(delimiter) = options.delimiter.filter(|d| !dialect::is_delimiter(*d)) {
        return Err(SourceError::Delimiter { name, delimiter: char::from(delimiter) });
    }
    let unreadable = |source| SourceError::Read { name: name.clone(), source };

    let (magic, stored) = peek(input.reader(progress), 8).map_err(unreadable)?;
    let compression = Compression::of(&magic);
    let bytes = Decompressed::new(Cursor::new(magic).chain(stored), compression);
    let (prefix, bytes) = bytes.and_then(|bytes| peek(bytes, PREFIX)).map_err(unreadable)?;
    if prefix.is_empty() {
        return Err(SourceError::Empty(name));
    }
    let foreign = |kind| SourceError::NotCsv { name: name.clone(), kind };
    if let Some(kind) = Foreign::of_bytes(&prefix) {
        return Err(foreign(kind));
    }
    let plain: Vec<u8> = prefix.iter().take(SAMPLE).copied().filter(|b| *b != 0).collect();
    let is_rejects_file = rejects_delimiter(&plain).is_some();
    let is_own_export = !is_rejects_file && own_delimiter(&plain, options).is_some();
    let utf_8 = || encoding::is_utf_8(&prefix).then_some(Encoding(encoding_rs::UTF_8));
    let written_by_us = match (is_rejects_file, is_own_export) {
        // Bad records are all that is in it: no reason to take it for another encoding.
        (true, _) => Some(ReadOptions { encoding: utf_8(), ..ReadOptions::default() }),
        // Whatever bytes values have in them.
        (_, true) => {
            Some(ReadOptions { encoding: options.encoding.or_else(utf_8), ..options.clone() })
        }
        _ => None,
    };
    let applied = written_by_us.as_ref().unwrap_or(options);
    let detected = encoding::detect(&prefix, prefix.len() < PREFIX, applied.encoding);
    let Detected { encoding, evidence, mark } =
        detected.map_err(|undetected| match undetected {
            Undetected::DosOrMac if Foreign::is_binary(&prefix) => foreign(Foreign::Binary),
            Undetected::DosOrMac => {
                SourceError::Encoding { name: name.clone(), fault: EncodingFault::DosOrMac }
            }
            Undetected::Utf32 => {
                SourceError::Encoding { name: name.clone(), fault: EncodingFault::Utf32 }
            }
        })?;
    let mut prefix = Cursor::new(prefix);
    let mut records = if encoding == encoding_rs::UTF_8 {
        RecordReader::new(Text::Utf8(Box::new(prefix.chain(bytes))), b',')
    } else {
        prefix.set_position(mark as u64);
        let decoded = Decoded::new(prefix.chain(bytes), encoding);
        RecordReader::decoded(Text::Decoded(Box::new(decoded)), b',')
    };
    let (text, _) = records.sample(SAMPLE).map_err(unreadable)?;
    // What a file's rejects begin with, or mostly are, says nothing about the file; nor do values
    // that were taken once.
    if written_by_us.is_none() {
        let binary = || Foreign::is_binary(text).then_some(Foreign::Binary);
        if let Some(kind) = Foreign::of_text(text).or_else(binary) {
            return Err(foreign(kind));
        }
    }
    let mut opening = Opening { name: &name, options: applied, encoding: encoding.name(), records };
    let sniffed = opening.sniff(options.delimiter)?;
    let header = opening.header(&sniffed)?;
    Ok(Source {
        description: Description {
            encoding: encoding.name().to_owned(),
            encoding_evidence: match evidence {
                EncodingEvidence::Given if applied.encoding != options.encoding => {
                    EncodingEvidence::Valid
                }
                evidence => evidence,
            },
            compression: compression.map(Compression::name),
            delimiter: char::from(sniffed.dialect.delimiter),
            delimiter_evidence: sniffed.evidence,
            escape: sniffed.dialect.escape,
            nulls: sniffed.nulls,
            header_line: header.line,
            is_rejects_file: sniffed.evidence == DelimiterEvidence::RejectsFile,
            is_protected: header.is_protected,
        },
        header: header.names,
        surplus: header.surplus,
        records: opening.records,
        name,
        path,
        length,
    })
}

/// An input whose encoding is known.
struct Opening<'options> {
    name: &'options str,
    options: &'options ReadOptions,
    encoding: &'static str,
    records: RecordReader<Text>,
}

struct Header {
    names: Vec<String>,
    line: u64,
    surplus: usize,
    is_protected: bool,
}

impl Opening<'_> {
    fn name(&self) -> String {
        self.name.to_owned()
    }

    fn unreadable(&self, source: io::Error) -> SourceError {
        SourceError::Read { name: self.name(), source }
    }

    /// Goes to where the header is, and finds the dialect from there on.
    fn sniff(&mut self, delimiter: Option<u8>) -> Result<Sniffed, SourceError> {
        let sample = self.records.sample(SAMPLE);
        let sample =
            sample.map_err(|source| SourceError::Read { name: self.name.to_owned(), source })?;
        if let Some(delimiter) = rejects_delimiter(sample.0) {
            let mut dialect = Dialect::new(delimiter, Escape::Doubled);
            let found = sniff(sample.0, sample.1, Some(delimiter));
            dialect.caps = Caps::REJECTS;
            self.records.set_dialect(dialect);
            let evidence = DelimiterEvidence::RejectsFile;
            return Ok(Sniffed {
                dialect,
                evidence,
                surplus: 0,
                blank_name: false,
                titles: None,
                ..found
            });
        }
        if let Some(delimiter) = own_delimiter(sample.0, self.options) {
            let found = sniff(sample.0, sample.1, Some(delimiter));
            let dialect = Dialect::new(delimiter, Escape::Doubled);
            self.records.set_dialect(dialect);
            let evidence = DelimiterEvidence::OwnExport;
            return Ok(Sniffed {
                dialect,
                evidence,
                nulls: false,
                surplus: 0,
                blank_name: false,
                titles: None,
                ..found
            });
        }
        let named = dialect::sep_line(sample.0);
        if named.is_some() {
            self.records.skip_lines(1).map_err(|source| self.unreadable(source))?;
        }
        if let Some(line) = self.options.header_line {
            let above = line.saturating_sub(self.records.line());
            let there = self.records.skip_lines(above).map_err(|source| self.unreadable(source))?;
            let rest = self.records.sample(1).map(|(rest, _)| rest.is_empty());
            if !there || rest.map_err(|source| self.unreadable(source))? {
                return Err(SourceError::HeaderLine { name: self.name(), line });
            }
        }
        let sample = self.records.sample(SAMPLE);
        let (sample, complete) =
            sample.map_err(|source| SourceError::Read { name: self.name.to_owned(), source })?;
        let mut sniffed = sniff(sample, complete, delimiter.or(named));
        if delimiter.is_none() && named.is_some() {
            sniffed.evidence = DelimiterEvidence::SepLine;
        }
        self.records.set_dialect(sniffed.dialect);
        Ok(sniffed)
    }

    fn header(&mut self, sniffed: &Sniffed) -> Result<Header, SourceError> {
        let is_rejects_file = sniffed.evidence == DelimiterEvidence::RejectsFile;
        let first_line = self.records.line();
        if let Some(columns) = &self.options.columns {
            return self.given(columns, sniffed);
        }
        if let (Some(titles), None) = (&sniffed.titles, self.options.header_line) {
            return Err(SourceError::TitleLines {
                name: self.name(),
                line: first_line + titles.line,
                excerpt: titles.excerpt.clone(),
                header_line: first_line + titles.header_line,
            });
        }
        let mut first = Record::default();
        if sniffed.too_long {
            let fault = HeaderFault::TooLong;
            return Err(SourceError::Header { name: self.name(), line: first_line, fault });
        }
        if !self.records.read(&mut first).map_err(|source| self.unreadable(source))? {
            return Err(SourceError::Empty(self.name()));
        }
        self.records.end_header();
        let fault = match first.breakage {
            Some(Breakage::Encoding) => Some(HeaderFault::Encoding(self.encoding)),
            Some(Breakage::OpenQuote) => Some(HeaderFault::OpenQuote),
            Some(_) => {
                let delimiters = memchr::memchr_iter(sniffed.dialect.delimiter, first.bytes());
                if delimiters.count() >= MAX_COLUMNS {
                    Some(HeaderFault::Columns)
                } else {
                    Some(HeaderFault::TooLong)
                }
            }
            None => {
                let control = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r');
                first.fields().any(|name| name.contains(control)).then_some(HeaderFault::Control)
            }
        };
        if let Some(fault) = fault {
            return Err(SourceError::Header { name: self.name(), line: first.line, fault });
        }
        let mut names: Vec<&str> = first.fields().collect();
        let mut is_protected = false;
        if is_rejects_file {
            let own = names.len().saturating_sub(REJECT_COLUMNS.len());
            if names.get(own).is_some_and(|name| name.ends_with(PROTECTION_MARK)) {
                names = names.into_iter().map(unprotected).collect();
            }
            names.truncate(own);
        } else if names.len() > 1 && names.last() == Some(&PROTECTION_COLUMN) {
            is_protected = true;
            names.pop();
            names = names.into_iter().map(unprotected).collect();
        } else if self.options.header_line.is_none()
            && names.last() != Some(&MARK_COLUMN)
            && let Some(value) = value_in_header(&names)
        {
            let value = excerpt(value.trim(), 40);
            return Err(SourceError::NoHeader { name: self.name(), line: first.line, value });
        }
        if sniffed.blank_name {
            names.pop();
        }
        let names = names.into_iter().map(str::to_owned).collect();
        Ok(Header { names, line: first.line, surplus: sniffed.surplus, is_protected })
    }

    /// The header that was given for a file without one.
    fn given(&self, columns: &[String], sniffed: &Sniffed) -> Result<Header, SourceError> {
        let surplus = sniffed.columns.saturating_sub(columns.len());
        if sniffed.columns < columns.len() || surplus > sniffed.blank {
            return Err(SourceError::Columns {
                name: self.name(),
                given: columns.len(),
                found: sniffed.columns,
            });
        }
        Ok(Header { names: columns.to_vec(), line: 0, surplus, is_protected: false })
    }
}

/// Takes the first bytes of a reader, up to so many.
fn peek<R: Read>(mut reader: R, most: usize) -> io::Result<(Vec<u8>, R)> {
    let mut bytes = Vec::new();
    (&mut reader).take(most as u64).read_to_end(&mut bytes)?;
    Ok((bytes, reader))
}
