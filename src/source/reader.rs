//! One input as records: its header first, then record after record.

use super::input::{Checksum, Input, InputError, Progress};
use super::record::{Breakage, Record, RecordReader, unescaped_bytes};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The columns that a rejects file has after those of its input.
pub const REJECT_COLUMNS: [&str; 4] = ["_record", "_line", "_errors", "_raw"];

/// What overrules detection.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// The byte between two fields.
    pub delimiter: Option<u8>,
}

/// Why a source is no CSV that can be imported.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// It cannot be opened.
    #[error(transparent)]
    Input(#[from] InputError),
    /// Reading it failed.
    #[error("{name} cannot be read: {source}")]
    Read {
        /// What messages call the input.
        name: String,
        /// What the operating system says.
        source: io::Error,
    },
    /// There is nothing in it.
    #[error("{0} is empty: it has not even a header")]
    Empty(String),
    /// Its first line cannot be split.
    #[error("the header of {0} cannot be read: it is not CSV in UTF-8")]
    Header(String),
}

/// How a source was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// The name of the encoding, as the WHATWG spells it.
    pub encoding: String,
    /// `gzip` or `zstd`, where it is compressed.
    pub compression: Option<&'static str>,
    /// The character between two fields.
    pub delimiter: char,
    /// The line of the header.
    pub header_line: u64,
    /// Whether it is a rejects file of an earlier import.
    pub is_rejects_file: bool,
}

/// What is known of an input once it was read to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Its length in bytes, as stored.
    pub bytes: u64,
    /// The SHA-256 of these bytes, in hexadecimal.
    pub sha256: String,
}

/// An input that is being read.
pub struct Source {
    name: String,
    path: Option<PathBuf>,
    length: Option<u64>,
    progress: Progress,
    description: Description,
    header: Vec<String>,
    records: RecordReader<Checksum<Box<dyn Read + Send>>>,
}

impl Source {
    /// Opens a file, or standard input for `-`, and reads its header.
    pub fn open(
        path: &Path,
        options: &ReadOptions,
        progress: Progress,
    ) -> Result<Self, SourceError> {
        let input = Input::open(path)?;
        let name = input.name().to_owned();
        let path = input.path().map(Path::to_owned);
        let length = input.length();
        let delimiter = options.delimiter.unwrap_or(b',');
        let mut records = RecordReader::new(input.reader(progress.clone()), delimiter);
        let mut first = Record::default();
        let read = records.read(&mut first);
        if !read.map_err(|source| SourceError::Read { name: name.clone(), source })? {
            return Err(SourceError::Empty(name));
        }
        if first.breakage.is_some() {
            return Err(SourceError::Header(name));
        }
        records.end_header();
        let mut header: Vec<String> = first.fields().map(str::to_owned).collect();
        let is_rejects_file = header.ends_with(&REJECT_COLUMNS.map(str::to_owned));
        if is_rejects_file {
            header.truncate(header.len() - REJECT_COLUMNS.len());
        }
        let description = Description {
            encoding: "UTF-8".to_owned(),
            compression: None,
            delimiter: char::from(delimiter),
            header_line: first.line,
            is_rejects_file,
        };
        Ok(Self { name, path, length, progress, description, header, records })
    }

    /// What messages call it: the path as it was given, or `stdin`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file's path; standard input has none.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The stored length in bytes, where that is known before reading.
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// How it is read.
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// The columns' names as the file has them. The four columns that a rejects file adds are
    /// left out, here and in every record.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// Reads the next record; `false` at the end. A record that has not one field for each column
    /// has none, and says so in [`Record::breakage`].
    pub fn read(&mut self, record: &mut Record) -> io::Result<bool> {
        if !self.records.read(record)? {
            return Ok(false);
        }
        if record.breakage.is_some() {
            return Ok(true);
        }
        let columns = self.header.len();
        if self.description.is_rejects_file && record.len() == columns + REJECT_COLUMNS.len() {
            let raw = record.field(columns + 3);
            if !raw.is_empty() && record.fields().take(columns).all(str::is_empty) {
                let breakage = unmended(record.field(columns + 2));
                let bytes = unescaped_bytes(raw);
                record.restore(bytes, breakage);
                return Ok(true);
            }
            record.truncate(columns);
        }
        if record.len() != columns {
            record.break_up(Breakage::Fields { found: record.len() });
        }
        Ok(true)
    }

    /// Reads what is left and sums it all up.
    pub fn finish(self) -> io::Result<Summary> {
        let sha256 = self.records.into_inner().finish()?;
        Ok(Summary { bytes: self.progress.bytes(), sha256 })
    }
}

/// What was wrong with a record that stands in a rejects file as it was put there.
fn unmended(errors: &str) -> Breakage {
    if errors.contains("record.quote") {
        Breakage::OpenQuote
    } else if errors.contains("record.encoding") {
        Breakage::Encoding
    } else if errors.contains("record.too_long") {
        Breakage::TooLong
    } else {
        Breakage::Fields { found: 0 }
    }
}
