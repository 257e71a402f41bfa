//! `engage man`.

use crate::cli::{CommandError, Output};
use crate::exit::Exit;
use crate::text::escaped;
use anyhow::Context as _;
use clap::Command;
use std::path::PathBuf;

/// Write manual pages to a folder, for packaging
///
/// One page for the program and one for each command: engage.1, engage-import.1 and so on.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  engage man /usr/local/share/man/man1")]
pub(crate) struct Args {
    /// The folder, which must exist
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
        .with_context(|| format!("manual pages cannot be written to {folder}"))
        .map_err(|error| {
            CommandError::from(error)
                .hint("create the folder first, or choose one that you can write to")
        })?;
    output.summary(&format!("Wrote the manual pages to {}.\n", escaped(&folder.to_string())))?;
    Ok(Exit::Done)
}
