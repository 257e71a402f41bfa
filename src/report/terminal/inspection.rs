//! How an import would read a file: its format, every column with its values, and what would be
//! rejected. Each choice has the option that overrides it. The page fits 80 columns.

use super::reject_reasons::reject_reasons;
use crate::import::{InspectedColumn, Inspection, KeyOrigin};
use crate::input::csv::DelimiterEvidence;
use crate::input::encoding::EncodingEvidence;
use crate::mapping::{LikelyType, Origin, may_number_rows};
use crate::outcome::{counted, grouped};
use crate::report::{
    Screen, bytes, delimiter_name, import_command, not_of_type, overriding_options,
};
use crate::text::{
    escaped, hanging, padded, paragraph, quoted, shell_word, shortened, unbroken, wrapped,
};
use crate::value::Key;
use std::fmt::Write as _;
use std::path::Path;
use unicode_width::UnicodeWidthStr;

/// The maximum width of the page.
const WIDTH: usize = 80;
/// The maximum width of the name of a column or an attribute.
const NAME_WIDTH: usize = 20;
/// The minimum width for values next to the names; with less room they are below.
const LEAST_ROOM: usize = 10;

/// The page, line ends included. `store` and `options` are those that the user gave; they are
/// repeated in the import command. With `detailed`, every option that would change a choice is
/// named, not just the most likely one.
pub fn inspection_page(
    inspection: &Inspection,
    store: &Path,
    options: &[String],
    screen: Screen,
    detailed: bool,
) -> String {
    let width = screen.width.min(WIDTH);
    let mut text = String::new();
    let name = escaped(&inspection.name);
    let size = inspection.bytes.map_or(String::new(), |length| format!(" ({})", bytes(length)));
    let records = counted(inspection.sample.records, "record");
    let which = if inspection.sample.complete { "all of its" } else { "its first" };
    let line = format!("{name}{size}: {which} {records}");
    let _ = writeln!(text, "{}\n", wrapped(&line, width, 2));
    facts(inspection, width, &mut text);
    text.push('\n');
    columns(inspection, screen, width, detailed, &mut text);
    text.push('\n');
    conclusion(inspection, store, options, Screen { width, ..screen }, &mut text);
    text
}

/// How the file is read, and the other options, each with its origin.
fn facts(inspection: &Inspection, width: usize, text: &mut String) {
    let mut facts = vec![("encoding", encoding(inspection))];
    if let Some(compression) = inspection.description.compression {
        facts.push(("compression", compression.to_owned()));
    }
    facts.push(("delimiter", delimiter(inspection)));
    facts.push(("header", header(inspection)));
    facts.push(("key", key(inspection)));
    if let Some(store) = &inspection.store {
        let store = escaped(&store.display().to_string());
        facts.push(("store", format!("{store}, whose key and types apply")));
    }
    for option in &inspection.explicit_options {
        if !["encoding", "delimiter", "header_line", "columns", "key"].contains(&&*option.name) {
            let value = shortened(&escaped(&option.value), 40);
            facts.push((&*option.name, format!("{value}, {}", origin_words(option.origin))));
        }
    }
    let names = facts.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    for (name, fact) in facts {
        let fact = hanging(&fact, width.saturating_sub(names + 4), names + 4);
        let _ = writeln!(text, "  {name:names$}  {fact}");
    }
}

fn origin_words(origin: Origin) -> &'static str {
    match origin {
        Origin::MappingFile => "from the mapping file",
        _ => "given",
    }
}

/// The origin of an option in words, if the user gave it.
fn given(inspection: &Inspection, name: &str) -> Option<&'static str> {
    let option = inspection.explicit_options.iter().find(|option| option.name == name)?;
    Some(origin_words(option.origin))
}

