//! Customers as JSON objects, in an array or one per line.

use super::{Exporter, ListFormat, cell, write_text};
use crate::customer::attribute_values;
use crate::own_export::ExportColumn;
use crate::store::ExportedCustomer;
use serde_json::Result;
use serde_json::value::RawValue;

/// Writes customers as JSON objects.
pub struct JsonExport {
    format: ListFormat,
    /// The requested columns, with their names as JSON; `None` for all data of a customer.
    columns: Option<Vec<(String, ExportColumn)>>,
    /// The custom attributes among the columns, sorted.
    names: Vec<String>,
    is_first: bool,
}

impl JsonExport {
    /// Writes all data of each customer.
    pub fn whole(format: ListFormat) -> Self {
        Self { format, columns: None, names: Vec::new(), is_first: true }
    }

    /// Writes only these columns, as members of a flat object.
    pub fn of(columns: &[ExportColumn], format: ListFormat) -> Self {
        let names = columns.iter().filter_map(ExportColumn::custom_name);
        let mut names: Vec<String> = names.map(str::to_owned).collect();
        names.sort();
        names.dedup();
        // JSON values have types, so the type marker is not needed.
        let wanted = columns.iter().filter(|column| **column != ExportColumn::TYPE_MARKER);
        let wanted = wanted.filter_map(|column| {
            let mut json = Vec::new();
            write_text(&column.header(), &mut json).ok()?;
            Some((String::from_utf8(json).ok()?, column.clone()))
        });
        Self { format, columns: Some(wanted.collect()), names, is_first: true }
    }

    fn columns(
        &self,
        columns: &[(String, ExportColumn)],
        customer: &ExportedCustomer<'_>,
        text: &mut Vec<u8>,
    ) -> Result<()> {
        let values = attribute_values(customer.attributes, &self.names)?;
        for (index, (name, column)) in columns.iter().enumerate() {
            text.push(if index == 0 { b'{' } else { b',' });
            text.extend_from_slice(name.as_bytes());
            text.push(b':');
            match column {
                ExportColumn::Custom(name) => {
                    let at = self.names.binary_search(name).ok();
                    let value = at.and_then(|at| values[at]).unwrap_or("null");
                    text.extend_from_slice(value.as_bytes());
                }
                column => write_optional(cell(column, customer), text)?,
            }
        }
        text.extend_from_slice(if columns.is_empty() { b"{}" } else { b"}" });
        Ok(())
    }
}

/// Writes all data of a customer: custom attributes as one object, devices by rank.
fn whole(customer: &ExportedCustomer<'_>, text: &mut Vec<u8>) -> Result<()> {
    text.extend_from_slice(b"{\"uid\":");
    write_text(customer.uid, text)?;
    for (name, value) in [
        ("first_name", customer.first_name),
        ("last_name", customer.last_name),
        ("number", customer.number),
        ("email", customer.email),
    ] {
        member(name, text);
        write_optional(value, text)?;
    }
    member("devices", text);
    text.push(b'[');
    for (index, (token, platform)) in customer.devices.iter().enumerate() {
        text.extend_from_slice(if index == 0 { b"{\"token\":" } else { b",{\"token\":" });
        write_text(token, text)?;
        member("platform", text);
        write_text(platform.as_str(), text)?;
        text.push(b'}');
    }
    text.push(b']');
    member("attributes", text);
    let attributes: &RawValue = serde_json::from_str(customer.attributes)?;
    // Another tool may have written the attributes on several lines.
    let flat = |byte: u8| if matches!(byte, b'\n' | b'\r') { b' ' } else { byte };
    text.extend(attributes.get().bytes().map(flat));
    for (name, value) in [
        ("archived_at", customer.archived_at),
        ("first_imported_at", Some(customer.first_imported_at)),
        ("last_changed_at", Some(customer.last_changed_at)),
    ] {
        member(name, text);
        write_optional(value, text)?;
    }
    text.push(b'}');
    Ok(())
}

fn member(name: &str, text: &mut Vec<u8>) {
    text.extend_from_slice(b",\"");
    text.extend_from_slice(name.as_bytes());
    text.extend_from_slice(b"\":");
}

fn write_optional(value: Option<&str>, text: &mut Vec<u8>) -> Result<()> {
    if let Some(value) = value {
        return write_text(value, text);
    }
    text.extend_from_slice(b"null");
    Ok(())
}

impl Exporter for JsonExport {
    fn begin(&mut self, text: &mut Vec<u8>) {
        if self.format == ListFormat::Array {
            text.push(b'[');
        }
    }

    fn customer(&mut self, customer: &ExportedCustomer<'_>, text: &mut Vec<u8>) -> Result<()> {
        let is_first = std::mem::replace(&mut self.is_first, false);
        if self.format == ListFormat::Array {
            text.extend_from_slice(if is_first { b"\n" } else { b",\n" });
        }
        match &self.columns {
            Some(columns) => self.columns(columns, customer, text)?,
            None => whole(customer, text)?,
        }
        if self.format == ListFormat::Lines {
            text.push(b'\n');
        }
        Ok(())
    }

    fn end(&mut self, text: &mut Vec<u8>) {
        if self.format == ListFormat::Array {
            text.extend_from_slice(if self.is_first { b"]\n" } else { b"\n]\n" });
        }
    }
}
