//! `engage status`.

use crate::cli::{CommandError, Global, Output};
use crate::exit::Exit;
use crate::import::output::pending_rejects;
use crate::outcome::{CommandReport, LastImport, Status, StatusOutcome};
use crate::report::terminal::status_summary;
use crate::store::HistoryEntry;

/// Show a summary of the store in five lines
///
/// Shows the number of customers, the last import, rejects that are still to be fixed, and whether a check
/// finds damage. The check reads the whole store.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  engage status
  engage status --format json

Exit codes: 0 done, 1 the store is missing or damaged.")]
pub(crate) struct Args {}

pub(crate) fn run(_: &Args, global: &Global, output: &mut Output) -> Result<Exit, CommandError> {
    global.format.require_single_result("status")?;
    let reader = global.reader()?;
    let last_import = reader.last_import()?.as_ref().map(import_of);
    let (customers, archived) = reader.customer_counts()?;
    let pending_rejects = pending_rejects(&reader)?;
    let findings = reader.check()?.len() as u64;
    let sound = findings == 0;
    let outcome = StatusOutcome {
        store: global.store.display().to_string(),
        customers,
        archived,
        last_import,
        pending_rejects,
        sound,
        findings,
    };
    let (status, exit) =
        if sound { (Status::Sound, Exit::Done) } else { (Status::Unsound, Exit::Failed) };
    let report = CommandReport::new("status", status, exit, outcome);
    output.report(&report, |screen| status_summary(&report.outcome, screen))?;
    Ok(exit)
}

fn import_of(entry: &HistoryEntry) -> LastImport {
    let report = entry.outcome();
    let done = |count: u64| if entry.is_done_import() { count } else { 0 };
    LastImport {
        id: entry.id,
        started_at: entry.started_at.clone(),
        status: entry.status.clone(),
        files: entry.files.clone(),
        inserted: done(report.customers.inserted),
        updated: done(report.customers.updated),
    }
}
