//! `engage attributes`.

use crate::cli::{
    CommandError, Global, Output, RowArgs, declared_type, find_field, not_custom_error,
};
use crate::exit::Exit;
use crate::import::{ImportError, retype};
use crate::report::terminal::retype_summary;
use crate::report::{attribute_columns, attribute_row, with_store};
use crate::segment::Field;
use crate::text::shell_word;
use crate::value::typed::{TypeSpec, ValueType};
use std::collections::BTreeMap;
use std::time::Duration;

/// The catalogue: every attribute, its type, how full it is, what its values look like
///
/// With --type, an attribute gets another type, and its values are converted where they fit, as an
/// import would read them. That is a line in the history, which engage undo reverts.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  engage attributes
  engage attributes --format json
  engage attributes --type zip=string
  engage attributes --type born=date:%d/%m/%Y")]
pub(crate) struct Args {
    /// Give an attribute another type: string, number[:,], boolean, date[:FORMAT], datetime[:FORMAT]
    #[arg(long = "type", value_name = "ATTRIBUTE=TYPE", value_parser = declared_type)]
    types: Vec<(String, TypeSpec)>,
    #[command(flatten)]
    rows: RowArgs,
    /// With --type, how long to wait for an import into the same store
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    wait: u64,
}

pub(crate) fn run(
    args: &Args,
    global: &Global,
    as_given: &[String],
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let format = args.rows.format(global.format)?;
    let reader = global.reader()?;
    if !args.types.is_empty() {
        global.format.require_single_result("attributes --type")?;
        let types = types_by_attribute(&args.types, &reader.catalogue()?)?;
        drop(reader);
        let (wait, interrupt) = (Duration::from_secs(args.wait), global.interrupt()?);
        let report = retype(&global.store, &types, wait, &interrupt, as_given)?;
        output.mark_done();
        output.report(&report, |_| with_store(&retype_summary(&report.outcome), &global.store))?;
        return Ok(Exit::Done);
    }
    let (profiles, customers) = reader.profiles()?;
    output.rows(format, attribute_columns(format), |rows| {
        for profile in &profiles {
            rows.push(&attribute_row(profile, customers, format))?;
        }
        Ok(())
    })?;
    Ok(Exit::Done)
}

/// The types by the custom attributes that they were given for.
fn types_by_attribute(
    given: &[(String, TypeSpec)],
    catalogue: &BTreeMap<String, ValueType>,
) -> Result<BTreeMap<String, TypeSpec>, CommandError> {
    let mut types = BTreeMap::new();
    for (name, spec) in given {
        let name = match find_field(name, catalogue)? {
            Field::Custom(name, _) => name,
            Field::Standard(_) => return Err(ImportError::StandardType(name.clone()).into()),
            field => {
                return Err(not_custom_error(&field, catalogue, |name| {
                    let example = shell_word(&format!("{name}={}", spec.kind));
                    format!("engage attributes --type {example}")
                }));
            }
        };
        if types.insert(name.clone(), spec.clone()).is_some() {
            return Err(CommandError::usage(format!("{name} is given two types"))
                .hint("name each attribute once in --type"));
        }
    }
    Ok(types)
}