fn encoding(inspection: &Inspection) -> String {
    let encoding = &inspection.description.encoding;
    let other = if encoding == "UTF-8" { "windows-1252" } else { "utf-8" };
    let why = match &inspection.description.encoding_evidence {
        EncodingEvidence::Given | EncodingEvidence::GivenOverUtf8 => {
            return format!("{encoding}, {}", given(inspection, "encoding").unwrap_or_default());
        }
        EncodingEvidence::ByteOrderMark => "by its byte order mark".to_owned(),
        EncodingEvidence::Valid => "by its bytes".to_owned(),
        EncodingEvidence::Guessed { sample } => {
            format!("a guess, from {}", quoted(sample, 24))
        }
    };
    format!("{encoding}, {why}; otherwise {}", unbroken(&format!("--encoding {other}")))
}

fn delimiter(inspection: &Inspection) -> String {
    let delimiter = inspection.description.delimiter;
    let name = delimiter_name(delimiter);
    let other = if delimiter == ',' { "';'" } else { "," };
    let why = match inspection.description.delimiter_evidence {
        DelimiterEvidence::Given => {
            return format!("{name}, {}", given(inspection, "delimiter").unwrap_or_default());
        }
        DelimiterEvidence::SepLine => format!("{name}, from its first line"),
        DelimiterEvidence::Consistent => format!("{name}, the most even split"),
        DelimiterEvidence::OneColumn if inspection.columns.len() > 1 => {
            format!("{name}, though no delimiter splits it evenly")
        }
        DelimiterEvidence::OneColumn => "none: one column".to_owned(),
        DelimiterEvidence::RejectsFile => return format!("{name}: it is a rejects file"),
        DelimiterEvidence::OwnExport => return format!("{name}: it is engage's own export"),
    };
    format!("{why}; otherwise {}", unbroken(&format!("--delimiter {other}")))
}

fn header(inspection: &Inspection) -> String {
    if let Some(origin) = given(inspection, "columns") {
        return format!("none, {origin}");
    }
    let line = inspection.description.header_line;
    match given(inspection, "header_line") {
        Some(origin) => format!("line {line}, {origin}"),
        None if inspection.description.is_rejects_file => format!("line {line}"),
        None => {
            let option = format!("--header-line {}", line + 1);
            format!("line {line}; otherwise {}", unbroken(&option))
        }
    }
}

fn key(inspection: &Inspection) -> String {
    let column = |key: Key| {
        let column = inspection
            .columns
            .iter()
            .find(|c| c.outcome.attribute.as_deref() == Some(key.as_str()));
        column.map(|column| shortened(&escaped(&column.outcome.column), 30))
    };
    let Some((key, origin)) = inspection.key else {
        return format!("none of its columns; set one with {}", unbroken("-m COLUMN=uid"));
    };
    let mut text = format!("{key}, in {}", column(key).unwrap_or_default());
    let _ = match origin {
        KeyOrigin::Given(how) => write!(text, ", {}", origin_words(how)),
        KeyOrigin::Store => write!(text, ", as in the store"),
        KeyOrigin::First => Ok(()),
    };
    let others: Vec<String> = Key::ALL
        .into_iter()
        .filter(|other| *other != key && column(*other).is_some())
        .map(|other| unbroken(&format!("--key {other}")))
        .collect();
    if !others.is_empty() && !matches!(origin, KeyOrigin::Given(_)) {
        let _ = write!(text, "; otherwise {}", others.join(" or "));
    }
    text
}

