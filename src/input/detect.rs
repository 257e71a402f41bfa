//! Opens a source: decompresses and decodes it, detects the kind of file and its dialect, and reads
//! its header. Refuses files that are not CSV.

use super::compression::{Compression, Decompressed};
use super::error::{HeaderError, SourceError};
use super::file::{Input, Progress};
use super::non_csv::NonCsvFormat;
use super::options::ReadOptions;
use super::own_files::{FileKind, MARK_COLUMN, REJECT_COLUMNS};
use super::source::{DecompressedBytes, Description, Source, Utf8Text};
use super::spreadsheet::{PROTECTION_COLUMN, PROTECTION_MARK, unprotected};
use crate::input::csv::{
    Breakage, Caps, DelimiterEvidence, DetectedDialect, Dialect, Escape, MAX_COLUMNS, Record,
    RecordReader, is_delimiter, sep_line, sniff, value_in_header,
};
use crate::input::encoding::{
    self, Decoded, DetectedEncoding, Encoding, EncodingError, EncodingEvidence,
};
use crate::text::excerpt;
use std::io::{self, Cursor, Read};
use std::path::Path;

/// How many bytes are read to detect the encoding.
const PREFIX: usize = 1 << 20;
/// How many bytes of text are read to detect the dialect. No header is longer.
const SAMPLE: usize = 256 << 10;

impl Source {
    /// Opens a file, or standard input for `-`, detects its format, and reads its header.
    pub fn open(
        path: &Path,
        options: &ReadOptions,
        progress: Progress,
    ) -> Result<Self, SourceError> {
        Self::from_input(Input::open(path)?, options, progress)
    }

    /// Detects the format of an input, and reads its header.
    pub fn from_input(
        input: Input,
        options: &ReadOptions,
        progress: Progress,
    ) -> Result<Self, SourceError> {
        let name = input.name().to_owned();
        let path = input.path().map(Path::to_owned);
        let length = input.length();
        if let Some(delimiter) = options.delimiter.filter(|d| !is_delimiter(*d)) {
            return Err(SourceError::Delimiter { name, delimiter: char::from(delimiter) });
        }
        let unreadable = |error| unreadable(&name, error);
        let refused = |format| SourceError::NotCsv { name: name.clone(), format };

        let (magic, stored) = peek(input.reader(progress), 8).map_err(unreadable)?;
        let compression = Compression::of(&magic);
        let bytes = Decompressed::new(Cursor::new(magic).chain(stored), compression);
        let (prefix, bytes) = bytes.and_then(|bytes| peek(bytes, PREFIX)).map_err(unreadable)?;
        if prefix.is_empty() {
            return Err(SourceError::Empty(name));
        }
        if let Some(format) = NonCsvFormat::of_bytes(&prefix) {
            return Err(refused(format));
        }
        let encoding = detect_encoding(&prefix, options).map_err(|error| match error {
            EncodingError::DosOrMac if NonCsvFormat::is_binary(&prefix) => {
                refused(NonCsvFormat::Binary)
            }
            error => SourceError::Encoding { name: name.clone(), error },
        })?;

        let mut records = read_as(&encoding, prefix, bytes);
        let (text, _) = records.sample(SAMPLE).map_err(unreadable)?;
        let kind = FileKind::of(text, options);
        // The values in a file that engage wrote are not evidence of another format.
        if kind == FileKind::Foreign
            && let Some(format) = NonCsvFormat::of_text(text)
        {
            return Err(refused(format));
        }
        let encoding_name = encoding.encoding.name();
        let mut reader = HeaderReader { name: &name, options, encoding_name, kind, records };
        let detected = reader.detect_dialect()?;
        let header = reader.read_header(&detected)?;
        Ok(Self {
            description: Description {
                encoding: encoding_name.to_owned(),
                encoding_evidence: encoding.evidence,
                has_byte_order_mark: encoding.mark > 0,
                compression: compression.map(Compression::name),
                delimiter: char::from(detected.dialect.delimiter),
                delimiter_evidence: detected.evidence,
                escape: detected.dialect.escape,
                has_spaced_quotes: detected.dialect.has_spaced_quotes,
                nulls: detected.nulls,
                header_line: header.line,
                is_rejects_file: matches!(kind, FileKind::Rejects { .. }),
                is_protected: header.is_protected,
            },
            header: header.names,
            surplus: header.surplus,
            records: reader.records,
            is_cut_off: false,
            name,
            path,
            length,
        })
    }
}

