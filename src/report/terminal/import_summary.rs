//! The outcome of an import: short on success, otherwise with what to do next.

use super::guard::missing_examples;
use super::reject_reasons::reject_reasons;
use crate::mapping::Origin;
use crate::outcome::{ColumnOutcome, Outcome, Status, counted, grouped};
use crate::report::{
    Screen, delimiter_name, import_command, store_option, type_advice, with_store,
};
use crate::text::{
    escaped, hanging, padded, paragraph, shell_path, shell_word, shortened, unbroken, wrapped,
};
use crate::value::Key;
use crate::value::typed::ValueType;
use std::fmt::Write as _;
use unicode_width::UnicodeWidthStr;

/// The maximum number of custom columns that a first import lists.
const LISTED_CUSTOM_COLUMNS: usize = 6;
/// A screen with fewer columns is too narrow for columns side by side.
const NARROW: usize = 60;
/// The maximum number of inputs that are listed.
const LISTED_SOURCES: usize = 8;

/// The summary, line ends included. `detailed` lists every column with its reasons.
pub fn import_summary(outcome: &Outcome, screen: Screen, detailed: bool) -> String {
    let mut text = String::new();
    sources(outcome, screen, &mut text);
    let first = outcome.new_store && outcome.guard.is_none();
    if first || detailed {
        text.push('\n');
        mapping(outcome, screen, detailed, &mut text);
        text.push('\n');
    }
    if outcome.guard.is_none() {
        customers(outcome, screen, &mut text);
    }
    if !outcome.rejects.groups.is_empty() {
        rejects(outcome, screen, &mut text);
    }
    if outcome.guard.is_none() {
        for hint in &outcome.hints {
            let hint = escaped(&with_store(hint, &outcome.store));
            // A command is on its own line, so that it can be copied.
            let _ = match hint.starts_with("engage ") {
                true => writeln!(text, "    {hint}"),
                false => {
                    writeln!(text, "{}", wrapped(&format!("Hint: {hint}"), screen.width, 2))
                }
            };
        }
    }
    accepted(outcome, screen, &mut text);
    conclusion(outcome, screen, &mut text);
    text
}

/// Only the part of the summary that needs action: the rejects, line ends included.
pub fn rejects_summary(outcome: &Outcome, screen: Screen) -> String {
    let mut text = String::new();
    if !outcome.rejects.groups.is_empty() {
        rejects(outcome, screen, &mut text);
    }
    text
}

fn sources(outcome: &Outcome, screen: Screen, text: &mut String) {
    let key = key_column(outcome);
    let several = outcome.sources.len() > 1;
    for source in outcome.sources.iter().take(LISTED_SOURCES) {
        let keyed = (!several).then(|| format!("keyed by {key}"));
        let facts = [Some(counted(source.records, "record")), source.compression.clone()];
        let facts = facts.into_iter().chain([
            source.encoding.clone(),
            source.delimiter.map(delimiter_name),
            keyed,
        ]);
        let facts: Vec<String> = facts.flatten().collect();
        let line = format!("{}: {}", escaped(&source.path), facts.join(", "));
        let _ = writeln!(text, "{}", wrapped(&line, screen.width, 2));
    }
    if several {
        let more = outcome.sources.len().saturating_sub(LISTED_SOURCES);
        if more > 0 {
            let _ = writeln!(text, "… {} more", counted(more as u64, "file"));
        }
        let line = format!(
            "{} of {}, keyed by {key}",
            counted(outcome.records.read, "record"),
            counted(outcome.sources.len() as u64, "file"),
        );
        let _ = writeln!(text, "{}", wrapped(&line, screen.width, 2));
    }
}

fn key_column(outcome: &Outcome) -> String {
    let key = outcome.key.map_or("", Key::as_str);
    let column = outcome.mapping.iter().find(|c| c.attribute.as_deref() == Some(key));
    column.map_or(key.to_owned(), |column| shortened(&escaped(&column.column), 30))
}

fn mapping(outcome: &Outcome, screen: Screen, detailed: bool, text: &mut String) {
    let shown: Vec<&ColumnOutcome> =
        outcome.mapping.iter().filter(|column| column.has_values || detailed).collect();
    let custom = shown.iter().filter(|column| is_plain_custom(column)).count();
    let most = if detailed { usize::MAX } else { LISTED_CUSTOM_COLUMNS };
    let mut listed = 0;
    let mut rows = vec![["Column".into(), "becomes".into(), "type".into(), "from".into()]];
    for column in shown {
        if is_plain_custom(column) {
            listed += 1;
            if listed > most {
                continue;
            }
        }
        rows.push(row(column, outcome, detailed));
    }
    if screen.width < NARROW {
        for [column, becomes, kind, from] in &rows[1..] {
            let facts = [becomes, kind, from].map(String::as_str).into_iter();
            let facts: Vec<&str> = facts.filter(|fact| !fact.is_empty()).collect();
            let line = paragraph(&format!("{column} → {}", facts.join(", ")), screen.width - 4, 2);
            let _ = writeln!(text, "{}", line.replace('\n', "\n    "));
        }
    } else {
        mapping_table(&rows, screen, text);
    }
    if custom > most {
        let shown_by = match outcome.sources.as_slice() {
            [source] if source.path != "stdin" => {
                format!(
                    "engage inspect {}{}",
                    shell_word(&source.path),
                    store_option(&outcome.store)
                )
            }
            _ => "-v".to_owned(),
        };
        let more =
            format!("… {} more, all custom: {} lists them", custom - most, unbroken(&shown_by));
        let _ = writeln!(text, "{}", paragraph(&more, screen.width, 2));
    }
}

