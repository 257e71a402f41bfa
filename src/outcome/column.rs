//! What happened to a column.

use crate::mapping::{LikelyType, Origin, TypeSource};
use crate::value::typed::{TypeSpec, ValueType};
use serde::{Deserialize, Serialize};

/// A column and the attribute that it became.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ColumnOutcome {
    /// Its name in the file.
    pub column: String,
    /// Its index in the file, from 0.
    #[serde(default)]
    pub index: usize,
    /// The attribute; `None` if the column was left out.
    pub attribute: Option<String>,
    /// Whether that is a standard attribute.
    #[serde(default)]
    pub standard: bool,
    /// The type of its values.
    #[serde(rename = "type")]
    pub kind: ValueType,
    /// Where the type of a custom attribute comes from.
    #[serde(rename = "type_from")]
    pub type_source: Option<TypeSource>,
    /// Why it became that attribute.
    pub how: Origin,
    /// What in the values supports the choice of a standard attribute, if anything does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
    /// Why it has that type, in words, if there is a reason to give.
    #[serde(skip)]
    pub type_reason: Option<String>,
    /// The type declarations that would fit its values, if they are ambiguous.
    #[serde(skip)]
    pub type_readings: Vec<TypeSpec>,
    /// The type that most of its values would fit, if they are kept as text.
    #[serde(skip)]
    pub likely_type: Option<LikelyType>,
    /// Whether the column has a value in the sample or the import; true if it is not a custom
    /// attribute.
    #[serde(skip)]
    pub has_values: bool,
}