fn columns(
    inspection: &Inspection,
    screen: Screen,
    width: usize,
    detailed: bool,
    text: &mut String,
) {
    let palette = screen.palette();
    let shown = |name: &str| shortened(&escaped(name), NAME_WIDTH);
    let widest = |name: fn(&InspectedColumn) -> &str, title: &str| {
        let widths = inspection.columns.iter().map(|column| shown(name(column)).width());
        widths.max().unwrap_or_default().max(title.len())
    };
    let names = widest(|column| &column.outcome.column, "Column");
    let becomes = widest(attribute, "becomes");
    let room = width.saturating_sub(2 + names + 2 + becomes + 2 + 8 + 2 + 6 + 2);
    let is_wide = room >= LEAST_ROOM;
    if is_wide {
        let (names, becomes) = (padded("Column", names), padded("becomes", becomes));
        let title = format!("  {names}  {becomes}  {:8}  filled  values", "type");
        let _ = writeln!(text, "{}", palette.dim(&title));
    }
    let is_listed = |column: &&InspectedColumn| {
        detailed || column.filled > 0 || column.outcome.how != Origin::Custom
    };
    for column in inspection.columns.iter().filter(is_listed) {
        let (name, becomes_of) = (shown(&column.outcome.column), shown(attribute(column)));
        let kind = kind(column, inspection);
        let share = share(column.filled, inspection.sample.records);
        if is_wide {
            let (name, becomes_of) = (padded(&name, names), padded(&becomes_of, becomes));
            let values = values(column, room);
            let line = format!("  {name}  {becomes_of}  {kind:8}  {share:>6}  {values}");
            let _ = writeln!(text, "{}", line.trim_end());
        } else {
            let line = format!("{name} → {becomes_of}");
            let _ = writeln!(text, "{}", paragraph(&line, width, 2));
            let kind = if kind.is_empty() { String::new() } else { format!("{kind}, ") };
            let values = values(column, width.saturating_sub(6));
            for fact in [format!("{kind}{share} filled"), values] {
                if !fact.is_empty() {
                    let _ = writeln!(text, "      {fact}");
                }
            }
        }
        let mut note = why(column);
        let options = overriding_options(column);
        let options = if detailed { &options[..] } else { &options[..options.len().min(1)] };
        for (place, option) in options.iter().enumerate() {
            let joint = if place == 0 { "; otherwise" } else { " or" };
            let _ = write!(note, "{joint} {}", unbroken(option));
        }
        let _ = writeln!(text, "{}", palette.dim(&paragraph(&note, width, 6)));
    }
    let blank = inspection.columns.iter().filter(|column| !is_listed(column));
    let blank: Vec<String> = blank.map(|column| shown(&column.outcome.column)).collect();
    if !blank.is_empty() {
        let line = format!("Custom attributes without a value here: {}.", blank.join(", "));
        let _ = writeln!(text, "{}", paragraph(&line, width, 2));
    }
}

fn attribute(column: &InspectedColumn) -> &str {
    column.outcome.attribute.as_deref().unwrap_or("-")
}

fn kind<'i>(column: &'i InspectedColumn, inspection: &Inspection) -> &'i str {
    match inspection.key {
        Some((key, _)) if column.outcome.attribute.as_deref() == Some(key.as_str()) => "key",
        _ if column.outcome.standard || column.outcome.attribute.is_none() => "",
        _ => column.outcome.kind.as_str(),
    }
}

/// The share of records with a value. It is rounded, but never to 0 % or 100 %.
fn share(filled: u64, records: u64) -> String {
    match (filled, records) {
        (0, _) => "-".to_owned(),
        (filled, records) if filled == records => "100 %".to_owned(),
        _ => match filled * 100 / records.max(1) {
            0 => "<1 %".to_owned(),
            percent => format!("{percent} %"),
        },
    }
}

fn values(column: &InspectedColumn, room: usize) -> String {
    let mut text = String::new();
    for (place, value) in column.values.iter().enumerate() {
        let left = room.saturating_sub(text.width() + 2 * usize::from(place > 0));
        let value = quoted(value, left.saturating_sub(2).min(24));
        if place > 0 && (left < 10 || value.ends_with("…'")) {
            break;
        }
        if place > 0 {
            text.push_str(", ");
        }
        text.push_str(&value);
    }
    text
}

