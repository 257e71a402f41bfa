//! Help: `-h` is short, `--help` adds the long description and examples, and `--help-all` adds the
//! options that are rarely used.
//!
//! All use the shorter of clap's two layouts. The longer one has three lines for each option, so no
//! command would fit on a screen.

use super::global::GLOBAL_HEADING;
use clap::{Arg, ArgAction, Command};
use std::ffi::OsString;

/// The command line with the help that the arguments ask for.
pub(crate) fn command_with_help(command: Command, arguments: &[OsString]) -> Command {
    let is_given = |word: &str| arguments.iter().any(|argument| argument == word);
    let has_subcommand =
        command.get_subcommands().any(|subcommand| is_given(subcommand.get_name()));
    let mut command = with_help_flag(command);
    let is_complete = is_given("--help-all");
    if is_complete {
        let complete = |command: Command| command.mut_args(|arg| arg.hide_short_help(false));
        command = complete(command).mut_subcommands(complete);
    }
    match (is_given("--help") || is_complete, has_subcommand) {
        (true, true) => command.mut_subcommands(with_long_about),
        (true, false) => with_long_about(command),
        (false, _) => command.mut_subcommands(|subcommand| subcommand.after_help(None::<&str>)),
    }
}

fn with_long_about(command: Command) -> Command {
    match command.get_long_about().cloned() {
        Some(about) => command.about(about),
        None => command,
    }
}

/// The command line with one flag for help, and without a help command.
pub(crate) fn with_help_flag(command: Command) -> Command {
    let help = Arg::new("help")
        .short('h')
        .long("help")
        .action(ArgAction::HelpShort)
        .help("Print help; --help adds examples, --help-all adds all options")
        .help_heading(GLOBAL_HEADING)
        .global(true);
    let help_all =
        Arg::new("help-all").long("help-all").action(ArgAction::HelpShort).hide(true).global(true);
    command.disable_help_flag(true).disable_help_subcommand(true).arg(help).arg(help_all)
}

/// The arguments with `engage help import` replaced by `engage import --help`.
pub(crate) fn help_command_as_flag(mut arguments: Vec<OsString>) -> Vec<OsString> {
    if arguments.get(1).is_some_and(|word| word == "help") {
        arguments.remove(1);
        arguments.push("--help".into());
    }
    arguments
}
