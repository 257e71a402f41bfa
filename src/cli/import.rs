//! `engage import`.

use super::failure::Failure;
use super::output::Output;
use super::progress::{self, Progress};
use super::signals::heed;
use super::{Format, Global};
use crate::attribute::{DevicePlatform, Key, Region, TypeSpec};
use crate::import::{
    Blank, Bound, Guard, History, ImportOptions, Interrupt, Meter, MissingAction, Mode, OnInvalid,
    Outcome, Reports, Snapshot, ValueOptions, import, write_whole,
};
use crate::mapping::MappingOptions;
use crate::report::{import_report, summary};
use crate::source::{Encoding, ReadOptions};
use clap::ValueEnum;
use std::path::{Path, PathBuf};
use std::time::Duration;

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
4 refused, 5 stopped by a guard. Only 0 and 3 change customers.")]
pub(super) struct Args {
    /// The CSV file; several of one set of columns are one import; - is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Say what would happen, and write nothing but rejects
    #[arg(long)]
    dry_run: bool,
    /// Map a column by hand; `Name=full_name` splits a whole name
    #[arg(short, long, value_name = "COLUMN=ATTRIBUTE", value_parser = pair)]
    map: Vec<(String, String)>,
    /// Leave a column out
    #[arg(long, value_name = "COLUMN")]
    skip: Vec<String>,
    /// Leave out every column that is neither standard nor mapped by hand
    #[arg(long)]
    only_mapped: bool,
    /// What identifies a customer [default: the store's key]
    #[arg(long, value_name = "uid|email|number")]
    key: Option<Key>,
    /// The country of numbers written without one
    #[arg(long, value_name = "CC")]
    region: Option<Region>,
    /// The column with that country
    #[arg(long, value_name = "COLUMN")]
    region_column: Option<String>,
    /// Declare a type: string, number[:,], boolean, date[:%d/%m/%Y], datetime[:FORMAT]
    #[arg(long = "type", value_name = "ATTRIBUTE=TYPE", value_parser = declared_type)]
    types: Vec<(String, TypeSpec)>,
    /// The platform of device tokens where no column says it
    #[arg(long, value_name = "ios|android")]
    device_platform: Option<DevicePlatform>,
    /// An empty cell keeps the stored value, or clears it
    #[arg(long, value_enum, default_value = "keep")]
    blank: BlankArgument,
    /// A text that says that there is no value
    #[arg(long, value_name = "TEXT")]
    null: Vec<String>,
    /// An invalid value rejects its record, or is dropped alone
    #[arg(long, value_enum, default_value = "reject")]
    on_invalid: OnInvalidArgument,
    /// Which customers may be made or changed
    #[arg(long, value_enum, default_value = "upsert")]
    mode: ModeArgument,
    /// The input is the whole truth: what becomes of customers whom it does not name
    #[arg(long, value_enum, value_name = "ACTION", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = "report", conflicts_with = "limit")]
    snapshot: Option<SnapshotArgument>,
    /// More missing customers than this and nothing is written [default: 20%, to archive or delete]
    #[arg(long, value_name = "N|N%", requires = "snapshot")]
    max_missing: Option<Bound>,
    /// More rejects than this and nothing is written
    #[arg(long, value_name = "N|N%")]
    max_rejects: Option<Bound>,
    /// Where rejected records go; of several files, a folder [default: NAME.rejects.csv beside each]
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// Write accepted records as clean CSV: standard names, normalised values
    #[arg(long, value_name = "FILE")]
    accepted: Option<PathBuf>,
    /// Write the report, as JSON
    #[arg(long, value_name = "FILE.json", value_parser = report_path)]
    report: Option<PathBuf>,
    /// The character between two fields [default: detected]
    #[arg(long, value_name = "CHARACTER", value_parser = delimiter)]
    delimiter: Option<u8>,
    /// The encoding, such as windows-1252 [default: detected]
    #[arg(long, value_name = "NAME")]
    encoding: Option<Encoding>,
    /// The line of the header, where others stand above it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    header_line: Option<u64>,
    /// The columns, where the file has no header
    #[arg(long, value_name = "A,B,C", value_delimiter = ',', conflicts_with = "header_line")]
    columns: Option<Vec<String>>,
    /// Stop after so many records
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    limit: Option<u64>,
    /// Keep what customers were before, or nothing: this import and all before it are final then
    #[arg(long, value_enum, default_value = "full")]
    history: HistoryArgument,
    /// How long to wait for another import into the same store
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    wait: u64,
    /// What to show meanwhile
    #[arg(long, value_enum, default_value = "auto")]
    progress: Progress,
    /// How many threads judge records
    #[arg(long, hide = true, env = "ENGAGE_THREADS", value_name = "N")]
    threads: Option<usize>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum BlankArgument {
    Keep,
    Clear,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum OnInvalidArgument {
    Reject,
    Drop,
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

fn pair(text: &str) -> Result<(String, String), String> {
    // A column's name may have the sign in it, an attribute's hardly ever.
    match text.rsplit_once('=') {
        Some((column, attribute)) if !column.is_empty() && !attribute.is_empty() => {
            Ok((column.to_owned(), attribute.trim().to_owned()))
        }
        _ => Err("COLUMN=ATTRIBUTE, such as -m 'Customer mail=email'".to_owned()),
    }
}

fn declared_type(text: &str) -> Result<(String, TypeSpec), String> {
    let (attribute, spec) = text
        .split_once('=')
        .filter(|(attribute, _)| !attribute.is_empty())
        .ok_or("ATTRIBUTE=TYPE, such as --type born=date:%d/%m/%Y")?;
    let spec = spec.parse().map_err(|error| format!("{error}"))?;
    Ok((attribute.to_owned(), spec))
}

fn report_path(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("json") => Ok(path),
        Some("html") => Err("a page is not written yet; FILE.json is".to_owned()),
        _ => Err("FILE.json".to_owned()),
    }
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text {
        "tab" | "\\t" => Ok(b'\t'),
        _ => match text.as_bytes() {
            [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r') => Ok(*byte),
            _ => Err("one ASCII character such as ; or |, or the word tab".to_owned()),
        },
    }
}

impl Args {
    fn into_options(self, store: PathBuf, as_given: &[String]) -> ImportOptions {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        ImportOptions {
            inputs: self.files,
            store,
            dry_run: self.dry_run,
            read: ReadOptions {
                delimiter: self.delimiter,
                encoding: self.encoding,
                header_line: self.header_line,
                columns: self.columns,
            },
            mapping: MappingOptions {
                map: self.map,
                skip: self.skip,
                only_mapped: self.only_mapped,
            },
            values: ValueOptions {
                region: self.region,
                region_column: self.region_column,
                device_platform: self.device_platform,
                blank: match self.blank {
                    BlankArgument::Keep => Blank::Keep,
                    BlankArgument::Clear => Blank::Clear,
                },
                nulls: self.null,
                on_invalid: match self.on_invalid {
                    OnInvalidArgument::Reject => OnInvalid::Reject,
                    OnInvalidArgument::Drop => OnInvalid::Drop,
                },
                types: self.types,
            },
            key: self.key,
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
                max_missing: self.max_missing,
            }),
            max_rejects: self.max_rejects,
            rejects: self.rejects,
            accepted: self.accepted,
            report: self.report,
            limit: self.limit,
            wait: Duration::from_secs(self.wait),
            threads: self.threads.unwrap_or(cores),
            history: match self.history {
                HistoryArgument::Full => History::Full,
                HistoryArgument::None => History::None,
            },
            as_given: as_given.to_vec(),
        }
    }
}

/// Runs the command; gives the exit code.
pub(super) fn run(
    args: Args,
    global: &Global,
    as_given: &[String],
    output: &mut Output,
) -> Result<u8, Failure> {
    global.format.of_one_result("import")?;
    let progress = if global.quiet { Progress::Off } else { args.progress };
    let options = args.into_options(global.store.clone(), as_given);
    let meter = Meter::default();
    let names: Vec<String> =
        options.inputs.iter().map(|input| input.display().to_string()).collect();
    let name = match names.as_slice() {
        [name] => name.clone(),
        names => format!("{} files", names.len()),
    };
    let interrupt = Interrupt::default();
    let (colour, quiet) = (global.color, global.quiet);
    heed(interrupt.clone(), move || Output::new(colour, quiet))
        .map_err(|error| Failure::failed(format!("signals cannot be heeded: {error}")))?;
    let reports = Reports {
        outcome: &import_report,
        failure: &|error| {
            let failure = Failure::from(error);
            (failure.exit as u8, failure.report(&names))
        },
    };
    let result =
        progress::shown(progress, &name, &meter, || import(&options, &meter, &interrupt, &reports));
    let outcome = match result {
        Ok(outcome) => outcome,
        Err(error) => {
            let failure = Failure::from(&error);
            let report = failure.report(&names);
            write_report(options.report.as_deref(), &report)?;
            if global.format == Format::Json {
                output.result(&format!("{report}\n"))?;
            }
            return Err(failure);
        }
    };
    write_report(options.report.as_deref(), &import_report(&outcome))?;
    for warning in &outcome.warnings {
        output.warning(&warning.message);
    }
    match global.format {
        Format::Json | Format::Csv | Format::Jsonl => {
            output.result(&format!("{}\n", import_report(&outcome)))?;
        }
        Format::Human if outcome.exit_code == 0 => {
            output.summary(&summary(&outcome, output.screen(), global.verbose))?;
        }
        Format::Human => output.result(&summary(&outcome, output.screen(), global.verbose))?,
    }
    match &outcome.guard {
        Some(guard) => Err(stopped(guard, &outcome)),
        None => Ok(outcome.exit_code),
    }
}

fn write_report(path: Option<&Path>, report: &str) -> Result<(), Failure> {
    let Some(path) = path else { return Ok(()) };
    write_whole(path, format!("{report}\n").as_bytes()).map_err(|error| {
        Failure::failed(format!("the report {} cannot be written: {error}", path.display()))
            .hint("what was imported is imported; --format json prints the report")
    })
}

fn stopped(guard: &Guard, outcome: &Outcome) -> Failure {
    let mut failure = Failure::stopped(guard.sentence(outcome));
    failure.details = guard.details(outcome);
    match guard {
        Guard::NoRecords => failure.hint("is the export complete?"),
        Guard::AllRejected => failure.hint(
            "the first reason above is most likely the one: check the mapping with -v --dry-run",
        ),
        Guard::MaxMissing { .. } => {
            let of = outcome.snapshot.as_ref().map_or(1, |snapshot| snapshot.of.max(1));
            let share = (outcome.customers.missing * 100).div_ceil(of);
            failure.hint(format!("is the export complete? if so: --max-missing {share}%"))
        }
        Guard::MaxRejects { .. } => failure.hint("mend the records, or raise --max-rejects"),
    }
}
