//! `engage segments`.

use crate::cli::{
    CommandError, Format, Global, Output, RowArgs, count_saved_segments, hint_unmatched_values,
    parse_segment,
};
use crate::exit::Exit;
use crate::report::terminal::member_count;
use crate::report::{Cell, RowFormat, to_the_minute};
use crate::store::{SavedSegment, now};
use crate::text::escaped;
use serde_json::json;
use std::time::Duration;

/// List saved segments with their sizes, save them, delete them
///
/// A saved segment is an expression, not a list of customers: engage segment @NAME shows those that match
/// now, and other expressions can use it as @NAME.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_help = "\
Examples:
  engage segments
  engage segments save lapsed \"last_login < now() - 30 days\"
  engage segment \"@lapsed and vip\"
  engage segments delete lapsed
  engage segments --format json")]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    rows: RowArgs,
    // The spelling of earlier versions.
    #[arg(long, value_name = "NAME", hide = true)]
    delete: Option<String>,
    #[arg(long, value_name = "SECONDS", default_value_t = 10, hide = true)]
    wait: u64,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Save an expression under a name
    Save {
        /// The name: letters, digits, _ and -
        name: String,
        /// The expression, as engage segment takes it
        #[arg(value_name = "EXPR")]
        expression: String,
        /// How long to wait for an import into the same store
        #[arg(long, value_name = "SECONDS", default_value_t = 10)]
        wait: u64,
    },
    /// Delete a saved segment; no customer changes
    Delete {
        /// The name
        name: String,
        /// How long to wait for an import into the same store
        #[arg(long, value_name = "SECONDS", default_value_t = 10)]
        wait: u64,
    },
}

pub(crate) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<Exit, CommandError> {
    match (&args.action, &args.delete) {
        (Some(Action::Save { name, expression, wait }), _) => {
            save(name, expression, *wait, global, output)
        }
        (Some(Action::Delete { name, wait }), _) => delete(name, *wait, global, output),
        (None, Some(name)) => delete(name, args.wait, global, output),
        (None, None) => list(args, global, output),
    }
}

fn list(args: &Args, global: &Global, output: &mut Output) -> Result<Exit, CommandError> {
    let format = args.rows.format(global.format)?;
    let reader = global.reader()?;
    let segments = count_saved_segments(&reader, &reader.catalogue()?, output)?;
    let columns = ["name", "customers", "expression", "saved_at"];
    output.rows(format, &columns, |rows| {
        for (segment, count) in &segments {
            rows.push(&[
                Cell::text(segment.name.as_str()),
                count.map_or(Cell::Missing, Cell::Count),
                Cell::text(segment.expression.as_str()),
                match format {
                    RowFormat::Table => Cell::number(to_the_minute(&segment.created_at)),
                    _ => Cell::text(segment.created_at.as_str()),
                },
            ])?;
        }
        Ok(())
    })?;
    if segments.is_empty() && !global.quiet {
        output.hint("no saved segments yet: engage segments save NAME EXPRESSION saves one");
    }
    Ok(Exit::Done)
}

/// Saves an expression under a name. Waits up to `wait` seconds for an import.
pub(crate) fn save(
    name: &str,
    expression: &str,
    wait: u64,
    global: &Global,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    global.format.require_single_result("segments save")?;
    let name = name.trim_start_matches('@');
    let reader = global.reader()?;
    let segment = parse_segment(&reader, expression, Some(name), &reader.catalogue()?)?;
    let count = reader.count(&segment)?;
    if global.format == Format::Human {
        hint_unmatched_values(&reader, &segment, count == 0, output)?;
    }
    // An open reader would delay the purge of forgotten customers.
    drop(reader);
    let writer = global.writer(Duration::from_secs(wait))?;
    writer.save_segment(&SavedSegment {
        name: name.to_owned(),
        expression: expression.trim().to_owned(),
        created_at: now(),
    })?;
    writer.commit(None)?;
    output.mark_done();
    output.report(&json!({ "saved": name, "count": count }), |_| {
        format!("Saved as @{name}: {}\n", member_count(count, count))
    })?;
    Ok(Exit::Done)
}

fn delete(
    name: &str,
    wait: u64,
    global: &Global,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let name = name.trim_start_matches('@');
    let saved = global.reader()?.saved_segments()?;
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
