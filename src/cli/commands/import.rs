//! `engage import`.

use crate::cli::{
    CommandError, Format, Global, Output, Progress, READING, SettingsArgs, is_page, with_progress,
    write_report,
};
use crate::exit::Exit;
use crate::import::output::leave_out_own_outputs;
use crate::import::{
    AcceptedOutput, Bound, FileRole, History, ImportError, ImportOptions, Meter, Mode, Snapshot,
    import,
};
use crate::outcome::{MissingAction, Outcome};
use crate::output::TemporaryFiles;
use crate::report::html::{failed_import_page, import_page};
use crate::report::terminal::{guard_details, import_summary, rejects_summary};
use crate::store::{HistoryEntry, Interrupt, Profile, StoreError, StoreLocation, open_for_reading};
use crate::text::escaped;
use std::fs;
use std::path::{Path, PathBuf, absolute};
use std::time::Duration;

/// How many history entries are searched for files that imports wrote.
const IMPORTS_LOOKED_AT: u64 = 50;

/// Headings of options in `--help`.
const DOING: &str = "Import";
const FILES: &str = "Output files";

/// Import a CSV export into the customer store
///
/// Known headers become standard attributes, all others custom attributes. Invalid records go
/// to a rejects file with their reasons. Importing the same file again changes nothing.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  engage import users.csv
  engage import users.csv --dry-run
  engage import users.csv -m 'Name=full_name' --skip Notes --region NG
  zcat users.csv.gz | engage import - --rejects bad.csv

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done but records were rejected,
4 refused, 5 stopped by a guard, 6 done but a file was not written. Only 0, 3, 6 change customers.")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct Args {
    /// CSV file, or - for standard input; several files with the same columns are one import
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Show what would happen without changing anything
    #[arg(long, help_heading = DOING)]
    dry_run: bool,
    #[command(flatten)]
    settings: SettingsArgs,
    /// Accept new and missing columns; later files are compared with this one
    #[arg(long, hide_short_help = true, help_heading = DOING)]
    accept_columns: bool,
    /// Which customers may be created or changed
    #[arg(long, value_enum, value_name = "upsert|create|update", default_value = "upsert")]
    #[arg(hide_possible_values = true, hide_short_help = true, help_heading = DOING)]
    mode: Mode,
    /// Treat the file as complete: report, archive or delete missing customers
    #[arg(long, value_enum, value_name = "ACTION", num_args = 0..=1)]
    #[arg(require_equals = true, hide_possible_values = true)]
    #[arg(default_missing_value = "report", conflicts_with = "limit", help_heading = DOING)]
    snapshot: Option<MissingAction>,
    /// Write nothing if more customers are missing [default: 20% for archive and delete]
    #[arg(long, value_name = "N|N%", requires = "snapshot", help_heading = DOING)]
    max_missing: Option<Bound>,
    /// Write nothing if more records are rejected
    #[arg(long, value_name = "N|N%", help_heading = DOING)]
    max_rejects: Option<Bound>,
    /// Write nothing if more records contradict an earlier one of their customer [default: 3 or
    /// 10%, whichever is more]
    #[arg(long, hide_short_help = true, value_name = "N|N%", help_heading = DOING)]
    max_merged: Option<Bound>,
    /// File for rejected records [default: NAME.rejects.csv next to each file]
    #[arg(long, value_name = "FILE", help_heading = FILES)]
    rejects: Option<PathBuf>,
    /// Write the customers of accepted records as clean CSV, one row each, with their values after
    /// the import
    #[arg(long, hide_short_help = true, value_name = "FILE", help_heading = FILES)]
    accepted: Option<PathBuf>,
    /// With --accepted: put an apostrophe before texts that a spreadsheet may read as formulas
    #[arg(long, hide_short_help = true, requires = "accepted", help_heading = FILES)]
    spreadsheet_safe: bool,
    /// Write a report as JSON (FILE.json) or HTML (FILE.html)
    #[arg(long, value_name = "FILE", value_parser = report_path, help_heading = FILES)]
    report: Option<PathBuf>,
    /// With --report FILE.html: show the values of rejected records unmasked
    #[arg(long, hide_short_help = true, requires = "report", help_heading = FILES)]
    show_values: bool,
    /// Stop after N records
    #[arg(long, hide_short_help = true, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), help_heading = READING)]
    limit: Option<u64>,
    /// Whether to keep undo data; with none, neither this import nor earlier ones can be undone
    #[arg(long, value_enum, value_name = "full|none", default_value = "full")]
    #[arg(hide_possible_values = true, hide_short_help = true, help_heading = DOING)]
    history: History,
    /// How long to wait for another import into the same store
    #[arg(long, hide_short_help = true, value_name = "SECONDS", default_value_t = 10, help_heading = DOING)]
    wait: u64,
    /// How to show progress
    #[arg(long, value_enum, value_name = "auto|bar|plain|off", default_value = "auto")]
    #[arg(hide_possible_values = true, hide_short_help = true, help_heading = DOING)]
    progress: Progress,
    /// How many threads validate records
    #[arg(long, hide = true, env = "ENGAGE_THREADS", value_name = "N")]
    threads: Option<usize>,
}

