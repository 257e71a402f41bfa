//! The program: parses the command line, runs the command, and returns the exit code.

#[cfg(feature = "push")]
use super::commands::push;
use super::commands::{
    attributes, backup, changes, check, completions, events, export, forget, history, import,
    index, inspect, man, prune, report, restore, retype, segment, segments, show, status, undo,
};
use super::error::CommandError;
use super::global::Global;
use super::other_names::other_name_error;
use super::output::Output;
use super::{help, signals};
use crate::exit::Exit;
use clap::builder::Styles;
use clap::builder::styling::Style;
use clap::{ColorChoice, CommandFactory, FromArgMatches, Parser, Subcommand};
use std::ffi::OsString;
use std::process::ExitCode;

/// The styles that a terminal gets through [`Output`].
const STYLES: Styles = Styles::styled().header(Style::new().bold()).usage(Style::new().bold());

/// Imports CSV exports of customers into a local store.
///
/// Each row is a customer, and each column one of their attributes. For event
/// data, see engage events.
#[derive(Debug, Parser)]
#[command(name = "engage", version, max_term_width = 100, arg_required_else_help = true)]
#[command(styles = STYLES)]
#[command(after_help = "\
Examples:
  engage inspect users.csv              how an import would read it
  engage import users.csv --dry-run     what it would change
  engage import users.csv               import it into engage.db
  engage segment \"plan = 'Pro'\"         who is on Pro

engage COMMAND --help has examples.")]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Import(Box<import::Args>),
    Inspect(Box<inspect::Args>),
    Show(show::Args),
    Segment(segment::Args),
    Segments(segments::Args),
    Attributes(attributes::Args),
    Retype(retype::Args),
    Export(export::Args),
    Events(Box<events::Args>),
    #[cfg(feature = "push")]
    Push(Box<push::Args>),
    Report(report::Args),
    Index(index::Args),
    History(history::Args),
    Changes(changes::Args),
    Undo(undo::Args),
    Prune(prune::Args),
    Forget(forget::Args),
    Check(check::Args),
    Backup(backup::Args),
    Restore(restore::Args),
    Status(status::Args),
    Completions(completions::Args),
    #[command(hide = true)]
    Man(man::Args),
}

/// Runs the program with the arguments that it was started with.
pub fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let exit = match parse(arguments.clone()) {
        Ok(cli) => {
            let as_given = arguments.iter().skip(1);
            let as_given = as_given.map(|argument| argument.to_string_lossy().into_owned());
            run_and_report(cli, &as_given.collect::<Vec<String>>())
        }
        Err(error) if error.use_stderr() => {
            let mut output = Output::new(ColorChoice::Auto, false);
            match other_name_error(&error, &arguments) {
                Some(error) => output.error(&error),
                None => output.usage_error(&error),
            }
        }
        Err(error) => {
            // `--help` or `--version`. A closed pipe is not an error.
            let _ = error.print();
            Exit::Done
        }
    };
    ExitCode::from(exit.code())
}

fn parse(arguments: Vec<OsString>) -> Result<Cli, clap::Error> {
    let arguments = help::help_command_as_flag(arguments);
    let matches =
        help::command_with_help(Cli::command(), &arguments).try_get_matches_from(arguments)?;
    Cli::from_arg_matches(&matches)
}

fn run_and_report(cli: Cli, as_given: &[String]) -> Exit {
    let mut output = cli.global.output();
    if let Err(error) = signals::report_full_files() {
        output.warning(&format!("the file size limit (ulimit -f) would end the program: {error}"));
    }
    let result = cli.global.check_password(as_given).and_then(|()| run(cli, as_given, &mut output));
    match result {
        Ok(exit) => exit,
        Err(error) => output.error(&error),
    }
}

fn run(cli: Cli, as_given: &[String], output: &mut Output) -> Result<Exit, CommandError> {
    let Cli { global, command } = cli;
    match command {
        Command::Import(args) => import::run(*args, &global, as_given, output),
        Command::Inspect(args) => inspect::run(*args, &global, output),
        Command::History(args) => history::run(&args, &global, output),
        Command::Show(args) => show::run(&args, &global, output),
        Command::Segment(args) => segment::run(&args, &global, output),
        Command::Segments(args) => segments::run(&args, &global, output),
        Command::Export(args) => export::run(&args, &global, output),
        Command::Events(args) => events::run(&args, &global, output),
        Command::Retype(args) => retype::run(&args, &global, as_given, output),
        Command::Prune(args) => prune::run(&args, &global, output),
        Command::Attributes(args) => attributes::run(&args, &global, as_given, output),
        #[cfg(feature = "push")]
        Command::Push(args) => push::run(&args, &global, as_given, output),
        Command::Report(args) => report::run(&args, &global, output),
        Command::Index(args) => index::run(&args, &global, output),
        Command::Changes(args) => changes::run(&args, &global, output),
        Command::Undo(args) => undo::run(&args, &global, as_given, output),
        Command::Forget(args) => forget::run(&args, &global, output),
        Command::Check(args) => check::run(&args, &global, output),
        Command::Backup(args) => backup::run(&args, &global, output),
        Command::Restore(args) => restore::run(&args, &global, as_given, output),
        Command::Status(args) => status::run(&args, &global, output),
        Command::Completions(args) => completions::run(&args, full_command_line(), output),
        Command::Man(args) => man::run(&args, full_command_line(), output),
    }
}

/// The command line as completions and manual pages describe it.
fn full_command_line() -> clap::Command {
    help::with_help_flag(Cli::command())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
