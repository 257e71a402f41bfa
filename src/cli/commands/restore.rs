//! `engage restore`.

use crate::cli::{CommandError, Global, Output};
use crate::exit::Exit;
use crate::outcome::{CommandReport, ForgetOutcome, Report, RestoreOutcome, Status, counted};
use crate::output::{
    COMPANIONS, PrivateFile, Purpose, companion, folder_of, is_store_file, replace_file,
};
use crate::store::{
    BlockedDigests, HistoryKind, HistoryLine, Interrupt, Reader, RestoreAttempt, StoreError, now,
    open_for_reading, restore,
};
use crate::text::{escaped, quoted, shell_path};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Restore the store from a backup
///
/// Checks the backup, then replaces the store in one step while nothing else
/// writes to it. The replaced store is kept as STORE.replaced. Blocked
/// uids stay blocked, and customers forgotten with --block since the backup are erased again.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  engage restore engage-backup.db
  engage restore engage-backup.db --wait 60")]
pub(crate) struct Args {
    /// The backup
    backup: PathBuf,
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
    global.format.require_single_result("restore")?;
    global.check_file()?;
    let started_at = now();
    if is_store_file(&global.store, &args.backup) {
        let message = format!("{} is the store itself or one of its files", args.backup.display());
        return Err(CommandError::usage(message).hint("choose a backup"));
    }
    let backup = open_backup(&args.backup)?;
    let replaced = put_in_place(&backup, args, global)?;
    drop(backup);
    output.mark_done();
    if replaced.is_unreadable {
        output.warning(
            "the replaced store cannot be read, so customers forgotten since the backup are stored \
             again, even those forgotten with --block: forget them again",
        );
    }
    for segment in &replaced.forgotten.segments {
        let name = quoted(segment, 60);
        output.warning(&format!("the saved segment {name} names a forgotten customer"));
    }
    let outcome = RestoreOutcome {
        store: global.store.display().to_string(),
        backup: args.backup.display().to_string(),
        kept: replaced.kept.as_ref().map(|path| path.display().to_string()),
        blocked: replaced.forgotten.customers.deleted,
        ..RestoreOutcome::default()
    };
    let report = record(outcome, &started_at, args, global, as_given)
        .map_err(|error| incomplete(&error, global))?;
    let outcome = &report.outcome;
    output.report(&report, |screen| {
        let customers = counted(outcome.customers, "customer");
        let [store, backup] = [&outcome.store, &outcome.backup].map(|path| escaped(path));
        let done = screen.palette().done(&format!("Restored {store} from {backup}"));
        let kept = outcome.kept.as_ref().map_or(String::new(), |kept| {
            format!("The replaced store is kept as {}.\n", escaped(kept))
        });
        format!("{done}: {customers}.\n{}{kept}", erased_again(outcome.blocked))
    })?;
    Ok(Exit::Done)
}

/// A line about customers of the backup that have been forgotten with `--block` since.
fn erased_again(count: u64) -> String {
    let are = if count == 1 { "was" } else { "were" };
    match count {
        0 => String::new(),
        _ => format!(
            "{} forgotten with --block since the backup {are} erased again.\n",
            counted(count, "customer")
        ),
    }
}

/// Opens a backup. Fails if it is damaged.
fn open_backup(path: &Path) -> Result<Reader, CommandError> {
    let backup = open_for_reading(&path.into()).map_err(|error| {
        CommandError::failed(format!("the backup cannot be restored: {error}"))
            .hint("nothing was changed; choose a file written by engage backup")
    })?;
    if let Some(finding) = backup.check()?.first() {
        let message = format!("the backup {} is damaged: {}", path.display(), finding.what);
        return Err(
            CommandError::failed(message).hint("nothing was changed; choose another backup")
        );
    }
    Ok(backup)
}

/// What a restore did before it was recorded in the history.
#[derive(Default)]
struct ReplacedStore {
    /// Where the replaced store is kept, if there was one.
    kept: Option<PathBuf>,
    /// Whether it could not be read, so that the customers it had forgotten are unknown.
    is_unreadable: bool,
    /// What was erased from the backup because the replaced store had forgotten it.
    forgotten: ForgetOutcome,
}

/// A copy of the backup without blocked customers, which becomes the store.
struct PreparedBackup {
    reader: Reader,
    forgotten: ForgetOutcome,
    /// Removed after the reader, which has files of its own next to it.
    _file: PrivateFile,
}

/// Replaces the store.
fn put_in_place(
    backup: &Reader,
    args: &Args,
    global: &Global,
) -> Result<ReplacedStore, CommandError> {
    let store = &global.store;
    let interrupt = global.interrupt()?;
    let mut blocked = match open_for_reading(store).and_then(|store| store.blocked_digests()) {
        Ok(blocked) => blocked,
        Err(StoreError::Missing(_)) => {
            copy(backup, global)?;
            return Ok(ReplacedStore::default());
        }
        // The store is too damaged to be locked or read, so it is only renamed.
        Err(StoreError::NotSqlite(_) | StoreError::Damaged { .. } | StoreError::Sqlite { .. }) => {
            let kept = free_name(store);
            move_aside(store, &kept)?;
            copy(backup, global)?;
            let kept = Some(kept);
            return Ok(ReplacedStore { kept, is_unreadable: true, ..ReplacedStore::default() });
        }
        Err(error) => return Err(error.into()),
    };
    interrupt.begin()?;
    let kept = free_name(store);
    loop {
        let prepared = prepare(backup, &blocked, global)?;
        let reader = prepared.as_ref().map_or(backup, |prepared| &prepared.reader);
        match replace(reader, &blocked, &kept, args, global, &interrupt)? {
            RestoreAttempt::BlockedMeanwhile(digests) => blocked = digests,
            RestoreAttempt::Restored => {
                let forgotten = prepared.map_or_else(Default::default, |it| it.forgotten);
                return Ok(ReplacedStore { kept: Some(kept), is_unreadable: false, forgotten });
            }
        }
    }
}

