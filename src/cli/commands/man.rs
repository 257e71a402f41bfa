//! `engage man`.

use crate::cli::Failure;
use crate::cli::Output;
use crate::input::escaped;
use anyhow::Context as _;
use std::path::PathBuf;

/// Manual pages into a folder, for who packages the program
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

/// Runs the command; gives the exit code.
pub(crate) fn run(args: &Args, output: &mut Output) -> Result<u8, Failure> {
    let folder = args.folder.display();
    clap_mangen::generate_to(crate::cli::whole_command_line(), &args.folder)
        .with_context(|| format!("no manual pages in {folder}"))
        .map_err(|error| {
            Failure::from(error).hint("make the folder first, or name one where you may write")
        })?;
    output.summary(&format!("The manual pages are in {}.\n", escaped(&folder.to_string())))?;
    Ok(0)
}
