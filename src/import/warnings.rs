//! The warnings of an import, counted and put in words.

use crate::import::plan::{Plan, PlannedAttribute};
use crate::import::validate::{Note, NoteKind};
use crate::input::csv::Record;
use crate::mapping::{KnownFrom, MappingWarning};
use crate::outcome::{SourceOutcome, Warning};
use crate::text::shell_word;
use crate::value::Code;
use std::collections::BTreeMap;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Unfitting,
    OtherReading(usize),
    Dropped(Code),
    SpreadsheetError,
    BlankWord,
    Extension,
    FirstOfSeveral,
    OtherColumn,
    LikelySlip(&'static str),
    OtherPlatform,
}

#[derive(Debug)]
struct Counted {
    count: u64,
    source: usize,
    first_record: u64,
    first_line: u64,
}

/// Notes of the validator, counted by kind and column.
#[derive(Debug, Default)]
pub(crate) struct Warnings {
    counted: BTreeMap<(Kind, usize), Counted>,
}

impl Warnings {
    pub(crate) fn count(&mut self, source: usize, record: &Record, notes: &[Note]) {
        for note in notes {
            let kind = match &note.kind {
                NoteKind::Unfitting => Kind::Unfitting,
                NoteKind::OtherReading(place) => Kind::OtherReading(*place),
                NoteKind::Dropped(reason) => Kind::Dropped(reason.code),
                NoteKind::SpreadsheetError => Kind::SpreadsheetError,
                NoteKind::OtherPlatform => Kind::OtherPlatform,
                NoteKind::BlankWord => Kind::BlankWord,
                NoteKind::Extension => Kind::Extension,
                NoteKind::FirstOfSeveral => Kind::FirstOfSeveral,
                NoteKind::OtherColumn => Kind::OtherColumn,
                NoteKind::LikelySlip(likely) => Kind::LikelySlip(likely),
            };
            self.counted
                .entry((kind, note.column))
                .or_insert(Counted {
                    count: 0,
                    source,
                    first_record: record.number,
                    first_line: record.line,
                })
                .count += 1;
        }
    }

    /// The warnings of the sources, the mapping and the values, in that order. `values` has how
    /// many values each attribute of the plan had.
    pub(crate) fn into_list(
        self,
        plan: &Plan,
        sources: &[SourceOutcome],
        values: &[u64],
    ) -> Vec<Warning> {
        let mut list: Vec<Warning> = sources.iter().filter_map(of_source).collect();
        list.extend(plan.mapping.warnings.iter().map(of_mapping));
        list.extend(plan.attributes.iter().filter_map(|attribute| self.of_type(plan, attribute)));
        let described = self.counted.iter().filter_map(|((kind, column), counted)| {
            let place = plan.attributes.iter().position(|a| a.column == *column);
            let attribute = place.map(|place| (&plan.attributes[place], values[place]));
            let label = plan.mapping.columns[*column].label();
            of_values(*kind, &label, counted, attribute, sources)
        });
        list.extend(described);
        list
    }

    /// Why no type could be decided for a column.
    fn of_type(&self, plan: &Plan, attribute: &PlannedAttribute) -> Option<Warning> {
        if !attribute.is_undecided() {
            return None;
        }
        let label = plan.mapping.columns[attribute.column].label();
        if !attribute.units.is_empty() {
            let message = format!(
                "{label} has several currencies or units ({}), so it is kept as text: export the \
                 currency in a column of its own to get numbers",
                attribute.units.join(", ")
            );
            return Some(Warning::new("type.units", message, 1).about(&label));
        }
        let readings = attribute.readings.iter().enumerate();
        let options: Vec<String> = readings
            .filter(|(place, _)| {
                !self.counted.contains_key(&(Kind::OtherReading(*place), attribute.column))
            })
            .map(|(_, spec)| type_option(&attribute.name, &spec.to_string()))
            .collect();
        let unproven = match attribute.readings.first()?.day_order() {
            Some(_) => "the order of day and month",
            None => "the decimal mark",
        };
        let options = match options.as_slice() {
            [] => String::new(),
            options => format!(": {} declares it", options.join(" or ")),
        };
        let message =
            format!("{label} is kept as text, because too few values prove {unproven}{options}");
        Some(Warning::new("type.unproven", message, 1).about(&label))
    }
}

/// The option that declares a type.
fn type_option(attribute: &str, spec: &str) -> String {
    format!("--type {}", shell_word(&format!("{attribute}={spec}")))
}

