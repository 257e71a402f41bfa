//! How people write times, sizes of files and delimiters.

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

/// A time as it is stored, to the minute and without its `T`; not escaped.
pub(crate) fn to_the_minute(time: &str) -> String {
    time.chars().take(16).collect::<String>().replace('T', " ")
}
