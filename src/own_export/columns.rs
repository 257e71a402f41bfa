//! The columns of an export and their headers: standard attributes under their names, custom
//! attributes under theirs, and other data that the store keeps.

use crate::customer::CUSTOM_PREFIX;
use crate::input::MARK_COLUMN;
use crate::value::typed::ValueType;
use crate::value::{MAX_DEVICES, Standard};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

/// A column of an export.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ExportColumn {
    /// A standard attribute.
    Standard(Standard),
    /// A custom attribute of this name.
    Custom(String),
    /// Other data that the store keeps about a customer.
    Store(StoreColumn),
}

impl ExportColumn {
    /// The last column, with each row's type marker.
    pub const TYPE_MARKER: Self = Self::Store(StoreColumn::TypeMarker);

    /// The column with this header, compared exactly.
    pub(crate) fn of_header(header: &str) -> Self {
        let header = header.trim_start_matches('\u{feff}');
        if let Some(name) = header.strip_prefix(CUSTOM_PREFIX) {
            return Self::Custom(name.to_owned());
        }
        if let Some(standard) = Standard::from_name(header) {
            return Self::Standard(standard);
        }
        match StoreColumn::all().find(|column| column.name() == header) {
            Some(column) => Self::Store(column),
            None => Self::Custom(header.to_owned()),
        }
    }

    /// The column's header. That of a custom attribute is its name, or `custom:…` if the name is
    /// that of another column or a spreadsheet may take it for a formula.
    pub(crate) fn header(&self) -> Cow<'_, str> {
        match self {
            Self::Standard(standard) => Cow::Borrowed(standard.as_str()),
            Self::Store(column) => Cow::Borrowed(column.name()),
            Self::Custom(name) if is_plain_name(name) => Cow::Borrowed(name),
            Self::Custom(name) => Cow::Owned(format!("{CUSTOM_PREFIX}{name}")),
        }
    }

    /// The name of the custom attribute, if it is one.
    pub(crate) fn custom_name(&self) -> Option<&str> {
        match self {
            Self::Custom(name) => Some(name),
            _ => None,
        }
    }
}

fn is_plain_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_alphanumeric())
        && !name.starts_with(CUSTOM_PREFIX)
        && Standard::from_name(name).is_none()
        && StoreColumn::all().all(|column| column.name() != name)
}

/// A column of an export that is not an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StoreColumn {
    /// The token of the device of this rank, from 2.
    DeviceToken(usize),
    /// The platform of the device of this rank, from 2.
    DevicePlatform(usize),
    /// When the customer was archived.
    ArchivedAt,
    /// When the customer was first imported.
    FirstImportedAt,
    /// When the customer last changed.
    LastChangedAt,
    /// The types of the row's cells.
    TypeMarker,
}

impl StoreColumn {
    /// All of them, in the order of an export.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let times = [Self::ArchivedAt, Self::FirstImportedAt, Self::LastChangedAt];
        Self::devices(MAX_DEVICES).chain(times).chain([Self::TypeMarker])
    }

    /// The columns of the devices of the ranks 2 to `most`.
    fn devices(most: usize) -> impl Iterator<Item = Self> {
        (2..=most).flat_map(|rank| [Self::DeviceToken(rank), Self::DevicePlatform(rank)])
    }

    /// The column's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::DeviceToken(2) => "device_token_2",
            Self::DeviceToken(3) => "device_token_3",
            Self::DeviceToken(4) => "device_token_4",
            Self::DeviceToken(_) => "device_token_5",
            Self::DevicePlatform(2) => "device_platform_2",
            Self::DevicePlatform(3) => "device_platform_3",
            Self::DevicePlatform(4) => "device_platform_4",
            Self::DevicePlatform(_) => "device_platform_5",
            Self::ArchivedAt => "archived_at",
            Self::FirstImportedAt => "first_imported_at",
            Self::LastChangedAt => "last_changed_at",
            Self::TypeMarker => MARK_COLUMN,
        }
    }
}

impl fmt::Display for StoreColumn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// Whether a header is that of an export.
pub(crate) fn is_export_header(header: &[String]) -> bool {
    header.last().is_some_and(|name| name == MARK_COLUMN)
}

/// The columns of an export of everything in a store: standard attributes, devices up to the rank
/// `most_devices`, custom attributes by name, times, and the type marker.
pub fn export_columns(
    attributes: &BTreeMap<String, ValueType>,
    most_devices: usize,
) -> Vec<ExportColumn> {
    let standard = Standard::ALL.into_iter().map(ExportColumn::Standard);
    let devices = StoreColumn::devices(most_devices).map(ExportColumn::Store);
    let custom = attributes.keys().cloned().map(ExportColumn::Custom);
    let others = StoreColumn::all().skip(StoreColumn::devices(MAX_DEVICES).count());
    standard.chain(devices).chain(custom).chain(others.map(ExportColumn::Store)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_is_known_by_its_header() {
        let all = BTreeMap::new();
        for column in export_columns(&all, MAX_DEVICES) {
            assert_eq!(ExportColumn::of_header(&column.header()), column);
        }
        for name in ["plan", "größe", "device_token_2", "_engage", "custom:x", "=1+1", "-", "'a"]
        {
            let column = ExportColumn::Custom(name.to_owned());
            assert_eq!(ExportColumn::of_header(&column.header()), column);
        }
        assert_eq!(ExportColumn::Custom("plan".to_owned()).header(), "plan");
        assert_eq!(ExportColumn::Custom("=1+1".to_owned()).header(), "custom:=1+1");
    }

    #[test]
    fn an_export_has_as_many_devices_as_a_customer_at_most() {
        let attributes = BTreeMap::from([("plan".to_owned(), ValueType::String)]);
        let headers = |most| -> Vec<String> {
            let columns = export_columns(&attributes, most);
            columns.iter().skip(7).map(|column| column.header().into_owned()).collect()
        };
        let others = ["plan", "archived_at", "first_imported_at", "last_changed_at", "_engage"];
        assert_eq!(headers(0), others);
        assert_eq!(headers(1), others);
        assert_eq!(headers(2)[..3], ["device_token_2", "device_platform_2", "plan"]);
    }
}