/// Warns about values of a column. `attribute` is the attribute of the column, with its number of
/// values. `None` if there is nothing to warn about.
fn of_values(
    kind: Kind,
    label: &str,
    counted: &Counted,
    attribute: Option<(&PlannedAttribute, u64)>,
    sources: &[SourceOutcome],
) -> Option<Warning> {
    let Counted { count, source, first_record: record, first_line: line } = *counted;
    let first = match sources {
        [_] => format!("(first in record {record}, line {line})"),
        _ => format!("(first in {}, record {record}, line {line})", sources[source].path),
    };
    let (is, was) = if count == 1 { ("is", "was") } else { ("are", "were") };
    let values = if count == 1 { "value" } else { "values" };
    let warning = |code, message| Some(Warning::new(code, message, count).about(label));
    match kind {
        // Part of the warning about the undecided type.
        Kind::OtherReading(_) => None,
        Kind::Unfitting => {
            let kind = attribute.map_or("value", |(a, _)| a.spec.kind.as_str());
            let message = format!(
                "{label}: {count} {values} {is} not a {kind} and {is} kept as text {first}"
            );
            // Above 5 % the type is probably wrong.
            let option = attribute
                .filter(|(_, of)| count * 20 > *of)
                .map(|(a, _)| format!("; {} keeps all as text", type_option(&a.name, "string")));
            warning("value.unfitting", message + &option.unwrap_or_default())
        }
        Kind::Dropped(code) => warning(
            "value.dropped",
            format!("{label}: {count} {values} {was} left out: {code} {first}"),
        ),
        Kind::SpreadsheetError => warning(
            "value.spreadsheet_error",
            format!("{label}: {count} {values} {is} a spreadsheet error such as #N/A {first}"),
        ),
        Kind::OtherPlatform => {
            let (devices, they) =
                if count == 1 { ("device is", "it is") } else { ("devices are", "they are") };
            let message = format!(
                "{label}: {count} {devices} neither ios nor android, so {they} left out {first}"
            );
            warning("device.other_platform", message)
        }
        Kind::BlankWord => {
            let cells = if count == 1 { "cell says" } else { "cells say" };
            let message = format!(
                "{label}: {count} {cells} N/A or the like and {is} read as blank \
                 {first}; --keep-text WORD keeps a word"
            );
            warning("value.blank_word", message)
        }
        Kind::Extension => {
            let (have, extensions) =
                if count == 1 { ("has an", "extension") } else { ("have", "extensions") };
            let message = format!(
                "{label}: {count} {values} {have} {extensions}, which {was} removed {first}"
            );
            warning("number.extension_removed", message)
        }
        Kind::FirstOfSeveral => {
            let cells = if count == 1 { "cell has" } else { "cells have" };
            let message =
                format!("{label}: {count} {cells} several values: the first is used {first}");
            warning("value.first_of_several", message)
        }
        Kind::OtherColumn => {
            let message = format!(
                "{label}: {count} {values} left out, because an earlier column has a different one {first}"
            );
            warning("value.other_column", message)
        }
        Kind::LikelySlip(likely) => {
            let domains = if count == 1 { "domain" } else { "domains" };
            let message =
                format!("{label}: {count} {domains} {is} probably a typo of {likely} {first}");
            warning("email.likely_slip", message)
        }
    }
}

fn of_source(source: &SourceOutcome) -> Option<Warning> {
    let encoding = source.encoding.as_deref()?;
    if source.is_given_over_utf_8 {
        let message = format!(
            "{} is valid UTF-8 but is read as {encoding}, as given, which garbles \
             letters: remove --encoding to read it as UTF-8",
            source.path
        );
        return Some(Warning::new("source.encoding_utf_8", message, 1).about(encoding));
    }
    let seen = Some(format!("for example: '{}'", source.encoding_guess.as_ref()?));
    let message =
        format!("the encoding of {} is probably {encoding}: --encoding overrides it", source.path);
    let warning = Warning::new("source.encoding_guessed", message, 1).about(encoding);
    Some(Warning { seen, ..warning })
}

