//! `engage segments`.

use crate::cli::{CommandError, Global, Output, RowArgs, count_saved_segments};
use crate::exit::Exit;
use crate::report::Cell;
use crate::store::sqlite::query::SavedSegment;
use crate::text::escaped;
use std::time::Duration;

/// List the saved segments with their customers counted
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

pub(crate) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<Exit, CommandError> {
    let format = args.rows.format(global.format)?;
    let reader = global.reader()?;
    if let Some(name) = &args.delete {
        let saved = reader.saved_segments()?;
        // An open reader would delay the purge of forgotten customers.
        drop(reader);
        return delete(name.trim_start_matches('@'), &saved, args.wait, global, output);
    }
    let segments = count_saved_segments(&reader, &reader.catalogue()?, output)?;
    let columns = ["name", "customers", "expression", "saved_at"];
    output.rows(format, &columns, |rows| {
        for (segment, count) in &segments {
            rows.push(&[
                Cell::text(segment.name.as_str()),
                count.map_or(Cell::Missing, Cell::Count),
                Cell::text(segment.expression.as_str()),
                Cell::text(segment.created_at.as_str()),
            ])?;
        }
        Ok(())
    })?;
    if segments.is_empty() && !global.quiet {
        output.hint("no segment is saved yet: engage segment EXPR --save NAME saves one");
    }
    Ok(Exit::Done)
}

fn delete(
    name: &str,
    saved: &[SavedSegment],
    wait: u64,
    global: &Global,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let writer = global.writer(Duration::from_secs(wait))?;
    if !writer.delete_segment(name)? {
        let known: Vec<String> = saved.iter().map(|saved| saved.name.clone()).collect();
        let label = "the saved segments are";
        return Err(CommandError::unknown_name("saved segment", name, &known, label));
    }
    writer.commit(None)?;
    output.mark_done();
    output.summary(&format!("Deleted @{}; no customer changed.\n", escaped(name)))?;
    Ok(Exit::Done)
}