/// The reason for the mapping of a column, or for its type.
fn why(column: &InspectedColumn) -> String {
    let outcome = &column.outcome;
    match outcome.how {
        Origin::CommandLine | Origin::MappingFile => match &outcome.type_reason {
            Some(reason) => format!("{}; {}", origin_words(outcome.how), escaped(reason)),
            None => origin_words(outcome.how).to_owned(),
        },
        Origin::Alias | Origin::Values | Origin::Remembered => role_reason(column),
        Origin::Custom if outcome.attribute.is_none() => {
            "only mapped columns are imported".to_owned()
        }
        Origin::Custom => {
            let mut reason = escaped(outcome.type_reason.as_deref().unwrap_or_default());
            if let Some(likely) = &outcome.likely_type {
                reason.push_str(&though_likely(likely));
            }
            match column.alias {
                Some(standard) => format!("{reason}, and another column is {standard}"),
                None => reason,
            }
        }
    }
}

/// Which type most values of a text column fit, and what the others look like.
fn though_likely(likely: &LikelyType) -> String {
    const WIDTH: usize = 24;
    let LikelyType { spec, of, unfitting, words, .. } = likely;
    let Some(unfitting) = unfitting else {
        return format!(", though all {} could be {spec}", grouped(*of));
    };
    let others = if words.is_empty() {
        format!("such as {}", quoted(unfitting, WIDTH))
    } else {
        let words: Vec<String> = words.iter().map(|word| quoted(word, WIDTH)).collect();
        format!("but {}", words.join(" or "))
    };
    format!(", as {} ({others})", not_of_type(likely))
}

/// Why a column has its attribute: its name, its values, or an earlier import.
fn role_reason(column: &InspectedColumn) -> String {
    let outcome = &column.outcome;
    let is_bare_uid =
        outcome.attribute.as_deref() == Some("uid") && may_number_rows(&column.header);
    let from = match outcome.how {
        Origin::Values => "values",
        Origin::Remembered => "as before",
        _ if is_bare_uid => "alias, if it identifies the customer and not the row",
        _ => "alias",
    };
    match &outcome.evidence {
        Some(evidence) => format!("{from}: {}", escaped(evidence)),
        None => from.to_owned(),
    }
}

fn conclusion(
    inspection: &Inspection,
    store: &Path,
    options: &[String],
    screen: Screen,
    text: &mut String,
) {
    if let Some(refusal) = &inspection.refusal {
        let line = format!("An import would be refused: {}.", escaped(&refusal.to_string()));
        let _ = writeln!(text, "{}", wrapped(&line, screen.width, 2));
        return;
    }
    let palette = screen.palette();
    let records = inspection.sample.records;
    match inspection.sample.rejected {
        Some(0) if records > 0 => {
            let line = "None of these records would be rejected.";
            let _ = writeln!(text, "  {}\n", palette.done(line));
        }
        Some(rejected) if rejected > 0 => {
            let records = counted(records, "record");
            let line = format!("{} of these {records} would be rejected:", grouped(rejected));
            let line = paragraph(&line, screen.width, 2);
            let _ = writeln!(text, "{}\n", palette.warning(&line));
            reject_reasons(&inspection.rejects, &[&inspection.name], screen, text);
            text.push('\n');
        }
        _ => {}
    }
    if let Some(file) = &inspection.saved_mapping {
        let file = shell_word(&file.display().to_string());
        let option = unbroken(&format!("--mapping {file}"));
        let line = format!("The mapping is in {file}: {option} uses it.");
        let _ = writeln!(text, "{}", wrapped(&line, screen.width, 0));
    }
    if records == 0 {
        let line = "It has a header but no records: an import would change nothing.";
        let _ = writeln!(text, "{}", wrapped(line, screen.width, 0));
        return;
    }
    let command = import_command(&[&inspection.name], options, store);
    let line = format!("Nothing was imported. To import it: {}", unbroken(&command));
    let _ = writeln!(text, "{}", wrapped(&line, screen.width, 2));
}
