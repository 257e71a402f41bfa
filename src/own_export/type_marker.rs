//! The type marker in the last column of an export: the types of a row's cells, in the row itself,
//! so that a spreadsheet may sort, filter and split the file.
//!
//! `1/uid/snbdt/9f2c` has the version 1, the store's key, a letter for the type of each custom
//! attribute in the order of their names, and a checksum of these names. In version `1'` texts that
//! look like formulas have an apostrophe before them. A row in which the types of some cells differ
//! from those of their attributes has `/.s...` after its marker: a letter for each cell, `.` for
//! its attribute's type.

use crate::input::MARK_COLUMN;
use crate::value::typed::{Value, ValueType, is_json_number, is_number, plain_number};
use crate::value::{Code, Key, RejectReason, composed, trimmed};
use xxhash_rust::xxh3::xxh3_64;

const VERSION: &str = "1";
const SAFE_VERSION: &str = "1'";

/// What the type markers of an export have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeMarker {
    /// The key of the store that was exported.
    pub key: Key,
    /// The types of the custom attributes, in the order of their names.
    pub types: Vec<ValueType>,
    names_checksum: u16,
}

/// Why the type markers of an export cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TypeMarkerError {
    /// None of the first rows has one.
    #[error("its column {MARK_COLUMN} is empty")]
    Missing,
    /// The text is not a type marker.
    #[error("the values of its column {MARK_COLUMN} were not written by engage")]
    Unreadable,
    /// A newer version wrote it.
    #[error("it was exported by a newer version of engage")]
    Newer,
    /// The file has other columns than those in the marker.
    #[error("columns were added, removed or renamed since engage exported it")]
    Columns,
}

/// The type of one cell of a custom attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CellType {
    /// That of the attribute; a blank cell has no value.
    Attribute,
    /// A string: the exact text of the cell.
    Text,
    /// A number in JSON's notation.
    Number,
    /// `true` or `false`.
    Boolean,
}

impl CellType {
    const ALL: [Self; 4] = [Self::Attribute, Self::Text, Self::Number, Self::Boolean];

    pub(crate) fn letter(self) -> u8 {
        match self {
            Self::Attribute => b'.',
            Self::Text => b's',
            Self::Number => b'n',
            Self::Boolean => b'b',
        }
    }

    pub(crate) fn of_letter(letter: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|cell_type| cell_type.letter() == letter)
    }

    /// The type that a cell with a stored string needs, so that it is read back unchanged.
    pub(crate) fn of_text(kind: ValueType, text: &str) -> Self {
        let is_unchanged = match kind {
            ValueType::String => {
                !text.is_empty() && trimmed(text).len() == text.len() && composed(text) == text
            }
            ValueType::Number | ValueType::Boolean => false,
            ValueType::Date | ValueType::Datetime => kind.is_stored_text(text),
        };
        if is_unchanged { Self::Attribute } else { Self::Text }
    }

    /// Like [`of_text`](Self::of_text), for a number in JSON's notation.
    pub(crate) fn of_number(kind: ValueType, number: &str) -> Self {
        let is_unchanged = kind == ValueType::Number && is_number(number);
        if is_unchanged { Self::Attribute } else { Self::Number }
    }

    /// Like [`of_text`](Self::of_text), for `true` and `false`.
    pub(crate) fn of_boolean(kind: ValueType) -> Self {
        if kind == ValueType::Boolean { Self::Attribute } else { Self::Boolean }
    }

    /// Reads a cell whose row gives its type.
    pub(crate) fn value(self, text: &str) -> Result<Value<'_>, RejectReason> {
        let invalid = |message: &'static str| Err(RejectReason::new(Code::ValueType, message));
        match (self, text) {
            (Self::Boolean, "true") => Ok(Value::Boolean(true)),
            (Self::Boolean, "false") => Ok(Value::Boolean(false)),
            (Self::Boolean, _) => invalid("its type marker says boolean: true or false"),
            // A number from an older store may now be too long for a number: it becomes text.
            (Self::Number, text) if is_json_number(text) => {
                Ok(plain_number(text).map_or_else(|| Value::Text(text.into()), Value::Number))
            }
            (Self::Number, _) => invalid("its type marker says number"),
            (Self::Text | Self::Attribute, text) => Ok(Value::Text(text.into())),
        }
    }
}

