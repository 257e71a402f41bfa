//! Customers on their way out: to be imported again, or for other programs.

mod csv;

use crate::attribute::{Standard, ValueType};
use crate::mapping::{StoreColumn, Target};
use crate::store::ExportedCustomer;
use std::collections::BTreeMap;

pub use csv::CsvExport;

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
