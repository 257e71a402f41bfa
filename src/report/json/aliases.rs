//! The header words as JSON.

use super::inspection::INSPECTION_SCHEMA;
use crate::mapping::WORDS;
use crate::outcome::to_json;
use serde::Serialize;

#[derive(Serialize)]
struct HeaderWords {
    schema: u32,
    aliases: Vec<HeaderWord>,
}

#[derive(Serialize)]
struct HeaderWord {
    name: &'static str,
    meaning: &'static str,
}

/// The table of header words as one JSON object, without a line end.
pub fn aliases_json() -> String {
    let words = WORDS.iter().flat_map(|(meaning, words)| {
        words.iter().map(|name| HeaderWord { name, meaning: meaning.heading() })
    });
    to_json(&HeaderWords { schema: INSPECTION_SCHEMA, aliases: words.collect() })
}
