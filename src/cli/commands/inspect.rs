//! `engage inspect`.

use crate::cli::{CommandError, Format, Global, Output, SettingsArgs};
use crate::exit::Exit;
use crate::import::{InspectOptions, inspect};
use crate::report::json::{aliases_json, inspection_json};
use crate::report::terminal::{alias_table, inspection_page};
use crate::text::OptionWords;
use std::path::PathBuf;

/// Show how import would read a file
///
/// Reads the beginning of a file of any size and shows its format, what each column becomes
/// and why, and what would be rejected. Each choice comes with the option that overrides it;
/// engage import takes the same options. Nothing is written.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  engage inspect users.csv
  engage inspect users.csv.gz -m 'Name=full_name' --region NG
  engage inspect users.csv --format json | jq '.columns[].attribute'
  engage inspect --aliases

Exit codes: 0 done, 1 the file cannot be read, 2 wrong usage, 4 an import would be refused.")]
pub(crate) struct Args {
    /// The CSV file; - is standard input
    #[arg(required_unless_present = "aliases")]
    file: Option<PathBuf>,
    /// Print the column names that are mapped automatically
    #[arg(long, conflicts_with = "file")]
    aliases: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

pub(crate) fn run(args: Args, global: &Global, output: &mut Output) -> Result<Exit, CommandError> {
    global.format.require_single_result("inspect")?;
    let is_human = global.format == Format::Human;
    let Some(file) = args.file.filter(|_| !args.aliases) else {
        let table = if is_human { alias_table() } else { format!("{}\n", aliases_json()) };
        output.result(&table)?;
        return Ok(Exit::Done);
    };
    let options = match &args.settings.save_mapping {
        // The new mapping file has all other options.
        Some(file) => {
            let mut words = OptionWords::default();
            words.option("--mapping", Some(file.display()));
            words.flag("--strict", args.settings.strict);
            words.0
        }
        None => [args.settings.reading_words(), args.settings.mapping_words()].concat(),
    };
    let inspection = inspect(&InspectOptions {
        input: file,
        store: global.store.clone(),
        strict: args.settings.strict,
        save_mapping: args.settings.save_mapping.clone(),
        settings: args.settings.into_settings()?,
    })?;
    for warning in &inspection.warnings {
        output.import_warning(warning);
    }
    output.result(&if is_human {
        inspection_page(&inspection, &global.store, &options, output.screen(), global.verbose)
    } else {
        format!("{}\n", inspection_json(&inspection))
    })?;
    match inspection.refusal {
        Some(refusal) => Err(refusal.into()),
        None => Ok(Exit::Done),
    }
}
