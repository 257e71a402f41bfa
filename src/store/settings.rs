//! The settings of a store, which apply to every import into it.

use crate::mapping::RememberedColumns;
use crate::value::Key;
use crate::value::typed::ValueType;
use std::collections::BTreeMap;

/// The settings of a store, which apply to every import into it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoreSettings {
    /// The key that identifies its customers, once an import has set it.
    pub key: Option<Key>,
    /// The type of each custom attribute that has had a value in an import.
    pub catalogue: BTreeMap<String, ValueType>,
    /// What it remembers about columns.
    pub remembered: RememberedColumns,
}

/// A custom attribute and its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// The name.
    pub name: String,
    /// The type of its values.
    pub kind: ValueType,
}
