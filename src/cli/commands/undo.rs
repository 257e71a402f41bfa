//! `engage undo`.

use crate::cli::Failure;
use crate::cli::Output;
use crate::cli::{Format, Global};
use crate::outcome::{CommandReport, Report, Status, to_json};
use crate::report::terminal::undo_summary;
use crate::store::sqlite::history::{HistoryKind, HistoryLine, now};
use std::time::Duration;

/// Take the newest import back
///
/// Customers, devices, archive marks and the catalogue are as they were before it. Then the one
/// before it is the newest. Importing the file again does all of its work again.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  engage undo --dry-run
  engage undo
  engage undo 212")]
pub(crate) struct Args {
    /// The import's number, to be sure: it must be the newest
    id: Option<i64>,
    /// Say what would happen, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// How long to wait for an import into the same store
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    wait: u64,
}

/// Runs the command; gives the exit code.
pub(crate) fn run(
    args: &Args,
    global: &Global,
    as_given: &[String],
    output: &mut Output,
) -> Result<u8, Failure> {
    global.format.of_one_result("undo")?;
    let started_at = now();
    let undone = if args.dry_run {
        global.reader()?.undoable(args.id)?
    } else {
        let writer = global.writer(Duration::from_secs(args.wait))?;
        let undone = writer.undo(args.id)?;
        let status = Status::Undone;
        let report = Report::Undo(CommandReport::new("undo", status, 0, undone.clone()));
        let kind = HistoryKind::Undo;
        let line = HistoryLine::done(kind, status, &started_at, as_given, report);
        writer.commit(Some(&line))?;
        output.mark_done();
        undone
    };
    if global.format == Format::Json {
        let status = if args.dry_run { Status::DryRun } else { Status::Undone };
        let report = CommandReport::new("undo", status, 0, undone);
        output.result(&format!("{}\n", to_json(&report)))?;
        return Ok(0);
    }
    let (id, palette) = (undone.import, output.screen().palette());
    let done = match args.dry_run {
        true => format!("Import {id} would be taken back. Nothing was written: dry run."),
        false => palette.done(&format!("Import {id} is taken back.")),
    };
    output.summary(&format!("  {}\n{done}\n", undo_summary(&undone)))?;
    Ok(0)
}
