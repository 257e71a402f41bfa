//! What a value may be.
//!
//! Everything here is about single values, about one customer as data, or about what all values of one
//! attribute came to. Nothing here knows of files, columns or SQLite. A validated value is a type of
//! its own; a [`Patch`] holds the texts of such values, and `import` alone makes one.

mod device;
pub mod email;
mod name;
pub mod phone;
pub mod region;
mod reject;
mod standard;
pub mod typed;
mod uid;

pub use device::{Device, DevicePlatform, DeviceToken, MAX_DEVICES};
pub use name::{FullName, Name};
pub use reject::{Code, Fault};
pub use standard::{Key, Standard};
pub use uid::Uid;

use std::borrow::Cow;
use unicode_normalization::{UnicodeNormalization, is_nfc};

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
    // LikelyType every cell begins and ends with a visible ASCII character.
    if let (Some(first), Some(last)) = (bytes.first(), bytes.last())
        && first.is_ascii_graphic()
        && last.is_ascii_graphic()
    {
        return text;
    }
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}'))
}
