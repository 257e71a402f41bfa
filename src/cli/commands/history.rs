//! `engage history`.

use crate::cli::{CommandError, Format, Global, Output, RowArgs, page_path, write_page};
use crate::exit::Exit;
use crate::outcome::{CommandReport, Status};
use crate::report::html::history_entry_page;
use crate::report::json::history_json;
use crate::report::terminal::{history_lines, history_page, prune_summary};
use crate::report::{RowFormat, history_columns, history_row};
use crate::store::days_ago;
use crate::store::sqlite::Reader;
use crate::store::sqlite::maintenance::Retention;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// List the imports and other changes to the store
///
/// Every import that was done, stopped or failed is a line, the newest first. Dry runs and files that
/// were refused before the store was opened are not listed. With a number, only that line is shown,
/// with its whole report.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  engage history
  engage history -v --limit 1
  engage history 212
  engage history 212 --report import-212.html
  engage history --prune --older-than 90d
  engage history --format csv > history.csv")]
pub(crate) struct Args {
    /// The number of one import to show in full
    id: Option<i64>,
    /// Write a page about one import
    #[arg(long, value_name = "FILE.html", value_parser = page_path, requires = "id")]
    report: Option<PathBuf>,
    /// Only the newest N lines
    #[arg(long, value_name = "N", conflicts_with = "id")]
    limit: Option<u64>,
    /// Drop the before-images of old imports: these can then not be undone, nor their changes shown
    #[arg(long, requires = "kept", conflicts_with_all = ["id", "limit", "report"])]
    prune: bool,
    /// With --prune: the newest N imports keep it
    #[arg(long, value_name = "N", requires = "prune", group = "kept")]
    keep: Option<u64>,
    /// With --prune: imports of that many days keep it
    #[arg(long, value_name = "DAYS", requires = "prune", group = "kept", value_parser = days)]
    older_than: Option<i64>,
    #[command(flatten)]
    rows: RowArgs,
    /// How long to wait for an import into the same store
    #[arg(long, value_name = "SECONDS", default_value_t = 10, requires = "prune")]
    wait: u64,
}

fn days(text: &str) -> Result<i64, String> {
    let days = text.strip_suffix('d').unwrap_or(text).parse::<u32>();
    days.map(i64::from).map_err(|_| "a number of days, such as 90d".to_owned())
}

pub(crate) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<Exit, CommandError> {
    let format = args.rows.format(global.format)?;
    if args.prune {
        return prune(args, global, output);
    }
    let reader = global.reader()?;
    if let Some(id) = args.id {
        return show_entry(id, args.report.as_deref(), &reader, global, output);
    }
    if format == RowFormat::Table && global.verbose {
        let screen = output.screen();
        reader.history(args.limit, |entry| output.result(&history_lines(entry, screen)))?;
        return Ok(Exit::Done);
    }
    output.rows(format, history_columns(format), |rows| {
        reader.history(args.limit, |entry| Ok(rows.push(&history_row(entry, format))?))
    })?;
    Ok(Exit::Done)
}

fn show_entry(
    id: i64,
    page: Option<&Path>,
    reader: &Reader,
    global: &Global,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    global.format.require_single_result("history ID")?;
    let entry = reader.history_entry(id)?;
    if let Some(path) = page {
        write_page(path, global, &history_entry_page(&entry, Some(&reader.profiles()?)), output)?;
    }
    match global.format {
        // The page is the result.
        Format::Human if global.quiet && page.is_some() => {}
        Format::Human => output.result(&history_page(&entry, output.screen()))?,
        _ => output.result(&format!("{}\n", history_json(&entry)))?,
    }
    Ok(Exit::Done)
}

fn prune(args: &Args, global: &Global, output: &mut Output) -> Result<Exit, CommandError> {
    global.format.require_single_result("history --prune")?;
    let retention = match (args.keep, args.older_than) {
        (Some(count), _) => Retention::Newest(count),
        (None, days) => Retention::Since(days_ago(days.unwrap_or_default())),
    };
    let writer = global.writer(Duration::from_secs(args.wait))?;
    let pruned = writer.prune(&retention)?;
    writer.commit(None)?;
    output.mark_done();
    let report = CommandReport::new("history", Status::Pruned, Exit::Done, pruned);
    output.report(&report, |_| format!("{}\n", prune_summary(pruned)))?;
    Ok(Exit::Done)
}
