//! `engage backup`.

use crate::cli::Failure;
use crate::cli::Output;
use crate::cli::{Format, Global};
use crate::outcome::{BackupOutcome, CommandReport, Status, to_json};
use crate::output::{Destination, replace_file};
use crate::store::StoreError;
use crate::store::sqlite::maintenance::check_backup_file;
use std::fmt::Display;
use std::path::PathBuf;

/// Copy the store, while it is in use
///
/// The copy is the store as it was when the command began, whatever is imported meanwhile, in one
/// file that only you may read. It replaces an older backup only when it is whole.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  engage backup engage-backup.db
  engage backup \"backups/$(date +%F).db\" -q

To restore one, see that no engage runs, remove the store with its -wal and -shm,
and copy the backup to its place.")]
pub(crate) struct Args {
    /// Where the copy goes
    file: PathBuf,
}

/// Runs the command; gives the exit code.
pub(crate) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<u8, Failure> {
    global.format.of_one_result("backup")?;
    let reader = global.reader()?;
    let file = args.file.display();
    if !matches!(Destination::of(&args.file), Destination::File(_)) {
        return Err(Failure::usage(format!("{file} is not a regular file, and a backup is one"))
            .hint("name a file, such as engage-backup.db"));
    }
    check_backup_file(&global.store, &args.file).map_err(|error| match error {
        StoreError::BackupOfItself(_) | StoreError::InUse { .. } => error.into(),
        error => Failure::usage(format!("the backup would replace {file}: {error}"))
            .hint("name another file"),
    })?;
    let unwritable = |error: &dyn Display| {
        Failure::failed(format!("the backup {file} cannot be written: {error}"))
            .hint("is there room for it, and may you write there?")
    };
    let interrupt = global.interrupt()?;
    replace_file(&args.file, &global.temporary_files(), |copy| {
        Ok::<(), anyhow::Error>(reader.back_up(copy.path(), &args.file)?)
    })
    .map_err(|error| unwritable(&error))?;
    interrupt.committed();
    output.mark_done();
    if global.format == Format::Human {
        output.summary(&format!("{} is in {file}.\n", global.store.display()))?;
    } else {
        let (store, file) = (global.store.display().to_string(), file.to_string());
        let copied = BackupOutcome { store, file };
        let report = CommandReport::new("backup", Status::BackedUp, 0, copied);
        output.result(&format!("{}\n", to_json(&report)))?;
    }
    Ok(0)
}
