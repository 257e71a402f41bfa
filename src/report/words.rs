//! How people name the size of a file and its delimiter.

use crate::text::quoted;
use indicatif::DecimalBytes;

/// A number of bytes in the largest unit that it fills: `154.90 MB`.
pub(crate) fn bytes(count: u64) -> String {
    DecimalBytes(count).to_string()
}

/// What people call the character between two fields.
pub(crate) fn delimiter_name(delimiter: char) -> String {
    match delimiter {
        ',' => "comma".to_owned(),
        ';' => "semicolon".to_owned(),
        '\t' => "tab".to_owned(),
        '|' => "pipe".to_owned(),
        other => quoted(&other.to_string(), 4),
    }
}
