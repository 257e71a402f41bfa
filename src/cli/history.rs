//! `engage history`.

use super::failure::Failure;
use super::output::Output;
use super::{Format, Global};
use crate::report::{
    RowFormat, history_columns, history_lines, history_page, history_record, history_row,
};

/// What was done to the store so far, and by whom
///
/// Every import that was done or stopped is a line, the newest first; dry runs leave none. With a
/// number it is that line alone, with all that its report says.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  engage history
  engage history -v --limit 1
  engage history 212
  engage history --format csv > history.csv")]
pub(super) struct Args {
    /// The number of one import: everything about it
    id: Option<i64>,
    /// Only the newest N lines
    #[arg(long, value_name = "N", conflicts_with = "id")]
    limit: Option<u64>,
}

/// Runs the command; gives the exit code.
pub(super) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<u8, Failure> {
    if let Some(id) = args.id {
        global.format.of_one_result("history ID")?;
        let entry = global.reader()?.history_entry(id)?;
        match global.format {
            Format::Human => output.result(&history_page(&entry, output.screen()))?,
            _ => output.result(&format!("{}\n", history_record(&entry)))?,
        }
        return Ok(0);
    }
    let reader = global.reader()?;
    let format = global.format.rows();
    if format == RowFormat::Table && global.verbose {
        let screen = output.screen();
        reader.history(args.limit, |entry| output.result(&history_lines(entry, screen)))?;
        return Ok(0);
    }
    output.rows(format, history_columns(format), |rows| {
        reader.history(args.limit, |entry| Ok(rows.push(&history_row(entry, format))?))
    })?;
    Ok(0)
}
