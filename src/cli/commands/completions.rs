//! `engage completions`.

use crate::cli::{CommandError, Output};
use crate::exit::Exit;
use clap::Command;
use clap_complete::Shell;

/// Print shell completions
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  engage completions bash > ~/.local/share/bash-completion/completions/engage
  engage completions zsh > ~/.zfunc/_engage
  engage completions fish > ~/.config/fish/completions/engage.fish")]
pub(crate) struct Args {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

pub(crate) fn run(
    args: &Args,
    mut command_line: Command,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command_line, "engage", &mut script);
    output.result(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
