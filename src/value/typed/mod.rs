//! Typed values of custom attributes.
//!
//! Engage's API takes strings, numbers and booleans; dates travel as ISO 8601 strings. A value is
//! kept as the JSON text that is stored, so that a number keeps the digits it came with.

mod boolean;
mod json;
mod number;
mod time;
mod type_spec;
mod unit;
mod value;
mod value_type;
mod written_date;

pub use boolean::is_boolean;
pub(crate) use boolean::{BooleanWords, PAIRS};
pub(crate) use json::write_json_string;
pub(crate) use number::{DecimalMark, Digits};
pub use number::{is_json_number, is_number, plain_number};
pub use time::{is_date, is_datetime};
pub use type_spec::{InvalidTypeSpec, TypeSpec};
pub(crate) use unit::Amount;
pub use value::{MAX_STRING_CHARACTERS, Value, is_spreadsheet_error};
pub use value_type::ValueType;
pub(crate) use written_date::{DateFormat, DayOrder, date_formats};
