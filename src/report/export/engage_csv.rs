//! Customers as a CSV file to upload to Engage's dashboard.

use super::Exporter;
use crate::customer::each_attribute;
use crate::store::ExportedCustomer;
use crate::value::typed::ValueType;
use serde::de::Error as _;
use serde_json::Result;
use serde_json::error::Error;
use std::collections::HashMap;

/// The sign-up date.
const CREATED_AT: &str = "created_at";

/// The standard columns, in order.
const STANDARD: [&str; 7] =
    ["id", "first_name", "last_name", "email", "number", "device_token", "device_platform"];

/// Writes customers with the columns that Engage's dashboard most likely accepts: `id`, the
/// standard attributes, `created_at`, then the custom ones. Engage does not document its column
/// names.
pub struct EngageCsvExport {
    /// The names of the custom columns, `created_at` first if there is one.
    names: Vec<String>,
    /// For each custom attribute, the position of its column.
    places: HashMap<String, usize>,
}

impl EngageCsvExport {
    /// An export with these custom attributes. One with the name of a standard column, ignoring
    /// case, gets the prefix `custom_`.
    pub fn new<'a>(attributes: impl Iterator<Item = &'a String>) -> Self {
        let mut attributes: Vec<&String> = attributes.collect();
        attributes.sort_by_key(|name| (*name != CREATED_AT, *name));
        let places = attributes.iter().enumerate();
        let places = places.map(|(place, name)| ((*name).clone(), place)).collect();
        let column = |name: &String| match STANDARD.iter().any(|it| it.eq_ignore_ascii_case(name)) {
            true => format!("custom_{name}"),
            false => name.clone(),
        };
        Self { names: attributes.into_iter().map(column).collect(), places }
    }
}

impl Exporter for EngageCsvExport {
    fn begin(&mut self, text: &mut Vec<u8>) {
        let header = STANDARD.into_iter().chain(self.names.iter().map(String::as_str));
        // Writing to memory does not fail.
        let _ = write_row(header, text);
    }

    fn customer(&mut self, customer: &ExportedCustomer<'_>, text: &mut Vec<u8>) -> Result<()> {
        let device = customer.devices.of_rank(1);
        let mut custom = vec![String::new(); self.names.len()];
        let mut error = None;
        each_attribute(customer.attributes, |name, value| {
            if let Some(cell) = self.places.get(name).and_then(|place| custom.get_mut(*place)) {
                match cell_of(name, value) {
                    Ok(text) => *cell = text,
                    Err(failed) => error = Some(failed),
                }
            }
            Ok(())
        })?;
        if let Some(error) = error {
            return Err(error);
        }
        let standard = [
            Some(customer.uid),
            customer.first_name,
            customer.last_name,
            customer.email,
            customer.number,
            device.map(|(token, _)| token),
            device.map(|(_, platform)| platform.as_str()),
        ];
        let standard = standard.into_iter().map(Option::unwrap_or_default);
        write_row(standard.chain(custom.iter().map(String::as_str)), text)
    }

    fn end(&mut self, _: &mut Vec<u8>) {}
}

/// The text of a JSON value; empty for a sign-up date that is neither a date nor a time.
fn cell_of(name: &str, json: &str) -> Result<String> {
    let is_date_or_time =
        ValueType::Date.is_stored_json(json) || ValueType::Datetime.is_stored_json(json);
    if name == CREATED_AT && !is_date_or_time {
        return Ok(String::new());
    }
    if json.starts_with('"') { serde_json::from_str(json) } else { Ok(json.to_owned()) }
}

fn write_row<'c>(cells: impl Iterator<Item = &'c str>, text: &mut Vec<u8>) -> Result<()> {
    let mut writer = csv::WriterBuilder::new().buffer_capacity(1 << 10).from_writer(text);
    writer.write_record(cells).map_err(Error::custom)?;
    writer.flush().map_err(Error::custom)
}
