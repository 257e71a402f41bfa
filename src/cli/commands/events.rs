//! `engage events`.

use crate::cli::{
    CommandError, EarlyEnd, Global, Output, Progress, READING, declared_type, json_report_path,
    with_progress, write_report,
};
use crate::events::EventRole;
use crate::exit::Exit;
use crate::import::{EventOptions, ImportError, Meter, convert_events};
use crate::input::encoding::Encoding;
use crate::input::{ReadOptions, delimiter_named};
use crate::outcome::{CommandReport, EventsOutcome, Status, counted, to_json};
use crate::output::{Notation, write};
use crate::report::terminal::events_summary;
use crate::settings::{Settings, SettingsLayer};
use crate::store::Interrupt;
use crate::text::{quoted, shell_word};
use crate::value::region::Region;
use crate::value::typed::TypeSpec;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// Headings of options in `--help`.
const COLUMNS: &str = "Columns";
const VALUES: &str = "Values";
const FILES: &str = "Output files";

/// Convert a CSV file of events for the Engage API
///
/// Imports take attributes only; this command converts event data. Each row becomes a line
/// with one JSON object: the uid and the body of POST /users/{uid}/events, which engage push
/// --events sends. Columns other than the customer, event, time and value become properties. Invalid
/// rows go to a rejects file. Events are never stored.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  engage events track.csv -o track.jsonl
  engage events orders.csv --event 'Order placed' -m 'Ordered at=timestamp' -o orders.jsonl
  engage events visits.csv -m Mail=email -m Page=event --skip Browser > visits.jsonl
  engage push --events orders.jsonl

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done but records were rejected,
6 done but the report or the rejects file could not be written.")]
pub(crate) struct Args {
    /// The CSV file; - is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Name of all events, if no column has it
    #[arg(long, value_name = "NAME", value_parser = event_name, help_heading = COLUMNS)]
    event: Option<String>,
    /// Set the role of a column: uid, email or number of the customer; event, timestamp or value
    #[arg(short, long, value_name = "COLUMN=ROLE", value_parser = column_role, help_heading = COLUMNS)]
    map: Vec<(String, EventRole)>,
    /// Skip a column
    #[arg(long, value_name = "COLUMN", help_heading = COLUMNS)]
    skip: Vec<String>,
    /// Declare a type: string, number[:,], boolean, date[:%d/%m/%Y], datetime[:FORMAT]
    #[arg(long = "type", value_name = "COLUMN=TYPE", value_parser = declared_type, help_heading = VALUES)]
    types: Vec<(String, TypeSpec)>,
    /// Country of phone numbers without a country code
    #[arg(long, value_name = "CC", help_heading = VALUES)]
    region: Option<Region>,
    /// Text that means a missing value
    #[arg(long, value_name = "TEXT", help_heading = VALUES)]
    null: Vec<String>,
    /// Word such as NULL to keep as a value
    #[arg(long, value_name = "WORD", help_heading = VALUES)]
    keep_text: Vec<String>,
    /// Field delimiter [default: detected]
    #[arg(long, value_name = "CHARACTER", value_parser = delimiter_named, help_heading = READING)]
    delimiter: Option<u8>,
    /// Encoding, such as windows-1252 [default: detected]
    #[arg(long, value_name = "NAME", help_heading = READING)]
    encoding: Option<Encoding>,
    /// Line number of the header, if other lines precede it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), help_heading = READING)]
    header_line: Option<u64>,
    /// Column names, for a file without a header
    #[arg(long, value_name = "A,B,C", value_delimiter = ',', conflicts_with = "header_line", help_heading = READING)]
    columns: Option<Vec<String>>,
    /// File for the events [default: standard output]
    #[arg(short, long, value_name = "FILE.jsonl", help_heading = FILES)]
    output: Option<PathBuf>,
    /// File for rejected records [default: NAME.rejects.csv next to the file]
    #[arg(long, value_name = "FILE", help_heading = FILES)]
    rejects: Option<PathBuf>,
    /// Write a report as JSON
    #[arg(long, value_name = "FILE.json", value_parser = json_report_path, help_heading = FILES)]
    report: Option<PathBuf>,
    /// How to show progress
    #[arg(long, value_enum, value_name = "auto|bar|plain|off", default_value = "auto")]
    #[arg(hide_possible_values = true, hide_short_help = true)]
    progress: Progress,
    /// How many threads validate records
    #[arg(long, hide = true, env = "ENGAGE_THREADS", value_name = "N")]
    threads: Option<usize>,
}

fn event_name(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("expected a name such as 'Order placed'".to_owned()),
        name => Ok(name.to_owned()),
    }
}

fn column_role(text: &str) -> Result<(String, EventRole), String> {
    let pair = text.rsplit_once('=').filter(|(column, _)| !column.is_empty());
    pair.and_then(|(column, role)| Some((column.to_owned(), EventRole::from_name(role.trim())?)))
        .ok_or_else(|| {
            "expected COLUMN=uid, email, number, event, timestamp or value, such as -m 'Mail=email'"
                .to_owned()
        })
}

