//! Exports of customers, to be imported again or for other programs.

mod api;
mod engage_csv;
mod json;

pub use api::ApiExport;
pub use engage_csv::EngageCsvExport;
pub use json::JsonExport;

use crate::own_export::{ExportColumn, ExportWriter, StoreColumn};
use crate::store::ExportedCustomer;
use crate::value::Standard;

/// How a list of JSON objects is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListFormat {
    /// As one array.
    Array,
    /// One object per line.
    Lines,
}

/// Writes customers one at a time into a buffer. The caller empties the buffer as it grows, so
/// memory use does not depend on the number of customers.
pub trait Exporter {
    /// Writes what comes before the first customer.
    fn begin(&mut self, text: &mut Vec<u8>);

    /// Writes a customer.
    ///
    /// Fails if the stored attributes are not a JSON object.
    fn customer(
        &mut self,
        customer: &ExportedCustomer<'_>,
        text: &mut Vec<u8>,
    ) -> serde_json::Result<()>;

    /// Writes what comes after the last customer.
    fn end(&mut self, text: &mut Vec<u8>);
}

impl Exporter for ExportWriter {
    fn begin(&mut self, text: &mut Vec<u8>) {
        self.write_header(text);
    }

    fn customer(
        &mut self,
        customer: &ExportedCustomer<'_>,
        text: &mut Vec<u8>,
    ) -> serde_json::Result<()> {
        self.write_row(customer.attributes, |column| cell(column, customer), text)
    }

    fn end(&mut self, _: &mut Vec<u8>) {}
}

/// The text of a column; `None` if the customer has no value, and for custom attributes.
fn cell<'c>(column: &ExportColumn, customer: &ExportedCustomer<'c>) -> Option<&'c str> {
    let devices = customer.devices;
    let token = |rank| devices.of_rank(rank).map(|(token, _)| token);
    let platform = |rank| devices.of_rank(rank).map(|(_, platform)| platform.as_str());
    match column {
        ExportColumn::Standard(standard) => match standard {
            Standard::Uid => Some(customer.uid),
            Standard::FirstName => customer.first_name,
            Standard::LastName => customer.last_name,
            Standard::Number => customer.number,
            Standard::Email => customer.email,
            Standard::DeviceToken => token(1),
            Standard::DevicePlatform => platform(1),
        },
        ExportColumn::Store(column) => match column {
            StoreColumn::DeviceToken(rank) => token(*rank),
            StoreColumn::DevicePlatform(rank) => platform(*rank),
            StoreColumn::ArchivedAt => customer.archived_at,
            StoreColumn::FirstImportedAt => Some(customer.first_imported_at),
            StoreColumn::LastChangedAt => Some(customer.last_changed_at),
            StoreColumn::TypeMarker => None,
        },
        ExportColumn::Custom(_) => None,
    }
}

/// Writes a JSON string.
fn write_text(text: &str, json: &mut Vec<u8>) -> serde_json::Result<()> {
    serde_json::to_writer(json, text)
}
