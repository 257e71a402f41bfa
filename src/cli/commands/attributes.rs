//! `engage attributes`.

use super::retype::retype_attributes;
use crate::cli::{CommandError, EarlyEnd, Global, Output, RowArgs, declared_type, find_field};
use crate::exit::Exit;
use crate::outcome::{counted, grouped};
use crate::report::{Cell, RowFormat, attribute_columns, attribute_row};
use crate::segment::Field;
use crate::store::Reader;
use crate::text::{natural_order, wrapped};
use crate::value::typed::TypeSpec;

/// The default number of values in the human format.
const SHOWN_VALUES: u64 = 20;

/// List attributes with their types, fill rates and typical values
///
/// With a name, lists the values of that attribute and how many customers have each; archived
/// customers are not counted. Strays are values that do not have the attribute's type; engage
/// retype changes the type.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  engage attributes
  engage attributes plan                 which plans there are
  engage attributes city --limit 100
  engage attributes --format json")]
pub(crate) struct Args {
    /// Only this attribute, with its values
    #[arg(value_name = "NAME", conflicts_with = "types")]
    name: Option<String>,
    /// Show at most N values [default: 20 in the human format, all in others]
    #[arg(long, value_name = "N", requires = "name")]
    limit: Option<u64>,
    #[command(flatten)]
    rows: RowArgs,
    // Earlier versions had `attributes --type` instead of `retype`.
    #[arg(long = "type", value_name = "ATTRIBUTE=TYPE", value_parser = declared_type, hide = true)]
    types: Vec<(String, TypeSpec)>,
    #[arg(long, value_name = "SECONDS", default_value_t = 10, hide = true)]
    wait: u64,
}

pub(crate) fn run(
    args: &Args,
    global: &Global,
    as_given: &[String],
    output: &mut Output,
) -> Result<Exit, CommandError> {
    if !args.types.is_empty() {
        return retype_attributes(&args.types, args.wait, global, as_given, output);
    }
    let format = args.rows.format(global.format)?;
    let reader = global.reader()?;
    if let Some(name) = &args.name {
        let field = find_field(name, &reader.catalogue()?)?;
        return show_values(&field, args.limit, &reader, format, output);
    }
    let (mut profiles, customers) = reader.profiles()?;
    if format == RowFormat::Table {
        // The standard attributes come first, and keep their order.
        let standard = profiles.iter().take_while(|profile| profile.kind.is_none()).count();
        profiles[standard..].sort_by(|a, b| natural_order(&a.name, &b.name));
    }
    output.rows(format, attribute_columns(format), |rows| {
        for profile in &profiles {
            rows.push(&attribute_row(profile, customers, format))?;
        }
        Ok(())
    })?;
    Ok(Exit::Done)
}

fn show_values(
    field: &Field,
    limit: Option<u64>,
    reader: &Reader,
    format: RowFormat,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let is_table = format == RowFormat::Table;
    let most = limit.or(is_table.then_some(SHOWN_VALUES)).unwrap_or(u64::MAX);
    let mut different = 0;
    let shown = output.rows(format, &[field.name(), "customers"], |rows| {
        different = reader.values::<EarlyEnd>(field, most, |value, customers| {
            Ok(rows.push(&[Cell::json(value.to_owned()), Cell::Count(customers)])?)
        })?;
        Ok(())
    })?;
    if is_table {
        let values = counted(different, "value");
        let gap = if shown == 0 { "" } else { "\n" };
        let line = if shown < different {
            format!("{} of {values}: --limit N shows more, --format csv all", grouped(shown))
        } else {
            values
        };
        output.result(&format!("{gap}{}\n", wrapped(&line, output.screen().width, 2)))?;
    }
    Ok(Exit::Done)
}
