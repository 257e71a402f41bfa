//! The attributes of a customer with their types and origins.

use super::rows::Cell;
use crate::customer::Customer;
use crate::store::{CustomerPage, Origin};
use crate::value::typed::ValueType;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// An attribute of a customer.
pub(crate) struct CustomerAttribute<'a> {
    pub(crate) name: String,
    pub(crate) value: Cell<'a>,
    pub(crate) standard: bool,
    /// The type in the catalogue, and whether the value has that type.
    pub(crate) kind: Option<(ValueType, bool)>,
    pub(crate) origin: Option<Origin>,
}

/// The attributes of a customer, standard attributes first.
///
/// Fails if the stored attributes are not a JSON object.
pub(crate) fn customer_attributes<'a>(
    page: &'a CustomerPage,
    catalogue: &BTreeMap<String, ValueType>,
) -> serde_json::Result<Vec<CustomerAttribute<'a>>> {
    let customer = &page.stored.customer;
    let standard = [
        ("first_name", &customer.first_name),
        ("last_name", &customer.last_name),
        ("email", &customer.email),
        ("number", &customer.number),
    ];
    let mut attributes: Vec<CustomerAttribute<'a>> = standard
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.as_deref()?)))
        .map(|(name, value)| CustomerAttribute {
            name: name.to_owned(),
            value: Cell::text(value),
            standard: true,
            kind: None,
            origin: page.origins.get(name).copied(),
        })
        .collect();
    for (name, value) in custom_attributes(customer)? {
        let kind = catalogue.get(&name).map(|kind| (*kind, kind.is_stored_json(value.get())));
        let origin = page.origins.get(&name).copied();
        attributes.push(CustomerAttribute {
            value: Cell::json(value.get().to_owned()),
            name,
            standard: false,
            kind,
            origin,
        });
    }
    Ok(attributes)
}

/// The custom attributes of a customer as JSON values.
///
/// Fails if the stored attributes are not a JSON object.
pub(crate) fn custom_attributes(
    customer: &Customer,
) -> serde_json::Result<BTreeMap<String, &RawValue>> {
    if customer.attributes.is_empty() {
        return Ok(BTreeMap::new());
    }
    serde_json::from_str(&customer.attributes)
}
