//! The command line: options in, a call into the library, the outcome to whoever reads it.

mod attributes;
mod backup;
mod changes;
mod check;
mod choices;
mod failure;
mod forget;
mod history;
mod import;
mod index;
mod inspect;
mod output;
mod pages;
mod progress;
mod report;
mod segment;
mod segments;
mod show;
mod signals;
mod undo;

use crate::import::finish_rejects;
use crate::report::RowFormat;
use crate::store::{Reader, open_for_reading};
use clap::{ColorChoice, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use failure::Failure;
use output::Output;
use std::path::PathBuf;
use std::process::ExitCode;

/// The exit codes of the program. Scripts live by them: none ever changes its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// I/O, the store, an interruption; no customer was changed.
    Failed = 1,
    /// The command line, a mapping file or an expression is wrong.
    Usage = 2,
    /// Records were rejected, or bytes of a forgotten customer are not yet erased.
    Unfinished = 3,
    /// The input is nothing that direct import can take; no customer was changed.
    Refused = 4,
    /// A guard stopped it; no customer was changed.
    Stopped = 5,
}

/// Brings a CSV export of customers into a local customer store.
///
/// Attributes only: each row is a customer, each column one of their attributes. Events are sent
/// with the Engage API instead.
#[derive(Debug, Parser)]
#[command(name = "engage", version, propagate_version = true, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Options of every command.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Options of every command")]
struct Global {
    /// The customer store
    #[arg(long, global = true, value_name = "PATH", env = "ENGAGE_STORE", hide_env_values = true)]
    #[arg(default_value = "engage.db")]
    store: PathBuf,
    /// For a person, or for a program
    #[arg(long, global = true, value_enum, default_value = "human")]
    format: Format,
    /// Say nothing where all is well
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Say more
    #[arg(short, long, global = true)]
    verbose: bool,
    /// Whether to use colours (`NO_COLOR` is heeded)
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value = "auto")]
    color: ColorChoice,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a person
    Human,
    /// JSON
    Json,
    /// CSV, where rows come out
    Csv,
    /// A JSON object a line, where rows come out
    Jsonl,
}

impl Format {
    /// What rows are written as.
    fn rows(self) -> RowFormat {
        match self {
            Self::Human => RowFormat::Table,
            Self::Json => RowFormat::Json,
            Self::Csv => RowFormat::Csv,
            Self::Jsonl => RowFormat::JsonLines,
        }
    }

    /// Refuses formats of rows for a command that has one result.
    fn of_one_result(self, command: &str) -> Result<(), Failure> {
        match self {
            Self::Human | Self::Json => Ok(()),
            Self::Csv | Self::Jsonl => {
                let message = format!("engage {command} has one result, not rows");
                Err(Failure::usage(message).hint("--format human or --format json"))
            }
        }
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Bring a CSV export into the customer store
    Import(Box<import::Args>),
    /// Show what import would make of a file
    Inspect(Box<inspect::Args>),
    /// What was done to the store so far, and by whom
    History(history::Args),
    /// One customer's page
    Show(show::Args),
    /// The customers of whom an expression is true
    Segment(segment::Args),
    /// The saved segments, with their customers counted
    Segments(segments::Args),
    /// Every attribute, its type, how full it is
    Attributes(attributes::Args),
    /// The store as a page to look at
    Report(report::Args),
    /// Make an index, so that an attribute finds its customers at once
    Index(index::Args),
    /// What an import changed, before and after
    Changes(changes::Args),
    /// Take the newest import back
    Undo(undo::Args),
    /// Erase customers and every trace of them
    Forget(forget::Args),
    /// Is the store sound?
    Check(check::Args),
    /// Copy the store, while it is in use
    Backup(backup::Args),
}

impl Global {
    /// Opens the store for a command that reads it, and finishes what an import that was killed
    /// just after its commit has left to do.
    fn reader(&self) -> Result<Reader, Failure> {
        let reader = open_for_reading(&self.store)?;
        finish_rejects(&reader.pending_rejects()?);
        Ok(reader)
    }
}

/// Runs the program with the arguments it was started with.
pub fn main() -> ExitCode {
    let arguments: Vec<String> =
        std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect();
    let parsed =
        Cli::command().try_get_matches().and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => {
            // A closed pipe is nobody's fault; `--help` and `--version` come this way too.
            let _ = error.print();
            let code = if error.use_stderr() { Exit::Usage as u8 } else { 0 };
            return ExitCode::from(code);
        }
    };
    let mut output = Output::new(cli.global.color, cli.global.quiet);
    let result = match cli.command {
        Command::Import(args) => import::run(*args, &cli.global, &arguments[1..], &mut output),
        Command::Inspect(args) => inspect::run(*args, &cli.global, &mut output),
        Command::History(args) => history::run(&args, &cli.global, &mut output),
        Command::Show(args) => show::run(&args, &cli.global, &mut output),
        Command::Segment(args) => segment::run(&args, &cli.global, &mut output),
        Command::Segments(args) => segments::run(&args, &cli.global, &mut output),
        Command::Attributes(args) => {
            attributes::run(&args, &cli.global, &arguments[1..], &mut output)
        }
        Command::Report(args) => report::run(&args, &cli.global, &mut output),
        Command::Index(args) => index::run(&args, &cli.global, &mut output),
        Command::Changes(args) => changes::run(&args, &cli.global, &mut output),
        Command::Undo(args) => undo::run(&args, &cli.global, &arguments[1..], &mut output),
        Command::Forget(args) => forget::run(&args, &cli.global, &mut output),
        Command::Check(args) => check::run(&args, &cli.global, &mut output),
        Command::Backup(args) => backup::run(&args, &cli.global, &mut output),
    };
    match result {
        Ok(code) => ExitCode::from(code),
        Err(failure) => ExitCode::from(output.fail(&failure)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
