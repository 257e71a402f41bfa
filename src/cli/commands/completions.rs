//! `engage completions`.

use crate::cli::Failure;
use crate::cli::Output;
use clap_complete::Shell;

/// Completions for a shell, on standard output
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

/// Runs the command; gives the exit code.
pub(crate) fn run(args: &Args, output: &mut Output) -> Result<u8, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(
        args.shell,
        &mut crate::cli::whole_command_line(),
        "engage",
        &mut script,
    );
    output.result(&String::from_utf8_lossy(&script))?;
    Ok(0)
}
