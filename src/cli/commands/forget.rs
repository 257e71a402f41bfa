//! `engage forget`.

#[cfg(feature = "push")]
mod remote;

use crate::cli::{CommandError, Global, Output};
use crate::exit::Exit;
use crate::input::read_small_file;
use crate::outcome::{CommandReport, ForgetOutcome, Report, Status, counted};
use crate::report::terminal::forget_summary;
use crate::store::{DeliveredTo, HistoryKind, HistoryLine, Purge, Writer, now, open_for_writing};
use crate::text::quoted;
use anyhow::Context as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The maximum size of a list of uids.
const MAX_MIB: u64 = 64;

/// Erase customers and every trace of them
///
/// Erases customers from the store and its history, and their bytes from the file and its log.
/// This cannot be undone: `engage undo` never restores a forgotten customer.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  engage forget u-17
  engage forget u-17 u-18 --wait 60
  engage forget --from erase.txt      # one uid per line
  engage forget u-17 --dry-run
  engage forget u-17 --block          # and no import adds them again
  engage forget u-99 --unblock
  engage forget u-17 --remote         # and delete them at Engage first

Exit code 3: forgotten, but another process is reading the store, so bytes are still in the
file; the next change to the store, or the same command, erases them.")]
pub(crate) struct Args {
    /// The customers' uids
    #[arg(required_unless_present = "from")]
    uids: Vec<String>,
    /// A file with one uid per line
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Show what would be erased without changing anything
    #[arg(long)]
    dry_run: bool,
    /// Keep a digest of each uid, so that later imports skip these customers
    #[arg(long)]
    block: bool,
    /// Erase nothing, and let imports accept these uids again
    #[arg(long, conflicts_with_all = ["block", "dry_run"])]
    unblock: bool,
    /// How long to wait for imports and readers of the same store
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    wait: u64,
    #[cfg(feature = "push")]
    #[command(flatten)]
    remote: remote::RemoteArgs,
}

#[cfg(feature = "push")]
impl Args {
    /// The digest of the destination from which customers are deleted, if they are.
    fn remote_destination(&self) -> Result<Option<Vec<u8>>, CommandError> {
        self.remote.destination()
    }

    /// Deletes the customers at Engage if requested, and returns their number.
    fn delete_remotely(&self, uids: &[String], global: &Global) -> Result<u64, CommandError> {
        self.remote.delete(uids, self.wait, global)
    }
}

#[cfg(not(feature = "push"))]
#[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "as with the feature")]
impl Args {
    fn remote_destination(&self) -> Result<Option<Vec<u8>>, CommandError> {
        Ok(None)
    }

    fn delete_remotely(&self, _: &[String], _: &Global) -> Result<u64, CommandError> {
        Ok(0)
    }
}

pub(crate) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<Exit, CommandError> {
    global.format.require_single_result("forget")?;
    let mut uids = args.uids.clone();
    if let Some(path) = &args.from {
        uids.extend(read_uids(path)?);
    }
    if args.unblock {
        return unblock(&uids, args, global, output);
    }
    if args.dry_run {
        return dry_run(&uids, args, global, output);
    }
    warn_of_deliveries(&uids, args, global, output)?;
    let deleted_remotely = args.delete_remotely(&uids, global)?;
    let (mut forgotten, purge) = forget(&uids, deleted_remotely, args, global)?;
    output.mark_done();
    forgotten.erased = matches!(purge, Purge::Complete);
    warn_of_unknown(&forgotten, output);
    for segment in &forgotten.segments {
        let name = quoted(segment, 60);
        output.warning(&format!("the saved segment {name} names a forgotten customer"));
    }
    let exit = if forgotten.erased { Exit::Done } else { Exit::Incomplete };
    let report = forget_report(exit, forgotten);
    output.report(&report, |screen| {
        let forgotten = &report.outcome;
        let count = counted(forgotten.customers.deleted, "customer");
        let done = screen.palette().done(&format!("Forgotten: {count}"));
        format!("  {}\n{done}.{}\n", forget_summary(forgotten), blocked_words(forgotten.blocked))
    })?;
    let reason = match purge {
        Purge::Complete => return Ok(exit),
        Purge::Blocked => format!("another process is using {}", global.store.display()),
        Purge::Failed(error) => error.to_string(),
    };
    let message = format!("{reason}: bytes of forgotten customers are still in the file");
    Err(CommandError::incomplete(message).hint(
        "the next change to the store erases them, and so does the same command with --wait 60",
    ))
}

/// Warns about destinations that the customers were delivered to, before this is erased too.
fn warn_of_deliveries(
    uids: &[String],
    args: &Args,
    global: &Global,
    output: &mut Output,
) -> Result<(), CommandError> {
    let deleted = args.remote_destination()?;
    for DeliveredTo { url, digest, uids } in global.reader()?.delivered_to(uids)? {
        if deleted.as_ref() == Some(&digest) {
            continue;
        }
        let count = counted(uids.len() as u64, "customer");
        output.warning(&format!(
            "{count} delivered to {url}, where they are not deleted: use engage forget --remote \
             first, while the store still has the uids"
        ));
    }
    Ok(())
}

