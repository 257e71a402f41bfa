//! `engage attributes`.

use super::segment::{named, not_custom};
use crate::cli::Failure;
use crate::cli::Output;
use crate::cli::RowArgs;
use crate::cli::declared_type;
use crate::cli::{Format, Global};
use crate::import::{ImportError, retype};
use crate::outcome::to_json;
use crate::report::terminal::retype_summary;
use crate::report::{attribute_columns, attribute_row, word};
use crate::segment::Field;
use crate::value::typed::TypeSpec;
use std::collections::BTreeMap;
use std::time::Duration;

/// The catalogue: every attribute, its type, how full it is, what its values look like
///
/// With --type, an attribute gets another type, and its values are converted where they fit, as an
/// import would read them: a line in the history, which engage undo takes back.
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

/// Runs the command; gives the exit code.
pub(crate) fn run(
    args: &Args,
    global: &Global,
    as_given: &[String],
    output: &mut Output,
) -> Result<u8, Failure> {
    let format = args.rows.format(global.format)?;
    let reader = global.reader()?;
    if !args.types.is_empty() {
        global.format.of_one_result("attributes --type")?;
        let catalogue = reader.catalogue()?;
        drop(reader);
        let mut types = BTreeMap::new();
        for (name, spec) in &args.types {
            let name = match named(name, &catalogue)? {
                Field::Custom(name, _) => name,
                Field::Standard(_) => {
                    return Err(Failure::from(&ImportError::StandardType(name.clone())));
                }
                field => {
                    return Err(not_custom(&field, &catalogue, |name| {
                        let example = word(&format!("{name}={}", spec.kind));
                        format!("engage attributes --type {example}")
                    }));
                }
            };
            if types.insert(name.clone(), spec.clone()).is_some() {
                return Err(Failure::usage(format!("{name} is given two types"))
                    .hint("name each attribute once in --type"));
            }
        }
        let wait = Duration::from_secs(args.wait);
        let interrupt = global.interrupt()?;
        let retyped = retype(&global.store, &types, wait, &interrupt, as_given)?;
        output.mark_done();
        match global.format {
            Format::Human => output.summary(&retype_summary(&retyped.outcome))?,
            _ => output.result(&format!("{}\n", to_json(&retyped)))?,
        }
        return Ok(0);
    }
    let (profiles, customers) = reader.profiles()?;
    output.rows(format, attribute_columns(format), |rows| {
        for profile in &profiles {
            rows.push(&attribute_row(profile, customers, format))?;
        }
        Ok(())
    })?;
    Ok(0)
}
