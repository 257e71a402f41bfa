//! `engage backup`.

use crate::cli::{CommandError, Global, Output};
use crate::exit::Exit;
use crate::outcome::{BackupOutcome, CommandReport, Status};
use crate::output::{Destination, replace_file};
use crate::store::{StoreError, check_backup_file};
use std::path::PathBuf;

/// Copy the store, while it is in use
///
/// The copy is the store as it was when the command began, whatever is imported meanwhile, in one
/// file that only you may read. It replaces an older backup only when it is whole and a check finds no
/// damage.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  engage backup engage-backup.db
  engage backup \"backups/$(date +%F).db\" -q

engage restore puts one in place.")]
pub(crate) struct Args {
    /// Where the copy goes
    file: PathBuf,
}

pub(crate) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<Exit, CommandError> {
    global.format.require_single_result("backup")?;
    global.check_file()?;
    let reader = global.reader()?;
    check_target(args, global)?;
    let interrupt = global.interrupt()?;
    replace_file(&args.file, &global.temporary_files(), |copy| {
        Ok::<(), anyhow::Error>(reader.back_up(copy.path(), &args.file)?)
    })
    .map_err(|error| not_backed_up(&error, args))?;
    interrupt.committed();
    output.mark_done();
    let (store, file) = (global.store.display().to_string(), args.file.display().to_string());
    let text = format!("Backed up {store} to {file}.\n");
    let report =
        CommandReport::new("backup", Status::BackedUp, Exit::Done, BackupOutcome { store, file });
    output.report(&report, |_| text)?;
    Ok(Exit::Done)
}

/// The error of a copy that did not become the backup. An older backup is as it was.
fn not_backed_up(error: &anyhow::Error, args: &Args) -> CommandError {
    let file = args.file.display();
    let Some(StoreError::Damaged { path, what }) = error.downcast_ref() else {
        return CommandError::failed(format!("the backup {file} cannot be written: {error}"))
            .hint("is there room for it, and may you write there?");
    };
    let older = if args.file.exists() { format!("; {file} is as it was") } else { String::new() };
    let message = format!("{} is damaged, so it was not backed up{older}: {what}", path.display());
    CommandError::failed(message).hint(
        "engage check lists what is damaged; engage restore BACKUP puts a backup in its place",
    )
}

/// Refuses a backup that is not a regular file, or that would replace another file than a backup.
fn check_target(args: &Args, global: &Global) -> Result<(), CommandError> {
    let file = args.file.display();
    if !matches!(Destination::of(&args.file), Destination::File(_)) {
        let message = format!("{file} is not a regular file, and a backup is one");
        return Err(CommandError::usage(message).hint("name a file, such as engage-backup.db"));
    }
    check_backup_file(&global.store, &args.file).map_err(|error| match error {
        StoreError::BackupOfItself(_) | StoreError::InUse { .. } => error.into(),
        error => CommandError::usage(format!("the backup would replace {file}: {error}"))
            .hint("name another file"),
    })
}