/// Forgets the customers and commits; an error means that nothing was changed.
fn forget(
    uids: &[String],
    deleted_remotely: u64,
    args: &Args,
    global: &Global,
) -> Result<(ForgetOutcome, Purge), CommandError> {
    let (started_at, wait) = (now(), Duration::from_secs(args.wait));
    let writer = global.writer(wait)?;
    let forgotten = ForgetOutcome { deleted_remotely, ..erase(uids, args, &writer)? };
    let is_change = forgotten.customers.deleted > 0 || forgotten.blocked > 0;
    if !is_change && !args.block && !writer.reader().is_purge_pending()? {
        return Err(unknown_customers(uids, global));
    }
    // Neither the report nor the command line in the history may name a forgotten customer.
    let stored = ForgetOutcome { unknown: None, ..forgotten.clone() };
    let report = Report::Forget(forget_report(Exit::Done, stored));
    let block = args.block.then(|| "--block".to_owned());
    let remote = (deleted_remotely > 0).then(|| "--remote".to_owned());
    let options = ["forget".to_owned()].into_iter().chain(block).chain(remote);
    let options: Vec<String> = options.collect();
    let (kind, status) = (HistoryKind::Forget, Status::Forgotten);
    let line = HistoryLine::done(kind, status, &started_at, &options, report);
    let line = Some(&line).filter(|_| is_change);
    let purge = writer.commit_and_wait(line, wait)?;
    Ok((forgotten, purge))
}

/// Forgets the customers and blocks their uids if requested, without a commit.
fn erase(uids: &[String], args: &Args, writer: &Writer) -> Result<ForgetOutcome, CommandError> {
    let mut forgotten = writer.forget(uids)?;
    if args.block {
        forgotten.blocked = writer.block(uids)?;
    }
    Ok(forgotten)
}

fn warn_of_unknown(forgotten: &ForgetOutcome, output: &mut Output) {
    for uid in forgotten.unknown.iter().flatten() {
        output.warning(&format!("no customer {}", quoted(uid, 60)));
    }
}

/// Shows what would be erased, by erasing it and rolling back.
fn dry_run(
    uids: &[String],
    args: &Args,
    global: &Global,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let wait = Duration::from_secs(args.wait);
    let writer = open_for_writing(&global.store, wait, &global.interrupt()?)?;
    let forgotten = erase(uids, args, &writer)?;
    drop(writer);
    warn_of_deliveries(uids, args, global, output)?;
    if forgotten.customers.deleted == 0 && !args.block {
        return Err(unknown_customers(uids, global));
    }
    warn_of_unknown(&forgotten, output);
    let report = CommandReport::new("forget", Status::DryRun, Exit::Done, forgotten);
    output.report(&report, |_| {
        let forgotten = &report.outcome;
        let count = counted(forgotten.customers.deleted, "customer");
        format!(
            "  {}\n{count} would be forgotten. Dry run: nothing was written.\n",
            forget_summary(forgotten)
        )
    })?;
    Ok(Exit::Done)
}

/// Lets imports accept uids again.
fn unblock(
    uids: &[String],
    args: &Args,
    global: &Global,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let started_at = now();
    let writer = global.writer(Duration::from_secs(args.wait))?;
    let unblocked = writer.unblock(uids)?;
    if unblocked == 0 {
        let message = format!("none of these uids are blocked in {}", global.store.display());
        return Err(CommandError::failed(message).hint("nothing was changed"));
    }
    let outcome = ForgetOutcome { unblocked, ..ForgetOutcome::default() };
    let report = CommandReport::new("forget", Status::Unblocked, Exit::Done, outcome);
    let options = ["forget".to_owned(), "--unblock".to_owned()];
    let stored = Report::Forget(report.clone());
    let (kind, status) = (HistoryKind::Forget, report.status);
    writer.commit(Some(&HistoryLine::done(kind, status, &started_at, &options, stored)))?;
    output.mark_done();
    let count = counted(unblocked, "uid");
    output.report(&report, |screen| {
        format!("{}\n", screen.palette().done(&format!("Unblocked: {count}.")))
    })?;
    Ok(Exit::Done)
}

fn blocked_words(blocked: u64) -> String {
    match blocked {
        0 => String::new(),
        count => format!(" Imports will skip {}.", counted(count, "uid")),
    }
}

fn unknown_customers(uids: &[String], global: &Global) -> CommandError {
    let store = global.store.display();
    let message = match uids {
        [] => "no uid given".to_owned(),
        [uid] => format!("no customer {} in {store}", quoted(uid, 60)),
        _ => format!("none of these customers are in {store}"),
    };
    CommandError::failed(message)
        .hint("nothing was changed; write each uid as in the imported file")
}

fn forget_report(exit: Exit, forgotten: ForgetOutcome) -> CommandReport<ForgetOutcome> {
    CommandReport::new("forget", Status::Forgotten, exit, forgotten)
}

fn read_uids(path: &Path) -> Result<Vec<String>, CommandError> {
    let text = read_small_file(path, MAX_MIB)
        .with_context(|| format!("{} cannot be read", path.display()))
        .map_err(|error| {
            CommandError::from(error).hint("expected a text file with one uid per line")
        })?;
    let text = text.trim_start_matches('\u{feff}');
    Ok(text.lines().map(str::trim).filter(|uid| !uid.is_empty()).map(str::to_owned).collect())
}
