//! `engage segments`.

use super::segment::checked;
use crate::cli::Failure;
use crate::cli::Global;
use crate::cli::Output;
use crate::cli::RowArgs;
use crate::input::escaped;
use crate::report::Cell;
use crate::store::sqlite::query::SavedSegment;
use std::time::Duration;

/// The saved segments, with their customers counted
///
/// engage segment EXPR --save NAME saves one; engage segment @NAME shows its customers.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  engage segments
  engage segments --format json
  engage segments --delete lapsed")]
pub(crate) struct Args {
    /// Delete a saved segment
    #[arg(long, value_name = "NAME")]
    delete: Option<String>,
    #[command(flatten)]
    rows: RowArgs,
    /// With --delete, how long to wait for an import into the same store
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    wait: u64,
}

/// Runs the command; gives the exit code.
pub(crate) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<u8, Failure> {
    let format = args.rows.format(global.format)?;
    let reader = global.reader()?;
    let attributes = reader.catalogue()?;
    let saved = reader.saved_segments()?;
    if let Some(name) = &args.delete {
        // Who reads would keep bytes of somebody forgotten from being erased.
        drop(reader);
        let name = name.trim_start_matches('@');
        return delete(name, &saved, args.wait, global, output);
    }
    let mut broken = Vec::new();
    let columns = ["name", "customers", "expression", "saved_at"];
    output.rows(format, &columns, |rows| {
        for saved in &saved {
            let count = match checked(&reader, &saved.expression, Some(&saved.name), &attributes) {
                Ok(segment) => Cell::Count(reader.count(&segment)?),
                Err(failure) => {
                    broken.push((saved.name.as_str(), failure.message));
                    Cell::Missing
                }
            };
            rows.push(&[
                Cell::text(saved.name.as_str()),
                count,
                Cell::text(saved.expression.as_str()),
                Cell::text(saved.created_at.as_str()),
            ])?;
        }
        Ok(())
    })?;
    for (name, message) in broken {
        output.warning(&format!("@{} cannot be counted: {message}", escaped(name)));
    }
    if saved.is_empty() && !global.quiet {
        output.hint("no segment is saved yet: engage segment EXPR --save NAME saves one");
    }
    Ok(0)
}

fn delete(
    name: &str,
    saved: &[SavedSegment],
    wait: u64,
    global: &Global,
    output: &mut Output,
) -> Result<u8, Failure> {
    let writer = global.writer(Duration::from_secs(wait))?;
    if !writer.delete_segment(name)? {
        let known: Vec<String> = saved.iter().map(|saved| saved.name.clone()).collect();
        return Err(Failure::unknown("no saved segment", name, &known, "the saved segments are"));
    }
    writer.commit(None)?;
    output.mark_done();
    output.summary(&format!("@{} is deleted; no customer is changed.\n", escaped(name)))?;
    Ok(0)
}
