//! `engage export`.

use crate::cli::{CommandError, EarlyEnd, Format, Global, Output, find_segment};
use crate::exit::Exit;
use crate::outcome::counted;
use crate::output::{Destination, Notation, is_store_file, write};
use crate::own_export::{ExportColumn, ExportWriter, export_columns};
use crate::report::export::{ApiExport, EngageCsvExport, Exporter, JsonExport, ListFormat};
use crate::store::{ChangedSince, ExportFilter, Reader};
use crate::text::{escaped, quoted};
use crate::value::typed::{TypeSpec, Value, ValueType};
use crate::value::{Key, MAX_DEVICES};
use clap::ValueEnum;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::path::{Path, PathBuf};

/// The number of bytes that are written at once.
const BUFFER_SIZE: usize = 1 << 16;

/// Export customers as CSV, as JSON, or for the Engage API
///
/// The CSV has everything that is stored about the customers, including archived ones: importing
/// it into an empty store recreates the store. Its last column, _engage, has the type of each
/// value.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  engage export > customers.csv
  engage export --store old.db | engage import - --store new.db
  engage export --segment \"plan = 'Pro'\" --columns uid,email,plan -o pro.csv
  engage export --spreadsheet-safe -o for-excel.csv
  engage export --format jsonl --changed-since 2026-11-01
  engage export --as engage-api --changed-since 212
  engage export --as engage-csv -o upload.csv

docs/export.md describes the formats.")]
pub(crate) struct Args {
    /// Only the customers of a segment: an expression, or the name of a saved one
    ///
    /// As in engage segment, archived customers are left out unless the expression mentions
    /// archived.
    #[arg(long, value_name = "EXPR")]
    segment: Option<String>,
    /// Only customers that changed in that import or later, or since that day or time
    #[arg(long, value_name = "IMPORT|DATE")]
    changed_since: Option<String>,
    /// Only these columns, in this order; include _engage to keep the types for an import
    #[arg(long, value_name = "A,B,C")]
    columns: Vec<String>,
    /// Format for Engage, without archived customers: bodies of the API's POST /users, or a CSV file to upload
    #[arg(long = "as", value_enum, value_name = "WHAT")]
    #[arg(conflicts_with_all = ["columns", "spreadsheet_safe"])]
    target: Option<Target>,
    /// Put an apostrophe before texts that a spreadsheet may read as formulas
    ///
    /// Importing the file removes it again.
    #[arg(long)]
    spreadsheet_safe: bool,
    /// Write to a file, atomically and readable only by its owner
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// The program that an export is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Target {
    /// The Engage API.
    EngageApi,
    /// A CSV file to upload to Engage's dashboard.
    EngageCsv,
}

pub(crate) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<Exit, CommandError> {
    let reader = global.reader()?;
    let attributes = reader.catalogue()?;
    let segment = args.segment.as_deref().map(|text| find_segment(&reader, text, &attributes));
    let segment = segment.transpose()?;
    let filter = ExportFilter {
        segment: segment.as_ref(),
        changed_since: args.changed_since.as_deref().map(|t| since(&reader, t)).transpose()?,
        without_archived: args.target.is_some() && segment.is_none(),
    };
    let mut exporter = exporter(args, global.format, &reader, &attributes)?;
    let notation = match (args.target, global.format) {
        (None | Some(Target::EngageCsv), Format::Human | Format::Csv) => Notation::Text,
        _ => Notation::Json,
    };
    let path = args.output.as_deref();
    let path = path.filter(|path| Destination::of(path) != Destination::StandardOutput);
    let Some(path) = path else {
        output.stream(notation, |writer| {
            export(&reader, &filter, &mut *exporter, writer).map(|_| ())
        })?;
        return Ok(Exit::Done);
    };
    let interrupt = global.interrupt()?;
    let customers = export_to_file(path, notation, global, |writer| {
        export(&reader, &filter, &mut *exporter, writer)
    })?;
    interrupt.committed();
    output.mark_done();
    let (customers, path) = (counted(customers, "customer"), path.display().to_string());
    output.summary(&format!("Exported {customers} to {}.\n", escaped(&path)))?;
    Ok(Exit::Done)
}

/// The exporter for the given options.
fn exporter(
    args: &Args,
    format: Format,
    reader: &Reader,
    attributes: &BTreeMap<String, ValueType>,
) -> Result<Box<dyn Exporter>, CommandError> {
    if args.target == Some(Target::EngageCsv) {
        return match format {
            Format::Human | Format::Csv => Ok(Box::new(EngageCsvExport::new(attributes.keys()))),
            Format::Json | Format::Jsonl => {
                let message = "the file for Engage's dashboard is always CSV";
                Err(CommandError::usage(message).hint("leave out --format"))
            }
        };
    }
    if args.target == Some(Target::EngageApi) {
        return match format {
            Format::Human | Format::Jsonl => Ok(Box::new(ApiExport)),
            Format::Json | Format::Csv => {
                let message = "bodies for the Engage API are always JSON";
                Err(CommandError::usage(message)
                    .hint("leave out --format: --as engage-api writes one JSON object per line"))
            }
        };
    }
    let columns = columns(&args.columns, attributes)?;
    let list = match format {
        Format::Human | Format::Csv => return csv_exporter(args, columns, reader, attributes),
        Format::Json => ListFormat::Array,
        Format::Jsonl => ListFormat::Lines,
    };
    if args.spreadsheet_safe {
        return Err(CommandError::usage("--spreadsheet-safe works only with CSV")
            .hint("leave out --format, or --spreadsheet-safe"));
    }
    Ok(Box::new(match columns.as_slice() {
        [] => JsonExport::whole(list),
        columns => JsonExport::of(columns, list),
    }))
}

