//! `engage check`.

use crate::cli::{CommandError, Format, Global, Output};
use crate::exit::Exit;
use crate::outcome::{CheckOutcome, CommandReport, Finding, Status};
use crate::report::terminal::check_summary;
use crate::store::{StoreError, open_for_reading, repair};
use std::time::Duration;

/// Check the store for damage
///
/// Runs SQLite's integrity check, then checks engage's own rules: device ranks, attributes
/// that are valid JSON, a correct catalogue, readable before-images. Use --repair after
/// another tool has written to the store: it drops all fingerprints, so that the next
/// import validates every record again, and rebuilds the indexes, the view and the catalogue.
/// Customers do not change.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  engage check
  engage check --repair

Exit codes: 0 no damage found, 1 the store is damaged.")]
pub(crate) struct Args {
    /// Drop all fingerprints, and rebuild indexes, the view and the catalogue
    #[arg(long)]
    repair: bool,
    /// How long to wait for an import before repairing
    #[arg(long, value_name = "SECONDS", default_value_t = 10, requires = "repair")]
    wait: u64,
}

pub(crate) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<Exit, CommandError> {
    global.format.require_single_result("check")?;
    if args.repair {
        let interrupt = global.interrupt()?;
        let writer = global.begin_writing(Duration::from_secs(args.wait), &interrupt);
        writer.and_then(repair).map_err(unreadable)?;
        output.mark_done();
    }
    let reader = open_for_reading(&global.store).map_err(unreadable)?;
    let findings = reader.check().map_err(unreadable)?;
    let is_sound = findings.is_empty();
    let (status, exit) =
        if is_sound { (Status::Sound, Exit::Done) } else { (Status::Unsound, Exit::Failed) };
    let text = check_summary(&global.store, &findings, output.screen());
    let error = (!is_sound).then(|| unsound_error(args, global, &findings));
    if global.format == Format::Human && !is_sound {
        // --quiet suppresses output on success only.
        output.result(&text)?;
    } else {
        let found = CheckOutcome { sound: is_sound, findings };
        output.report(&CommandReport::new("check", status, exit, found), |_| text)?;
    }
    match error {
        Some(error) => Err(error),
        None => Ok(exit),
    }
}

/// The error if the store cannot be checked or repaired. If damage prevents it, the hint is to
/// restore a backup.
fn unreadable(error: StoreError) -> CommandError {
    let is_damaged = matches!(error, StoreError::Damaged { .. } | StoreError::NotSqlite(_));
    let error = CommandError::from(error);
    if !is_damaged {
        return error;
    }
    CommandError { hints: Vec::new(), ..error }
        .hint("engage restore BACKUP replaces it with a backup and keeps the damaged store")
}

fn unsound_error(args: &Args, global: &Global, findings: &[Finding]) -> CommandError {
    let mut error = CommandError::failed(format!("{} is damaged", global.store.display()));
    if !args.repair && findings.iter().any(|finding| finding.repairable) {
        error = error.hint("engage check --repair rebuilds indexes, the view and the catalogue");
    }
    error.hint(
        "engage restore BACKUP replaces it with a backup; find out what else writes to the file",
    )
}
