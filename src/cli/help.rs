//! How the program explains itself: `-h` says it in short, `--help` teaches by example, and neither
//! takes more lines than it needs.
//!
//! Of clap's own two layouts the longer one gives each option three lines, so that no command would
//! fit a screen. Both are the shorter one here; what `--help` has more are the words above the
//! options and the examples below them.

use clap::{Arg, ArgAction, Command};
use std::ffi::OsString;

/// The command line with help as it was asked for by these arguments.
pub(crate) fn explained(command: Command, arguments: &[OsString]) -> Command {
    let is_given = |word: &str| arguments.iter().any(|argument| argument == word);
    let of_one = command.get_subcommands().any(|subcommand| is_given(subcommand.get_name()));
    let command = with_help_flag(command);
    match (is_given("--help"), of_one) {
        (true, true) => command.mut_subcommands(taught),
        (true, false) => taught(command),
        (false, _) => command.mut_subcommands(|subcommand| subcommand.after_help(None::<&str>)),
    }
}

/// The command line with its whole help.
pub(crate) fn taught(command: Command) -> Command {
    match command.get_long_about().cloned() {
        Some(about) => command.about(about),
        None => command,
    }
}

/// The command line with its own help flag, and without a command for what the flag does.
pub(crate) fn with_help_flag(command: Command) -> Command {
    let help = Arg::new("help")
        .short('h')
        .long("help")
        .action(ArgAction::HelpShort)
        .help("Explain: -h in short, --help with examples")
        .help_heading(super::EVERYWHERE)
        .global(true);
    command.disable_help_flag(true).disable_help_subcommand(true).arg(help)
}

/// The arguments with `engage help import` read as `engage import --help`.
pub(crate) fn as_flag(mut arguments: Vec<OsString>) -> Vec<OsString> {
    if arguments.get(1).is_some_and(|word| word == "help") {
        arguments.remove(1);
        arguments.push("--help".into());
    }
    arguments
}
