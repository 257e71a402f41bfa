//! What a person should know of an import that went through: counted, and put in words.

use crate::import::plan::Plan;
use crate::import::validate::{Note, NoteKind};
use crate::input::csv::Record;
use crate::mapping::MappingWarning;
use crate::outcome::{SourceOutcome, Warning};
use crate::text::shell_word;
use crate::value::Code;
use std::collections::BTreeMap;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Unfitting,
    Dropped(Code),
    SpreadsheetError,
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
                NoteKind::Dropped(fault) => Kind::Dropped(fault.code),
                NoteKind::SpreadsheetError => Kind::SpreadsheetError,
                NoteKind::OtherPlatform => Kind::OtherPlatform,
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

    /// The warnings of the sources, the mapping and the values, in that order.
    pub(crate) fn into_list(self, plan: &Plan, sources: &[SourceOutcome]) -> Vec<Warning> {
        let mut list: Vec<Warning> = sources.iter().filter_map(of_source).collect();
        list.extend(plan.mapping.warnings.iter().map(of_mapping));
        for ((kind, column), counted) in self.counted {
            let label = plan.mapping.columns[column].label();
            let Counted { count, source, first_record: record, first_line: line } = counted;
            let first = match sources {
                [_] => format!("(first in record {record}, line {line})"),
                _ => format!("(first in {}, record {record}, line {line})", sources[source].path),
            };
            list.push(match kind {
                Kind::Unfitting => {
                    let attribute = plan.attributes.iter().find(|a| a.column == column);
                    let kind = attribute.map_or("value", |a| a.spec.kind.as_str());
                    let message = format!(
                        "{label}: {count} {} no {kind} and {} kept as text {first}",
                        if count == 1 { "value is" } else { "values are" },
                        if count == 1 { "is" } else { "are" },
                    );
                    Warning::new("value.unfitting", message, count)
                }
                Kind::Dropped(code) => {
                    let message = format!(
                        "{label}: {count} {} left out, {code} {first}",
                        if count == 1 { "value was" } else { "values were" },
                    );
                    Warning::new("value.dropped", message, count)
                }
                Kind::SpreadsheetError => {
                    let message = format!(
                        "{label}: {count} {} an error of a spreadsheet such as #N/A {first}",
                        if count == 1 { "value is" } else { "values are" },
                    );
                    Warning::new("value.spreadsheet_error", message, count)
                }
                Kind::OtherPlatform => {
                    let message = format!(
                        "{label}: {count} {} neither ios nor android, so {} left out {first}",
                        if count == 1 { "device is" } else { "devices are" },
                        if count == 1 { "it is" } else { "they are" },
                    );
                    Warning::new("device.other_platform", message, count)
                }
                Kind::LikelySlip(likely) => {
                    let message = format!(
                        "{label}: {count} {} most likely meant as {likely} {first}",
                        if count == 1 { "domain is" } else { "domains are" },
                    );
                    Warning::new("email.likely_slip", message, count)
                }
            });
        }
        list
    }
}

fn of_source(source: &SourceOutcome) -> Option<Warning> {
    let seen = Some(source.encoding_guess.clone()?);
    let encoding = source.encoding.as_deref()?;
    let message = format!("{} is taken to be {encoding}: --encoding overrules it", source.path);
    Some(Warning { seen, ..Warning::new("source.encoding_guessed", message, 1) })
}

fn of_mapping(warning: &MappingWarning) -> Warning {
    let (code, message) = match warning {
        MappingWarning::Renamed { column, attribute } => {
            ("mapping.renamed", format!("{column} becomes {attribute}: its name is taken"))
        }
        MappingWarning::Reserved { column, attribute } => (
            "mapping.reserved",
            format!("{column} becomes {attribute}: the store has that name for its own"),
        ),
        MappingWarning::New { columns, since } => {
            ("mapping.new", format!("new since {since}: {}", columns.join(", ")))
        }
        MappingWarning::Gone { columns, since } => {
            ("mapping.gone", format!("gone since {since}: {}", columns.join(", ")))
        }
        MappingWarning::SpacedQuote { column } => (
            "mapping.spaced_quote",
            format!(
                "{column} has a space before its quote, so that quotes are a part of its name and its \
                 values: export it without a space after the delimiter"
            ),
        ),
        MappingWarning::Doubted { column, standard, fitting, values } => (
            "mapping.doubted",
            format!(
                "{column} is named like {standard}, but only {fitting} of {values} values of the sample \
                 are one, so it stays a custom attribute; {} forces it",
                map_option(column, standard.as_str())
            ),
        ),
        MappingWarning::OtherPersons { word } => (
            "mapping.other_persons",
            format!(
                "all columns about a person are those of a {word}, so each customer has the {word}'s"
            ),
        ),
        MappingWarning::UidMoved { before, column, known, of } => (
            "mapping.uid_moved",
            format!(
                "the uid comes from {column}, since {before} is not in the file and {known} of {of} \
                 sampled values of {column} are uids in the store"
            ),
        ),
        MappingWarning::DecimalUids { column } => (
            "uid.decimals",
            format!("all values of {column} end in .0, which is left out: 17.0 is the uid 17"),
        ),
        MappingWarning::UidIsAddress { column } => (
            "mapping.uid_is_address",
            format!(
                "{column} holds addresses and is the uid; {} takes it for the email instead",
                map_option(column, "email")
            ),
        ),
        MappingWarning::WholeName { column } => (
            "mapping.whole_name",
            format!("{column} stays one attribute; -m '{column}=full_name' splits it"),
        ),
    };
    Warning::new(code, message, 1)
}

/// The option that maps a column.
fn map_option(column: &str, attribute: &str) -> String {
    format!("-m {}", shell_word(&format!("{column}={attribute}")))
}
