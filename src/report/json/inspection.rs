//! How an import would read a file, as JSON. `docs/mapping.md` describes it.

use crate::events::EventEvidence;
use crate::exit::Exit;
use crate::explain::Explain;
use crate::import::{InspectedColumn, Inspection, KeyOrigin, SampleCounts};
use crate::input::csv::DelimiterEvidence;
use crate::input::encoding::EncodingEvidence;
use crate::mapping::{LikelyType, Origin, TypeSource};
use crate::outcome::{ErrorReport, Warning, to_json};
use crate::report::overriding_options;
use crate::settings::ExplicitOption;
use crate::value::typed::ValueType;
use crate::value::{Code, Key, Standard};
use serde::Serialize;

/// The version of the inspection's schema.
pub(crate) const INSPECTION_SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Report<'a> {
    schema: u32,
    engage: &'static str,
    command: &'static str,
    exit_code: Exit,
    source: SourceReport<'a>,
    store: Option<String>,
    key: Option<KeyReport>,
    choices: &'a [ExplicitOption],
    sample: SampleCounts,
    columns: Vec<ColumnReport<'a>>,
    rejects: Vec<RejectReport<'a>>,
    warnings: &'a [Warning],
    events: Option<&'a EventEvidence>,
    error: Option<ErrorReport>,
}

#[derive(Serialize)]
struct SourceReport<'a> {
    path: &'a str,
    bytes: Option<u64>,
    encoding: &'a str,
    encoding_from: &'static str,
    compression: Option<&'a str>,
    delimiter: char,
    delimiter_from: &'static str,
    header_line: u64,
    is_rejects_file: bool,
}

#[derive(Serialize)]
struct KeyReport {
    attribute: Key,
    from: &'static str,
}

#[derive(Serialize)]
struct ColumnReport<'a> {
    column: &'a str,
    index: usize,
    attribute: Option<&'a str>,
    standard: bool,
    how: Origin,
    alias_of: Option<&'static str>,
    r#type: ValueType,
    type_from: Option<TypeSource>,
    type_reason: Option<&'a str>,
    nearly: Option<&'a LikelyType>,
    filled: u64,
    values: &'a [String],
    overrule: Vec<String>,
}

#[derive(Serialize)]
struct RejectReport<'a> {
    code: Code,
    column: Option<&'a str>,
    count: u64,
    first_record: u64,
    first_line: u64,
    message: &'a str,
    value: Option<&'a str>,
}

/// The inspection as one JSON object, without a line end.
pub fn inspection_json(inspection: &Inspection) -> String {
    let description = &inspection.description;
    let refusal = inspection.refusal.as_ref();
    let report = Report {
        schema: INSPECTION_SCHEMA,
        engage: env!("CARGO_PKG_VERSION"),
        command: "inspect",
        exit_code: refusal.map_or(Exit::Done, Explain::exit),
        source: SourceReport {
            path: &inspection.name,
            bytes: inspection.bytes,
            encoding: &description.encoding,
            encoding_from: match description.encoding_evidence {
                EncodingEvidence::ByteOrderMark => "byte_order_mark",
                EncodingEvidence::Valid => "bytes",
                EncodingEvidence::Guessed { .. } => "guess",
                EncodingEvidence::Given | EncodingEvidence::GivenOverUtf8 => "chosen",
            },
            compression: description.compression,
            delimiter: description.delimiter,
            delimiter_from: match description.delimiter_evidence {
                DelimiterEvidence::Given => "chosen",
                DelimiterEvidence::SepLine => "sep_line",
                DelimiterEvidence::Consistent => "consistency",
                DelimiterEvidence::OneColumn => "one_column",
                DelimiterEvidence::RejectsFile => "rejects_file",
                DelimiterEvidence::OwnExport => "own_export",
            },
            header_line: description.header_line,
            is_rejects_file: description.is_rejects_file,
        },
        store: inspection.store.as_ref().map(|store| store.display().to_string()),
        key: inspection.key.map(|(attribute, origin)| KeyReport {
            attribute,
            from: match origin {
                KeyOrigin::Given(how) => how.as_str(),
                KeyOrigin::Store => "store",
                KeyOrigin::First => "first",
            },
        }),
        choices: &inspection.explicit_options,
        sample: inspection.sample,
        columns: inspection.columns.iter().map(column).collect(),
        rejects: inspection
            .rejects
            .iter()
            .filter_map(|group| {
                let first = group.examples.first()?;
                Some(RejectReport {
                    code: group.code,
                    column: group.column.as_deref(),
                    count: group.count,
                    first_record: group.first_record,
                    first_line: first.line,
                    message: &first.message,
                    value: first.value.as_deref(),
                })
            })
            .collect(),
        warnings: &inspection.warnings,
        events: inspection.events.as_ref(),
        error: refusal.map(ErrorReport::new),
    };
    to_json(&report)
}

fn column(column: &InspectedColumn) -> ColumnReport<'_> {
    let outcome = &column.outcome;
    ColumnReport {
        column: &outcome.column,
        index: outcome.index,
        attribute: outcome.attribute.as_deref(),
        standard: outcome.standard,
        how: outcome.how,
        alias_of: column.alias.map(Standard::as_str),
        r#type: outcome.kind,
        type_from: outcome.type_source,
        type_reason: outcome.type_reason.as_deref(),
        nearly: outcome.likely_type.as_ref(),
        filled: column.filled,
        values: &column.values,
        overrule: overriding_options(column),
    }
}
