//! The mark of engage's own export: what a row's cells are, said in the row itself, so that sorting,
//! filtering and splitting the file in a spreadsheet harm nothing.
//!
//! `1/uid/snbdt/9f2c` says: version 1, the store's key, a letter for the type of each custom
//! attribute in the order of their names, and a sum of these names. `1'` says that texts that look
//! like formulas have an apostrophe before them. `/.s...` behind it tells of a row of whose cells
//! some are not what the type says.

use crate::input::MARK_COLUMN;
use crate::value::typed::{ValueType, is_number};
use crate::value::{Key, composed, trimmed};
use xxhash_rust::xxh3::xxh3_64;

const VERSION: &str = "1";
const SAFE_VERSION: &str = "1'";

/// What a mark says of all rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The key of the store that was exported.
    pub key: Key,
    /// The types of the custom attributes, in the order of their names.
    pub types: Vec<ValueType>,
    names: u16,
}

/// What is wrong with a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MarkFault {
    /// No row has one.
    #[error("no row has anything in its column {MARK_COLUMN}")]
    Missing,
    /// It is none.
    #[error("what its column {MARK_COLUMN} has was not written by engage")]
    Unreadable,
    /// A newer version has written it.
    #[error("a newer version of engage has exported it")]
    Newer,
    /// There are other columns in the file than those that it tells of.
    #[error("columns were added, removed or renamed since engage exported it")]
    Columns,
}

/// How a cell is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// As its attribute's type says; where it is blank there is no value.
    Typed,
    /// As a string, to the letter.
    Text,
    /// As a number in JSON's notation.
    Number,
    /// As `true` or `false`.
    Boolean,
}

impl Reading {
    fn letter(self) -> char {
        match self {
            Self::Typed => '.',
            Self::Text => 's',
            Self::Number => 'n',
            Self::Boolean => 'b',
        }
    }

    /// The reading of a letter of a row.
    pub fn of_letter(letter: u8) -> Option<Self> {
        let all = [Self::Typed, Self::Text, Self::Number, Self::Boolean];
        all.into_iter().find(|reading| reading.letter() == char::from(letter))
    }

    /// How a stored text of an attribute of this type has to be read to be the same again.
    pub fn of_text(kind: ValueType, text: &str) -> Self {
        let is_kept = || trimmed(text).len() == text.len() && composed(text) == text;
        let is_typed = match kind {
            ValueType::String => !text.is_empty() && is_kept(),
            ValueType::Number | ValueType::Boolean => false,
            ValueType::Date | ValueType::Datetime => kind.is_stored_text(text),
        };
        if is_typed { Self::Typed } else { Self::Text }
    }

    /// The same for a number in JSON's notation.
    pub fn of_number(kind: ValueType, number: &str) -> Self {
        match kind == ValueType::Number && is_number(number) {
            true => Self::Typed,
            false => Self::Number,
        }
    }

    /// The same for `true` and `false`.
    pub fn of_boolean(kind: ValueType) -> Self {
        if kind == ValueType::Boolean { Self::Typed } else { Self::Boolean }
    }
}

