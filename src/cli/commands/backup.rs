//! `engage backup`.

use crate::cli::{CommandError, Global, Output};
use crate::exit::Exit;
use crate::outcome::{BackupOutcome, CommandReport, Status};
use crate::output::{Destination, replace_file};
use crate::store::{StoreError, check_backup_file};
use std::path::PathBuf;

/// Back up the store while it is in use
///
/// The copy is a snapshot of the store at the start of the command, in one file that
/// only you can read. It replaces an older backup only once it is complete and a check
/// finds no damage.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  engage backup engage-backup.db
  engage backup \"backups/$(date +%F).db\" -q

engage restore replaces the store with a backup.")]
pub(crate) struct Args {
    /// File for the copy
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

/// The error if the backup cannot be written. An older backup is unchanged.
fn not_backed_up(error: &anyhow::Error, args: &Args) -> CommandError {
    let file = args.file.display();
    let Some(StoreError::Damaged { path, what }) = error.downcast_ref() else {
        return CommandError::failed(format!("the backup {file} cannot be written: {error}"))
            .hint("check the disk space and the permissions");
    };
    let older =
        if args.file.exists() { format!("; {file} was not changed") } else { String::new() };
    let message = format!("{} is damaged, so it was not backed up{older}: {what}", path.display());
    CommandError::failed(message).hint(
        "engage check lists the damage; engage restore BACKUP replaces the store with a backup",
    )
}

/// Refuses a target that is not a regular file, or that is a file other than a backup.
fn check_target(args: &Args, global: &Global) -> Result<(), CommandError> {
    let file = args.file.display();
    if !matches!(Destination::of(&args.file), Destination::File(_)) {
        let message = format!("{file} is not a regular file");
        return Err(CommandError::usage(message).hint("choose a file, such as engage-backup.db"));
    }
    check_backup_file(&global.store, &args.file).map_err(|error| match error {
        StoreError::BackupOfItself(_) | StoreError::InUse { .. } => error.into(),
        error => CommandError::usage(format!("the backup would replace {file}: {error}"))
            .hint("choose another file"),
    })
}
