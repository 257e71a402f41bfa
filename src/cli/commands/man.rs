//! `engage man`.

use crate::cli::{CommandError, Output};
use crate::exit::Exit;
use crate::text::escaped;
use anyhow::Context as _;
use clap::Command;
use std::path::PathBuf;

/// Write manual pages into a folder, for packages of the program
///
/// One page for the program and one for each command: engage.1, engage-import.1 and so on.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  engage man /usr/local/share/man/man1")]
pub(crate) struct Args {
    /// The folder, which must be there
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
}

pub(crate) fn run(
    args: &Args,
    command_line: Command,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let folder = args.folder.display();
    clap_mangen::generate_to(command_line, &args.folder)
        .with_context(|| format!("no manual pages in {folder}"))
        .map_err(|error| {
            CommandError::from(error).hint("make the folder first, or name one where you may write")
        })?;
    output.summary(&format!("Wrote the manual pages to {}.\n", escaped(&folder.to_string())))?;
    Ok(Exit::Done)
}
