//! `engage export`.

use super::failure::Failure;
use super::output::{Ending, Output};
use super::{Format, Global};
use crate::attribute::Key;
use crate::report::{CsvExport, Exporter, export_columns};
use crate::store::{Reader, StoreError, Wanted};

/// Customers out again, as CSV that an import takes for what it is
///
/// Everything that the store has of them, archived ones included: imported into an empty store it
/// gives the same store. The last column, _engage, says which type each value has.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  engage export > customers.csv
  engage export --store old.db | engage import - --store new.db

docs/export.md has the format.")]
pub(super) struct Args {
    /// Put an apostrophe before texts that a spreadsheet may take for formulas
    ///
    /// An import of the file takes it away again.
    #[arg(long)]
    spreadsheet_safe: bool,
}

/// Runs the command; gives the exit code.
pub(super) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<u8, Failure> {
    if !matches!(global.format, Format::Human | Format::Csv) {
        return Err(Failure::usage("engage export writes CSV"));
    }
    let reader = global.reader()?;
    let attributes = reader.catalogue()?;
    let columns = export_columns(&attributes, reader.most_devices()?);
    let key = reader.key()?.unwrap_or(Key::Uid);
    let mut exporter = CsvExport::new(&columns, key, &attributes, args.spreadsheet_safe);
    output.stream(|writer| export(&reader, &Wanted::default(), &mut exporter, writer))?;
    Ok(0)
}

fn export(
    reader: &Reader,
    wanted: &Wanted<'_>,
    exporter: &mut dyn Exporter,
    writer: &mut dyn std::io::Write,
) -> Result<(), Ending> {
    let mut text = Vec::new();
    exporter.begin(&mut text);
    reader.export(wanted, |customer| {
        exporter.customer(customer, &mut text).map_err(|_| {
            let what = "a customer's attributes are not JSON".to_owned();
            StoreError::Damaged { path: reader.path().to_owned(), what }
        })?;
        if text.len() >= FULL {
            writer.write_all(&text)?;
            text.clear();
        }
        Ok::<(), Ending>(())
    })?;
    exporter.end(&mut text);
    Ok(writer.write_all(&text)?)
}

/// The bytes that are written at once.
const FULL: usize = 1 << 16;
