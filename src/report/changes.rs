//! What an import has changed, attribute by attribute.

use super::rows::{Cell, RowFormat};
use crate::customer::Customer;
use crate::store::sqlite::customers::{ChangeKind, StoredCustomer};
use crate::store::sqlite::history::CustomerChange;
use crate::value::Device;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};

/// The columns of what an import has changed.
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

/// The rows of what an import has made of a customer, one for each attribute that is otherwise;
/// with `only`, for that attribute alone. Fails where the stored attributes are not a JSON object.
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
    let attributes = attributes(change.before.as_ref(), change.after.as_ref())?;
    let wanted = attributes.into_iter().filter(|a| only.is_none_or(|only| only == a.name));
    Ok(wanted
        .map(|Attribute { name, before, after }| {
            [
                Cell::text(change.uid().to_owned()),
                Cell::text(word),
                Cell::text(name),
                before.into_cell(format),
                after.into_cell(format),
            ]
        })
        .collect())
}

impl Value {
    fn text(text: Option<&String>) -> Self {
        text.map_or(Self::None, |text| Self::Text(text.clone()))
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

/// What is not the same in the two, standard attributes first.
fn attributes(
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
    let (was, is) = (custom_of(before)?, custom_of(after)?);
    let names: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    let value =
        |value: Option<&str>| value.map_or(Value::None, |json| Value::Json(json.to_owned()));
    for name in names {
        let (was, is) = (was.get(name), is.get(name));
        let (was, is) = (was.map(|value| value.get()), is.map(|value| value.get()));
        // Most are the same in both, and any may be long.
        if was != is {
            add(name, value(was), value(is));
        }
    }
    let devices = |customer: &Customer| Value::Devices(customer.devices.clone());
    add("devices", devices(before), devices(after));
    Ok(all)
}

pub(crate) fn custom_of(customer: &Customer) -> serde_json::Result<BTreeMap<String, &RawValue>> {
    match customer.attributes.is_empty() {
        true => Ok(BTreeMap::new()),
        false => serde_json::from_str(&customer.attributes),
    }
}
