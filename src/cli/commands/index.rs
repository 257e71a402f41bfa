//! `engage index`.

use crate::cli::{CommandError, Global, Output, find_field, not_custom_error};
use crate::exit::Exit;
use crate::segment::Field;
use crate::text::{escaped, quoted, shell_word};
use crate::value::Standard;
use crate::value::typed::ValueType;
use std::collections::BTreeMap;
use std::time::Duration;

const INDEXABLE: &str = "choose a custom attribute, first_name, last_name, number, email, \
                         first_imported_at or last_changed_at";

/// Create an index on an attribute, for fast segments
///
/// Segments use the index where it helps; engage segment EXPR --explain shows whether. An index
/// takes space in the store, and each import keeps it up to date.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  engage index email
  engage index monthly_usage --drop")]
pub(crate) struct Args {
    /// The attribute
    attribute: String,
    /// Drop its index
    #[arg(long)]
    drop: bool,
    /// How long to wait for an import into the same store
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    wait: u64,
}

pub(crate) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<Exit, CommandError> {
    let reader = global.reader()?;
    let (attributes, indexed) = (reader.catalogue()?, reader.indexed()?);
    drop(reader);
    let field = find_field(&args.attribute, &attributes);
    let wait = Duration::from_secs(args.wait);
    if args.drop {
        // The catalogue may no longer have the attribute.
        let name = field.as_ref().map_or(args.attribute.as_str(), Field::name);
        let writer = global.writer(wait)?;
        if !writer.drop_index(name)? {
            let known: Vec<String> = indexed.into_iter().collect();
            let label = "the indexed attributes are";
            return Err(CommandError::unknown_name("index on", name, &known, label));
        }
        writer.commit(None)?;
        output.mark_done();
        output.summary(&format!("Dropped the index on {}.\n", escaped(name)))?;
        return Ok(Exit::Done);
    }
    let field = field?;
    check_indexable(&field, args, &attributes)?;
    let writer = global.writer(wait)?;
    let is_new = writer.create_index(&field)?;
    writer.commit(None)?;
    output.mark_done();
    let has = if is_new { "has" } else { "already has" };
    output.summary(&format!("{} {has} an index.\n", escaped(field.name())))?;
    Ok(Exit::Done)
}

fn check_indexable(
    field: &Field,
    args: &Args,
    attributes: &BTreeMap<String, ValueType>,
) -> Result<(), CommandError> {
    match field {
        Field::Standard(Standard::Uid) => {
            Err(CommandError::usage("uid always has an index").hint("nothing to do"))
        }
        Field::Archived | Field::HasDevice => {
            let command = |name: &str| format!("engage index {}", shell_word(name));
            Err(not_custom_error(field, attributes, command).hint(INDEXABLE))
        }
        Field::Standard(Standard::DeviceToken | Standard::DevicePlatform) => {
            let name = quoted(&args.attribute, 40);
            Err(CommandError::usage(format!("{name} cannot be indexed")).hint(INDEXABLE))
        }
        _ => Ok(()),
    }
}
