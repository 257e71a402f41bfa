//! The JSON output of `engage show`. `docs/show.md` describes it.

use crate::outcome::SCHEMA;
use crate::report::{Cell, RowFormat, change_rows, customer_attributes};
use crate::store::{CustomerPage, DeliveryLine, Origin, Step};
use crate::value::typed::ValueType;
use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Page<'a> {
    schema: u32,
    engage: &'static str,
    command: &'static str,
    uid: &'a str,
    archived_at: Option<&'a str>,
    first_imported_at: &'a str,
    last_changed_at: &'a str,
    inserted_by: i64,
    attributes: Vec<AttributeReport>,
    devices: Vec<DeviceReport<'a>>,
    segments: &'a [String],
    deliveries: Vec<DeliveryReport<'a>>,
    history: Vec<StepReport<'a>>,
    unknown_until: Option<i64>,
}

#[derive(Serialize)]
struct AttributeReport {
    name: String,
    standard: bool,
    r#type: &'static str,
    fits: bool,
    value: Box<RawValue>,
    import: Option<i64>,
    or_before: bool,
}

#[derive(Serialize)]
struct DeviceReport<'a> {
    token: &'a str,
    platform: &'static str,
}

#[derive(Serialize)]
struct DeliveryReport<'a> {
    destination: &'a str,
    status: &'static str,
    changed_at: &'a str,
    refused_status: Option<u16>,
    refused_text: Option<&'a str>,
}

#[derive(Serialize)]
struct StepReport<'a> {
    import: i64,
    at: &'a str,
    change: String,
    attributes: Vec<ChangeReport>,
}

#[derive(Serialize)]
struct ChangeReport {
    attribute: Box<RawValue>,
    before: Box<RawValue>,
    after: Box<RawValue>,
}

/// A customer as one JSON object, without a line end. `catalogue` has the types of the store's
/// custom attributes; `segments` are the names of the saved segments that contain the customer.
///
/// Fails if the stored attributes are not a JSON object.
pub fn customer_json(
    page: &CustomerPage,
    catalogue: &BTreeMap<String, ValueType>,
    segments: &[String],
) -> serde_json::Result<String> {
    let customer = &page.stored.customer;
    let attributes = customer_attributes(page, catalogue)?.into_iter().map(|attribute| {
        let (import, or_before) = match attribute.origin {
            Some(Origin::Import(import)) => (Some(import), false),
            Some(Origin::NoLaterThan(import)) => (Some(import), true),
            None => (None, false),
        };
        Ok(AttributeReport {
            standard: attribute.standard,
            r#type: attribute.kind.map_or("string", |(kind, _)| kind.as_str()),
            fits: attribute.kind.is_none_or(|(_, fits)| fits),
            value: raw(&attribute.value)?,
            name: attribute.name,
            import,
            or_before,
        })
    });
    let devices = customer.devices.iter();
    serde_json::to_string(&Page {
        schema: SCHEMA,
        engage: env!("CARGO_PKG_VERSION"),
        command: "show",
        uid: &page.stored.uid,
        archived_at: customer.archived_at.as_deref(),
        first_imported_at: &page.first_imported_at,
        last_changed_at: &page.stored.last_changed_at,
        inserted_by: page.inserted_by,
        attributes: attributes.collect::<serde_json::Result<_>>()?,
        devices: devices
            .map(|device| DeviceReport { token: &device.token, platform: device.platform.as_str() })
            .collect(),
        segments,
        deliveries: page.deliveries.iter().map(delivery).collect(),
        history: page.steps.iter().map(step).collect::<serde_json::Result<_>>()?,
        unknown_until: page.unknown_until,
    })
}

fn delivery(line: &DeliveryLine) -> DeliveryReport<'_> {
    DeliveryReport {
        destination: &line.destination,
        status: line.status.as_str(),
        changed_at: &line.changed_at,
        refused_status: line.refusal.as_ref().map(|refusal| refusal.status),
        refused_text: line.refusal.as_ref().map(|refusal| refusal.text.as_str()),
    }
}

fn step(step: &Step) -> serde_json::Result<StepReport<'_>> {
    let rows = change_rows(&step.change, RowFormat::Json, None)?;
    let change = rows.first().map_or(String::new(), |row| row[1].display().text);
    let attributes = rows.iter().map(|[_, _, attribute, before, after]| {
        Ok(ChangeReport { attribute: raw(attribute)?, before: raw(before)?, after: raw(after)? })
    });
    Ok(StepReport {
        import: step.import,
        at: &step.at,
        change,
        attributes: attributes.collect::<serde_json::Result<_>>()?,
    })
}

/// A cell as JSON. A number keeps its stored digits.
fn raw(cell: &Cell<'_>) -> serde_json::Result<Box<RawValue>> {
    let mut json = Vec::new();
    cell.write_json(&mut json).map_err(serde::ser::Error::custom)?;
    RawValue::from_string(String::from_utf8_lossy(&json).into_owned())
}
