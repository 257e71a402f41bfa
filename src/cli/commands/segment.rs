//! `engage segment`.

use super::segments;
use crate::cli::{
    CommandError, Format, Global, Output, RowArgs, find_field, find_segment, hint_unmatched_values,
};
use crate::exit::Exit;
use crate::report::json::segment_explanation_json;
use crate::report::terminal::{member_count, segment_explanation};
use crate::report::{Cell, RowFormat};
use crate::segment::{Field, MAX_LENGTH, Segment};
use crate::store::{MemberQuery, Order, Reader, StoredValue};
use crate::text::wrapped;
use crate::value::Standard;
use crate::value::typed::ValueType;
use serde_json::json;
use std::collections::BTreeMap;
use std::io::Read as _;

/// The default limit in the human format.
const SHOWN: u64 = 20;

/// The expression of all customers that are not archived.
const NOT_ARCHIVED: &str = "uid is not null";

/// List the customers that match an expression
///
/// Conditions are written as in SQL: = != < <= > >=, in, like, between, is null; and contains,
/// `starts_with`, `ends_with`, within last 7 days. Combine them with and, or, not. Texts are in
/// single quotes, names with spaces in double quotes. A customer without a value matches no
/// comparison, not even !=. Archived customers are left out unless the expression mentions
/// archived.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  engage segment \"plan = 'Pro' and monthly_usage > 100\"
  engage segment \"last_login < now() - 30 days\" --format csv > lapsed.csv
  engage segment \"city in ('Lagos', 'Abuja') and device_platform = 'ios'\" --count
  engage segment \"email ends_with 'example.com'\" --sort -monthly_usage --limit 5
  engage segments save lapsed \"last_login < now() - 30 days\"
  engage segment \"@lapsed and vip\"

docs/segments.md describes the whole language.")]
pub(crate) struct Args {
    /// The expression; - reads it from standard input [default: all customers]
    #[arg(value_name = "EXPR", default_value = NOT_ARCHIVED, hide_default_value = true)]
    expression: String,
    /// Print only the number of customers
    #[arg(long, conflicts_with_all = ["columns", "sort", "limit"])]
    count: bool,
    /// Columns to show [default: uid, names, email and the attributes in the expression]
    #[arg(long, value_name = "A,B,C")]
    columns: Vec<String>,
    /// Show at most N [default: 20 in the human format, all in others]
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// Sort by attributes; -NAME sorts in descending order
    #[arg(long, value_name = "A,-B", allow_hyphen_values = true)]
    sort: Vec<String>,
    /// Explain the expression in words, and show which index it uses
    #[arg(long, conflicts_with_all = ["columns", "sort", "limit", "count"])]
    explain: bool,
    #[command(flatten)]
    rows: RowArgs,
    // The spelling of earlier versions.
    #[arg(long, hide = true, value_name = "NAME", conflicts_with_all = ["columns", "sort", "limit", "explain"])]
    save: Option<String>,
    #[arg(long, hide = true, value_name = "SECONDS", default_value_t = 10)]
    wait: u64,
}

pub(crate) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<Exit, CommandError> {
    let format = args.rows.format(global.format)?;
    let text = expression(&args.expression)?;
    if let Some(name) = &args.save {
        return segments::save(name, &text, args.wait, global, output);
    }
    let reader = global.reader()?;
    let attributes = reader.catalogue()?;
    let segment = find_segment(&reader, &text, &attributes)?;
    let is_human = global.format == Format::Human;
    if args.explain {
        global.format.require_single_result("segment --explain")?;
        let indexes = reader.indexes_of(&segment)?;
        output.result(&if is_human {
            segment_explanation(&segment, &indexes, reader.path())
        } else {
            format!("{}\n", segment_explanation_json(&segment, &indexes))
        })?;
    } else if args.count {
        global.format.require_single_result("segment --count")?;
        let count = reader.count(&segment)?;
        output.result(&if is_human {
            format!("{count}\n")
        } else {
            format!("{}\n", json!({ "count": count }))
        })?;
        if is_human || count == 0 {
            hint_unmatched_values(&reader, &segment, count == 0, output)?;
        }
    } else {
        show(args, &reader, &segment, &attributes, format, output)?;
    }
    Ok(Exit::Done)
}

