//! The table of header names that map themselves, for people and for programs.

use crate::mapping::{ALIASES, Alias, FULL_NAME_HEADERS, PARTS_OF_NAMES};
use crate::report::hanging;
use crate::value::Standard;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The width that the table fits.
const WIDTH: usize = 80;
/// Where the names begin.
const INDENT: usize = 19;

/// The table as a person reads it: for each attribute its names, those of one rank in a paragraph.
pub fn alias_table() -> String {
    let mut text = String::new();
    for standard in Standard::ALL {
        let mut ranks: BTreeMap<u8, Vec<&str>> = BTreeMap::new();
        for alias in ALIASES.iter().filter(|alias| alias.standard == standard) {
            ranks.entry(alias.rank).or_default().push(alias.name);
        }
        for (place, names) in ranks.into_values().enumerate() {
            let title = if place == 0 { standard.as_str() } else { "then" };
            paragraph(title, &names, &mut text);
        }
        text.push('\n');
    }
    paragraph("a whole name", FULL_NAME_HEADERS, &mut text);
    text.push('\n');
    for (name, beside, standard) in PARTS_OF_NAMES {
        let beside = format!("{name}, beside {}", beside.join(" or "));
        paragraph(standard.as_str(), &[&beside], &mut text);
    }
    text
}

fn paragraph(title: &str, names: &[&str], text: &mut String) {
    let names = hanging(&names.join(", "), WIDTH - INDENT, INDENT);
    let _ = writeln!(text, "  {title:15}  {names}");
}

#[derive(Serialize)]
struct Report {
    schema: u32,
    aliases: Vec<AliasReport>,
    whole_names: &'static [&'static str],
    parts_of_names: Vec<PartReport>,
}

#[derive(Serialize)]
struct PartReport {
    name: &'static str,
    beside: &'static [&'static str],
    attribute: &'static str,
}

#[derive(Serialize)]
struct AliasReport {
    name: &'static str,
    attribute: &'static str,
    rank: u8,
}

/// The table as one line of JSON.
pub fn alias_report() -> String {
    let report = Report {
        schema: crate::report::json::INSPECTION_SCHEMA,
        aliases: ALIASES
            .iter()
            .map(|Alias { name, standard, rank }| AliasReport {
                name,
                attribute: standard.as_str(),
                rank: *rank,
            })
            .collect(),
        whole_names: FULL_NAME_HEADERS,
        parts_of_names: PARTS_OF_NAMES
            .iter()
            .map(|(name, beside, standard)| PartReport {
                name,
                beside,
                attribute: standard.as_str(),
            })
            .collect(),
    };
    serde_json::to_string(&report).unwrap_or_default()
}
