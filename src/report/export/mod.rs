//! Customers on their way out: to be imported again, or for other programs.

mod api;
mod csv;
mod json;

pub use api::ApiExport;
pub use csv::CsvExport;
pub use json::JsonExport;

use crate::mapping::{StoreColumn, Target, custom_header};
use crate::store::sqlite::query::ExportedCustomer;
use crate::value::typed::ValueType;
use crate::value::{MAX_DEVICES, Standard};
use std::collections::BTreeMap;

/// How JSON objects stand one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListFormat {
    /// In one array.
    Array,
    /// A line each.
    Lines,
}

/// What writes customers one after the other. What it has written is handed on before the next, so
/// that a million of them need no more memory than one.
pub trait Exporter {
    /// Writes what comes before the first customer.
    fn begin(&mut self, text: &mut Vec<u8>);

    /// Writes a customer.
    ///
    /// Fails where the stored attributes are not a JSON object.
    fn customer(
        &mut self,
        customer: &ExportedCustomer<'_>,
        text: &mut Vec<u8>,
    ) -> serde_json::Result<()>;

    /// Writes what comes after the last customer.
    fn end(&mut self, text: &mut Vec<u8>);
}

/// The columns of an export of all that a store has: standard attributes, as many devices as a
/// customer has at the most, custom attributes by name, what the store keeps besides, and the mark.
pub fn export_columns(
    attributes: &BTreeMap<String, ValueType>,
    most_devices: usize,
) -> Vec<Target> {
    let (devices, others): (Vec<_>, Vec<_>) = StoreColumn::all()
        .filter(|column| match column {
            StoreColumn::DeviceToken(rank) | StoreColumn::DevicePlatform(rank) => {
                *rank <= most_devices
            }
            _ => true,
        })
        .partition(|column| {
            matches!(column, StoreColumn::DeviceToken(_) | StoreColumn::DevicePlatform(_))
        });
    let standard = Standard::ALL.into_iter().map(Target::Standard);
    let custom = attributes.keys().cloned().map(Target::Custom);
    standard
        .chain(devices.into_iter().map(Target::Store))
        .chain(custom)
        .chain(others.into_iter().map(Target::Store))
        .collect()
}

/// Every column that may be asked for, by its header.
pub fn known_columns(attributes: &BTreeMap<String, ValueType>) -> Vec<(String, Target)> {
    let columns = export_columns(attributes, MAX_DEVICES).into_iter();
    columns
        .filter_map(|column| {
            let header = match &column {
                Target::Custom(name) => custom_header(name).into_owned(),
                column => column.attribute()?.to_owned(),
            };
            Some((header, column))
        })
        .collect()
}

/// The text of a column that is no custom attribute's; `None` where there is none, or the column is
/// not of that kind.
fn cell<'c>(column: &Target, customer: &ExportedCustomer<'c>) -> Option<&'c str> {
    let devices = customer.devices;
    let token = |rank| devices.of_rank(rank).map(|(token, _)| token);
    let platform = |rank| devices.of_rank(rank).map(|(_, platform)| platform.as_str());
    match column {
        Target::Standard(standard) => match standard {
            Standard::Uid => Some(customer.uid),
            Standard::FirstName => customer.first_name,
            Standard::LastName => customer.last_name,
            Standard::Number => customer.number,
            Standard::Email => customer.email,
            Standard::DeviceToken => token(1),
            Standard::DevicePlatform => platform(1),
        },
        Target::Store(column) => match column {
            StoreColumn::DeviceToken(rank) => token(*rank),
            StoreColumn::DevicePlatform(rank) => platform(*rank),
            StoreColumn::ArchivedAt => customer.archived_at,
            StoreColumn::FirstImportedAt => Some(customer.first_imported_at),
            StoreColumn::LastChangedAt => Some(customer.last_changed_at),
            StoreColumn::Mark => None,
        },
        Target::Custom(_) | Target::FullName | Target::Skipped => None,
    }
}

/// Writes a JSON string.
fn write_text(text: &str, json: &mut Vec<u8>) -> serde_json::Result<()> {
    serde_json::to_writer(json, text)
}
