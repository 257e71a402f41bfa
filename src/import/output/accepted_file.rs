//! The customers of accepted records as clean CSV: one row each, in their final state, with
//! standard names and normalised values.

use crate::customer::Customer;
use crate::import::error::AcceptedError;
use crate::import::plan::Plan;
use crate::input::{IS_PROTECTED, PROTECTION_COLUMN, protected};
use crate::mapping::{Column, Target};
use crate::output::{PlannedOutput, StagedOutput};
use crate::value::Standard;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, BufWriter};
use std::path::PathBuf;

/// A column of the file.
enum AcceptedColumn {
    Standard(Standard),
    Custom(String),
}

impl AcceptedColumn {
    fn name(&self) -> &str {
        match self {
            Self::Standard(standard) => standard.as_str(),
            Self::Custom(name) => name,
        }
    }
}

/// The file while it is being written, under a temporary name.
pub(crate) struct AcceptedFile {
    path: PathBuf,
    writer: csv::Writer<BufWriter<StagedOutput>>,
    columns: Vec<AcceptedColumn>,
    /// Whether texts that look like formulas are protected from spreadsheets. A last column marks
    /// the rows with such texts.
    spreadsheet_safe: bool,
}

impl AcceptedFile {
    /// Begins to write the file, under a temporary name.
    pub(crate) fn create(
        output: &PlannedOutput,
        spreadsheet_safe: bool,
        plan: &Plan,
    ) -> Result<Self, AcceptedError> {
        let path = output.path().to_owned();
        let columns = columns(plan);
        let file = match output.create() {
            Ok(file) => file,
            Err(source) => return Err(AcceptedError { path, source }),
        };
        let mut writer = csv::Writer::from_writer(BufWriter::new(file));
        let names = columns
            .iter()
            .map(AcceptedColumn::name)
            .map(|name| if spreadsheet_safe { protected(name) } else { Cow::Borrowed(name) });
        let mark = spreadsheet_safe.then_some(Cow::Borrowed(PROTECTION_COLUMN));
        if let Err(error) = writer.write_record(names.chain(mark).map(Cow::into_owned)) {
            return Err(AcceptedError { path, source: io::Error::other(error) });
        }
        Ok(Self { path, writer, columns, spreadsheet_safe })
    }

    /// Writes a customer, with the device that was seen last.
    pub(crate) fn write(&mut self, uid: &str, customer: &Customer) -> Result<(), AcceptedError> {
        let attributes: BTreeMap<Cow<'_, str>, &RawValue> =
            serde_json::from_str(&customer.attributes).unwrap_or_default();
        let device = customer.devices.first();
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let mut row: Vec<String> = self
            .columns
            .iter()
            .map(|column| match column {
                AcceptedColumn::Standard(Standard::Uid) => uid.to_owned(),
                AcceptedColumn::Standard(Standard::FirstName) => text(&customer.first_name),
                AcceptedColumn::Standard(Standard::LastName) => text(&customer.last_name),
                AcceptedColumn::Standard(Standard::Number) => text(&customer.number),
                AcceptedColumn::Standard(Standard::Email) => text(&customer.email),
                AcceptedColumn::Standard(Standard::DeviceToken) => {
                    device.map_or(String::new(), |device| device.token.clone())
                }
                AcceptedColumn::Standard(Standard::DevicePlatform) => {
                    device.map_or(String::new(), |device| device.platform.to_string())
                }
                AcceptedColumn::Custom(name) => {
                    let value = attributes.get(name.as_str());
                    value.map_or(String::new(), |value| plain(value.get()))
                }
            })
            .collect();
        if self.spreadsheet_safe {
            let numbers = self.columns.iter().map(|column| match column {
                AcceptedColumn::Custom(name) => {
                    attributes.get(name.as_str()).is_some_and(|v| !is_text(v))
                }
                AcceptedColumn::Standard(_) => false,
            });
            let is_protected = protect(&mut row, numbers);
            row.push(if is_protected { IS_PROTECTED.to_owned() } else { String::new() });
        }
        self.writer.write_record(&row).map_err(|error| AcceptedError {
            path: self.path.clone(),
            source: io::Error::other(error),
        })
    }

    /// Writes everything to the disk, still under the temporary name.
    pub(crate) fn finish(self) -> Result<StagedOutput, AcceptedError> {
        let Self { path, writer, .. } = self;
        writer
            .into_inner()
            .map_err(csv::IntoInnerError::into_error)
            .and_then(|buffered| buffered.into_inner().map_err(io::IntoInnerError::into_error))
            .and_then(|file| file.sync().map(|()| file))
            .map_err(|source| AcceptedError { path, source })
    }
}

/// The columns of the file. Standard attributes come first, so that an import of the file
/// recognises each.
fn columns(plan: &Plan) -> Vec<AcceptedColumn> {
    let mapped = |standard: Standard| {
        let part = matches!(standard, Standard::FirstName | Standard::LastName);
        plan.mapping.columns.iter().any(|column| match column.target {
            Target::Standard(other) => {
                // A platform may be given for the whole file.
                other == standard
                    || (standard == Standard::DevicePlatform && other == Standard::DeviceToken)
            }
            Target::UidPart(_) => standard == Standard::Uid,
            Target::FullName => part,
            _ => false,
        })
    };
    let standard = Standard::ALL.into_iter().filter(|s| mapped(*s)).map(AcceptedColumn::Standard);
    let custom = plan
        .mapping
        .custom()
        .map(|(_, name): (&Column, &str)| AcceptedColumn::Custom(name.to_owned()));
    standard.chain(custom).collect()
}

/// Protects the cells that are not numbers, and returns whether any of them needed it.
fn protect(row: &mut [String], are_numbers: impl Iterator<Item = bool>) -> bool {
    let mut is_protected = false;
    for (cell, is_number) in row.iter_mut().zip(are_numbers) {
        if let (Cow::Owned(text), false) = (protected(cell), is_number) {
            *cell = text;
            is_protected = true;
        }
    }
    is_protected
}

fn is_text(json: &RawValue) -> bool {
    json.get().starts_with('"')
}

/// A JSON value as a cell.
fn plain(json: &str) -> String {
    serde_json::from_str::<String>(json).unwrap_or_else(|_| json.to_owned())
}