/// Writes the rows as a table; the first is the heading.
fn mapping_table(rows: &[[String; 4]], screen: Screen, text: &mut String) {
    let palette = screen.palette();
    // The indent, the gaps, the type and some room for "from" are reserved; the two names share the
    // rest.
    let names = (screen.width.saturating_sub(2 + 6 + 8 + 16) / 2).min(30);
    let limits = [names, names, 8];
    let widths: Vec<usize> = (0..3)
        .map(|at| {
            let widest = rows.iter().map(|row: &[String; 4]| row[at].width()).max();
            widest.unwrap_or_default().min(limits[at].max(7))
        })
        .collect();
    let before = widths.iter().sum::<usize>() + 2 + 6;
    for (index, row) in rows.iter().enumerate() {
        let cells: Vec<String> =
            (0..3).map(|at| padded(&shortened(&row[at], widths[at]), widths[at])).collect();
        // Text that does not fit in the last column continues below it.
        let last = hanging(&row[3], screen.width.saturating_sub(before).max(6), before);
        let line = format!("  {}  {last}", cells.join("  "));
        let line = line.trim_end();
        let _ = writeln!(text, "{}", if index == 0 { palette.dim(line) } else { line.to_owned() });
    }
}

fn is_plain_custom(column: &ColumnOutcome) -> bool {
    let is_listed_anyway = matches!(column.how, Origin::Alias | Origin::CommandLine);
    column.attribute.is_some()
        && !column.standard
        && !is_listed_anyway
        && column.type_readings.is_empty()
        && column.likely_type.is_none()
}

fn row(column: &ColumnOutcome, outcome: &Outcome, detailed: bool) -> [String; 4] {
    let attribute = column.attribute.as_deref().unwrap_or("-");
    let kind = match attribute {
        "-" => "",
        name if outcome.key.is_some_and(|key| key.as_str() == name) => "key",
        _ if column.standard => "",
        _ => column.kind.as_str(),
    };
    let from = match column.how {
        _ if attribute == "-" => "left out".to_owned(),
        Origin::Alias => with_evidence("alias", column),
        Origin::Values => with_evidence("values", column),
        Origin::Remembered => "as before".to_owned(),
        Origin::CommandLine => "given".to_owned(),
        Origin::MappingFile => "mapping file".to_owned(),
        Origin::Custom => String::new(),
    };
    let mut notes: Vec<String> = Some(from).filter(|from| !from.is_empty()).into_iter().collect();
    notes.extend(type_advice(column));
    notes.extend(retype_advice(column, outcome));
    if detailed
        && !column.standard
        && let Some(reason) = &column.type_reason
    {
        notes.push(reason.clone());
    }
    [escaped(&column.column), escaped(attribute), kind.to_owned(), escaped(&notes.join(", "))]
}

/// The command that converts the stored values of a text column that mostly fit a type.
fn retype_advice(column: &ColumnOutcome, outcome: &Outcome) -> Option<String> {
    let is_stored = outcome.import_id.is_some() && outcome.guard.is_none();
    let likely = column.likely_type.as_ref().filter(|likely| {
        likely.fitting < likely.of && likely.kind != ValueType::Boolean && is_stored
    })?;
    let typed = format!("{}={}", column.attribute.as_deref()?, likely.spec);
    let command = format!("engage retype {}", shell_word(&typed));
    Some(with_store(&format!("{command} converts the others"), &outcome.store))
}

/// The origin of a role, with its evidence.
fn with_evidence(from: &str, column: &ColumnOutcome) -> String {
    match &column.evidence {
        Some(evidence) => format!("{from}: {evidence}"),
        None => from.to_owned(),
    }
}

fn customers(outcome: &Outcome, screen: Screen, text: &mut String) {
    let (customers, devices) = (outcome.customers, outcome.devices);
    let mut parts = Vec::new();
    if outcome.new_store {
        parts.push(counted(customers.inserted, "new customer"));
    } else {
        parts.push(format!("{} new", grouped(customers.inserted)));
        parts.push(format!("{} changed", grouped(customers.updated)));
        parts.push(format!("{} unchanged", grouped(customers.unchanged)));
    }
    if outcome.records.merged > 0 {
        parts.push(format!("{} merged", counted(outcome.records.merged, "record")));
    }
    if outcome.records.skipped > 0 {
        parts.push(format!("{} skipped", counted(outcome.records.skipped, "record")));
    }
    for (count, what) in
        [(devices.added, "new"), (devices.refreshed, "refreshed"), (devices.evicted, "evicted")]
    {
        if count > 0 {
            let things = if count == 1 { "device" } else { "devices" };
            parts.push(format!("{} {things} {what}", grouped(count)));
        }
    }
    let parts: Vec<String> = parts.iter().map(|part| unbroken(part)).collect();
    for part in [parts.join(" · ")].into_iter().chain(missing(outcome)) {
        let _ = writeln!(text, "{}", paragraph(&part, screen.width, 2));
    }
}

