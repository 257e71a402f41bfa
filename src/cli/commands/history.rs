//! `engage history`.

use crate::cli::Failure;
use crate::cli::Output;
use crate::cli::RowArgs;
use crate::cli::{Format, Global};
use crate::cli::{page_path, write_page};
use crate::outcome::{CommandReport, Status, to_json};
use crate::report::html::history_entry_page;
use crate::report::terminal::prune_summary;
use crate::report::{
    RowFormat, history_columns, history_lines, history_page, history_record, history_row,
};
use crate::store::sqlite::history::days_ago;
use crate::store::sqlite::maintenance::Retention;
use std::path::PathBuf;
use std::time::Duration;

/// What was done to the store so far, and by whom
///
/// Every import that was done, stopped or failed is a line, the newest first; dry runs leave none,
/// nor do files that were refused before the store was opened. With a number it is that line alone,
/// with all that its report says.
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
    /// The number of one import: everything about it
    id: Option<i64>,
    /// Of one import, a page to look at
    #[arg(long, value_name = "FILE.html", value_parser = page_path, requires = "id")]
    report: Option<PathBuf>,
    /// Only the newest N lines
    #[arg(long, value_name = "N", conflicts_with = "id")]
    limit: Option<u64>,
    /// Drop what is kept of old imports: they cannot be taken back then, and their changes not told
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

/// Runs the command; gives the exit code.
pub(crate) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<u8, Failure> {
    let format = args.rows.format(global.format)?;
    if args.prune {
        return prune(args, global, output);
    }
    if let Some(id) = args.id {
        global.format.of_one_result("history ID")?;
        let reader = global.reader()?;
        let entry = reader.history_entry(id)?;
        if let Some(path) = &args.report {
            let page = history_entry_page(&entry, Some(&reader.profiles()?));
            write_page(path, global, &page, output)?;
        }
        match global.format {
            // Who asks for a page and for quiet has what they came for.
            Format::Human if global.quiet && args.report.is_some() => {}
            Format::Human => output.result(&history_page(&entry, output.screen()))?,
            _ => output.result(&format!("{}\n", history_record(&entry)))?,
        }
        return Ok(0);
    }
    let reader = global.reader()?;
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

fn prune(args: &Args, global: &Global, output: &mut Output) -> Result<u8, Failure> {
    global.format.of_one_result("history --prune")?;
    let retention = match (args.keep, args.older_than) {
        (Some(count), _) => Retention::Newest(count),
        (None, days) => Retention::Since(days_ago(days.unwrap_or_default())),
    };
    let writer = global.writer(Duration::from_secs(args.wait))?;
    let pruned = writer.prune(&retention)?;
    writer.commit(None)?;
    output.mark_done();
    if global.format == Format::Human {
        output.summary(&format!("{}\n", prune_summary(pruned)))?;
    } else {
        let report = CommandReport::new("history", Status::Pruned, 0, pruned);
        output.result(&format!("{}\n", to_json(&report)))?;
    }
    Ok(0)
}