impl Args {
    fn options(&self, global: &Global) -> EventOptions {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let layer = SettingsLayer {
            read: ReadOptions {
                delimiter: self.delimiter,
                encoding: self.encoding,
                header_line: self.header_line,
                columns: self.columns.clone(),
            },
            region: self.region,
            nulls: self.null.clone(),
            keep_text: self.keep_text.clone(),
            types: self.types.clone(),
            ..SettingsLayer::default()
        };
        EventOptions {
            input: self.file.clone(),
            store: global.store.clone(),
            settings: Settings::merge(layer, None),
            roles: self.map.clone(),
            skipped: self.skip.clone(),
            event: self.event.clone(),
            rejects: self.rejects.clone(),
            output: self.output.clone(),
            threads: self.threads.unwrap_or(cores),
        }
    }
}

pub(crate) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<Exit, CommandError> {
    global.format.require_single_result("events")?;
    let options = args.options(global);
    let interrupt = global.interrupt()?;
    let outcome = match &args.output {
        Some(path) => to_file(path, &options, args, global, &interrupt)?,
        None => to_standard_output(&options, args, global, &interrupt, output)?,
    };
    let Some(outcome) = outcome else { return Ok(Exit::Done) };
    output.mark_done();
    warn(&outcome, output);
    let exit = if outcome.records.rejected > 0 { Exit::Incomplete } else { Exit::Done };
    let exit = if outcome.rejects_failure.is_some() { Exit::Unreported } else { exit };
    let report = CommandReport::new("events", Status::Converted, exit, outcome);
    let is_reported = match &args.report {
        Some(path) => {
            let content = format!("{}\n", to_json(&report));
            write_report(path, &content, &global.temporary_files(), output)
        }
        None => true,
    };
    if args.output.is_some() {
        output.report(&report, |screen| events_summary(&report.outcome, screen))?;
    } else if !global.quiet {
        // Standard output has the events.
        let summary = events_summary(&report.outcome, output.screen());
        output.note(summary.trim_end());
    }
    Ok(if is_reported { exit } else { Exit::Unreported })
}

/// Converts the file and writes its events.
fn convert(
    options: &EventOptions,
    args: &Args,
    global: &Global,
    interrupt: &Interrupt,
    writer: &mut dyn Write,
) -> Result<EventsOutcome, EarlyEnd> {
    let progress = if global.quiet { Progress::Off } else { args.progress };
    let name = options.input.display().to_string();
    let meter = Meter::default();
    let mut writer = BufWriter::with_capacity(1 << 16, writer);
    let converted = with_progress(progress, &name, &meter, global.notes(), || {
        convert_events(options, &mut writer, &meter, interrupt)
    });
    converted.map_err(|error| match error {
        ImportError::EventOutput(error) => EarlyEnd::from(error),
        error => EarlyEnd::Failed(CommandError::from_error(&error)),
    })
}

fn to_file(
    path: &Path,
    options: &EventOptions,
    args: &Args,
    global: &Global,
    interrupt: &Interrupt,
) -> Result<Option<EventsOutcome>, CommandError> {
    let files = global.temporary_files();
    let written = write(path, &files, Notation::Json, |writer| {
        convert(options, args, global, interrupt, writer)
    });
    match written {
        Ok(outcome) => Ok(Some(outcome)),
        Err(EarlyEnd::ReaderClosed | EarlyEnd::Enough) => Ok(None),
        Err(EarlyEnd::Unwritable(error)) => {
            let message = format!("the events {} cannot be written: {error}", path.display());
            Err(CommandError::failed(message).hint("check the disk space and the permissions"))
        }
        Err(EarlyEnd::Failed(error)) => Err(error),
    }
}

fn to_standard_output(
    options: &EventOptions,
    args: &Args,
    global: &Global,
    interrupt: &Interrupt,
    output: &mut Output,
) -> Result<Option<EventsOutcome>, CommandError> {
    let mut outcome = None;
    output.stream(Notation::Json, |writer| {
        outcome = Some(convert(options, args, global, interrupt, writer)?);
        Ok(())
    })?;
    Ok(outcome)
}

fn warn(outcome: &EventsOutcome, output: &mut Output) {
    for warning in &outcome.warnings {
        output.import_warning(warning);
    }
    if !outcome.has_timestamp {
        output.warning(
            "no column has the time, so Engage uses the time of receipt: \
             set one with -m COLUMN=timestamp",
        );
    }
    if outcome.without_offset > 0 {
        output.warning(&format!(
            "{} without an offset, read as UTC",
            counted(outcome.without_offset, "time")
        ));
    }
    if let Some(name) = &outcome.long_name {
        output.warning(&format!(
            "the names of {} have 32 characters or more, which Engage may reject: {}",
            counted(outcome.long_names, "event"),
            quoted(name, 60)
        ));
    }
    if let Some(failure) = &outcome.rejects_failure {
        output.warning(&format!("the rejects file {failure}"));
    }
    if let Some(file) = outcome.rejects.files.first() {
        let file = shell_word(&file.display().to_string());
        output.hint(&format!("fix the rejected rows, then convert {file} with the same options"));
    }
}
