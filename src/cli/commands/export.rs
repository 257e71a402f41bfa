//! `engage export`.

use super::segment::checked;
use crate::cli::Failure;
use crate::cli::{Ending, Output};
use crate::cli::{Format, Global};
use crate::input::escaped;
use crate::output::{Destination, Notation, is_store_file, write};
use crate::own_export::{ExportColumn, ExportWriter, export_columns};
use crate::report::counted;
use crate::report::export::{ApiExport, Exporter, JsonExport, ListFormat};
use crate::segment::{Field, Segment};
use crate::store::StoreError;
use crate::store::sqlite::Reader;
use crate::store::sqlite::query::{ChangedSince, ExportFilter};
use crate::value::typed::{TypeSpec, Value, ValueType};
use crate::value::{Key, MAX_DEVICES};
use clap::ValueEnum;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::path::{Path, PathBuf};

/// The bytes that are written at once.
const FULL: usize = 1 << 16;

/// Customers out again: CSV that an import takes for what it is, JSON, or the Engage API's
///
/// CSV has everything that the store has of them, archived ones included: imported into an empty
/// store it gives the same store. Its last column, _engage, says which type each value has.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  engage export > customers.csv
  engage export --store old.db | engage import - --store new.db
  engage export --segment \"plan = 'Pro'\" --columns uid,email,plan -o pro.csv
  engage export --spreadsheet-safe -o for-excel.csv
  engage export --format jsonl --changed-since 2026-11-01
  engage export --as engage-api --changed-since 212