impl Mark {
    /// The mark of a store with this key and these custom attributes, sorted by name.
    pub fn new<'n>(key: Key, attributes: impl Iterator<Item = (&'n str, ValueType)>) -> Self {
        let mut names = Vec::new();
        let types = attributes
            .map(|(name, kind)| {
                names.extend_from_slice(name.as_bytes());
                names.push(0);
                kind
            })
            .collect();
        Self { key, types, names: sum(&names) }
    }

    /// Reads the mark of a row of a file with these custom attributes, sorted by name; what it says
    /// of its row alone is left out.
    pub fn parse<'n>(text: &str, names: impl Iterator<Item = &'n str>) -> Result<Self, MarkFault> {
        let mut parts = text.split('/');
        match parts.next() {
            Some(VERSION | SAFE_VERSION) => {}
            Some(version) if version.trim_end_matches('\'').parse::<u32>().is_ok_and(|v| v > 1) => {
                return Err(MarkFault::Newer);
            }
            _ => return Err(MarkFault::Unreadable),
        }
        let (Some(key), Some(letters), Some(sum)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(MarkFault::Unreadable);
        };
        let key = Key::ALL.into_iter().find(|known| known.as_str() == key);
        let key = key.ok_or(MarkFault::Unreadable)?;
        let types: Vec<ValueType> = letters
            .chars()
            .map(|letter| ValueType::ALL.into_iter().find(|kind| type_letter(*kind) == letter))
            .collect::<Option<_>>()
            .ok_or(MarkFault::Unreadable)?;
        let names: Vec<&str> = names.collect();
        if names.len() != types.len() {
            return Err(MarkFault::Columns);
        }
        let mark = Self::new(key, names.into_iter().zip(types));
        match u16::from_str_radix(sum, 16) {
            Ok(sum) if sum == mark.names => Ok(mark),
            Ok(_) => Err(MarkFault::Columns),
            Err(_) => Err(MarkFault::Unreadable),
        }
    }

    /// The mark as rows have it, whether texts that look like formulas are marked or not.
    pub fn text(&self, spreadsheet_safe: bool) -> String {
        let version = if spreadsheet_safe { SAFE_VERSION } else { VERSION };
        let letters: String = self.types.iter().map(|kind| type_letter(*kind)).collect();
        format!("{version}/{}/{letters}/{:04x}", self.key, self.names)
    }
}

/// What a row's mark says of its cells, where that is not what their types say.
pub fn row_letters(readings: &[Reading]) -> impl Iterator<Item = char> {
    readings.iter().map(|reading| reading.letter())
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

fn sum(names: &[u8]) -> u16 {
    (xxh3_64(names) >> 48) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> impl Iterator<Item = &'static str> {
        ["born", "plan", "usage"].into_iter()
    }

    fn mark() -> Mark {
        let types = [ValueType::Date, ValueType::String, ValueType::Number];
        Mark::new(Key::Email, names().zip(types))
    }

    #[test]
    fn a_mark_is_read_as_it_was_written() {
        for text in [mark().text(false), mark().text(true), mark().text(true) + "/.s."] {
            assert_eq!(Mark::parse(&text, names()), Ok(mark()), "{text}");
        }
        assert!(mark().text(false).starts_with("1/email/dsn/"));
    }

    #[test]
    fn a_mark_of_other_columns_or_another_version_is_told_apart() {
        let text = mark().text(false);
        let with = |names: &[&'static str]| Mark::parse(&text, names.iter().copied());
        assert_eq!(with(&["born", "plan"]), Err(MarkFault::Columns));
        assert_eq!(with(&["born", "plan", "use"]), Err(MarkFault::Columns));
        assert_eq!(Mark::parse("2/uid/", names()), Err(MarkFault::Newer));
        for text in ["", "yes", "1/uid", "1/uid/dsx/0000", "1/id/dsn/0000", "1/uid/dsn/zz"] {
            assert_eq!(Mark::parse(text, names()), Err(MarkFault::Unreadable), "{text}");
        }
    }

    #[test]
    fn what_would_not_be_read_back_as_it_is_says_how_it_is_read() {
        let text = Reading::of_text;
        assert_eq!(text(ValueType::String, "Pro"), Reading::Typed);
        for odd in ["", " Pro", "e\u{301}"] {
            assert_eq!(text(ValueType::String, odd), Reading::Text, "{odd:?}");
        }
        assert_eq!(text(ValueType::Number, "many"), Reading::Text);
        assert_eq!(text(ValueType::Datetime, "2024-01-01 10:00"), Reading::Text);
        assert_eq!(text(ValueType::Datetime, "2024-01-01T10:00:00Z"), Reading::Typed);
        assert_eq!(Reading::of_number(ValueType::Number, "-12.50"), Reading::Typed);
        assert_eq!(Reading::of_number(ValueType::Number, "1e999"), Reading::Number);
        assert_eq!(Reading::of_number(ValueType::String, "1"), Reading::Number);
    }
}
