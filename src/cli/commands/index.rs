//! `engage index`.

use super::segment::{named, not_custom};
use crate::cli::Failure;
use crate::cli::Global;
use crate::cli::Output;
use crate::input::escaped;
use crate::report::{quoted, word};
use crate::segment::Field;
use crate::value::Standard;
use std::time::Duration;

const INDEXABLE: &str = "an index is made of a custom attribute, a name, number, email, or a time of \
                         the store's own";

/// Make an index, so that an attribute finds its customers at once
///
/// Segments use it by themselves where it helps: engage segment EXPR --explain says so. It takes
/// room in the store, and each import keeps it up to date.
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

/// Runs the command; gives the exit code.
pub(crate) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<u8, Failure> {
    let reader = global.reader()?;
    let (attributes, indexed) = (reader.catalogue()?, reader.indexed()?);
    drop(reader);
    let name = &args.attribute;
    let field = named(name, &attributes);
    let wait = Duration::from_secs(args.wait);
    if args.drop {
        // It may be of an attribute that the catalogue no longer has.
        let name = field.as_ref().map_or(name.as_str(), Field::name);
        let writer = global.writer(wait)?;
        if !writer.drop_index(name)? {
            let known: Vec<String> = indexed.into_iter().collect();
            return Err(Failure::unknown("no index on", name, &known, "there are indexes on"));
        }
        writer.commit(None)?;
        output.mark_done();
        output.summary(&format!("The index on {} is dropped.\n", escaped(name)))?;
        return Ok(0);
    }
    let field = field?;
    match field {
        Field::Standard(Standard::Uid) => {
            return Err(Failure::usage("uid has an index in every store")
                .hint("there is nothing to do: it is fast as it is"));
        }
        Field::Archived | Field::HasDevice => {
            let command = |name: &str| format!("engage index {}", word(name));
            return Err(not_custom(&field, &attributes, command).hint(INDEXABLE));
        }
        Field::Standard(Standard::DeviceToken | Standard::DevicePlatform) => {
            return Err(
                Failure::usage(format!("{} takes no index", quoted(name, 40))).hint(INDEXABLE)
            );
        }
        _ => {}
    }
    let writer = global.writer(wait)?;
    let is_new = writer.create_index(&field)?;
    writer.commit(None)?;
    output.mark_done();
    let has = if is_new { "has" } else { "already has" };
    output.summary(&format!("{} {has} an index.\n", escaped(field.name())))?;
    Ok(0)
}
