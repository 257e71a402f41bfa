//! `engage undo`.

use crate::cli::{CommandError, Global, Output};
use crate::exit::Exit;
use crate::outcome::{CommandReport, Report, Status, UndoOutcome};
use crate::report::terminal::{next_undo_line, undo_summary, undo_words};
use crate::store::{HistoryKind, HistoryLine, now};
use crate::text::capitalized;
use std::time::Duration;

/// Undo the last import that changed something
///
/// Restores customers, devices, archive marks and the catalogue as they were before the import.
/// Later imports that changed nothing are undone with it. Run it again to undo the import before.
/// To redo an import, import its file again.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  engage undo --dry-run
  engage undo
  engage undo 212")]
pub(crate) struct Args {
    /// The import to undo, as a safeguard: fails if a later import changed something
    id: Option<i64>,
    /// Show what would happen without changing anything
    #[arg(long)]
    dry_run: bool,
    /// How long to wait for an import into the same store
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    wait: u64,
}

pub(crate) fn run(
    args: &Args,
    global: &Global,
    as_given: &[String],
    output: &mut Output,
) -> Result<Exit, CommandError> {
    global.format.require_single_result("undo")?;
    let report = if args.dry_run {
        undo_report(Status::DryRun, global.reader()?.undoable(args.id)?)
    } else {
        let report = undo(args, global, as_given)?;
        output.mark_done();
        report
    };
    output.report(&report, |screen| {
        let undone = undo_words(report.outcome.kind, report.outcome.import);
        let undone = capitalized(&undone);
        let unchanged = match report.outcome.unchanged.as_slice() {
            [] => String::new(),
            [one] => format!(", with {one} after it, which changed nothing"),
            [newest, .., oldest] => {
                format!(", with {oldest} to {newest} after it, which changed nothing")
            }
        };
        let done = if args.dry_run {
            format!("{undone} would be undone{unchanged}. Dry run: nothing was written.")
        } else {
            screen.palette().done(&format!("{undone} undone{unchanged}."))
        };
        let next = next_undo_line(&report.outcome, args.dry_run);
        format!("  {}\n{done}\n{next}\n", undo_summary(&report.outcome))
    })?;
    Ok(Exit::Done)
}

/// Undoes the newest import and commits.
fn undo(
    args: &Args,
    global: &Global,
    as_given: &[String],
) -> Result<CommandReport<UndoOutcome>, CommandError> {
    let started_at = now();
    let writer = global.writer(Duration::from_secs(args.wait))?;
    let report = undo_report(Status::Undone, writer.undo(args.id)?);
    let stored = Report::Undo(report.clone());
    let line = HistoryLine::done(HistoryKind::Undo, report.status, &started_at, as_given, stored);
    writer.commit(Some(&line))?;
    Ok(report)
}

fn undo_report(status: Status, undone: UndoOutcome) -> CommandReport<UndoOutcome> {
    CommandReport::new("undo", status, Exit::Done, undone)
}