fn csv_exporter(
    args: &Args,
    mut columns: Vec<ExportColumn>,
    reader: &Reader,
    attributes: &BTreeMap<String, ValueType>,
) -> Result<Box<dyn Exporter>, CommandError> {
    if columns.is_empty() {
        columns = export_columns(attributes, reader.most_devices()?);
    } else if args.spreadsheet_safe && !columns.contains(&ExportColumn::TYPE_MARKER) {
        // Without the marker, an import could not know which apostrophes were added.
        columns.push(ExportColumn::TYPE_MARKER);
    }
    let key = reader.key()?.unwrap_or(Key::Uid);
    Ok(Box::new(ExportWriter::new(&columns, key, attributes, args.spreadsheet_safe)))
}

/// Writes the customers and returns their number.
fn export(
    reader: &Reader,
    filter: &ExportFilter<'_>,
    exporter: &mut dyn Exporter,
    writer: &mut dyn Write,
) -> Result<u64, EarlyEnd> {
    let mut text = Vec::with_capacity(BUFFER_SIZE * 2);
    let mut customers = 0;
    exporter.begin(&mut text);
    reader.export(filter, |customer| {
        exporter
            .customer(customer, &mut text)
            .map_err(|_| EarlyEnd::Failed(CommandError::damaged_attributes(reader)))?;
        customers += 1;
        if text.len() >= BUFFER_SIZE {
            writer.write_all(&text)?;
            text.clear();
        }
        Ok::<(), EarlyEnd>(())
    })?;
    exporter.end(&mut text);
    writer.write_all(&text)?;
    Ok(customers)
}

/// Exports to a file, which replaces an older one, or to a pipe or a device.
fn export_to_file(
    path: &Path,
    notation: Notation,
    global: &Global,
    export: impl FnOnce(&mut dyn Write) -> Result<u64, EarlyEnd>,
) -> Result<u64, CommandError> {
    if is_store_file(&global.store, path) {
        let message = format!("the export would overwrite the store {}", path.display());
        return Err(CommandError::usage(message).hint("choose another file"));
    }
    match write(path, &global.temporary_files(), notation, export) {
        Ok(customers) => Ok(customers),
        Err(EarlyEnd::ReaderClosed | EarlyEnd::Enough) => Ok(0),
        Err(EarlyEnd::Unwritable(error)) => {
            let message = format!("the export {} cannot be written: {error}", path.display());
            Err(CommandError::failed(message).hint("check the disk space and the permissions"))
        }
        Err(EarlyEnd::Failed(error)) => Err(error),
    }
}

/// The columns of these names, the type marker last.
fn columns(
    given: &[String],
    attributes: &BTreeMap<String, ValueType>,
) -> Result<Vec<ExportColumn>, CommandError> {
    let known = export_columns(attributes, MAX_DEVICES);
    let by_header: HashMap<Cow<'_, str>, &ExportColumn> =
        known.iter().map(|column| (column.header(), column)).collect();
    let named = |name: &str| by_header.get(name).map(|column| (*column).clone());
    let mut columns: Vec<ExportColumn> = Vec::new();
    for given in given {
        // A name may contain a comma.
        if let Some(column) = named(given) {
            columns.push(column);
            continue;
        }
        for name in given.split(',').map(str::trim) {
            columns.push(named(name).ok_or_else(|| {
                let headers: Vec<String> =
                    known.iter().map(|column| column.header().into_owned()).collect();
                CommandError::unknown_name("column", name, &headers, "the columns are")
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

/// The time since which changes are exported: the start of an import, or a date or time in UTC.
fn since(reader: &Reader, text: &str) -> Result<ChangedSince, CommandError> {
    if let Ok(import) = text.parse() {
        let time = reader.history_entry(import)?.started_at;
        return Ok(ChangedSince { time, import: Some(import) });
    }
    let read = |kind: ValueType| match TypeSpec::from(kind).value(text) {
        Some(Value::Text(text)) => Some(text.into_owned()),
        _ => None,
    };
    let time = match (read(ValueType::Date), read(ValueType::Datetime)) {
        (Some(day), _) => format!("{day}T00:00:00Z"),
        (None, Some(time)) if time.ends_with('Z') => time,
        (None, Some(time)) => time + "Z",
        (None, None) => {
            let message = format!("not an import, a day or a time: {}", quoted(text, 40));
            return Err(CommandError::usage(message).hint(
                "use the number of an import from engage history, or a day or time such as 2026-11-01 or 2026-11-01T09:30Z",
            ));
        }
    };
    Ok(ChangedSince { time, import: None })
}
