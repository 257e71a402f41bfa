//! One record: its place in the file, its bytes and its fields.

use crate::input::unprotected;
use memchr::memchr;
use std::borrow::Cow;
use std::fmt::Write as _;
use std::mem;

/// Why the bytes of a record cannot be split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breakage {
    /// A quote that was opened and never closed.
    OpenQuote,
    /// A field or record that is longer than the caps allow.
    TooLong,
    /// Bytes that are invalid in the file's encoding.
    Encoding,
    /// More or fewer fields than the header has columns: no field is certain to be in its column.
    Fields {
        /// How many fields there are.
        found: usize,
    },
}

impl Breakage {
    /// Parses the error that a rejects file has for a broken record: `record: CODE: MESSAGE`, or
    /// without `record: `. `None` for any other text.
    pub(crate) fn from_reject(text: &str) -> Option<Self> {
        let (code, message) = text.strip_prefix("record: ").unwrap_or(text).split_once(": ")?;
        match code {
            "record.quote" => Some(Self::OpenQuote),
            "record.too_long" => Some(Self::TooLong),
            "record.encoding" => Some(Self::Encoding),
            "record.fields" => {
                let (found, _) = message.split_once(' ')?;
                Some(Self::Fields { found: found.parse().ok()? })
            }
            _ => None,
        }
    }
}

/// How a field is written, and so how it is unescaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Unescaped.
    Plain,
    /// Between quotes, with escapes.
    Quoted,
    /// Without quotes, with escapes.
    Bare,
    /// In the record's unescaped text.
    Unescaped,
}

/// Where a field is in its record. The caps of a record are far below 4 GiB, so 32 bits are enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FieldSpan {
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) form: Form,
}

impl FieldSpan {
    pub(crate) fn new(start: usize, end: usize, form: Form) -> Self {
        let narrow = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { start: narrow(start), end: narrow(end), form }
    }

    fn of<'text>(&self, text: &'text str) -> &'text str {
        text.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

/// One record. Reading into the same record again reuses its allocations.
#[derive(Debug, Clone, Default)]
pub struct Record {
    /// Its number, from 1, the header not counted.
    pub number: u64,
    /// The physical line it begins on, from 1.
    pub line: u64,
    /// Where it begins, in bytes of the file as UTF-8: in the file itself, unless that is
    /// compressed or in another encoding.
    pub offset: u64,
    /// Why it could not be split, if so; it has no fields then.
    pub breakage: Option<Breakage>,
    /// Its length, in bytes as UTF-8, without its line end. Longer than [`Self::bytes`] only if the
    /// record is too long to be held in memory.
    pub length: u64,
    text: String,
    undecodable: Vec<u8>,
    raw: Option<String>,
    unescaped: String,
    pub(crate) fields: Vec<FieldSpan>,
}

impl Record {
    /// The bytes as UTF-8, without the line end. Invalid bytes are kept as they are.
    pub fn bytes(&self) -> &[u8] {
        if self.undecodable.is_empty() { self.text.as_bytes() } else { &self.undecodable }
    }

