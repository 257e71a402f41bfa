//! `engage forget`.

use crate::cli::Failure;
use crate::cli::Output;
use crate::cli::{Exit, Format, Global};
use crate::input::read_small_file;
use crate::outcome::{CommandReport, ForgetOutcome, Report, Status, to_json};
use crate::report::terminal::forget_summary;
use crate::report::{counted, quoted};
use crate::store::sqlite::Purge;
use crate::store::sqlite::history::{HistoryKind, HistoryLine, now};
use anyhow::Context as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The longest list of uids.
const MOST_MIB: u64 = 64;

/// Erase customers and every trace of them
///
/// They go from the store and from what its history keeps, and their bytes from the file and its
/// log. There is no way back: `engage undo` brings nobody forgotten back.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  engage forget u-17
  engage forget u-17 u-18 --wait 60
  engage forget --from erase.txt      # a uid a line

Exit code 3: forgotten, but somebody reads the store, so that bytes are still in the
file; the next change to the store, or the same command, erases them.")]
pub(crate) struct Args {
    /// The customers' uids
    #[arg(required_unless_present = "from")]
    uids: Vec<String>,
    /// A file with a uid a line
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// How long to wait for imports and readers of the same store
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    wait: u64,
}

/// Runs the command; gives the exit code.
pub(crate) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<u8, Failure> {
    global.format.of_one_result("forget")?;
    let started_at = now();
    let mut uids = args.uids.clone();
    if let Some(path) = &args.from {
        uids.extend(read_uids(path)?);
    }
    let wait = Duration::from_secs(args.wait);
    let writer = global.writer(wait)?;
    let mut forgotten = writer.forget(&uids)?;
    let pending = writer.reader().is_purge_pending()?;
    if forgotten.customers.deleted == 0 && !pending {
        let message = match uids.as_slice() {
            [] => "no uid was given".to_owned(),
            [uid] => format!("no customer {} in {}", quoted(uid, 60), global.store.display()),
            _ => format!("none of these customers is in {}", global.store.display()),
        };
        return Err(
            Failure::failed(message).hint("nothing was changed; uids are as the file had them")
        );
    }
    // It names nobody, except to whoever asked.
    let stored = ForgetOutcome { unknown: None, ..forgotten.clone() };
    // The command line has the uids, so only the command's name is kept.
    let options = ["forget".to_owned()];
    let report_kept = Report::Forget(report(0, stored));
    let (kind, status) = (HistoryKind::Forget, Status::Forgotten);
    let line = HistoryLine::done(kind, status, &started_at, &options, report_kept);
    let line = Some(&line).filter(|_| forgotten.customers.deleted > 0);
    let purge = writer.commit_and_wait(line, wait)?;
    output.mark_done();
    forgotten.erased = matches!(purge, Purge::Complete);
    for uid in forgotten.unknown.iter().flatten() {
        output.warning(&format!("no customer {}", quoted(uid, 60)));
    }
    for segment in &forgotten.segments {
        let name = quoted(segment, 60);
        output.warning(&format!("the saved segment {name} names somebody who is forgotten"));
    }
    if global.format == Format::Json {
        let exit_code = if forgotten.erased { 0 } else { Exit::Unfinished as u8 };
        output.result(&format!("{}\n", to_json(&report(exit_code, forgotten))))?;
    } else {
        let palette = output.screen().palette();
        let done = palette
            .done(&format!("Forgotten: {}", counted(forgotten.customers.deleted, "customer")));
        output.summary(&format!("  {}\n{done}.\n", forget_summary(&forgotten)))?;
    }
    let reason = match purge {
        Purge::Complete => return Ok(0),
        Purge::Blocked => format!("somebody uses {}", global.store.display()),
        Purge::Failed(error) => error.to_string(),
    };
    let message = format!("{reason}: bytes of who is forgotten are still in the file");
    Err(Failure::unfinished(message).hint(
        "the next change to the store erases them, and so does the same command with --wait 60",
    ))
}

fn report(exit_code: u8, forgotten: ForgetOutcome) -> CommandReport<ForgetOutcome> {
    CommandReport::new("forget", Status::Forgotten, exit_code, forgotten)
}

fn read_uids(path: &Path) -> Result<Vec<String>, Failure> {
    let text = read_small_file(path, MOST_MIB)
        .with_context(|| format!("{} cannot be read", path.display()))
        .map_err(|error| Failure::from(error).hint("it is to be a text file with a uid a line"))?;
    let text = text.trim_start_matches('\u{feff}');
    Ok(text.lines().map(str::trim).filter(|uid| !uid.is_empty()).map(str::to_owned).collect())
}