impl TypeMarker {
    /// The marker of a store with this key and these custom attributes, sorted by name.
    pub fn new<'n>(key: Key, attributes: impl Iterator<Item = (&'n str, ValueType)>) -> Self {
        let mut names = Vec::new();
        let types = attributes
            .map(|(name, kind)| {
                names.extend_from_slice(name.as_bytes());
                names.push(0);
                kind
            })
            .collect();
        Self { key, types, names_checksum: checksum(&names) }
    }

    /// Reads the marker of a row of a file with these custom attributes, sorted by name. The
    /// letters of the row's cells are ignored.
    pub fn parse<'n>(
        text: &str,
        names: impl Iterator<Item = &'n str>,
    ) -> Result<Self, TypeMarkerError> {
        let mut parts = text.split('/');
        match parts.next() {
            Some(VERSION | SAFE_VERSION) => {}
            Some(version) if version.trim_end_matches('\'').parse::<u32>().is_ok_and(|v| v > 1) => {
                return Err(TypeMarkerError::Newer);
            }
            _ => return Err(TypeMarkerError::Unreadable),
        }
        let (Some(key), Some(letters), Some(checksum)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(TypeMarkerError::Unreadable);
        };
        let key = Key::ALL.into_iter().find(|known| known.as_str() == key);
        let key = key.ok_or(TypeMarkerError::Unreadable)?;
        let types: Vec<ValueType> = letters
            .chars()
            .map(|letter| ValueType::ALL.into_iter().find(|kind| type_letter(*kind) == letter))
            .collect::<Option<_>>()
            .ok_or(TypeMarkerError::Unreadable)?;
        let names: Vec<&str> = names.collect();
        if names.len() != types.len() {
            return Err(TypeMarkerError::Columns);
        }
        let marker = Self::new(key, names.into_iter().zip(types));
        match u16::from_str_radix(checksum, 16) {
            Ok(checksum) if checksum == marker.names_checksum => Ok(marker),
            Ok(_) => Err(TypeMarkerError::Columns),
            Err(_) => Err(TypeMarkerError::Unreadable),
        }
    }

    /// The marker's text. `spreadsheet_safe` says whether texts that look like formulas have an
    /// apostrophe before them.
    pub fn text(&self, spreadsheet_safe: bool) -> String {
        let version = if spreadsheet_safe { SAFE_VERSION } else { VERSION };
        let letters: String = self.types.iter().map(|kind| type_letter(*kind)).collect();
        format!("{version}/{}/{letters}/{:04x}", self.key, self.names_checksum)
    }
}

fn type_letter(kind: ValueType) -> char {
    match kind {
        ValueType::String => 's',
        ValueType::Number => 'n',
        ValueType::Boolean => 'b',
        ValueType::Date => 'd',
        ValueType::Datetime => 't',
    }
}

fn checksum(names: &[u8]) -> u16 {
    (xxh3_64(names) >> 48) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> impl Iterator<Item = &'static str> {
        ["born", "plan", "usage"].into_iter()
    }

    fn marker() -> TypeMarker {
        let types = [ValueType::Date, ValueType::String, ValueType::Number];
        TypeMarker::new(Key::Email, names().zip(types))
    }

    #[test]
    fn a_marker_is_read_as_it_was_written() {
        for text in [marker().text(false), marker().text(true), marker().text(true) + "/.s."] {
            assert_eq!(TypeMarker::parse(&text, names()), Ok(marker()), "{text}");
        }
        assert!(marker().text(false).starts_with("1/email/dsn/"));
    }

    #[test]
    fn a_marker_of_other_columns_or_another_version_is_detected() {
        let text = marker().text(false);
        let with = |names: &[&'static str]| TypeMarker::parse(&text, names.iter().copied());
        assert_eq!(with(&["born", "plan"]), Err(TypeMarkerError::Columns));
        assert_eq!(with(&["born", "plan", "use"]), Err(TypeMarkerError::Columns));
        assert_eq!(TypeMarker::parse("2/uid/", names()), Err(TypeMarkerError::Newer));
        for text in ["", "yes", "1/uid", "1/uid/dsx/0000", "1/id/dsn/0000", "1/uid/dsn/zz"] {
            assert_eq!(
                TypeMarker::parse(text, names()),
                Err(TypeMarkerError::Unreadable),
                "{text}"
            );
        }
    }

    #[test]
    fn a_value_that_its_attributes_type_would_change_has_its_own_type() {
        let text = CellType::of_text;
        assert_eq!(text(ValueType::String, "Pro"), CellType::Attribute);
        for odd in ["", " Pro", "e\u{301}"] {
            assert_eq!(text(ValueType::String, odd), CellType::Text, "{odd:?}");
        }
        assert_eq!(text(ValueType::Number, "many"), CellType::Text);
        assert_eq!(text(ValueType::Datetime, "2024-01-01 10:00"), CellType::Text);
        assert_eq!(text(ValueType::Datetime, "2024-01-01T10:00:00Z"), CellType::Attribute);
        assert_eq!(CellType::of_number(ValueType::Number, "-12.50"), CellType::Attribute);
        assert_eq!(CellType::of_number(ValueType::Number, "1e999"), CellType::Number);
        assert_eq!(CellType::of_number(ValueType::String, "1"), CellType::Number);
    }
}
