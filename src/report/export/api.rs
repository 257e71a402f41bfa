//! Customers in the format of the Engage API: bodies of `POST /users`, one line per call.

use super::{Exporter, write_text};
use crate::customer::each_attribute;
use crate::store::ExportedCustomer;
use crate::value::typed::ValueType;
use serde_json::Result;

/// The sign-up date. The API expects it next to the standard attributes, not in `meta`.
const CREATED_AT: &str = "created_at";

/// Writes customers as bodies of `POST /users`.
///
/// The API accepts one device per call, and keeps the last five. The first line of a customer has
/// all attributes and the device that was seen first. Each later device has its own line, so the
/// one seen last is sent last.
pub struct ApiExport;

impl Exporter for ApiExport {
    fn begin(&mut self, _: &mut Vec<u8>) {}

    fn customer(&mut self, customer: &ExportedCustomer<'_>, text: &mut Vec<u8>) -> Result<()> {
        let mut devices = customer.devices.iter().rev();
        let device = |(token, platform): (&str, crate::value::DevicePlatform),
                      text: &mut Vec<u8>| {
            member("device_token", token, text)?;
            member("device_platform", platform.as_str(), text)
        };
        id(customer.uid, text)?;
        for (name, value) in [
            ("first_name", customer.first_name),
            ("last_name", customer.last_name),
            ("number", customer.number),
            ("email", customer.email),
        ] {
            if let Some(value) = value {
                member(name, value, text)?;
            }
        }
        if let Some(first) = devices.next() {
            device(first, text)?;
        }
        attributes(customer.attributes, text)?;
        text.extend_from_slice(b"}\n");
        for later in devices {
            id(customer.uid, text)?;
            device(later, text)?;
            text.extend_from_slice(b"}\n");
        }
        Ok(())
    }

    fn end(&mut self, _: &mut Vec<u8>) {}
}

fn id(uid: &str, text: &mut Vec<u8>) -> Result<()> {
    text.extend_from_slice(b"{\"id\":");
    write_text(uid, text)
}

/// Writes the sign-up date, and the other strings, numbers and booleans as `meta`.
fn attributes(object: &str, text: &mut Vec<u8>) -> Result<()> {
    let mut meta = Vec::new();
    each_attribute(object, |name, value| {
        if name == CREATED_AT && is_date_or_time(value) {
            text.extend_from_slice(b",\"created_at\":");
            text.extend_from_slice(value.as_bytes());
            return Ok(());
        }
        let is_taken = value.starts_with(|c: char| matches!(c, '"' | '-' | 't' | 'f' | '0'..='9'));
        if is_taken {
            meta.extend_from_slice(if meta.is_empty() { b",\"meta\":{" } else { b"," });
            write_text(name, &mut meta)?;
            meta.push(b':');
            meta.extend_from_slice(value.as_bytes());
        }
        Ok(())
    })?;
    if !meta.is_empty() {
        text.append(&mut meta);
        text.push(b'}');
    }
    Ok(())
}

fn is_date_or_time(json: &str) -> bool {
    ValueType::Date.is_stored_json(json) || ValueType::Datetime.is_stored_json(json)
}

fn member(name: &str, value: &str, text: &mut Vec<u8>) -> Result<()> {
    text.extend_from_slice(b",\"");
    text.extend_from_slice(name.as_bytes());
    text.extend_from_slice(b"\":");
    write_text(value, text)
}