/// Copies the backup to the path of the store, where there is no file.
fn copy(backup: &Reader, global: &Global) -> Result<(), CommandError> {
    let store = &global.store;
    replace_file(store, &global.temporary_files(), |copy| {
        Ok::<(), anyhow::Error>(backup.back_up(copy.path(), store)?)
    })
    .map_err(|error| {
        CommandError::failed(format!("{} cannot be written: {error}", store.display()))
            .hint("check the disk space and the permissions")
    })
}

/// The backup without the customers that the store has blocked; `None` if it has not blocked any.
fn prepare(
    backup: &Reader,
    blocked: &BlockedDigests,
    global: &Global,
) -> Result<Option<PreparedBackup>, CommandError> {
    if blocked.is_empty() {
        return Ok(None);
    }
    let failed = |error: &dyn std::fmt::Display| {
        let message = format!("a copy of the backup without forgotten customers failed: {error}");
        CommandError::failed(message).hint("nothing was changed; check the disk space")
    };
    let (store, files) = (&global.store, global.temporary_files());
    files.clear(folder_of(store), Purpose::Copy, &[]);
    let file = files.create(Purpose::Copy, store).map_err(|error| failed(&error))?;
    let forgotten = backup.copy_without(blocked, file.path()).map_err(|error| failed(&error))?;
    let reader = open_for_reading(&file.path().into()).map_err(|error| failed(&error))?;
    Ok(Some(PreparedBackup { reader, forgotten, _file: file }))
}

/// Copies the store to `kept`, and replaces its content with the backup.
fn replace(
    backup: &Reader,
    blocked: &BlockedDigests,
    kept: &Path,
    args: &Args,
    global: &Global,
    interrupt: &Interrupt,
) -> Result<RestoreAttempt, CommandError> {
    let files = global.temporary_files();
    let wait = Duration::from_secs(args.wait);
    restore(&global.store, backup, blocked, wait, interrupt, |current| {
        replace_file(kept, &files, |copy| {
            Ok::<(), anyhow::Error>(current.copy_to(copy.path(), kept)?)
        })
        .map_err(|error| {
            let kept = kept.display();
            CommandError::failed(format!("the replaced store cannot be kept in {kept}: {error}"))
                .hint("nothing was changed; check the disk space")
        })
    })
}

/// Records the restore in the history of the restored store.
fn record(
    outcome: RestoreOutcome,
    started_at: &str,
    args: &Args,
    global: &Global,
    as_given: &[String],
) -> Result<CommandReport<RestoreOutcome>, CommandError> {
    let writer = global.writer(Duration::from_secs(args.wait))?;
    let (customers, _) = writer.reader().customer_counts()?;
    let outcome = RestoreOutcome { customers, ..outcome };
    let report = CommandReport::new("restore", Status::Restored, Exit::Done, outcome);
    let stored = Report::Restore(report.clone());
    let (kind, status) = (HistoryKind::Restore, report.status);
    writer.commit(Some(&HistoryLine::done(kind, status, started_at, as_given, stored)))?;
    Ok(report)
}

fn incomplete(error: &CommandError, global: &Global) -> CommandError {
    let store = shell_path(&global.store);
    let message = format!(
        "{store} is restored, but this could not be recorded in its history: {}",
        error.message
    );
    CommandError::unreported(message).hint("engage status shows the state of the store")
}

/// The name under which a replaced store is kept: `engage.db.replaced`, or with a number.
fn free_name(store: &Path) -> PathBuf {
    let named = |ending: String| {
        let mut name = OsString::from(store);
        name.push(ending);
        PathBuf::from(name)
    };
    let numbers = (2..).map(|number: u32| format!(".replaced.{number}"));
    let mut paths = std::iter::once(".replaced".to_owned()).chain(numbers).map(named);
    paths
        .find(|path| fs::symlink_metadata(path).is_err())
        .unwrap_or_else(|| named(".replaced".to_owned()))
}

/// Renames a store that cannot be read, with the files that SQLite keeps next to it.
fn move_aside(store: &Path, kept: &Path) -> Result<(), CommandError> {
    for ending in COMPANIONS.iter().chain(&[""]) {
        let [from, to] = [store, kept].map(|path| companion(path, ending));
        if fs::symlink_metadata(&from).is_err() {
            continue;
        }
        fs::rename(&from, &to).map_err(|error| {
            CommandError::failed(format!("{} cannot be moved aside: {error}", from.display()))
                .hint("move it manually, then restore again")
        })?;
    }
    Ok(())
}
