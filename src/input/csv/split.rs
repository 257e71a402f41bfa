//! Finds the end of a record, and of its fields, in bytes.

use super::dialect::{Dialect, Escape};
use super::record::{FieldSpan, Form};
use memchr::{memchr, memchr_iter, memchr2, memchr3};

/// What was found at the beginning of some bytes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Split {
    /// The record's content ends here, and the next record begins there.
    Done {
        /// Where the content ends.
        end: usize,
        /// Where the next record begins.
        next: usize,
        /// Whether the record may span more than one line.
        lines: bool,
    },
    /// More bytes are needed.
    More,
    /// The quote at this offset was left open.
    OpenQuote(usize),
    /// A field or the record is longer than the caps allow; where it ends is not known.
    Oversize,
}

/// Splits the record at the beginning of `bytes`; `ended` says that nothing comes after them.
pub(crate) fn split(
    bytes: &[u8],
    dialect: Dialect,
    ended: bool,
    fields: &mut Vec<FieldSpan>,
) -> Split {
    split_from(0, bytes, dialect, ended, fields)
}

/// Like [`split`], from the field at `at` on. The fields before it are in `fields` already.
pub(crate) fn split_from(
    mut at: usize,
    bytes: &[u8],
    dialect: Dialect,
    ended: bool,
    fields: &mut Vec<FieldSpan>,
) -> Split {
    let mut lines = at > 0;
    loop {
        // At the first byte of a field.
        let open = if dialect.has_spaced_quotes { past_spaces(bytes, at) } else { at };
        let field = match (bytes.get(open), dialect.escape) {
            (Some(b'"'), _) => {
                lines = true;
                quoted(bytes, open, dialect, ended)
            }
            (_, Escape::Doubled) => plain(bytes, at, dialect, ended),
            (_, Escape::Backslash) => {
                lines = true;
                bare(bytes, at, dialect, ended)
            }
        };
        let end = match field {
            Ok((span, end)) => {
                fields.push(span);
                end
            }
            Err(split) => return split,
        };
        match bytes.get(end) {
            Some(byte) if *byte == dialect.delimiter => at = end + 1,
            _ if end > dialect.caps.record => return Split::Oversize,
            None if ended => return Split::Done { end, next: end, lines },
            None => return Split::More,
            Some(b'\r') if end + 1 == bytes.len() && !ended => return Split::More,
            Some(_) => {
                let next = end + line_end_length(&bytes[end..]);
                return Split::Done { end, next, lines };
            }
        }
        if fields.len() >= dialect.caps.columns || end > dialect.caps.record {
            return Split::Oversize;
        }
    }
}

/// Where the spaces that begin at `at` end.
pub(crate) fn past_spaces(bytes: &[u8], at: usize) -> usize {
    at + bytes[at..].iter().take_while(|byte| **byte == b' ').count()
}

/// Removes the fields whose end is not certain, and returns where the first of them begins.
pub(crate) fn resume(bytes: &[u8], delimiter: u8, fields: &mut Vec<FieldSpan>) -> usize {
    while let Some(last) = fields.last() {
        let end = last.end as usize;
        let quote = usize::from(bytes.get(end) == Some(&b'"'));
        if bytes.get(end + quote) == Some(&delimiter) {
            return end + quote + 1;
        }
        fields.pop();
    }
    0
}

type Found = Result<(FieldSpan, usize), Split>;

/// A field without quotes or escapes.
fn plain(bytes: &[u8], at: usize, dialect: Dialect, ended: bool) -> Found {
    let rest = &bytes[at..];
    let length = match memchr3(dialect.delimiter, b'\n', b'\r', rest) {
        Some(length) => length,
        None if rest.len() > dialect.caps.field => return Err(Split::Oversize),
        None if !ended => return Err(Split::More),
        None => rest.len(),
    };
    if length > dialect.caps.field {
        return Err(Split::Oversize);
    }
    Ok((FieldSpan::new(at, at + length, Form::Plain), at + length))
}

/// A field without quotes in which a backslash escapes the next character.
fn bare(bytes: &[u8], at: usize, dialect: Dialect, ended: bool) -> Found {
    let mut from = at;
    let mut form = Form::Plain;
    loop {
        let rest = &bytes[from..];
        let special = |b: &u8| *b == dialect.delimiter || matches!(b, b'\n' | b'\r' | b'\\');
        let end = match rest.iter().position(special) {
            Some(length) => from + length,
            None if bytes.len() - at > dialect.caps.field => return Err(Split::Oversize),
            None if !ended => return Err(Split::More),
            None => bytes.len(),
        };
        if end - at > dialect.caps.field {
            return Err(Split::Oversize);
        }
        if bytes.get(end) == Some(&b'\\') {
            form = Form::Bare;
            from = past_escape(bytes, end, ended)?;
            continue;
        }
        if &bytes[at..end] == b"\\N" {
            form = Form::Plain;
        }
        return Ok((FieldSpan::new(at, end, form), end));
    }
}

/// Where the text continues after the escape at `at`.
pub(crate) fn past_escape(bytes: &[u8], at: usize, ended: bool) -> Result<usize, Split> {
    match (bytes.get(at + 1), bytes.get(at + 2)) {
        (None, _) | (Some(b'\r'), None) if !ended => Err(Split::More),
        (None, _) => Ok(at + 1),
        (Some(b'\r'), Some(b'\n')) => Ok(at + 3),
        _ => Ok(at + 2),
    }
}

/// The quoted field that opens at `open`; it ends after its closing quote.
fn quoted(bytes: &[u8], open: usize, dialect: Dialect, ended: bool) -> Found {
    let content = open + 1;
    let mut form = Form::Plain;
    let mut from = content;
    let too_far = |at: usize| at - open > dialect.caps.field;
    loop {
        let found = match dialect.escape {
            Escape::Doubled => memchr(b'"', &bytes[from..]),
            Escape::Backslash => memchr2(b'"', b'\\', &bytes[from..]),
        };
        let Some(found) = found else {
            return Err(match too_far(bytes.len()) {
                true => Split::Oversize,
                false if !ended => Split::More,
                false => Split::OpenQuote(open),
            });
        };
        let quote = from + found;
        if too_far(quote) {
            return Err(Split::Oversize);
        }
        if bytes[quote] == b'\\' {
            form = Form::Quoted;
            from = past_escape(bytes, quote, ended)?;
            continue;
        }
        match bytes.get(quote + 1) {
            Some(b'"') => {
                form = Form::Quoted;
                from = quote + 2;
                continue;
            }
            None if !ended => return Err(Split::More),
            None | Some(b'\n' | b'\r') => {}
            Some(byte) if *byte == dialect.delimiter => {}
            Some(_) => return Err(Split::OpenQuote(open)),
        }
        if &bytes[content..quote] == b"\\N" {
            form = Form::Plain;
        }
        return Ok((FieldSpan::new(content, quote, form), quote + 1));
    }
}

/// Counts physical lines: `\n`, `\r\n` and a lone `\r` each end one.
pub(crate) fn count_lines(bytes: &[u8]) -> u64 {
    let feeds = memchr_iter(b'\n', bytes).count();
    let lone = memchr_iter(b'\r', bytes).filter(|at| bytes.get(at + 1) != Some(&b'\n')).count();
    (feeds + lone) as u64
}

pub(crate) fn line_end_length(bytes: &[u8]) -> usize {
    if bytes.starts_with(b"\r\n") { 2 } else { 1 }
}
