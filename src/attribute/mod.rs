//! What a value may be.
//!
//! Everything here is about single values, about one customer as data, or about what all values of one
//! attribute came to. Nothing here knows of files, columns or SQLite. A validated value is a type of
//! its own; a [`Patch`] holds the texts of such values, and `import` alone makes one.

mod customer;
mod device;
mod email;
mod fault;
mod members;
mod name;
mod number;
mod periods;
mod region;
mod standard;
mod tally;
mod uid;
mod value;

use std::borrow::Cow;
use unicode_normalization::{UnicodeNormalization, is_nfc};

pub use customer::{Change, Customer, Differences, Patch, Restored};
pub use device::{Device, DevicePlatform, DeviceToken, MAX_DEVICES};
pub use email::Email;
pub(crate) use email::key_of as email_key;
pub use fault::{Code, Fault};
pub use members::{attribute_values, each_attribute};
pub use name::{FullName, Name};
pub use number::PhoneNumber;
pub use periods::{Months, PeriodLength, Periods};
pub use region::{Region, UnknownRegion};
pub use standard::{Key, Standard};
pub use tally::{Tally, ValueSummary};
pub use uid::Uid;
pub(crate) use value::write_json_string;
pub use value::{
    InvalidTypeSpec, MAX_STRING_CHARACTERS, TypeSpec, Value, ValueType, is_boolean, is_date,
    is_datetime, is_json_number, is_number, is_spreadsheet_error,
};

/// The version of the rules in this module. It is part of every import plan's digest: raising it
/// makes the stored fingerprints worthless, so that all records are judged anew.
pub const RULES_VERSION: u32 = 1;

/// The same text in Unicode's form NFC.
pub(crate) fn composed(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || is_nfc(text) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.nfc().collect())
    }
}

/// Trims white space of every kind, and what invisible formatting exports leave around values.
pub(crate) fn trimmed(text: &str) -> &str {
    let bytes = text.as_bytes();
    // Nearly every cell begins and ends with a visible ASCII character.
    if let (Some(first), Some(last)) = (bytes.first(), bytes.last())
        && first.is_ascii_graphic()
        && last.is_ascii_graphic()
    {
        return text;
    }
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}'))
}
