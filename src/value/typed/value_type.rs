//! The types of custom attributes.

use super::json::json_text;
use super::time::{iso_date, iso_datetime};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The type of a custom attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ValueType {
    /// Text.
    String,
    /// A decimal number of at most 15 digits before the point.
    Number,
    /// True or false.
    Boolean,
    /// A date, `YYYY-MM-DD`.
    Date,
    /// A date with a time, in UTC with `Z`, or without an offset if it was written without one.
    Datetime,
}

impl ValueType {
    /// All types.
    pub const ALL: [Self; 5] =
        [Self::String, Self::Number, Self::Boolean, Self::Date, Self::Datetime];

    /// The type's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Datetime => "datetime",
        }
    }

    /// The type of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Whether a stored text is a value of this type in its stored form.
    pub fn is_stored_text(self, text: &str) -> bool {
        match self {
            Self::String => true,
            Self::Number | Self::Boolean => false,
            Self::Date => iso_date(text).is_some(),
            Self::Datetime => iso_datetime(text).is_some_and(|written| written == text),
        }
    }

    /// Whether a stored value is of this type.
    pub fn is_stored_json(self, json: &str) -> bool {
        match self {
            Self::Number => json.starts_with(|c: char| c == '-' || c.is_ascii_digit()),
            Self::Boolean => matches!(json, "true" | "false"),
            _ => json_text(json).is_some_and(|text| self.is_stored_text(&text)),
        }
    }
}

impl fmt::Display for ValueType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_stored_in_one_form() {
        for text in ["2020-05-30T09:30:10Z", "2020-05-30T09:30:10", "2020-05-30T09:30:10.250Z"] {
            assert!(ValueType::Datetime.is_stored_text(text), "{text}");
        }
        for text in ["2020-05-30", "2020-05-30 09:30:10", "2020-05-30T09:30:10+00:00", "soon"] {
            assert!(!ValueType::Datetime.is_stored_text(text), "{text}");
        }
    }
}
