//! The command line: options in, a call into the library, the outcome to whoever reads it.

pub(crate) mod commands;
mod error;
mod help;
mod output;
mod pages;
pub(crate) mod progress;
mod row_options;
mod settings_args;
mod signals;
mod usage;

pub(crate) use error::{Failure, suggestion};
pub(crate) use output::{Ending, Output};
pub(crate) use pages::{is_page, page_path, write_page};
pub(crate) use progress::Progress;
pub(crate) use row_options::RowArgs;
pub(crate) use settings_args::{ChoiceArgs, READING, declared_type};

use crate::import::output::finish_outputs;
use crate::outcome::UNREPORTED;
use crate::output::{Purpose, TemporaryFiles, folder_of};
use crate::store::Interrupt;
use crate::store::sqlite::{DEFAULT_PATH, Reader, Writer, open_for_reading, open_for_writing};
use clap::error::ErrorKind;
use clap::{ColorChoice, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use commands::{
    attributes, backup, changes, check, completions, export, forget, history, import, index,
    inspect, man, report, segment, segments, show, undo,
};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

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
    /// It is done, but its report or one of its files could not be written.
    Unreported = UNREPORTED as isize,
}

/// Brings a CSV export of customers into a local customer store.
///
/// Attributes only: each row is a customer, each column one of their attributes. Events are sent
/// with the Engage API instead.
#[derive(Debug, Parser)]
#[command(name = "engage", version, max_term_width = 100, arg_required_else_help = true)]
#[command(after_help = "\
Examples:
  engage inspect users.csv              what an import would make of it
  engage import users.csv --dry-run     what it would change
  engage import users.csv               bring it into engage.db
  engage segment \"plan = 'Pro'\"         who is on that plan

engage COMMAND --help has examples of each.")]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// The heading of the options of every command.
const EVERYWHERE: &str = "Options of every command";

/// Options of every command.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = EVERYWHERE)]
pub(crate) struct Global {
    /// The customer store
    #[arg(long, global = true, value_name = "PATH", env = "ENGAGE_STORE", hide_env_values = true)]
    #[arg(default_value = DEFAULT_PATH, value_parser = store_path)]
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
pub(crate) enum Format {
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
    Import(Box<import::Args>),
    Inspect(Box<inspect::Args>),
    Show(show::Args),
    Segment(segment::Args),
    Segments(segments::Args),
    Attributes(attributes::Args),
    Export(export::Args),
    Report(report::Args),
    Index(index::Args),
    History(history::Args),
    Changes(changes::Args),
    Undo(undo::Args),
    Forget(forget::Args),
    Check(check::Args),
    Backup(backup::Args),
    Completions(completions::Args),
    #[command(hide = true)]
    Man(man::Args),
}

impl Global {
    /// Opens the store for a command that reads it, and writes nothing.
    fn reader(&self) -> Result<Reader, Failure> {
        Ok(open_for_reading(&self.store)?)
    }

    /// Opens the store for a command that changes it, waiting that long for another change. Names the
    /// rejects of an import that was killed after its commit, and clears what killed commands left.
    fn writer(&self, wait: Duration) -> Result<Writer, Failure> {
        let writer = open_for_writing(&self.store, wait, &self.interrupt()?)?;
        let finished = finish_outputs(&self.store, &writer.pending_outputs()?);
        writer.clear_pending(&finished.imports)?;
        self.temporary_files().clear(folder_of(&self.store), Purpose::Import, &finished.kept);
        Ok(writer)
    }

    /// The temporary files of commands on the store.
    fn temporary_files(&self) -> TemporaryFiles {
        TemporaryFiles::of_store(&self.store)
    }

    /// A request to stop that signals make from now on.
    fn interrupt(&self) -> Result<Interrupt, Failure> {
        let interrupt = Interrupt::default();
        let (colour, quiet) = (self.color, self.quiet);
        signals::install_handlers(interrupt.clone(), move || Output::new(colour, quiet)).map_err(
            |error| {
                Failure::failed(format!("signals cannot be handled: {error}"))
                    .hint("nothing was changed; try it again")
            },
        )?;
        Ok(interrupt)
    }
}

/// Reads the path of a store.
fn store_path(text: &str) -> Result<PathBuf, String> {
    match text {
        "" => Err("a store is a file, such as engage.db".to_owned()),
        text => Ok(text.into()),
    }
}

/// Whether a command line is wrong, and no question for help.
fn is_wrong(error: &clap::Error) -> bool {
    let is_help = matches!(error.kind(), ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand);
    error.use_stderr() && !is_help
}

/// The command line with all that it says of itself.
fn whole_command_line() -> clap::Command {
    help::with_help_flag(Cli::command())
}

/// Runs the program with the arguments it was started with.
pub fn main() -> ExitCode {
    let arguments: Vec<String> =
        std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect();
    let given = help::as_flag(std::env::args_os().collect());
    let parsed = help::explained(Cli::command(), &given)
        .try_get_matches_from(given)
        .and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) if !is_wrong(&error) => {
            // A closed pipe is nobody's fault; `--help` and `--version` come this way.
            let _ = error.print();
            let is_asked_for = !error.use_stderr();
            return ExitCode::from(if is_asked_for { 0 } else { Exit::Usage as u8 });
        }
        Err(error) => {
            let failure = usage::wrong_usage(&error);
            return ExitCode::from(Output::new(ColorChoice::Auto, false).fail(&failure));
        }
    };
    let mut output = Output::new(cli.global.color, cli.global.quiet).in_format(cli.global.format);
    if let Err(error) = signals::report_full_files() {
        output.warning(&format!("a limit of file sizes would end the program: {error}"));
    }
    let result = match cli.command {
        Command::Import(args) => import::run(*args, &cli.global, &arguments[1..], &mut output),
        Command::Inspect(args) => inspect::run(*args, &cli.global, &mut output),
        Command::History(args) => history::run(&args, &cli.global, &mut output),
        Command::Show(args) => show::run(&args, &cli.global, &mut output),
        Command::Segment(args) => segment::run(&args, &cli.global, &mut output),
        Command::Segments(args) => segments::run(&args, &cli.global, &mut output),
        Command::Export(args) => export::run(&args, &cli.global, &mut output),
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
        Command::Completions(args) => completions::run(&args, &mut output),
        Command::Man(args) => man::run(&args, &mut output),
    };
    let code = match result {
        Ok(code) => code,
        Err(failure) => output.fail(&failure),
    };
    ExitCode::from(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
