//! What a store remembers about the columns of earlier files.

use super::header::table::compared;
use super::manual::parse_target;
use super::target::Target;
use crate::value::Standard;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a column of an earlier file became.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RememberedColumn {
    /// The attribute, as `-m COLUMN=ATTRIBUTE` takes it.
    pub attribute: String,
    /// Whether the user chose it, so that values cannot contradict it.
    #[serde(skip_serializing_if = "is_false")]
    pub given: bool,
    /// The type and format of a custom attribute's values, as `--type` takes it.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub spec: Option<String>,
    /// Where that type comes from.
    #[serde(rename = "type_from", skip_serializing_if = "RememberedType::is_inferred")]
    pub type_origin: RememberedType,
    /// The region of phone numbers that do not say their country: `US`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phones: Option<String>,
    /// The place of the column's values in a uid that several columns make, counted from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<usize>,
    /// The place of the column among those of its attribute, if it is not the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback: Option<usize>,
    /// Words in the key column that mean a missing customer: `guest`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub placeholders: Vec<String>,
}

/// Where the type of a remembered column comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RememberedType {
    /// Inferred from the values of an import.
    #[default]
    Inferred,
    /// The user declared it for an import: a value that does not fit is an error.
    Declared,
    /// The user changed the attribute to this type later: values are read as for a declared type,
    /// and a value that does not fit is kept as text.
    Retyped,
}

impl RememberedType {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    fn is_inferred(&self) -> bool {
        *self == Self::Inferred
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

impl RememberedColumn {
    fn is_uid(&self) -> bool {
        matches!(self.target(), Some(Target::Standard(Standard::Uid) | Target::UidPart(_)))
    }

    /// What the column became; `None` if a newer version wrote text that this one cannot read.
    pub(crate) fn target(&self) -> Option<Target> {
        match (self.part, parse_target(&self.attribute).ok()?, self.fallback) {
            (Some(part), ..) => Some(Target::UidPart(part)),
            (None, Target::Standard(standard), Some(place)) => {
                Some(Target::Fallback(standard, place))
            }
            (None, target, _) => Some(target),
        }
    }
}

/// What a store remembers about columns, by header.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RememberedColumns {
    columns: BTreeMap<String, RememberedColumn>,
}

impl RememberedColumns {
    /// The columns by their headers, in the form in which headers are compared.
    pub fn new(columns: BTreeMap<String, RememberedColumn>) -> Self {
        Self { columns }
    }

    /// The columns by their compared headers.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &RememberedColumn)> {
        self.columns.iter().map(|(header, column)| (header.as_str(), column))
    }

    /// Whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// What is remembered about a column with this header.
    pub fn find(&self, header: &str) -> Option<&RememberedColumn> {
        self.columns.get(&compared(header))
    }

    /// How many columns together give the uid.
    pub(crate) fn uid_parts(&self) -> usize {
        let is_part = |column: &&RememberedColumn| column.part.is_some();
        self.columns.values().filter(is_part).count()
    }

    /// The compared header of the column that gave the uid.
    pub(crate) fn uid_header(&self) -> Option<&str> {
        self.iter().find(|(_, column)| column.is_uid()).map(|(header, _)| header)
    }
}
