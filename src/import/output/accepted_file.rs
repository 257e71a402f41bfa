//! The accepted records as clean CSV, with standard names and normalised values.

use crate::customer::{Change, Patch};
use crate::import::error::AcceptedError;
use crate::import::plan::Plan;
use crate::input::{IS_PROTECTED, PROTECTION_COLUMN, protected};
use crate::mapping::{Column, Target};
use crate::output::{PlannedOutput, StagedOutput};
use crate::value::Standard;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
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
    /// The text that clears a value when the file is imported.
    null: String,
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
        let null = plan.options.nulls.first().cloned().unwrap_or_default();
        Ok(Self { path, writer, columns, null, spreadsheet_safe })
    }

    pub(crate) fn write(&mut self, patch: &Patch<'_>) -> Result<(), AcceptedError> {
        let attributes: BTreeMap<Cow<'_, str>, &RawValue> =
            serde_json::from_str(patch.attributes).unwrap_or_default();
        let cleared: HashSet<&str> = patch.cleared.iter().copied().collect();
        let null = &self.null;
        let text = |change: Change<&str>| -> String {
            match change {
                Change::Set(value) => value.to_owned(),
                Change::Clear => null.clone(),
                Change::Keep => String::new(),
            }
        };
        let mut row: Vec<String> = self
            .columns
            .iter()
            .map(|column| match column {
                AcceptedColumn::Standard(Standard::Uid) => {
                    patch.uid.unwrap_or(patch.key).to_owned()
                }
                AcceptedColumn::Standard(Standard::FirstName) => text(patch.first_name),
                AcceptedColumn::Standard(Standard::LastName) => text(patch.last_name),
                AcceptedColumn::Standard(Standard::Number) => text(patch.number),
                AcceptedColumn::Standard(Standard::Email) => text(patch.email),
                AcceptedColumn::Standard(Standard::DeviceToken) => {
                    patch.device.map_or(String::new(), |(token, _)| token.to_owned())
                }
                AcceptedColumn::Standard(Standard::DevicePlatform) => {
                    patch.device.map_or(String::new(), |(_, platform)| platform.to_string())
                }
                AcceptedColumn::Custom(name) => match attributes.get(name.as_str()) {
                    Some(value) => plain(value.get()),
                    None if cleared.contains(name.as_str()) => null.clone(),
                    None => String::new(),
                },
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

/// Standard attributes first, so that each is taken for itself when the file is imported again.
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

/// Protects the cells that are not numbers; says whether any of them needed it.
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
