//! The changes of an import, one row for each attribute.

use super::customer_attributes::custom_attributes;
use super::rows::{Cell, RowFormat};
use crate::customer::Customer;
use crate::store::{ChangeKind, CustomerChange, StoredCustomer};
use crate::value::Device;
use std::collections::BTreeSet;

/// The columns of the changes.
pub const CHANGE_COLUMNS: [&str; 5] = ["uid", "change", "attribute", "before", "after"];

/// One attribute of one customer, before and after an import.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Attribute {
    name: String,
    before: Value,
    after: Value,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    None,
    Text(String),
    Json(String),
    Devices(Vec<Device>),
}

/// The rows of a changed customer, one for each attribute that differs; with `only`, just for that
/// attribute. Fails if the stored attributes are not a JSON object.
pub fn change_rows(
    change: &CustomerChange,
    format: RowFormat,
    only: Option<&str>,
) -> serde_json::Result<Vec<[Cell<'static>; 5]>> {
    let word = match (change.kind, &change.before, &change.after) {
        (ChangeKind::Insert, ..) => "new",
        (ChangeKind::Archive, ..) => "archived",
        (ChangeKind::Delete, ..) => "deleted",
        (ChangeKind::Update, Some(before), Some(after))
            if before.customer.archived_at.is_some() && after.customer.archived_at.is_none() =>
        {
            "back"
        }
        (ChangeKind::Update, ..) => "changed",
    };
    let attributes = differing_attributes(change.before.as_ref(), change.after.as_ref())?;
    let wanted = attributes.into_iter().filter(|a| only.is_none_or(|only| only == a.name));
    Ok(wanted
        .map(|Attribute { name, before, after }| {
            // If only the type differs, as in "1" and 1, show the quotes of the text.
            let is_retyped = format == RowFormat::Table && before.is_text_of(&after);
            let cell = |value: Value| match value {
                Value::Json(json) if is_retyped => Cell::text(json),
                value => value.into_cell(format),
            };
            [
                Cell::text(change.uid().to_owned()),
                Cell::text(word),
                Cell::text(name),
                cell(before),
                cell(after),
            ]
        })
        .collect())
}

impl Value {
    fn text(text: Option<&String>) -> Self {
        text.map_or(Self::None, |text| Self::Text(text.clone()))
    }

    fn json(json: Option<&str>) -> Self {
        json.map_or(Self::None, |json| Self::Json(json.to_owned()))
    }

    /// Whether one of the two is a JSON string with the same characters as the other.
    fn is_text_of(&self, other: &Self) -> bool {
        let (Self::Json(a), Self::Json(b)) = (self, other) else { return false };
        let inside = |json: &str| serde_json::from_str::<String>(json).ok();
        inside(a).as_ref() == Some(b) || inside(b).as_ref() == Some(a)
    }

    fn into_cell(self, format: RowFormat) -> Cell<'static> {
        match self {
            Self::None => Cell::Missing,
            Self::Text(text) => Cell::text(text),
            Self::Json(json) => Cell::json(json),
            Self::Devices(devices) if devices.is_empty() => Cell::Missing,
            Self::Devices(devices) if format == RowFormat::Table => {
                let devices = devices.into_iter();
                Cell::List(
                    devices.map(|d| format!("{} ({})", d.token, d.platform).into()).collect(),
                )
            }
            Self::Devices(devices) => {
                let devices: Vec<serde_json::Value> = devices
                    .into_iter()
                    .map(|d| serde_json::json!({"token": d.token, "platform": d.platform.as_str()}))
                    .collect();
                Cell::json(serde_json::Value::from(devices).to_string())
            }
        }
    }
}

/// The attributes that differ, standard attributes first.
fn differing_attributes(
    before: Option<&StoredCustomer>,
    after: Option<&StoredCustomer>,
) -> serde_json::Result<Vec<Attribute>> {
    let mut all = Vec::new();
    let mut add = |name: &str, before: Value, after: Value| {
        if before != after {
            all.push(Attribute { name: name.to_owned(), before, after });
        }
    };
    let uid = |stored: Option<&StoredCustomer>| Value::text(stored.map(|stored| &stored.uid));
    add("uid", uid(before), uid(after));
    let none = Customer::default();
    let (before, after) = (
        before.map_or(&none, |stored| &stored.customer),
        after.map_or(&none, |stored| &stored.customer),
    );
    for (name, before, after) in [
        ("first_name", &before.first_name, &after.first_name),
        ("last_name", &before.last_name, &after.last_name),
        ("number", &before.number, &after.number),
        ("email", &before.email, &after.email),
        ("archived_at", &before.archived_at, &after.archived_at),
    ] {
        add(name, Value::text(before.as_ref()), Value::text(after.as_ref()));
    }
    let (old, new) = (custom_attributes(before)?, custom_attributes(after)?);
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for name in names {
        let old = old.get(name).map(|value| value.get());
        let new = new.get(name).map(|value| value.get());
        // Most are equal, and they may be long, so only copy those that differ.
        if old != new {
            add(name, Value::json(old), Value::json(new));
        }
    }
    let devices = |customer: &Customer| Value::Devices(customer.devices.clone());
    add("devices", devices(before), devices(after));
    Ok(all)
}
