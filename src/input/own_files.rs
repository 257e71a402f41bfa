//! Files that engage itself wrote, recognised by the last columns of their headers: rejects files
//! and exports, as they were written or as a spreadsheet saved them.

use super::options::ReadOptions;
use super::spreadsheet::PROTECTION_MARK;
use crate::input::csv::{Caps, Dialect, Escape, Record, RecordReader, is_delimiter};

/// The columns that a rejects file has after those of its input.
pub const REJECT_COLUMNS: [&str; 4] = ["_record", "_line", "_errors", "_raw"];

/// The last column of engage's own export.
pub const MARK_COLUMN: &str = "_engage";

/// The kind of a CSV file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileKind {
    /// A rejects file of an earlier import.
    Rejects {
        /// The byte between two fields.
        delimiter: u8,
    },
    /// An export that engage wrote.
    OwnExport {
        /// The byte between two fields.
        delimiter: u8,
    },
    /// A file from another program.
    Foreign,
}

impl FileKind {
    /// Detects the kind of a file by its beginning. If an option gives the header line or the names
    /// of the columns, an export of engage is an ordinary file.
    pub(crate) fn of(text: &[u8], options: &ReadOptions) -> Self {
        if let Some(delimiter) = rejects_delimiter(text) {
            return Self::Rejects { delimiter };
        }
        match own_delimiter(text, options) {
            Some(delimiter) => Self::OwnExport { delimiter },
            None => Self::Foreign,
        }
    }
}

/// Whether bytes are the beginning of a rejects file: their header ends in the four columns.
pub fn is_rejects_file(beginning: &[u8]) -> bool {
    rejects_delimiter(beginning).is_some()
}

/// The delimiter of a text that is a rejects file.
fn rejects_delimiter(text: &[u8]) -> Option<u8> {
    let candidates = memchr::memmem::find_iter(text, REJECT_COLUMNS[1]).filter_map(|at| {
        let before = text.get(..at)?;
        let before = before.strip_suffix(b"\"").unwrap_or(before);
        before.last().copied().filter(|delimiter| is_delimiter(*delimiter))
    });
    // The name of a single column may contain all four, with another delimiter.
    let mut tried = Vec::new();
    for delimiter in candidates {
        if tried.contains(&delimiter) {
            continue;
        }
        tried.push(delimiter);
        if header(text, delimiter).is_some_and(|header| has_reject_columns(&header)) {
            return Some(delimiter);
        }
    }
    None
}

/// Whether a header ends in the four columns of a rejects file. The first of them has a mark if
/// names of columns are protected.
fn has_reject_columns(header: &Record) -> bool {
    let own = header.len().saturating_sub(REJECT_COLUMNS.len());
    let names = header.fields().skip(own).enumerate().map(|(place, name)| match place {
        0 => name.strip_suffix(PROTECTION_MARK).unwrap_or(name),
        _ => name,
    });
    names.eq(REJECT_COLUMNS)
}

/// The delimiter of a text that is engage's own export.
fn own_delimiter(text: &[u8], options: &ReadOptions) -> Option<u8> {
    if options.columns.is_some() || options.header_line.is_some() {
        return None;
    }
    // Most likely the first match is the column; a few others may be in names of columns.
    memchr::memmem::find_iter(text, MARK_COLUMN).take(8).find_map(|at| {
        let rest = text.get(at + MARK_COLUMN.len()..)?;
        let (is_quoted, rest) = match rest.strip_prefix(b"\"") {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let before = at.checked_sub(1 + usize::from(is_quoted))?;
        let delimiter = *text.get(before)?;
        let ends = rest.first().is_none_or(|byte| matches!(byte, b'\n' | b'\r'));
        let is_candidate = ends
            && is_delimiter(delimiter)
            && options.delimiter.is_none_or(|given| given == delimiter);
        if !is_candidate {
            return None;
        }
        let header = header(text, delimiter)?;
        (header.fields().last() == Some(MARK_COLUMN)).then_some(delimiter)
    })
}

/// The header of a text that engage wrote with this delimiter.
fn header(text: &[u8], delimiter: u8) -> Option<Record> {
    let mut header = Record::default();
    let mut records = RecordReader::new(text, delimiter);
    let mut dialect = Dialect::new(delimiter, Escape::Doubled);
    dialect.caps = Caps::REJECTS;
    records.set_dialect(dialect);
    records.read(&mut header).unwrap_or(false).then_some(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_of_a_file_is_detected_by_its_header() {
        let plain = ReadOptions::default();
        let of = |text: &str, options: &ReadOptions| FileKind::of(text.as_bytes(), options);
        let rejects = FileKind::Rejects { delimiter: b';' };
        assert_eq!(of("id;_record;_line;_errors;_raw\n", &plain), rejects);
        let own = FileKind::OwnExport { delimiter: b',' };
        assert_eq!(of("uid,email,_engage\n", &plain), own);
        assert_eq!(of("id,email\n1,_engage\n", &plain), FileKind::Foreign);
        let columns = Some(vec!["id".to_owned()]);
        let headless = ReadOptions { columns, ..ReadOptions::default() };
        assert_eq!(of("uid,email,_engage\n", &headless), FileKind::Foreign);
        assert_eq!(of("id;_record;_line;_errors;_raw\n", &headless), rejects);
    }
}
