//! Finds the end of a record that is too long to hold in memory, piece by piece.
//!
//! It follows the same grammar as `split`, so that no line within a quoted cell is treated as a
//! record.

use super::dialect::{Dialect, Escape};
use super::split::{line_end_length, past_escape, past_spaces};
use memchr::{memchr, memchr2, memchr3};

/// What was found in a piece of the record.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// These bytes belong to the record; the bytes after them are not known yet.
    More(usize),
    /// A quoted field begins: these bytes belong to the record, and its quote is the last of them.
    Opened(usize),
    /// The quoted field ends: its closing quote is the last of these bytes.
    Closed(usize),
    /// The quote of the quoted field is never closed, or text follows the closing quote.
    Unclosed,
    /// The record's content ends here, and the next record begins there.
    End {
        /// Where the content ends.
        end: usize,
        /// Where the next record begins.
        next: usize,
    },
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    /// At the first byte of a field.
    Start,
    /// In a field without quotes, or after a closing quote.
    Plain,
    Quoted,
}

/// A record that is being scanned.
#[derive(Debug)]
pub(crate) struct Oversize {
    dialect: Dialect,
    state: State,
    /// How many bytes were scanned.
    position: usize,
    /// Where the current field begins.
    field: usize,
    fields: usize,
    /// Whether the fields so far exceed the limits already.
    pub(crate) is_too_long: bool,
}

impl Oversize {
    pub(crate) fn new(dialect: Dialect) -> Self {
        Self { dialect, state: State::Start, position: 0, field: 0, fields: 0, is_too_long: false }
    }

    /// Scans the next bytes; `ended` says that they are the last. Bytes that a step does not count
    /// must be passed again in the next call.
    pub(crate) fn advance(&mut self, bytes: &[u8], ended: bool) -> Step {
        let step = match self.state {
            State::Quoted => self.quoted(bytes, ended),
            State::Start | State::Plain => self.plain(bytes, ended),
        };
        if let Step::More(length) | Step::Opened(length) | Step::Closed(length) = step {
            self.position = self.position.saturating_add(length);
        }
        step
    }

    /// Scans fields without quotes.
    fn plain(&mut self, bytes: &[u8], ended: bool) -> Step {
        let mut at = 0;
        loop {
            if self.state == State::Start {
                if self.dialect.has_spaced_quotes {
                    at = past_spaces(bytes, at);
                }
                match bytes.get(at) {
                    Some(b'"') => {
                        self.state = State::Quoted;
                        self.is_too_long |= self.position + at > self.dialect.caps.record;
                        return Step::Opened(at + 1);
                    }
                    None if !ended => return Step::More(at),
                    _ => self.state = State::Plain,
                }
            }
            let rest = &bytes[at..];
            let special = match self.dialect.escape {
                Escape::Doubled => memchr3(self.dialect.delimiter, b'\n', b'\r', rest),
                Escape::Backslash => rest.iter().position(|byte| {
                    *byte == self.dialect.delimiter || matches!(byte, b'\n' | b'\r' | b'\\')
                }),
            };
            let Some(special) = special else {
                return match ended {
                    true => Step::End { end: bytes.len(), next: bytes.len() },
                    false => Step::More(bytes.len()),
                };
            };
            let end = at + special;
            match bytes.get(end) {
                Some(byte) if *byte == self.dialect.delimiter => {
                    self.end_field(end);
                    at = end + 1;
                }
                Some(b'\\') => match past_escape(bytes, end, ended) {
                    Ok(next) => at = next,
                    Err(_) => return Step::More(end),
                },
                Some(b'\r') if end + 1 == bytes.len() && !ended => return Step::More(end),
                _ => return Step::End { end, next: end + line_end_length(&bytes[end..]) },
            }
        }
    }

    fn end_field(&mut self, delimiter: usize) {
        let end = self.position + delimiter;
        self.fields += 1;
        self.is_too_long |= end - self.field > self.dialect.caps.field
            || end > self.dialect.caps.record
            || self.fields >= self.dialect.caps.columns;
        self.field = end + 1;
        self.state = State::Start;
    }

    /// Scans a quoted field, from after its first quote.
    fn quoted(&mut self, bytes: &[u8], ended: bool) -> Step {
        let mut at = 0;
        loop {
            let rest = &bytes[at..];
            let special = match self.dialect.escape {
                Escape::Doubled => memchr(b'"', rest),
                Escape::Backslash => memchr2(b'"', b'\\', rest),
            };
            let Some(special) = special else {
                return if ended { Step::Unclosed } else { Step::More(bytes.len()) };
            };
            let quote = at + special;
            if bytes[quote] == b'\\' {
                match past_escape(bytes, quote, ended) {
                    Ok(next) => at = next,
                    Err(_) => return Step::More(quote),
                }
                continue;
            }
            match bytes.get(quote + 1) {
                Some(b'"') => at = quote + 2,
                None if !ended => return Step::More(quote),
                Some(byte) if *byte != self.dialect.delimiter && !matches!(byte, b'\n' | b'\r') => {
                    return Step::Unclosed;
                }
                _ => {
                    self.state = State::Plain;
                    return Step::Closed(quote + 1);
                }
            }
        }
    }
}
