//! The options for reading an input.

use crate::input::csv::is_delimiter;
use crate::input::encoding::Encoding;
use crate::text::OptionWords;

/// Options that override detection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// The byte between two fields.
    pub delimiter: Option<u8>,
    /// The encoding. A UTF-16 byte order mark overrides it.
    pub encoding: Option<Encoding>,
    /// The physical line of the header, from 1. Lines above it are skipped, and it is read as a
    /// header even if it has values.
    pub header_line: Option<u64>,
    /// The names of the columns: the file has no header.
    pub columns: Option<Vec<String>>,
}

impl ReadOptions {
    /// The same options for the command line.
    pub(crate) fn words(&self) -> Vec<String> {
        let mut words = OptionWords::default();
        words.option(
            "--delimiter",
            self.delimiter.map(|byte| match byte {
                b'\t' => "tab".to_owned(),
                byte => char::from(byte).to_string(),
            }),
        );
        words.option("--encoding", self.encoding);
        words.option("--header-line", self.header_line);
        words.option("--columns", self.columns.as_ref().map(|columns| columns.join(",")));
        words.0
    }
}

/// The error for an invalid delimiter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a delimiter is the word tab, or one ASCII character such as ; or | (not a letter, digit, _, \\, quote or line end)"
)]
pub struct InvalidDelimiter;

/// Parses a delimiter: one character, or the word `tab`.
pub fn delimiter_named(text: &str) -> Result<u8, InvalidDelimiter> {
    match text {
        "tab" | "\\t" => Ok(b'\t'),
        _ => match text.as_bytes() {
            [byte] if is_delimiter(*byte) => Ok(*byte),
            _ => Err(InvalidDelimiter),
        },
    }
}