    /// The whole record as readable text, as in a rejects file: an undecodable byte as `\xNN` with
    /// its value in the file, a backslash as `\\`.
    pub fn raw(&self) -> Cow<'_, str> {
        match &self.raw {
            Some(raw) => Cow::Borrowed(raw),
            None => Cow::Owned(escaped_bytes(self.bytes())),
        }
    }

    /// How many bytes its texts have allocated.
    pub fn capacity(&self) -> usize {
        let raw = self.raw.as_ref().map_or(0, String::capacity);
        self.text.capacity() + self.undecodable.capacity() + self.unescaped.capacity() + raw
    }

    /// How many fields there are.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether there are no fields.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// The text of a field; blank if the index is out of range.
    pub fn field(&self, index: usize) -> &str {
        match self.fields.get(index) {
            Some(span) if span.form == Form::Unescaped => span.of(&self.unescaped),
            Some(span) => span.of(&self.text),
            None => "",
        }
    }

    /// Whether a field may contain a NUL character.
    pub(crate) fn has_nul(&self) -> bool {
        let has_nul = |text: &str| memchr(0, text.as_bytes()).is_some();
        has_nul(&self.text) || has_nul(&self.unescaped)
    }

    /// All fields in order.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.fields.len()).map(|index| self.field(index))
    }

    /// Whether a field is the null that databases write: exactly `\N`, not escaped itself.
    pub fn is_null(&self, index: usize) -> bool {
        self.fields.get(index).is_some_and(|span| span.form == Form::Plain)
            && self.field(index) == "\\N"
    }

    /// Puts the fields into another order: `order` says which field comes first, which second and
    /// so on. A record that is broken, or has another number of fields, stays as it is.
    pub fn rearrange(&mut self, order: &[usize]) {
        if self.fields.len() != order.len() {
            return;
        }
        let fields = mem::take(&mut self.fields);
        self.fields.extend(order.iter().filter_map(|place| fields.get(*place)));
    }

    /// Keeps the first fields only.
    pub(crate) fn truncate(&mut self, length: usize) {
        self.fields.truncate(length);
    }

    /// Undoes the protection of texts that a spreadsheet may take for formulas.
    pub(crate) fn unprotect(&mut self) {
        for index in 0..self.fields.len() {
            let text = self.field(index);
            let added = text.len() - unprotected(text).len();
            self.fields[index].start += u32::from(added > 0);
        }
    }

    /// Marks this as a record that cannot be split into fields.
    pub(crate) fn break_up(&mut self, breakage: Breakage) {
        self.breakage = Some(breakage);
        self.fields.clear();
        self.unescaped.clear();
    }

    /// Restores a record that could not be split from its [`Self::raw`] text.
    pub(crate) fn restore(&mut self, raw: String, breakage: Breakage) {
        self.break_up(breakage);
        self.set_bytes(&unescaped_bytes(&raw));
        self.length = self.bytes().len() as u64;
        self.raw = Some(raw);
    }

    pub(crate) fn clear(&mut self) {
        self.breakage = None;
        self.text.clear();
        self.undecodable.clear();
        self.raw = None;
        self.unescaped.clear();
        self.fields.clear();
    }

    /// Copies these bytes into the record; `false` if they are not valid UTF-8.
    pub(crate) fn set_bytes(&mut self, bytes: &[u8]) -> bool {
        let mut held = mem::take(&mut self.text).into_bytes();
        held.clear();
        held.extend_from_slice(bytes);
        self.hold(held)
    }

    /// Moves these bytes into the record; `false` if they are not valid UTF-8.
    pub(crate) fn hold(&mut self, bytes: Vec<u8>) -> bool {
        self.undecodable.clear();
        match String::from_utf8(bytes) {
            Ok(text) => {
                self.text = text;
                true
            }
            Err(error) => {
                self.undecodable = error.into_bytes();
                false
            }
        }
    }

    /// Turns the decoder's marks for undecodable bytes into these bytes again.
    pub(crate) fn unmark(&mut self) {
        if self.undecodable.is_empty() {
            return;
        }
        let mut raw = String::with_capacity(self.undecodable.len());
        let mut bytes = Vec::with_capacity(self.undecodable.len());
        let mut rest = self.undecodable.as_slice();
        while !rest.is_empty() {
            if let Some((byte, after)) = unmarked(rest) {
                let _ = write!(raw, "\\x{byte:02X}");
                bytes.push(byte);
                rest = after;
                continue;
            }
            let end = memchr::memchr(MARK, rest).filter(|end| *end > 0).unwrap_or(rest.len());
            raw.push_str(&escaped_bytes(&rest[..end]));
            bytes.extend_from_slice(&rest[..end]);
            rest = &rest[end..];
        }
        self.raw = Some(raw);
        self.undecodable = bytes;
    }

    /// Writes the escaped fields into the unescaped text.
    pub(crate) fn unescape(&mut self, backslash: bool) {
        for span in &mut self.fields {
            if matches!(span.form, Form::Plain | Form::Unescaped) {
                continue;
            }
            let begin = self.unescaped.len();
            let (text, quoted) = (span.of(&self.text), span.form == Form::Quoted);
            unescape_into(text, quoted, backslash, &mut self.unescaped);
            *span = FieldSpan::new(begin, self.unescaped.len(), Form::Unescaped);
        }
    }
}