/// Takes up to `most` bytes from the beginning of a reader.
fn peek<R: Read>(mut reader: R, most: usize) -> io::Result<(Vec<u8>, R)> {
    let mut bytes = Vec::new();
    (&mut reader).take(most as u64).read_to_end(&mut bytes)?;
    Ok((bytes, reader))
}

/// Detects the encoding. A file that engage wrote is read as UTF-8 if it is valid UTF-8, regardless
/// of its values. For a rejects file that overrides the options, which give the encoding of its
/// input.
fn detect_encoding(
    prefix: &[u8],
    options: &ReadOptions,
) -> Result<DetectedEncoding, EncodingError> {
    // Without the zero bytes, a header in UTF-16 can be read as text too.
    let beginning: Vec<u8> = prefix.iter().take(SAMPLE).copied().filter(|b| *b != 0).collect();
    let utf_8 = || encoding::is_utf_8(prefix).then_some(Encoding(encoding_rs::UTF_8));
    let given = match FileKind::of(&beginning, options) {
        FileKind::Rejects { .. } => utf_8(),
        FileKind::OwnExport { .. } => options.encoding.or_else(utf_8),
        FileKind::Foreign => options.encoding,
    };
    let mut detected = encoding::detect(prefix, prefix.len() < PREFIX, given)?;
    if detected.evidence == EncodingEvidence::Given && given != options.encoding {
        detected.evidence = match detected.mark {
            0 => EncodingEvidence::Valid,
            _ => EncodingEvidence::ByteOrderMark,
        };
    }
    Ok(detected)
}

/// Reads records from bytes in this encoding.
fn read_as(
    detected: &DetectedEncoding,
    prefix: Vec<u8>,
    bytes: DecompressedBytes,
) -> RecordReader<Utf8Text> {
    let mut prefix = Cursor::new(prefix);
    if detected.encoding == encoding_rs::UTF_8 {
        return RecordReader::new(Utf8Text::AsStored(Box::new(prefix.chain(bytes))), b',');
    }
    prefix.set_position(detected.mark as u64);
    let decoded = Decoded::new(prefix.chain(bytes), detected.encoding);
    RecordReader::decoded(Utf8Text::Decoded(Box::new(decoded)), b',')
}

/// Reads the header of a text.
struct HeaderReader<'a> {
    name: &'a str,
    options: &'a ReadOptions,
    encoding_name: &'static str,
    kind: FileKind,
    records: RecordReader<Utf8Text>,
}

struct Header {
    names: Vec<String>,
    line: u64,
    /// How many blank fields a record may have beyond the names.
    surplus: usize,
    is_protected: bool,
}

fn unreadable(name: &str, source: io::Error) -> SourceError {
    SourceError::Read { name: name.to_owned(), source }
}

