//! Reads one input: first its header, then its records.

use super::compression::Decompressed;
use super::file::Checksum;
use super::own_files::REJECT_COLUMNS;
use super::spreadsheet::{IS_PROTECTED, PROTECTION_MARK};
use crate::input::csv::{Breakage, DelimiterEvidence, Escape, Record, RecordReader};
use crate::input::encoding::{Decoded, EncodingEvidence};
use std::io::{self, Chain, Cursor, Read};
use std::path::{Path, PathBuf};

type StoredBytes = Checksum<Box<dyn Read + Send>>;
/// A reader whose first bytes were read ahead.
type Peeked<R> = Chain<Cursor<Vec<u8>>, R>;
pub(crate) type DecompressedBytes = Decompressed<Peeked<StoredBytes>>;

/// The bytes of an input as UTF-8.
pub(crate) enum Utf8Text {
    AsStored(Box<Peeked<DecompressedBytes>>),
    Decoded(Box<Decoded<Peeked<DecompressedBytes>>>),
}

impl Utf8Text {
    fn into_stored(self) -> StoredBytes {
        let bytes = match self {
            Self::AsStored(bytes) => *bytes,
            Self::Decoded(decoded) => decoded.into_inner(),
        };
        bytes.into_inner().1.into_inner().into_inner().1
    }
}

impl Read for Utf8Text {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::AsStored(bytes) => bytes.read(buffer),
            Self::Decoded(decoded) => decoded.read(buffer),
        }
    }
}

/// How a source is read.
#[expect(clippy::struct_excessive_bools, reason = "independent facts of a file")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// The name of the encoding, as the WHATWG spells it.
    pub encoding: String,
    /// How the encoding is known.
    pub encoding_evidence: EncodingEvidence,
    /// Whether it begins with a byte order mark, however its encoding is known.
    pub has_byte_order_mark: bool,
    /// `gzip` or `zstd`, if it is compressed.
    pub compression: Option<&'static str>,
    /// The character between two fields.
    pub delimiter: char,
    /// How the delimiter is known.
    pub delimiter_evidence: DelimiterEvidence,
    /// How delimiters, quotes and line ends are escaped.
    pub escape: Escape,
    /// Whether spaces may precede the opening quote of a field.
    pub has_spaced_quotes: bool,
    /// Whether cells at the beginning of the file are exactly `\N`. [`Record::is_null`] checks a
    /// single cell.
    pub nulls: bool,
    /// The line of the header; 0 if the columns were given.
    pub header_line: u64,
    /// Whether it is a rejects file of an earlier import.
    pub is_rejects_file: bool,
    /// Whether its last column says which rows have protected texts.
    pub is_protected: bool,
}

/// The length and checksum of an input that was read to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Its length in bytes, as stored.
    pub bytes: u64,
    /// The SHA-256 of these bytes, in hexadecimal.
    pub sha256: String,
    /// Whether it seems to be cut off: its last record is incomplete and has no line end.
    pub is_cut_off: bool,
}

/// An input that is being read.
pub struct Source {
    pub(crate) name: String,
    pub(crate) path: Option<PathBuf>,
    pub(crate) length: Option<u64>,
    pub(crate) description: Description,
    pub(crate) header: Vec<String>,
    /// How many blank fields a record may have beyond the header's.
    pub(crate) surplus: usize,
    pub(crate) records: RecordReader<Utf8Text>,
    /// Whether the last record is incomplete and ends with the file.
    pub(crate) is_cut_off: bool,
}

impl Source {
    /// The name in messages: the path as it was given, or `stdin`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file's path; standard input has none.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The stored length in bytes, if it is known before reading.
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// How it is read.
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// The names of the columns. The columns that a rejects file and a protected file add are left
    /// out, here and in every record, and protected texts are as they were before.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// Reads the next record; `false` at the end. A record with more or fewer fields than there are
    /// columns has no fields, but a [`Record::breakage`].
    pub fn read(&mut self, record: &mut Record) -> io::Result<bool> {
        if !self.records.read(record)? {
            return Ok(false);
        }
        self.arrange(record);
        let columns = self.header.len();
        let is_incomplete = match record.breakage {
            Some(Breakage::Fields { found }) => found < columns,
            Some(Breakage::OpenQuote) => true,
            _ => false,
        };
        // A rejects file has incomplete records on purpose, each in a complete row.
        let is_rejects_file = self.description.is_rejects_file;
        self.is_cut_off = is_incomplete && !is_rejects_file && self.records.is_unended();
        Ok(true)
    }

    /// Fits a record to the columns of the header.
    fn arrange(&self, record: &mut Record) {
        if record.breakage.is_some() {
            return;
        }
        let columns = self.header.len();
        if self.description.is_rejects_file && record.len() == columns + REJECT_COLUMNS.len() {
            if record.field(columns).trim_end().ends_with(PROTECTION_MARK) {
                record.unprotect();
            }
            let raw = record.field(columns + 3);
            if !raw.is_empty() && record.fields().take(columns).all(str::is_empty) {
                let breakage = Breakage::from_reject(record.field(columns + 2))
                    .unwrap_or(Breakage::Fields { found: 0 });
                let raw = raw.to_owned();
                record.restore(raw, breakage);
                return;
            }
            record.truncate(columns);
        }
        let written = columns + usize::from(self.description.is_protected);
        if self.surplus > 0
            && record.len() == written + self.surplus
            && record.fields().skip(written).all(str::is_empty)
        {
            record.truncate(written);
        }
        if self.description.is_protected && record.len() == written {
            if record.field(columns).trim() == IS_PROTECTED {
                record.unprotect();
            }
            record.truncate(columns);
        }
        if record.len() != columns {
            record.break_up(Breakage::Fields { found: record.len() });
        }
    }

    /// Reads the rest of the input; returns its length and checksum.
    pub fn finish(self) -> io::Result<Summary> {
        let is_cut_off = self.is_cut_off;
        let (bytes, sha256) = self.records.into_inner().into_stored().finish()?;
        Ok(Summary { bytes, sha256, is_cut_off })
    }
}
