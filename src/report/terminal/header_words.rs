//! The table of header words.

use crate::mapping::WORDS;
use crate::text::hanging;
use std::fmt::Write as _;

/// The maximum width of the table.
const WIDTH: usize = 80;

/// The table of header words, with the words for each meaning.
pub fn alias_table() -> String {
    let mut text = String::new();
    for (meaning, words) in WORDS {
        let words = hanging(&words.join(", "), WIDTH - 4, 4);
        let _ = writeln!(text, "  {}\n    {words}", meaning.heading());
    }
    text
}
