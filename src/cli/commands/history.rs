//! `engage history`.

use super::prune::{days, prune};
use crate::cli::{CommandError, Format, Global, Output, RowArgs, page_path, write_page};
use crate::exit::Exit;
use crate::report::html::history_entry_page;
use crate::report::json::history_json;
use crate::report::terminal::{history_lines, history_page};
use crate::report::{RowFormat, history_columns, history_row};
use crate::store::Reader;
use std::path::{Path, PathBuf};

/// List the imports and other changes to the store
///
/// Each line is an import that completed, was stopped or failed, or another change; the newest is
/// first. Dry runs, and files that were refused for their format or columns, are not listed. With
/// a number, only that import is shown, with its full report.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  engage history
  engage history -v --limit 1
  engage history 212
  engage history 212 --report import-212.html
  engage history --format csv > history.csv")]
pub(crate) struct Args {
    /// The number of an import to show in full
    id: Option<i64>,
    /// Write an HTML report about one import
    #[arg(long, value_name = "FILE.html", value_parser = page_path, requires = "id")]
    report: Option<PathBuf>,
    /// Only the newest N lines
    #[arg(long, value_name = "N", conflicts_with = "id")]
    limit: Option<u64>,
    #[command(flatten)]
    rows: RowArgs,
    // Earlier versions had `history --prune` instead of `prune`.
    #[arg(long, hide = true, requires = "kept", conflicts_with_all = ["id", "limit", "report"])]
    prune: bool,
    #[arg(long, hide = true, value_name = "N", requires = "prune", group = "kept")]
    keep: Option<u64>,
    #[arg(long, hide = true, value_name = "DAYS", requires = "prune", group = "kept", value_parser = days)]
    older_than: Option<i64>,
    #[arg(long, hide = true, value_name = "SECONDS", default_value_t = 10, requires = "prune")]
    wait: u64,
}

pub(crate) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<Exit, CommandError> {
    let format = args.rows.format(global.format)?;
    if args.prune {
        return prune(args.keep, args.older_than, args.wait, global, output);
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
        // The HTML page is the result.
        Format::Human if global.quiet && page.is_some() => {}
        Format::Human => output.result(&history_page(&entry, output.screen()))?,
        _ => output.result(&format!("{}\n", history_json(&entry)))?,
    }
    Ok(Exit::Done)
}