fn report_path(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("json" | "html") => Ok(path),
        _ => Err("expected a file such as report.json or report.html".to_owned()),
    }
}

impl Args {
    /// The options that a later import of the rejects needs, as words of a command line.
    fn words_for_rejects(&self) -> Vec<String> {
        let mut words = self.settings.mapping_words();
        if self.mode != Mode::default() {
            words.extend(["--mode".to_owned(), self.mode.as_str().to_owned()]);
        }
        if self.history == History::None {
            words.extend(["--history".to_owned(), "none".to_owned()]);
        }
        words
    }

    fn into_options(
        self,
        inputs: Vec<PathBuf>,
        store: StoreLocation,
        as_given: &[String],
    ) -> Result<ImportOptions, CommandError> {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let spreadsheet_safe = self.spreadsheet_safe;
        let (strict, save_mapping) = (self.settings.strict, self.settings.save_mapping.clone());
        let settings = self.settings.into_settings()?;
        let guards = settings.guards;
        Ok(ImportOptions {
            inputs,
            store,
            dry_run: self.dry_run,
            strict,
            accept_columns: self.accept_columns,
            save_mapping,
            settings,
            mode: self.mode,
            snapshot: self.snapshot.map(|action| Snapshot {
                action,
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
            history: self.history,
            as_given: as_given.to_vec(),
        })
    }
}

/// Fails if the action of `--snapshot` was treated as a file because it lacks a `=`.
fn explain_snapshot_action(args: &Args) -> Result<(), CommandError> {
    let is_action = |file: &&PathBuf| {
        let name = file.to_str().unwrap_or_default();
        <MissingAction as clap::ValueEnum>::from_str(name, false).is_ok() && !file.exists()
    };
    match args.files.iter().find(is_action) {
        Some(file) if args.snapshot.is_some() => {
            let action = file.display();
            Err(CommandError::usage(format!("{action} was read as a file: --snapshot needs a ="))
                .hint(format!("write it like this: --snapshot={action}")))
        }
        _ => Ok(()),
    }
}

pub(crate) fn run(
    args: Args,
    global: &Global,
    as_given: &[String],
    output: &mut Output,
) -> Result<Exit, CommandError> {
    global.format.require_single_result("import")?;
    explain_snapshot_action(&args)?;
    let show_values = args.show_values;
    if show_values && !args.report.as_deref().is_some_and(is_page) {
        return Err(CommandError::usage("--show-values works only with an HTML report")
            .hint("add --report FILE.html"));
    }
    let progress = if global.quiet { Progress::Off } else { args.progress };
    let inputs = inputs(&args, global, output);
    let words_for_rejects = args.words_for_rejects();
    let options = args.into_options(inputs, global.store.clone(), as_given)?;
    let files = global.temporary_files();
    let interrupt = global.interrupt()?;
    let is_new_file = |file| fs::metadata(file).map_or(0, |file| file.len()) == 0;
    let makes_file = global.store.file().is_some_and(is_new_file);
    let mut outcome = match import_with_progress(&options, progress, &interrupt, global) {
        Ok(outcome) => Outcome { words_for_rejects, ..outcome },
        Err(error) => return report_error(&error, &options, &files, output),
    };
    let stopped =
        outcome.guard_error().map(|error| CommandError::stopped(error, guard_details(&outcome)));
    if stopped.is_none() && !options.dry_run {
        output.mark_done();
        let makes_schema = global.store.file().is_none() && outcome.import_id == Some(1);
        if (makes_file || makes_schema) && global.quiet {
            // With a wrong path, the import creates an empty store, so this is shown despite
            // --quiet.
            let absolute = global.store.file().and_then(|file| absolute(file).ok());
            let store = absolute.as_deref().unwrap_or(&global.store).display().to_string();
            output.note(&format!("created a new store at {}", escaped(&store)));
        }
    }
    let mut exit = outcome.exit;
    if let Some(path) = options.report.as_deref() {
        let page =
            || import_page(&outcome, profiles(&options.store, &outcome).as_ref(), show_values);
        let is_written = write_report(path, &report_content(path, page, &outcome), &files, output);
        if !is_written && output.is_done() {
            exit = Exit::Unreported;
        }
        outcome.report_file = is_written.then(|| path.to_owned());
    }
    for warning in &outcome.warnings {
        // --quiet leaves out warnings that the last import of such a file had too.
        if !(global.quiet && warning.is_repeated) {
            output.import_warning(warning);
        }
    }
    let verbose = global.verbose;
    if global.format == Format::Human && exit != Exit::Done {
        // Rejects need action, so --quiet does not suppress them.
        let summary = match global.quiet {
            true => rejects_summary(&outcome, output.screen()),
            false => import_summary(&outcome, output.screen(), verbose),
        };
        output.result(&summary)?;
    } else {
        output.report(&outcome, |screen| import_summary(&outcome, screen, verbose))?;
    }
    match stopped {
        Some(stopped) => Err(stopped),
        None => Ok(exit),
    }
}

/// The files to import: the given ones, except those that engage wrote from other given ones.
fn inputs(args: &Args, global: &Global, output: &mut Output) -> Vec<PathBuf> {
    if args.files.len() < 2 {
        return args.files.clone();
    }
    let mut accepted = earlier_accepted_files(&global.store);
    accepted.extend(args.accepted.clone().map(|path| (path, Vec::new())));
    let (inputs, left_out) = leave_out_own_outputs(&args.files, args.rejects.as_deref(), &accepted);
    if !global.quiet {
        for file in &left_out {
            output.note(&file.to_string());
        }
    }
    inputs
}

/// The files of accepted records that earlier imports wrote, each with its sources.
fn earlier_accepted_files(store: &StoreLocation) -> Vec<(PathBuf, Vec<PathBuf>)> {
    let mut accepted = Vec::new();
    // A store that cannot be read is reported by the import itself.
    let _ = open_for_reading(store).and_then(|reader| {
        reader.history(Some(IMPORTS_LOOKED_AT), |entry: &HistoryEntry| -> Result<(), StoreError> {
            let sources = entry.files.iter().map(PathBuf::from);
            accepted.extend(entry.accepted_file().map(|path| (path, sources.collect())));
            Ok(())
        })
    });
    accepted
}

fn import_with_progress(
    options: &ImportOptions,
    progress: Progress,
    interrupt: &Interrupt,
    global: &Global,
) -> Result<Outcome, ImportError> {
    let name = match options.inputs.as_slice() {
        [input] => input.display().to_string(),
        inputs => format!("{} files", inputs.len()),
    };
    let meter = Meter::default();
    with_progress(progress, &name, &meter, global.notes(), || import(options, &meter, interrupt))
}

/// Writes the report of an import that was refused or failed.
fn report_error(
    error: &ImportError,
    options: &ImportOptions,
    files: &TemporaryFiles,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let inputs: Vec<String> =
        options.inputs.iter().map(|input| input.display().to_string()).collect();
    let outcome = Outcome::failed(error, &inputs);
    let is_about_report = matches!(
        error,
        ImportError::Report { .. } | ImportError::Overwrites { output: FileRole::Report, .. }
    );
    if let Some(path) = options.report.as_deref().filter(|_| !is_about_report) {
        let content = report_content(path, || failed_import_page(&outcome), &outcome);
        write_report(path, &content, files, output);
    }
    output.program_report(&outcome)?;
    Err(CommandError::from_error(error))
}

/// The attributes and the number of customers in the store after a committed import. `None` if they
/// cannot be read, which does not affect the import.
fn profiles(store: &StoreLocation, outcome: &Outcome) -> Option<(Vec<Profile>, u64)> {
    if outcome.guard.is_some() || outcome.import_id.is_none() {
        return None;
    }
    open_for_reading(store).and_then(|store| store.profiles()).ok()
}

/// The report in the format that its file name asks for.
fn report_content(path: &Path, page: impl FnOnce() -> String, report: &Outcome) -> String {
    if is_page(path) { page() } else { format!("{}\n", report.to_json()) }
}
