//! `engage prune`.

use crate::cli::{CommandError, Global, Output};
use crate::exit::Exit;
use crate::outcome::{CommandReport, Status};
use crate::report::terminal::prune_summary;
use crate::store::{Retention, days_ago};
use std::time::Duration;

/// Delete the undo data of old imports
///
/// Deletes the before-images of old imports and frees their space. These imports can no longer be
/// undone, nor their changes shown. Customers and history entries are kept.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  engage prune --keep 30
  engage prune --older-than 90d")]
pub(crate) struct Args {
    #[command(flatten)]
    retention: RetentionArgs,
    /// How long to wait for an import into the same store
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    wait: u64,
}

/// Which imports keep their before-images.
#[derive(Debug, Clone, clap::Args)]
#[group(required = true, multiple = false)]
struct RetentionArgs {
    /// Keep the undo data of the newest N imports
    #[arg(long, value_name = "N")]
    keep: Option<u64>,
    /// Delete the undo data of imports that are more than DAYS days old
    #[arg(long, value_name = "DAYS", value_parser = days)]
    older_than: Option<i64>,
}

/// A number of days, such as `90d`.
pub(crate) fn days(text: &str) -> Result<i64, String> {
    let days = text.strip_suffix('d').unwrap_or(text).parse::<u32>();
    days.map(i64::from).map_err(|_| "expected a number of days, such as 90d".to_owned())
}

pub(crate) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<Exit, CommandError> {
    let RetentionArgs { keep, older_than } = args.retention;
    prune(keep, older_than, args.wait, global, output)
}

/// Deletes the before-images of all but the newest `keep` imports, or of imports that are more than
/// `older_than` days old.
pub(crate) fn prune(
    keep: Option<u64>,
    older_than: Option<i64>,
    wait: u64,
    global: &Global,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    global.format.require_single_result("prune")?;
    let retention = match (keep, older_than) {
        (Some(count), _) => Retention::Newest(count),
        (None, days) => Retention::Since(days_ago(days.unwrap_or_default())),
    };
    let writer = global.writer(Duration::from_secs(wait))?;
    let pruned = writer.prune(&retention)?;
    writer.commit(None)?;
    output.mark_done();
    let report = CommandReport::new("prune", Status::Pruned, Exit::Done, pruned);
    output.report(&report, |_| format!("{}\n", prune_summary(pruned)))?;
    Ok(Exit::Done)
}
