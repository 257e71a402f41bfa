//! What a person should know of an import that went through: counted, and put in words.

use crate::import::plan::Plan;
use crate::import::validate::{Note, NoteKind};
use crate::input::csv::Record;
use crate::mapping::MappingWarning;
use crate::outcome::{SourceOutcome, Warning};
use crate::value::Code;
use std::collections::BTreeMap;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Unfitting,
    Dropped(Code),
    SpreadsheetError,
    LikelySlip(&'static str),
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
        MappingWarning::WholeName { column } => (
            "mapping.whole_name",
            format!("{column} stays one attribute; -m '{column}=full_name' splits it"),
        ),
    };
    Warning::new(code, message, 1)
}
