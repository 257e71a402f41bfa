//! `engage inspect`.

use crate::cli::ChoiceArgs;
use crate::cli::Failure;
use crate::cli::Output;
use crate::cli::{Format, Global};
use crate::import::{InspectOptions, inspect};
use crate::report::json::inspection_report;
use crate::report::terminal::{alias_report, alias_table, inspection_page};
use std::path::PathBuf;

/// Show what import would make of a file
///
/// From the beginning of a file of any size: how it is written, what becomes of each column and
/// why, what would be rejected; with each choice the option that overrules it, to be given to
/// import too. Nothing is written.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  engage inspect users.csv
  engage inspect users.csv.gz -m 'Name=full_name' --region NG
  engage inspect users.csv --format json | jq '.columns[].attribute'
  engage inspect --aliases

Exit codes: 0 shown, 1 it cannot be read, 2 wrong usage, 4 an import would be refused.")]
pub(crate) struct Args {
    /// The CSV file; - is standard input
    #[arg(required_unless_present = "aliases")]
    file: Option<PathBuf>,
    /// Print the names of columns that map themselves
    #[arg(long, conflicts_with = "file")]
    aliases: bool,
    #[command(flatten)]
    choices: ChoiceArgs,
}

/// Runs the command; gives the exit code.
pub(crate) fn run(args: Args, global: &Global, output: &mut Output) -> Result<u8, Failure> {
    global.format.of_one_result("inspect")?;
    let human = global.format == Format::Human;
    let Some(file) = args.file.filter(|_| !args.aliases) else {
        let table = if human { alias_table() } else { format!("{}\n", alias_report()) };
        output.result(&table)?;
        return Ok(0);
    };
    let options = InspectOptions {
        input: file,
        store: global.store.clone(),
        strict: args.choices.strict,
        save_mapping: args.choices.save_mapping.clone(),
        chosen: args.choices.into_chosen()?,
    };
    let inspection = inspect(&options).map_err(|error| Failure::from(&error))?;
    for warning in &inspection.warnings {
        output.warning_seen(warning);
    }
    if human {
        output.result(&inspection_page(
            &inspection,
            &global.store,
            output.screen(),
            global.verbose,
        ))?;
    }
    let failure = inspection.refusal.as_ref().map(Failure::from);
    if !human {
        let exit_code = failure.as_ref().map_or(0, |failure| failure.exit as u8);
        let refusal = failure.as_ref().map(Failure::report);
        let report = inspection_report(&inspection, exit_code, refusal.as_ref());
        output.result(&format!("{report}\n"))?;
    }
    match failure {
        Some(failure) => Err(failure),
        None => Ok(0),
    }
}