/// The expression that was given, or standard input for `-`.
fn expression(given: &str) -> Result<String, CommandError> {
    if given != "-" {
        return Ok(given.to_owned());
    }
    let mut text = String::new();
    let most = u64::try_from(MAX_LENGTH).unwrap_or(u64::MAX).saturating_add(1);
    std::io::stdin().take(most).read_to_string(&mut text).map_err(|error| {
        CommandError::usage(format!("no expression could be read from standard input: {error}"))
            .hint("an expression is text in UTF-8")
    })?;
    Ok(text)
}

fn show(
    args: &Args,
    reader: &Reader,
    segment: &Segment,
    attributes: &BTreeMap<String, ValueType>,
    format: RowFormat,
    output: &mut Output,
) -> Result<(), CommandError> {
    let sort = sorting(&args.sort, attributes)?;
    let columns = columns(&args.columns, segment, &sort, attributes)?;
    let is_table = format == RowFormat::Table;
    let limit = args.limit.or(is_table.then_some(SHOWN));
    let query = MemberQuery { columns: &columns, sort: &sort, limit };
    let names: Vec<&str> = columns.iter().map(Field::name).collect();
    let shown = output.rows(format, &names, |rows| {
        reader.members(segment, &query, |values| {
            let cells: Vec<Cell<'_>> = values.iter().map(|value| cell(*value)).collect();
            Ok(rows.push(&cells)?)
        })
    })?;
    if is_table {
        let is_all = limit.is_none_or(|limit| shown < limit);
        let count = if is_all { shown } else { reader.count(segment)? };
        let gap = if shown == 0 { "" } else { "\n" };
        let line = wrapped(&member_count(count, shown), output.screen().width, 2);
        output.result(&format!("{gap}{line}\n"))?;
    }
    if (is_table || shown == 0) && limit != Some(0) {
        hint_unmatched_values(reader, segment, shown == 0, output)?;
    }
    Ok(())
}

fn cell(value: StoredValue<'_>) -> Cell<'_> {
    match value {
        StoredValue::Missing => Cell::Missing,
        StoredValue::Text(text) => Cell::text(text),
        StoredValue::Boolean(boolean) => Cell::Boolean(boolean),
        StoredValue::Json(json) => Cell::json(json),
    }
}

fn columns(
    given: &[String],
    segment: &Segment,
    sort: &[(Field, Order)],
    attributes: &BTreeMap<String, ValueType>,
) -> Result<Vec<Field>, CommandError> {
    let mut columns = Vec::new();
    for given in given {
        // A name may contain a comma.
        if let Ok(field) = find_field(given, attributes) {
            columns.push(field);
            continue;
        }
        for name in given.split(',') {
            columns.push(find_field(name.trim(), attributes)?);
        }
    }
    if columns.is_empty() {
        let usual = [Standard::Uid, Standard::FirstName, Standard::LastName, Standard::Email];
        columns.extend(usual.map(Field::Standard));
        segment.tree().fields(&mut columns);
        for (field, _) in sort {
            if !columns.contains(field) {
                columns.push(field.clone());
            }
        }
    }
    Ok(columns)
}

/// The fields to sort by: `last_name,-monthly_usage` or `monthly_usage:desc`.
fn sorting(
    given: &[String],
    attributes: &BTreeMap<String, ValueType>,
) -> Result<Vec<(Field, Order)>, CommandError> {
    let mut sort = Vec::new();
    for given in given {
        // A name may contain a comma or a minus.
        if let Ok(field) = find_field(given, attributes) {
            sort.push((field, Order::Ascending));
            continue;
        }
        for name in given.split(',') {
            sort.push(sorted_field(name.trim(), attributes)?);
        }
    }
    Ok(sort)
}

fn sorted_field(
    given: &str,
    attributes: &BTreeMap<String, ValueType>,
) -> Result<(Field, Order), CommandError> {
    if let Some(name) = given.strip_prefix('-') {
        return Ok((find_field(name, attributes)?, Order::Descending));
    }
    let (name, order) = match given.rsplit_once([':', ' ']) {
        Some((name, order)) if order.eq_ignore_ascii_case("desc") => (name, Order::Descending),
        Some((name, order)) if order.eq_ignore_ascii_case("asc") => (name, Order::Ascending),
        _ => (given, Order::Ascending),
    };
    Ok((find_field(name.trim(), attributes)?, order))
}
