//! Typed values of custom attributes.
//!
//! Engage's API takes strings, numbers and booleans; dates travel as ISO 8601 strings. A value is
//! kept as the JSON text that is stored, so that a number keeps the digits it came with.

mod json;
mod number;
mod time;
mod type_spec;
mod value;
mod value_type;

pub(crate) use json::write_json_string;
pub use number::{is_json_number, is_number};
pub use time::{is_date, is_datetime};
pub use type_spec::{InvalidTypeSpec, TypeSpec};
pub use value::{MAX_STRING_CHARACTERS, Value, is_boolean, is_spreadsheet_error};
pub use value_type::ValueType;
