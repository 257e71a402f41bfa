//! How the files of an import were read: the files, the options, and what became of each column.

use super::table::{Cell, table};
use crate::mapping::Origin;
use crate::outcome::{ColumnOutcome, Outcome, SourceOutcome, grouped};
use crate::report::{bytes, delimiter_name, type_advice};
use crate::text::capitalized;
use maud::{Markup, html};

/// How the files were read. `facts` are additional labels and texts about the import.
pub(crate) fn reading(report: &Outcome, facts: &[(&'static str, String)]) -> Markup {
    let mut rows: Vec<Vec<Cell>> = report.sources.iter().flat_map(source).collect();
    let mut facts: Vec<(&str, &str)> =
        facts.iter().map(|(label, fact)| (*label, fact.as_str())).collect();
    facts.extend(report.key.map(|key| ("Key", key.as_str())));
    rows.extend(facts.into_iter().map(|(label, fact)| vec![Cell::text(label), Cell::text(fact)]));
    if report.timing.seconds > 0.0 {
        let seconds = format!("{:.1} s", report.timing.seconds);
        rows.push(vec![Cell::text("Took"), Cell::text(seconds)]);
    }
    let options = report.explicit_options.iter().map(|option| {
        let origin = Cell::text(origin_words(option.origin));
        vec![Cell::text(&option.name), Cell::code(&option.value), origin]
    });
    let options: Vec<Vec<Cell>> = options.collect();
    html! {
        @if !rows.is_empty() {
            h2 { "Input" }
            (table("How it was read", &[], &rows))
        }
        @if !options.is_empty() {
            (table("Options", &["option", "value", "from"], &options))
        }
    }
}

fn source(source: &SourceOutcome) -> Vec<Vec<Cell>> {
    let mut rows = vec![vec![Cell::text("File"), Cell::code(&source.path)]];
    for (label, fact) in [
        ("Compression", source.compression.clone()),
        ("Encoding", source.encoding.clone()),
        ("Delimiter", source.delimiter.map(delimiter_name)),
        ("Header in line", source.header_line.map(grouped)),
    ] {
        rows.extend(fact.map(|fact| vec![Cell::text(label), Cell::text(capitalized(&fact))]));
    }
    if source.encoding.is_some() {
        rows.push(vec![Cell::text("Records"), Cell::text(grouped(source.records))]);
    }
    if let Some(length) = source.bytes {
        let exact = match length {
            0..1000 => bytes(length),
            _ => format!("{} ({} bytes)", bytes(length), grouped(length)),
        };
        rows.push(vec![Cell::text("Size"), Cell::text(exact)]);
    }
    if let Some(sum) = &source.sha256 {
        rows.push(vec![Cell::text("SHA-256"), Cell::code(sum)]);
    }
    rows
}

/// The origin of a choice, in words.
fn origin_words(origin: Origin) -> &'static str {
    match origin {
        Origin::Alias => "alias",
        Origin::Values => "values",
        Origin::Remembered => "as before",
        Origin::CommandLine => "given",
        Origin::MappingFile => "mapping file",
        Origin::Custom => "its own name",
    }
}

/// The origin of a column's mapping, its evidence, and advice on its type.
fn with_advice(column: &ColumnOutcome) -> String {
    let mut words = origin_words(column.how).to_owned();
    if let Some(evidence) = &column.evidence {
        words.push_str(": ");
        words.push_str(evidence);
    }
    for advice in type_advice(column) {
        words.push_str(", ");
        words.push_str(&advice);
    }
    words
}

/// What each column became.
pub(crate) fn mapping(report: &Outcome) -> Markup {
    let rows = report.mapping.iter().map(|column| {
        let kind = match &column.attribute {
            Some(_) if !column.standard => Cell::text(column.kind.as_str()),
            _ => Cell::Blank,
        };
        vec![
            Cell::text(&column.column),
            column.attribute.as_ref().map_or(Cell::text("left out"), Cell::text),
            kind,
            match &column.attribute {
                Some(_) => Cell::text(with_advice(column)),
                None => Cell::Blank,
            },
        ]
    });
    let rows: Vec<Vec<Cell>> = rows.collect();
    html! {
        @if !rows.is_empty() {
            h2 { "Column mapping" }
            (table("What each column became", &["column", "becomes", "type", "from"], &rows))
        }
    }
}