docs/export.md has the formats.")]
pub(crate) struct Args {
    /// Only the customers of a segment: an expression, or the name of a saved one
    ///
    /// As in engage segment, archived customers are left out unless it speaks of archived.
    #[arg(long, value_name = "EXPR")]
    segment: Option<String>,
    /// Only those whom that import or a later one has changed, or who changed since that day or time
    #[arg(long, value_name = "IMPORT|DATE")]
    changed_since: Option<String>,
    /// Only these columns, in this order; _engage among them keeps the types for an import
    #[arg(long, value_name = "A,B,C")]
    columns: Vec<String>,
    /// For whom: bodies of the Engage API's POST /users, one a line, archived customers left out
    #[arg(long = "as", value_enum, value_name = "WHAT")]
    #[arg(conflicts_with_all = ["columns", "spreadsheet_safe"])]
    taker: Option<Taker>,
    /// Put an apostrophe before texts that a spreadsheet may take for formulas
    ///
    /// An import of the file takes it away again.
    #[arg(long)]
    spreadsheet_safe: bool,
    /// Write to a file, whole or not at all, for its owner alone
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Who takes what is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Taker {
    /// The Engage API.
    EngageApi,
}

/// Runs the command; gives the exit code.
pub(crate) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<u8, Failure> {
    let reader = global.reader()?;
    let attributes = reader.catalogue()?;
    let segment = args.segment.as_deref().map(|text| segment(&reader, text, &attributes));
    let segment = segment.transpose()?;
    let filter = ExportFilter {
        segment: segment.as_ref(),
        changed_since: args.changed_since.as_deref().map(|t| since(&reader, t)).transpose()?,
        without_archived: args.taker.is_some() && segment.is_none(),
    };
    let mut exporter = exporter(args, global.format, &reader, &attributes)?;
    let notation = match (args.taker, global.format) {
        (None, Format::Human | Format::Csv) => Notation::Text,
        _ => Notation::Json,
    };
    let path = args.output.as_deref();
    let path = path.filter(|path| Destination::of(path) != Destination::StandardOutput);
    let Some(path) = path else {
        output.stream(notation, |writer| {
            export(&reader, &filter, &mut *exporter, writer).map(|_| ())
        })?;
        return Ok(0);
    };
    let interrupt = global.interrupt()?;
    let customers = write_file(path, notation, global, &reader, &filter, &mut *exporter)?;
    interrupt.committed();
    output.mark_done();
    let verb = if customers == 1 { "is" } else { "are" };
    let (customers, path) = (counted(customers, "customer"), path.display().to_string());
    output.summary(&format!("{customers} {verb} in {}.\n", escaped(&path)))?;
    Ok(0)
}

/// What writes the customers, as the options ask for.
fn exporter(
    args: &Args,
    format: Format,
    reader: &Reader,
    attributes: &BTreeMap<String, ValueType>,
) -> Result<Box<dyn Exporter>, Failure> {
    let list = match format {
        Format::Human | Format::Csv => None,
        Format::Json => Some(ListFormat::Array),
        Format::Jsonl => Some(ListFormat::Lines),
    };
    if args.taker.is_some() {
        return match format {
            Format::Human | Format::Jsonl => Ok(Box::new(ApiExport)),
            Format::Json | Format::Csv => {
                let message = "the Engage API takes a JSON object for each call";
                Err(Failure::usage(message)
                    .hint("--as engage-api without --format writes a line each"))
            }
        };
    }
    if args.spreadsheet_safe && list.is_some() {
        return Err(Failure::usage("JSON is no spreadsheet: --spreadsheet-safe is for CSV")
            .hint("leave out --format, or --spreadsheet-safe"));
    }
    let mut chosen = columns(&args.columns, attributes)?;
    Ok(match (list, chosen.is_empty()) {
        (Some(list), true) => Box::new(JsonExport::whole(list)),
        (Some(list), false) => Box::new(JsonExport::of(&chosen, list)),
        (None, is_all) => {
            if is_all {
                chosen = export_columns(attributes, reader.most_devices()?);
            } else if args.spreadsheet_safe && !chosen.contains(&ExportColumn::TYPE_MARKER) {
                // Without it an import could not tell which apostrophes were added.
                chosen.push(ExportColumn::TYPE_MARKER);
            }
            let key = reader.key()?.unwrap_or(Key::Uid);
            Box::new(ExportWriter::new(&chosen, key, attributes, args.spreadsheet_safe))
        }
    })
}

/// Writes the customers; says how many there were.
fn export(
    reader: &Reader,
    filter: &ExportFilter<'_>,
    exporter: &mut dyn Exporter,
    writer: &mut dyn Write,
) -> Result<u64, Ending> {
    let mut text = Vec::with_capacity(FULL * 2);
    let mut customers = 0;
    exporter.begin(&mut text);
    reader.export(filter, |customer| {
        exporter.customer(customer, &mut text).map_err(|_| {
            let what = "a customer's attributes are not JSON".to_owned();
            StoreError::Damaged { path: reader.path().to_owned(), what }
        })?;
        customers += 1;
        if text.len() >= FULL {
            writer.write_all(&text)?;
            text.clear();
        }
        Ok::<(), Ending>(())
    })?;
    exporter.end(&mut text);
    writer.write_all(&text)?;
    Ok(customers)
}

/// Writes the customers to a file in place of one that may be there; to a pipe or a device as it is.
fn write_file(
    path: &Path,
    notation: Notation,
    global: &Global,
    reader: &Reader,
    filter: &ExportFilter<'_>,
    exporter: &mut dyn Exporter,
) -> Result<u64, Failure> {
    if is_store_file(&global.store, path) {
        let name = escaped(&path.display().to_string());
        return Err(Failure::usage(format!("the export would overwrite the store {name}"))
            .hint("give it another name"));
    }
    let written = write(path, &global.temporary_files(), notation, |writer| {
        export(reader, filter, exporter, writer)
    });
    let failed = |error| {
        let error = anyhow::Error::new(error);
        Failure::from(error.context(format!("the export {} cannot be written", path.display())))
            .hint("is there room for it, and may you write there?")
    };
    match written {
        Ok(customers) => Ok(customers),
        Err(Ending::NoReader | Ending::Enough) => Ok(0),
        Err(Ending::Unwritable(error)) => Err(failed(error)),
        Err(Ending::Failed(failure)) => Err(failure),
    }
}

/// The columns of names that were given, the type marker last.
fn columns(
    given: &[String],
    attributes: &BTreeMap<String, ValueType>,
) -> Result<Vec<ExportColumn>, Failure> {
    let known = export_columns(attributes, MAX_DEVICES);
    let by_header: HashMap<Cow<'_, str>, &ExportColumn> =
        known.iter().map(|column| (column.header(), column)).collect();
    let named = |name: &str| by_header.get(name).map(|column| (*column).clone());
    let mut columns: Vec<ExportColumn> = Vec::new();
    for given in given {
        // A name may have a comma in it.
        if let Some(column) = named(given) {
            columns.push(column);
            continue;
        }
        for name in given.split(',').map(str::trim) {
            columns.push(named(name).ok_or_else(|| {
                let headers: Vec<String> =
                    known.iter().map(|column| column.header().into_owned()).collect();
                Failure::unknown("no column", name, &headers, "the columns are")
            })?);
        }
    }
    let mut seen: Vec<ExportColumn> = Vec::new();
    for column in columns {
        if !seen.contains(&column) {
            seen.push(column);
        }
    }
    seen.sort_by_key(|column| *column == ExportColumn::TYPE_MARKER);
    Ok(seen)
}

/// A segment by its expression, or by its name alone where no attribute has that.
fn segment(
    reader: &Reader,
    text: &str,
    attributes: &BTreeMap<String, ValueType>,
) -> Result<Segment, Failure> {
    let saved = reader.saved_segments()?;
    let is_saved = saved.iter().any(|saved| saved.name == text);
    match is_saved && Field::named(text, attributes).is_none() {
        true => checked(reader, &format!("@{text}"), None, attributes),
        false => checked(reader, text, None, attributes),
    }
}

/// The time since which changes are filter: when an import began, or a day or time in UTC.
fn since(reader: &Reader, text: &str) -> Result<ChangedSince, Failure> {
    if let Ok(import) = text.parse() {
        let time = reader.history_entry(import)?.started_at;
        return Ok(ChangedSince { time, import: Some(import) });
    }
    let read = |kind: ValueType| match TypeSpec::from(kind).value(text) {
        Some(Value::Text(text)) => Some(text.into_owned()),
        _ => None,
    };
    let since = |time| Ok(ChangedSince { time, import: None });
    if let Some(day) = read(ValueType::Date) {
        return since(format!("{day}T00:00:00Z"));
    }
    match read(ValueType::Datetime) {
        Some(time) if time.ends_with('Z') => since(time),
        Some(time) => since(time + "Z"),
        None => Err(Failure::usage(format!(
            "no import and no day or time: {}",
            crate::report::quoted(text, 40)
        ))
        .hint(
            "an import's number from engage history, or such as 2026-11-01 or 2026-11-01T09:30Z",
        )),
    }
}