impl HeaderReader<'_> {
    fn name(&self) -> String {
        self.name.to_owned()
    }

    /// Skips to the line of the header, and detects the dialect from there on.
    fn detect_dialect(&mut self) -> Result<DetectedDialect, SourceError> {
        let detected = match self.kind {
            FileKind::Rejects { delimiter } => {
                let mut own = self.own_dialect(delimiter)?;
                own.dialect.caps = Caps::REJECTS;
                own.evidence = DelimiterEvidence::RejectsFile;
                own
            }
            FileKind::OwnExport { delimiter } => {
                let mut own = self.own_dialect(delimiter)?;
                own.nulls = false;
                own.evidence = DelimiterEvidence::OwnExport;
                own
            }
            FileKind::Foreign => self.foreign_dialect()?,
        };
        self.records.set_dialect(detected.dialect);
        Ok(detected)
    }

    /// The dialect of a file that engage wrote: its header is on the first line, and complete.
    fn own_dialect(&mut self, delimiter: u8) -> Result<DetectedDialect, SourceError> {
        let sniffed = self.sniff(Some(delimiter))?;
        let dialect = Dialect::new(delimiter, Escape::Doubled);
        Ok(DetectedDialect { dialect, surplus: 0, blank_name: false, titles: None, ..sniffed })
    }

    fn foreign_dialect(&mut self) -> Result<DetectedDialect, SourceError> {
        let (text, _) =
            self.records.sample(SAMPLE).map_err(|error| unreadable(self.name, error))?;
        let of_sep_line = sep_line(text);
        if of_sep_line.is_some() {
            self.records.skip_lines(1).map_err(|error| unreadable(self.name, error))?;
        }
        if let Some(line) = self.options.header_line {
            self.skip_to_line(line)?;
        }
        let mut detected = self.sniff(self.options.delimiter.or(of_sep_line))?;
        if self.options.delimiter.is_none() && of_sep_line.is_some() {
            detected.evidence = DelimiterEvidence::SepLine;
        }
        Ok(detected)
    }

    fn skip_to_line(&mut self, line: u64) -> Result<(), SourceError> {
        let above = line.saturating_sub(self.records.line());
        let has_lines =
            self.records.skip_lines(above).map_err(|error| unreadable(self.name, error))?;
        let (rest, _) = self.records.sample(1).map_err(|error| unreadable(self.name, error))?;
        if !has_lines || rest.is_empty() {
            return Err(SourceError::HeaderLine { name: self.name(), line });
        }
        Ok(())
    }

    fn sniff(&mut self, delimiter: Option<u8>) -> Result<DetectedDialect, SourceError> {
        let sample = self.records.sample(SAMPLE);
        let (text, is_complete) = sample.map_err(|error| unreadable(self.name, error))?;
        Ok(sniff(text, is_complete, delimiter))
    }

    fn read_header(&mut self, detected: &DetectedDialect) -> Result<Header, SourceError> {
        let line = self.records.line();
        let is_foreign = self.kind == FileKind::Foreign;
        if is_foreign && let Some(columns) = &self.options.columns {
            return self.given_header(columns, detected);
        }
        if let (Some(titles), None) = (&detected.titles, self.options.header_line) {
            return Err(SourceError::TitleLines {
                name: self.name(),
                line: line + titles.line,
                excerpt: titles.excerpt.clone(),
                header_line: line + titles.header_line,
            });
        }
        if detected.too_long {
            let error = HeaderError::TooLong;
            return Err(SourceError::Header { name: self.name(), line, error });
        }
        let mut header = Record::default();
        if !self.records.read(&mut header).map_err(|error| unreadable(self.name, error))? {
            return Err(SourceError::Empty(self.name()));
        }
        self.records.end_header();
        if let Some(error) = self.header_error(&header, detected.dialect.delimiter) {
            return Err(SourceError::Header { name: self.name(), line: header.line, error });
        }
        let mut names: Vec<&str> = header.fields().collect();
        let mut is_protected = false;
        if let FileKind::Rejects { .. } = self.kind {
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
            return Err(SourceError::NoHeader { name: self.name(), line: header.line, value });
        }
        if detected.blank_name {
            names.pop();
        }
        let names = names.into_iter().map(str::to_owned).collect();
        Ok(Header { names, line: header.line, surplus: detected.surplus, is_protected })
    }

    fn header_error(&self, header: &Record, delimiter: u8) -> Option<HeaderError> {
        let is_control = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r');
        match header.breakage {
            Some(Breakage::Encoding) => Some(HeaderError::Encoding(self.encoding_name)),
            Some(Breakage::OpenQuote) => Some(HeaderError::OpenQuote),
            Some(Breakage::TooLong | Breakage::Fields { .. }) => {
                let delimiters = memchr::memchr_iter(delimiter, header.bytes()).count();
                let has_too_many = delimiters >= MAX_COLUMNS;
                Some(if has_too_many { HeaderError::Columns } else { HeaderError::TooLong })
            }
            None if header.fields().any(|name| name.contains(is_control)) => {
                Some(HeaderError::Control)
            }
            None => None,
        }
    }

    /// The header that was given for a file without one.
    fn given_header(
        &self,
        columns: &[String],
        detected: &DetectedDialect,
    ) -> Result<Header, SourceError> {
        let surplus = detected.columns.saturating_sub(columns.len());
        if detected.columns < columns.len() || surplus > detected.blank {
            return Err(SourceError::Columns {
                name: self.name(),
                given: columns.len(),
                found: detected.columns,
            });
        }
        Ok(Header { names: columns.to_vec(), line: 0, surplus, is_protected: false })
    }
}