fn of_mapping(warning_of: &MappingWarning) -> Warning {
    let (code, message) = match warning_of {
        MappingWarning::Renamed { column, attribute } => {
            ("mapping.renamed", format!("{column} becomes {attribute}: its name is already in use"))
        }
        MappingWarning::Reserved { column, attribute } => (
            "mapping.reserved",
            format!("{column} becomes {attribute}: the store uses that name itself"),
        ),
        MappingWarning::New { columns, since } => {
            ("mapping.new", drift_message("new columns", *since, columns))
        }
        MappingWarning::Gone { columns, since } => {
            ("mapping.gone", drift_message("missing columns", *since, columns))
        }
        MappingWarning::SpacedQuote { column } => (
            "mapping.spaced_quote",
            format!(
                "{column} has a space before its quote, so quotes are part of its name \
                 and its values: export it without a space after the delimiter"
            ),
        ),
        MappingWarning::ReadTwice { columns, values } => {
            let message = format!(
                "{}: {values} {} of the sample {} damaged, like Ã¼ for ü: UTF-8 that was \
                 read as windows-1252 before; export the file again as UTF-8",
                columns.join(", "),
                if *values == 1 { "value" } else { "values" },
                if *values == 1 { "is" } else { "are" },
            );
            return Warning::new("source.read_twice", message, *values).about(&columns.join(", "));
        }
        MappingWarning::Doubted { column, standard, fitting, values } => (
            "mapping.doubted",
            format!(
                "{column} is named like {standard}, but only {fitting} of {values} sampled values are \
                 valid, so it stays a custom attribute; {} forces it and rejects the others",
                map_option(column, standard.as_str())
            ),
        ),
        MappingWarning::OtherPersons { word } => (
            "mapping.other_persons",
            format!(
                "all columns about a person belong to a {word}, so each customer gets the {word}'s values"
            ),
        ),
        MappingWarning::UidMoved { before, column, known, of } => (
            "mapping.uid_moved",
            format!(
                "the uid comes from {column}, because {before} is not in the file and {known} of {of} \
                 sampled values of {column} are uids in the store"
            ),
        ),
        MappingWarning::DecimalUids { column } => (
            "uid.decimals",
            format!("all values of {column} end in .0, which is removed: 17.0 is the uid 17"),
        ),
        MappingWarning::UidIsAddress { column } => (
            "mapping.uid_is_address",
            format!(
                "{column} contains email addresses and is the uid; {} makes it the email instead",
                map_option(column, "email")
            ),
        ),
        MappingWarning::RecordHasOwnId { key, column, customers, records } => (
            "mapping.record_has_own_id",
            if customers == records {
                format!(
                    "{key} is the key, and each record of the sample has its own {column} too; {} makes \
                     that the key",
                    map_option(column, "uid")
                )
            } else {
                format!(
                    "{key} is the key and names {customers} customers in {records} records of the \
                     sample, but each record has its own {column}: the last record of a customer wins; \
                     {} makes each record a customer",
                    map_option(column, "uid")
                )
            },
        ),
        MappingWarning::CustomerRepeats { key, column, customers, records } => (
            "mapping.customer_repeats",
            format!(
                "{key} is the key, so each record is a customer, but {column} names only {customers} in \
                 {records} records of the sample; {} makes that the key",
                map_option(column, "uid")
            ),
        ),
        MappingWarning::WholeName { column } => (
            "mapping.whole_name",
            format!("{column} stays one attribute; -m '{column}=full_name' splits it"),
        ),
    };
    let warning = Warning::new(code, message, 1);
    match warning_column(warning_of) {
        Some(column) => warning.about(column),
        None => warning,
    }
}

/// The column that a warning is about, if there is a single one.
fn warning_column(warning: &MappingWarning) -> Option<&str> {
    match warning {
        MappingWarning::Renamed { column, .. }
        | MappingWarning::Reserved { column, .. }
        | MappingWarning::SpacedQuote { column }
        | MappingWarning::WholeName { column }
        | MappingWarning::Doubted { column, .. }
        | MappingWarning::UidMoved { column, .. }
        | MappingWarning::DecimalUids { column }
        | MappingWarning::UidIsAddress { column } => Some(column),
        _ => None,
    }
}

/// Columns that are new or gone. They are reported until they are accepted.
fn drift_message(what: &str, since: KnownFrom, columns: &[String]) -> String {
    let columns = columns.join(", ");
    match since {
        KnownFrom::MappingFile => {
            format!(
                "{what} since {since}: {columns}; engage inspect --save-mapping writes a new mapping file"
            )
        }
        KnownFrom::LastImport => {
            format!("{what} since {since}: {columns}; --accept-columns accepts the change")
        }
    }
}

/// The option that maps a column.
fn map_option(column: &str, attribute: &str) -> String {
    format!("-m {}", shell_word(&format!("{column}={attribute}")))
}
