//! A value of a custom attribute, and the errors that spreadsheets show.

use super::json::write_json_string;
use crate::value::text::composed;
use std::borrow::Cow;

/// The maximum characters of a string. Engage documents no limit; this one keeps a customer
/// readable.
pub const MAX_STRING_CHARACTERS: usize = 65_536;

/// One value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// A string, a date or a time.
    Text(Cow<'a, str>),
    /// A number, in JSON's notation.
    Number(Cow<'a, str>),
    /// True or false.
    Boolean(bool),
}

impl<'a> Value<'a> {
    /// A string, in Unicode's form NFC.
    pub fn text(text: &'a str) -> Self {
        Self::Text(composed(text))
    }

    /// Appends the value as JSON.
    pub fn write_json(&self, json: &mut String) {
        match self {
            Self::Text(text) => write_json_string(text, json),
            Self::Number(digits) => json.push_str(digits),
            Self::Boolean(true) => json.push_str("true"),
            Self::Boolean(false) => json.push_str("false"),
        }
    }
}

/// Whether a text is what a spreadsheet shows for a failed formula.
pub fn is_spreadsheet_error(text: &str) -> bool {
    text.starts_with('#')
        && matches!(
            text,
            "#N/A"
                | "#REF!"
                | "#VALUE!"
                | "#DIV/0!"
                | "#NAME?"
                | "#NULL!"
                | "#NUM!"
                | "#ERROR!"
                | "#GETTING_DATA"
                | "#SPILL!"
                | "#CALC!"
                | "#FIELD!"
                | "#BLOCKED!"
                | "#CONNECT!"
                | "#UNKNOWN!"
                | "#BUSY!"
                | "#PYTHON!"
        )
}
