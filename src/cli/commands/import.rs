//! `engage import`.

use crate::cli::Failure;
use crate::cli::Output;
use crate::cli::is_page;
use crate::cli::{ChoiceArgs, READING};
use crate::cli::{Exit, Format, Global};
use crate::cli::{Progress, progress};
use crate::import::Mode;
use crate::import::{
    AcceptedOutput, Bound, History, ImportError, ImportOptions, Meter, Snapshot, import,
};
use crate::outcome::{MissingAction, Outcome};
use crate::output::{Notation, TemporaryFiles, write};
use crate::report::html::{failed_import_page, import_page};
use crate::report::terminal::{guard_details, summary};
use crate::store::sqlite::open_for_reading;
use crate::store::sqlite::query::Profile;
use clap::ValueEnum;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Headings of options in `--help`.
const DOING: &str = "What is done with it";
const FILES: &str = "What is written beside the store";

/// Bring a CSV export into the customer store
///
/// The header maps itself: known names become standard attributes, the rest custom ones. Records
/// that are not valid go to a rejects file beside the input, each with its reasons; mend it and
/// import it. Importing the same file again changes nothing.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  engage import users.csv
  engage import users.csv --dry-run
  engage import part-*.csv.gz
  engage import users.csv -m 'Name=full_name' --skip Notes --region NG
  zcat users.csv.gz | engage import - --rejects bad.csv

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done but records were rejected,
4 refused, 5 stopped by a guard, 6 done but a report or file could not be written.
Only 0, 3 and 6 change customers.")]
pub(crate) struct Args {
    /// The CSV file; several of one set of columns are one import; - is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Say what would happen, and write nothing but rejects
    #[arg(long, help_heading = DOING)]
    dry_run: bool,
    #[command(flatten)]
    choices: ChoiceArgs,
    /// Which customers may be made or changed
    #[arg(long, value_enum, default_value = "upsert", help_heading = DOING)]
    mode: ModeArgument,
    /// The input is the whole truth: what becomes of customers whom it does not name
    #[arg(long, value_enum, value_name = "ACTION", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = "report", conflicts_with = "limit", help_heading = DOING)]
    snapshot: Option<SnapshotArgument>,
    /// More missing customers than this and nothing is written [default: 20%, to archive or delete]
    #[arg(long, value_name = "N|N%", requires = "snapshot", help_heading = DOING)]
    max_missing: Option<Bound>,
    /// More rejects than this and nothing is written
    #[arg(long, value_name = "N|N%", help_heading = DOING)]
    max_rejects: Option<Bound>,
    /// Stop if more records contradict an earlier one of their customer [default: 3 or 10%]
    #[arg(long, value_name = "N|N%", help_heading = DOING)]
    max_merged: Option<Bound>,
    /// Where rejected records go; of several files, a folder [default: NAME.rejects.csv beside each]
    #[arg(long, value_name = "FILE", help_heading = FILES)]
    rejects: Option<PathBuf>,
    /// Write accepted records as clean CSV: standard names, normalised values
    #[arg(long, value_name = "FILE", help_heading = FILES)]
    accepted: Option<PathBuf>,
    /// With --accepted: put an apostrophe before texts that a spreadsheet may take for formulas
    #[arg(long, requires = "accepted", help_heading = FILES)]
    spreadsheet_safe: bool,
    /// Write the report: FILE.json for a program, FILE.html as a page to look at
    #[arg(long, value_name = "FILE", value_parser = report_path, help_heading = FILES)]
    report: Option<PathBuf>,
    /// With --report FILE.html: values of rejected records as they are
    #[arg(long, requires = "report", help_heading = FILES)]
    show_values: bool,
    /// Stop after so many records
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), help_heading = READING)]
    limit: Option<u64>,
    /// Keep what customers were before, or nothing: this import and all before it are final then
    #[arg(long, value_enum, default_value = "full", help_heading = DOING)]
    history: HistoryArgument,
    /// How long to wait for another import into the same store
    #[arg(long, value_name = "SECONDS", default_value_t = 10, help_heading = DOING)]
    wait: u64,
    /// What to show meanwhile
    #[arg(long, value_enum, default_value = "auto")]
    progress: Progress,
    /// How many threads judge records
    #[arg(long, hide = true, env = "ENGAGE_THREADS", value_name = "N")]
    threads: Option<usize>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum SnapshotArgument {
    Report,
    Archive,
    Delete,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum HistoryArgument {
    Full,
    None,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ModeArgument {
    Upsert,
    Create,
    Update,
}

fn report_path(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("json" | "html") => Ok(path),
        _ => Err("a report is a file such as report.json or report.html".to_owned()),
    }
}

impl Args {
    fn into_options(self, store: PathBuf, as_given: &[String]) -> Result<ImportOptions, Failure> {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let spreadsheet_safe = self.spreadsheet_safe;
        let (strict, save_mapping) = (self.choices.strict, self.choices.save_mapping.clone());
        let chosen = self.choices.into_chosen()?;
        let guards = chosen.guards;
        Ok(ImportOptions {
            inputs: self.files,
            store,
            dry_run: self.dry_run,
            strict,
            save_mapping,
            chosen,
            mode: match self.mode {
                ModeArgument::Upsert => Mode::Upsert,
                ModeArgument::Create => Mode::Create,
                ModeArgument::Update => Mode::Update,
            },
            snapshot: self.snapshot.map(|action| Snapshot {
                action: match action {
                    SnapshotArgument::Report => MissingAction::Report,
                    SnapshotArgument::Archive => MissingAction::Archive,
                    SnapshotArgument::Delete => MissingAction::Delete,
                },
                max_missing: self.max_missing.or(guards.max_missing),
            }),
            max_rejects: self.max_rejects.or(guards.max_rejects),
            max_merged: self.max_merged.or(guards.max_merged),
            rejects: self.rejects,
            accepted: self.accepted.map(|path| AcceptedOutput { path, spreadsheet_safe }),
            report: self.report,
            limit: self.limit,
            wait: Duration::from_secs(self.wait),
            threads: self.threads.unwrap_or(cores),
            history: match self.history {
                HistoryArgument::Full => History::Full,
                HistoryArgument::None => History::None,
            },
            as_given: as_given.to_vec(),
        })
    }
}

/// Runs the command; gives the exit code.
pub(crate) fn run(
    args: Args,
    global: &Global,
    as_given: &[String],
    output: &mut Output,
) -> Result<u8, Failure> {
    global.format.of_one_result("import")?;
    let progress = if global.quiet { Progress::Off } else { args.progress };
    let show_values = args.show_values;
    if show_values && !args.report.as_deref().is_some_and(is_page) {
        return Err(Failure::usage("only a page shows values").hint("--report FILE.html is one"));
    }
    let options = args.into_options(global.store.clone(), as_given)?;
    let meter = Meter::default();
    let names: Vec<String> =
        options.inputs.iter().map(|input| input.display().to_string()).collect();
    let name = match names.as_slice() {
        [name] => name.clone(),
        names => format!("{} files", names.len()),
    };
    let interrupt = global.interrupt()?;
    let (colour, quiet) = (global.color, global.quiet);
    let explain = |error: &ImportError| {
        let failure = Failure::from(error);
        (failure.exit as u8, failure.report())
    };
    let note = move |line: &str| Output::new(colour, quiet).note(line);
    let result = progress::shown(progress, &name, &meter, note, || {
        import(&options, &meter, &interrupt, &explain)
    });
    let outcome = match result {
        Ok(outcome) => outcome,
        Err(error) => {
            let failure = Failure::from(&error);
            let report = failure.import_report(&names);
            // What is wrong with the report's place is why there is none.
            if let Some(path) = options.report.as_deref()
                && !matches!(
                    error,
                    ImportError::Overwrites { what: "the report", .. } | ImportError::Report { .. }
                )
            {
                let page = || failed_import_page(&report);
                write_report(path, &global.temporary_files(), page, &report, output);
            }
            if global.format == Format::Json {
                output.result(&format!("{}\n", report.to_json()))?;
            }
            return Err(failure);
        }
    };
    let stopped = stopped(&outcome);
    let mut exit_code = outcome.exit_code;
    if stopped.is_none() && !options.dry_run {
        output.mark_done();
    }
    if let Some(path) = options.report.as_deref() {
        let page = || {
            let fill = fill(&outcome);
            import_page(&outcome, fill.as_ref(), show_values)
        };
        let files = global.temporary_files();
        let is_written = write_report(path, &files, page, &outcome, output);
        if !is_written && output.is_done() {
            exit_code = Exit::Unreported as u8;
        }
    }
    for warning in &outcome.warnings {
        output.warning_seen(warning);
    }
    match global.format {
        Format::Json | Format::Csv | Format::Jsonl => {
            output.result(&format!("{}\n", outcome.to_json()))?;
        }
        Format::Human if exit_code == 0 => {
            output.summary(&summary(&outcome, output.screen(), global.verbose))?;
        }
        Format::Human => output.result(&summary(&outcome, output.screen(), global.verbose))?,
    }
    match stopped {
        Some(stopped) => Err(stopped),
        None => Ok(exit_code),
    }
}

/// How full the attributes of the store are since an import that was done. An import is done whether
/// or not that can be told.
fn fill(outcome: &Outcome) -> Option<(Vec<Profile>, u64)> {
    let is_done = outcome.guard.is_none() && outcome.import_id.is_some();
    is_done.then(|| open_for_reading(&outcome.store).and_then(|store| store.profiles()).ok())?
}

/// Writes the report; says whether it did. The outcome of the import is settled by then, so that a
/// report that cannot be written is a warning.
fn write_report(
    path: &Path,
    files: &TemporaryFiles,
    page: impl FnOnce() -> String,
    report: &Outcome,
    output: &mut Output,
) -> bool {
    let content = if is_page(path) { page() } else { format!("{}\n", report.to_json()) };
    let written = write(path, files, Notation::Json, |writer| writer.write_all(content.as_bytes()));
    if let Err(error) = &written {
        output.warning(&format!("the report {} cannot be written: {error}", path.display()));
    }
    written.is_ok()
}

/// The failure of an import that a guard stopped.
fn stopped(outcome: &Outcome) -> Option<Failure> {
    let error = outcome.guard_error()?;
    let mut failure = Failure::stopped(error.message);
    failure.details = guard_details(outcome);
    Some(error.hints.into_iter().fold(failure, Failure::hint))
}
