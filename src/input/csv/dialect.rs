//! The dialect of a CSV file: its delimiter, its escapes and its limits.

/// The maximum number of bytes in a field.
pub const FIELD_CAP: usize = 1 << 20;
/// The maximum number of bytes in a record.
pub const RECORD_CAP: usize = 16 << 20;
/// The maximum number of columns in a file.
pub(crate) const MAX_COLUMNS: usize = 4096;

/// The limits of what is read: bytes of a field, bytes of a record, columns of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Caps {
    pub(super) field: usize,
    pub(super) record: usize,
    pub(super) columns: usize,
}

impl Caps {
    /// The limits of any file.
    pub(crate) const FILE: Self =
        Self { field: FIELD_CAP, record: RECORD_CAP, columns: MAX_COLUMNS };
    /// The limits of a sample: a file with too many columns still has a delimiter.
    pub(crate) const SAMPLE: Self = Self { columns: usize::MAX, ..Self::FILE };
    /// The limits of a rejects file, whose `_raw` has a whole record, in the worst case each byte
    /// as `\xNN`.
    pub(crate) const REJECTS: Self =
        Self { field: 4 * RECORD_CAP, record: 6 * RECORD_CAP, columns: MAX_COLUMNS + 4 };
}

/// How a delimiter, a quote or a line end is escaped inside a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Escape {
    /// A quote inside quotes is doubled; a backslash is a backslash.
    Doubled,
    /// A backslash escapes the character after it, as in exports of `MySQL`; doubled quotes are
    /// read too.
    Backslash,
}

/// How bytes are split into records and fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dialect {
    pub(crate) delimiter: u8,
    pub(crate) escape: Escape,
    /// Whether spaces may precede the opening quote of a field: `a, "b, c"`.
    pub(crate) has_spaced_quotes: bool,
    pub(crate) caps: Caps,
}

impl Dialect {
    pub(crate) fn new(delimiter: u8, escape: Escape) -> Self {
        Self { delimiter, escape, has_spaced_quotes: false, caps: Caps::FILE }
    }
}

/// Whether a byte can be a delimiter: ASCII, and not a letter, digit, underscore, quote, backslash
/// or line end.
pub(crate) fn is_delimiter(byte: u8) -> bool {
    byte.is_ascii()
        && !byte.is_ascii_alphanumeric()
        && !matches!(byte, b'"' | b'\n' | b'\r' | b'\\' | b'_' | 0)
}
