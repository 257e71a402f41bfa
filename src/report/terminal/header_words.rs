//! The table of header words, for people and for programs.

use crate::mapping::WORDS;
use crate::report::hanging;
use serde::Serialize;
use std::fmt::Write as _;

/// The width that the table fits.
const WIDTH: usize = 80;

/// The table as a person reads it: for each meaning its words.
pub fn alias_table() -> String {
    let mut text = String::new();
    for (meaning, words) in WORDS {
        let words = hanging(&words.join(", "), WIDTH - 4, 4);
        let _ = writeln!(text, "  {}\n    {words}", meaning.heading());
    }
    text
}

#[derive(Serialize)]
struct Report {
    schema: u32,
    aliases: Vec<WordReport>,
}

#[derive(Serialize)]
struct WordReport {
    name: &'static str,
    meaning: &'static str,
}

/// The table as one line of JSON.
pub fn alias_report() -> String {
    let aliases = WORDS.iter().flat_map(|(meaning, words)| {
        words.iter().map(|name| WordReport { name, meaning: meaning.heading() })
    });
    let schema = crate::report::json::INSPECTION_SCHEMA;
    let report = Report { schema, aliases: aliases.collect() };
    serde_json::to_string(&report).unwrap_or_default()
}