/// Undoes doubled quotes and the escapes of `MySQL`.
fn unescape_into(text: &str, quoted: bool, backslash: bool, out: &mut String) {
    let mut rest = text;
    let escape = |c: char| (quoted && c == '"') || (backslash && c == '\\');
    while let Some(at) = rest.find(escape) {
        out.push_str(&rest[..at]);
        let mut after = rest[at..].chars();
        let first = after.next();
        match (first, after.next()) {
            (Some('"'), Some('"')) => out.push('"'),
            (Some('"'), _) => {
                out.push('"');
                rest = &rest[at + 1..];
                continue;
            }
            (_, Some('n')) => out.push('\n'),
            (_, Some('t')) => out.push('\t'),
            (_, Some('r')) => out.push('\r'),
            (_, Some('0')) => out.push('\0'),
            (_, Some('b')) => out.push('\u{8}'),
            (_, Some('Z')) => out.push('\u{1a}'),
            (_, Some(other)) => out.push(other),
            (_, None) => out.push('\\'),
        }
        rest = after.as_str();
    }
    out.push_str(rest);
}

/// The first byte of the mark for an undecodable byte in decoded text. It never occurs in UTF-8.
pub(crate) const MARK: u8 = 0xff;

/// The mark for an undecodable byte: three bytes that are never valid UTF-8, and never a delimiter,
/// a quote or a line end.
pub(crate) fn mark(byte: u8) -> [u8; 3] {
    [MARK, 0x80 | (byte >> 4), 0x80 | (byte & 15)]
}

fn unmarked(bytes: &[u8]) -> Option<(u8, &[u8])> {
    match bytes {
        [MARK, high @ 0x80..=0x8f, low @ 0x80..=0x8f, after @ ..] => {
            Some((high << 4 | (low & 15), after))
        }
        _ => None,
    }
}

/// Writes bytes as text: an undecodable byte as `\xNN`, a backslash as `\\`.
pub(crate) fn escaped_bytes(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(&chunk.valid().replace('\\', "\\\\"));
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02X}");
        }
    }
    text
}

/// The bytes that [`escaped_bytes`] wrote. Anything else is kept as it is.
pub(crate) fn unescaped_bytes(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let hexadecimal = |at: usize| after.get(at).and_then(|b| char::from(*b).to_digit(16));
        rest = after;
        match (first, after.first()) {
            (b'\\', Some(b'\\')) => {
                bytes.push(b'\\');
                rest = &after[1..];
            }
            (b'\\', Some(b'x')) => match (hexadecimal(1), hexadecimal(2)) {
                (Some(high), Some(low)) => {
                    bytes.push(u8::try_from(high * 16 + low).unwrap_or_default());
                    rest = &after[3..];
                }
                _ => bytes.push(first),
            },
            _ => bytes.push(first),
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_bytes_are_written_as_text_and_back() {
        let bytes = b"a\\\xff\xc3\\x41";
        assert_eq!(escaped_bytes(bytes), "a\\\\\\xFF\\xC3\\\\x41");
        assert_eq!(unescaped_bytes(&escaped_bytes(bytes)), bytes);
    }

    #[test]
    fn marked_bytes_are_shown_as_they_are_in_the_file() {
        // In EUC-KR these two bytes may be undecodable; as UTF-8 they would be a letter.
        let mut bytes = "a\\é,".as_bytes().to_vec();
        bytes.extend(mark(0xc3));
        bytes.extend(mark(0xa9));
        bytes.extend(b",b");
        let mut record = Record::default();
        assert!(!record.set_bytes(&bytes));
        record.unmark();
        assert_eq!(record.raw(), "a\\\\é,\\xC3\\xA9,b");
        let raw = record.raw().into_owned();
        record.restore(raw.clone(), Breakage::Encoding);
        assert_eq!(record.raw(), raw);
    }

    #[test]
    fn escapes_are_undone() {
        let unescaped = |text, quoted, backslash| {
            let mut out = String::new();
            unescape_into(text, quoted, backslash, &mut out);
            out
        };
        assert_eq!(unescaped("a\"\"b", true, false), "a\"b");
        assert_eq!(unescaped("a\\b", true, false), "a\\b");
        assert_eq!(unescaped("a\\\"b\\\\n\\n\\é", true, true), "a\"b\\n\né");
        assert_eq!(unescaped("\"\"\\", false, true), "\"\"\\");
    }
}
