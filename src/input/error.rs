//! Why a source cannot be read, and what to do about it.

use super::file::InputError;
use super::non_csv::NonCsvFormat;
use crate::exit::Exit;
use crate::explain::Explain;
use crate::input::encoding::EncodingError;
use crate::text::shell_word;
use std::io;

/// Why a source cannot be imported as CSV.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// It cannot be opened.
    #[error(transparent)]
    Input(#[from] InputError),
    /// Reading it failed.
    #[error("{name} cannot be read: {source}")]
    Read {
        /// The name of the input in messages.
        name: String,
        /// The error of the operating system or of the decompression.
        source: io::Error,
    },
    /// It is empty.
    #[error("{0} is empty: it has no header")]
    Empty(String),
    /// It is another kind of file.
    #[error("{name} is not CSV but {}", .format.description())]
    NotCsv {
        /// The name of the input in messages.
        name: String,
        /// The detected format.
        format: NonCsvFormat,
    },
    /// Its encoding is unsupported, or cannot be detected.
    #[error("{name} {error}")]
    Encoding {
        /// The name of the input in messages.
        name: String,
        /// What is wrong.
        error: EncodingError,
    },
    /// The header cannot be read.
    #[error("the header of {name} (line {line}) {error}")]
    Header {
        /// The name of the input in messages.
        name: String,
        /// The line of the header.
        line: u64,
        /// What is wrong with it.
        error: HeaderError,
    },
    /// There are other lines above the header.
    #[error("{name} does not begin with its header, which seems to be on line {header_line}")]
    TitleLines {
        /// The name of the input in messages.
        name: String,
        /// The first line that is not blank.
        line: u64,
        /// The beginning of that line, safe to show.
        excerpt: String,
        /// Where a header seems to start.
        header_line: u64,
    },
    /// The first line looks like a record.
    #[error("{name} seems to have no header: line {line} looks like a record")]
    NoHeader {
        /// The name of the input in messages.
        name: String,
        /// The line.
        line: u64,
        /// A value that cannot be the name of a column, safe to show.
        value: String,
    },
    /// The line that was given for the header does not exist.
    #[error("{name} has no header on line {line}: the file is shorter")]
    HeaderLine {
        /// The name of the input in messages.
        name: String,
        /// The line that was given.
        line: u64,
    },
    /// The number of given columns differs from that of the file.
    #[error("{given} columns were given for {name}, but its records have {found}")]
    Columns {
        /// The name of the input in messages.
        name: String,
        /// How many were given.
        given: usize,
        /// How many fields most records have.
        found: usize,
    },
    /// The given delimiter is not allowed.
    #[error("{name} cannot be split at {delimiter:?}: {}", super::options::InvalidDelimiter)]
    Delimiter {
        /// The name of the input in messages.
        name: String,
        /// The given delimiter.
        delimiter: char,
    },
}

/// What is wrong with a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// Bytes that are invalid in this encoding.
    #[error("has bytes that are not {0}")]
    Encoding(&'static str),
    /// A quote that was never closed.
    #[error("has a quote that is never closed")]
    OpenQuote,
    /// It is too long.
    #[error("is longer than 256 KiB")]
    TooLong,
    /// It has too many columns.
    #[error("has more than {} columns", crate::input::csv::MAX_COLUMNS)]
    Columns,
    /// Control characters.
    #[error("has control characters in it")]
    Control,
}

impl Explain for SourceError {
    /// A file that was read is refused for its content; a file that could not be read fails.
    fn exit(&self) -> Exit {
        match self {
            Self::Input(_) | Self::Read { .. } => Exit::Failed,
            _ => Exit::Refused,
        }
    }

    fn details(&self) -> Vec<String> {
        match self {
            Self::TitleLines { line, excerpt, .. } => vec![format!("line {line} is '{excerpt}'")],
            Self::NoHeader { value, .. } => vec![format!("it has the value '{value}'")],
            _ => Vec::new(),
        }
    }

    fn hints(&self) -> Vec<String> {
        let fixed = |hints: &[&str]| hints.iter().map(|hint| (*hint).to_owned()).collect();
        match self {
            Self::NotCsv { format, name } => {
                let hints = format.hints().into_iter();
                hints.map(|hint| hint.replace("FILE", &shell_word(name))).collect()
            }
            Self::Encoding { error: EncodingError::Utf32, .. } => {
                fixed(&["convert it: iconv -f UTF-32 -t UTF-8 FILE > users.csv"])
            }
            Self::Encoding { error: EncodingError::DosOrMac, .. } => fixed(&[
                "from an old Mac: --encoding macintosh",
                "from DOS: iconv -f CP850 -t UTF-8 FILE | engage import -",
            ]),
            Self::Header { error, .. } => match error {
                HeaderError::Encoding(_) => fixed(&["set the encoding with --encoding"]),
                HeaderError::OpenQuote => {
                    fixed(&["close the quote, or double it if it is part of the text"])
                }
                HeaderError::TooLong | HeaderError::Columns => {
                    fixed(&["if it is CSV, set the delimiter with --delimiter"])
                }
                HeaderError::Control => fixed(&["if it is CSV, set the encoding with --encoding"]),
            },
            Self::TitleLines { line, header_line, .. } => vec![
                format!("if the header is on line {header_line}: --header-line {header_line}"),
                format!("if the header is on line {line}: --header-line {line}"),
            ],
            Self::NoHeader { line, .. } => vec![
                "name its columns in order: --columns id,email,first_name".to_owned(),
                format!("if line {line} is the header: --header-line {line}"),
            ],
            Self::Columns { .. } => fixed(&[
                "name every column, in order; a blank name leaves the column without one",
                "if the file is split at the wrong character: --delimiter",
            ]),
            Self::HeaderLine { .. } => fixed(&["lines are counted from 1, including blank lines"]),
            Self::Empty(_) => fixed(&[
                "check whether the export is complete; even a file without customers has a header",
            ]),
            Self::Delimiter { .. } => {
                fixed(&["quote it for the shell: --delimiter ';'; for a tab: --delimiter tab"])
            }
            Self::Input(_) => fixed(&["check the path; - reads standard input"]),
            Self::Read { .. } => fixed(&["the file may be incomplete: copy or export it again"]),
        }
    }
}
