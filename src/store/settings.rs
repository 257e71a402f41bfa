//! What a store settles for every import into it.

use crate::mapping::RememberedColumns;
use crate::value::Key;
use crate::value::typed::ValueType;
use std::collections::BTreeMap;

/// What a store settles for every import into it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoreSettings {
    /// What identifies its customers, once an import has set it.
    pub key: Option<Key>,
    /// The type of each custom attribute that an import has seen a value of.
    pub catalogue: BTreeMap<String, ValueType>,
    /// What it remembers of columns.
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
