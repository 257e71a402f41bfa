//! The arguments of `engage push`.

use crate::cli::{ApiArgs, CommandError, Format, Global, Progress, find_segment, json_report_path};
use crate::push::{DEFAULT_MAX_REFUSED, DEFAULT_RATE, PushOptions};
use crate::settings::Bound;
use crate::value::Key;
use std::path::PathBuf;
use std::time::Duration;

/// Headings of options in `--help`.
const WHAT: &str = "What to send";
const HOW: &str = "How to send it";

/// The default number of connections: at the default rate, enough for a server that takes 400 ms.
const CONNECTIONS: usize = 8;

/// Send customers to Engage
///
/// Sends the customers that are new or changed since they were last delivered, over Engage's REST
/// API. If a push is killed or interrupted, the next one sends the rest. The public and the private
/// key are read from `ENGAGE_API_KEY` and `ENGAGE_API_SECRET` in the environment, or from the file
/// that --credentials names. This and `engage forget --remote` are the only commands that connect
/// to Engage.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  engage push --dry-run                   what it would send
  engage push
  engage push --segment subscribers
  engage push --batch --rate 5
  engage push --events orders.jsonl       a file written by engage events

Exit codes: 0 all delivered or queued, 1 failed, 2 wrong usage, 3 some were refused or
are still pending, 5 stopped by --max-refused.")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct Args {
    /// Only the customers of a saved segment, or of an expression
    #[arg(long, value_name = "NAME", help_heading = WHAT)]
    pub(super) segment: Option<String>,
    /// All customers with all values, even if they were delivered before
    #[arg(long, help_heading = WHAT)]
    pub(super) all: bool,
    /// Delete customers that are no longer in the store, instead of archiving them
    #[arg(long, help_heading = WHAT)]
    pub(super) deletes: bool,
    /// The events of a file written by engage events, and no customers
    #[arg(long, value_name = "FILE", help_heading = WHAT)]
    #[arg(conflicts_with_all = ["segment", "deletes", "batch", "uid_from"])]
    pub(super) events: Option<PathBuf>,
    /// Also customers or events that were refused before
    #[arg(long, help_heading = WHAT)]
    pub(super) retry_refused: bool,
    /// Use the store's key as the uid in Engage, if the store has no uids
    #[arg(long, value_name = "email|number", help_heading = WHAT)]
    pub(super) uid_from: Option<Key>,
    /// Send at most N customers or events
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), help_heading = WHAT)]
    pub(super) limit: Option<u64>,
    /// Show what would be sent, without opening a connection
    #[arg(long, help_heading = HOW)]
    pub(super) dry_run: bool,
    /// Send new and changed customers in batches, which Engage accepts before validating them
    #[arg(long, help_heading = HOW)]
    pub(super) batch: bool,
    /// Maximum requests per second; 0 for no limit
    #[arg(long, value_name = "N", default_value_t = DEFAULT_RATE, value_parser = rate, help_heading = HOW)]
    pub(super) rate: f64,
    /// Stop if more are refused [default: 20%, once 50 were tried]
    #[arg(long, value_name = "N|N%", help_heading = HOW)]
    pub(super) max_refused: Option<Bound>,
    /// How long to wait for another push to the same destination
    #[arg(long, value_name = "SECONDS", default_value_t = 10, help_heading = HOW)]
    pub(super) wait: u64,
    #[command(flatten)]
    pub(super) api: ApiArgs,
    /// Write a report as JSON
    #[arg(long, value_name = "FILE.json", value_parser = json_report_path)]
    pub(super) report: Option<PathBuf>,
    /// Show refused customers with the API's answers, which may quote personal data
    #[arg(hide_short_help = true, long)]
    pub(super) show_values: bool,
    /// How to show progress
    #[arg(long, value_enum, value_name = "auto|bar|plain|off", default_value = "auto")]
    #[arg(hide_possible_values = true, hide_short_help = true)]
    pub(super) progress: Progress,
    /// How many connections send
    #[arg(long, hide = true, env = "ENGAGE_CONNECTIONS", value_name = "N", default_value_t = CONNECTIONS)]
    pub(super) connections: usize,
    /// What waits and timeouts are multiplied by
    #[arg(long, hide = true, env = "ENGAGE_TIME_SCALE", value_name = "N", default_value_t = 1.0, value_parser = rate)]
    pub(super) time_scale: f64,
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        // With a slower rate, a push would practically never end.
        Ok(rate) if rate == 0.0 || (0.000_1..=1e9).contains(&rate) => Ok(rate),
        _ => Err("expected a number such as 20 or 0.5".to_owned()),
    }
}

impl Args {
    pub(super) fn options(&self, global: &Global) -> Result<PushOptions, CommandError> {
        let url = self.api.url()?;
        let (credentials, public_key) = if self.dry_run {
            (None, self.api.public_key()?)
        } else {
            let credentials = self.api.credentials()?;
            let public_key = credentials.public().to_owned();
            (Some(credentials), Some(public_key))
        };
        let segment = match &self.segment {
            Some(text) => {
                let reader = global.reader()?;
                Some(find_segment(&reader, text, &reader.catalogue()?)?)
            }
            None => None,
        };
        Ok(PushOptions {
            store: global.store.clone(),
            url,
            credentials,
            public_key,
            ca_file: self.api.ca_file.clone(),
            segment,
            all: self.all,
            deletes: self.deletes,
            batch: self.batch,
            limit: self.limit,
            rate: self.rate,
            max_refused: self.max_refused.unwrap_or(DEFAULT_MAX_REFUSED),
            retry_refused: self.retry_refused,
            uid_from: self.uid_from,
            wait: Duration::from_secs(self.wait),
            connections: self.connections,
            time_scale: self.time_scale,
        })
    }
}

/// Whether results are in the human format.
pub(super) fn is_human(global: &Global) -> bool {
    global.format == Format::Human
}