fn missing(outcome: &Outcome) -> Option<String> {
    let snapshot = outcome.snapshot.as_ref()?;
    let customers = outcome.customers;
    if customers.missing == 0 {
        return None;
    }
    let fate = match (customers.archived, customers.deleted) {
        (0, 0) => "left as they are",
        (_, 0) => "archived",
        _ => "deleted",
    };
    let examples = missing_examples(snapshot, customers.missing);
    Some(format!("{} missing ({fate}): {examples}", grouped(customers.missing)))
}

fn rejects(outcome: &Outcome, screen: Screen, text: &mut String) {
    let palette = screen.palette();
    let rejects = &outcome.rejects;
    let rejected = counted(outcome.records.rejected, "record");
    let _ = writeln!(text, "  {}\n", palette.warning(&format!("{rejected} rejected:")));
    let sources: Vec<&str> = outcome.sources.iter().map(|source| source.path.as_str()).collect();
    reject_reasons(&rejects.groups, &sources, screen, text);
    text.push('\n');
    if rejects.files.is_empty() {
        if outcome.status == Status::DryRun {
            let line = "A dry run writes no rejects file; use --rejects FILE to write one.";
            let _ = writeln!(text, "{}", paragraph(line, screen.width, 2));
        }
        return;
    }
    let files: Vec<String> =
        rejects.files.iter().map(|file| escaped(&file.display().to_string())).collect();
    let named = match files.as_slice() {
        [files @ .., last] if !files.is_empty() => format!("{} and {last}", files.join(", ")),
        files => files.concat(),
    };
    if outcome.guard.is_some() {
        // No record was imported, so fixing these is not enough.
        let sentence = format!("They are in {named}, with their reasons.");
        let _ = writeln!(text, "{}", paragraph(&sentence, screen.width, 2));
        return;
    }
    let sentence = format!("They are in {named}, with their reasons. Fix them, then run:");
    let sentence = paragraph(&sentence, screen.width, 2);
    // The command is on its own line, so that it can be copied.
    let command = import_command(&rejects.files, &outcome.words_for_rejects, &outcome.store);
    let _ = writeln!(text, "{sentence}\n    {command}");
}

fn accepted(outcome: &Outcome, screen: Screen, text: &mut String) {
    if let Some(file) = &outcome.saved_mapping {
        let file = shell_path(file);
        let option = unbroken(&format!("--mapping {file}"));
        let line = format!("The mapping is in {file}: {option} uses it.");
        let _ = writeln!(text, "{}", paragraph(&line, screen.width, 2));
    }
    if let Some(file) = &outcome.accepted {
        let file = escaped(&file.display().to_string());
        let customers = outcome.records.accepted - outcome.records.merged;
        let line = format!("{} of accepted records: {file}", counted(customers, "customer"));
        let _ = writeln!(text, "{}", paragraph(&line, screen.width, 2));
    }
}

fn conclusion(outcome: &Outcome, screen: Screen, text: &mut String) {
    let palette = screen.palette();
    for removed in &outcome.rejects.removed {
        let file = escaped(&removed.display().to_string());
        let reason =
            if outcome.records.rejected == 0 { ": no records are rejected now" } else { "" };
        let line = format!("removed {file} of an earlier import{reason}");
        let _ = writeln!(text, "{}", paragraph(&line, screen.width, 2));
    }
    let store = escaped(&outcome.store.display().to_string());
    let seconds = outcome.timing.seconds;
    let seconds =
        if seconds < 9.95 { format!("{seconds:.1} s") } else { format!("{seconds:.0} s") };
    let _ = match (&outcome.guard, outcome.status, outcome.import_id) {
        (Some(_), ..) => writeln!(text, "Nothing was changed ({seconds})."),
        (None, Status::DryRun, _) => {
            let files = written_files(outcome);
            let line = if files.is_empty() {
                format!("Dry run: nothing was written ({seconds}).")
            } else {
                let files = files.join(", ");
                format!("Dry run: nothing was imported ({seconds}). Wrote {files}.")
            };
            writeln!(text, "{}", paragraph(&line, screen.width, 0))
        }
        (None, _, Some(id)) => {
            let done = palette.done(&format!("Import {id} is in {store}"));
            writeln!(text, "{done} ({seconds}).")
        }
        (None, ..) => writeln!(text, "{store} ({seconds})."),
    };
}

/// The files that a dry run wrote because the user asked for them.
fn written_files(outcome: &Outcome) -> Vec<String> {
    let others = [&outcome.accepted, &outcome.saved_mapping, &outcome.report_file];
    let files = outcome.rejects.files.iter().chain(others.into_iter().flatten());
    files.map(|file| escaped(&file.display().to_string())).collect()
}
