//! Typed values of custom attributes.
//!
//! Engage's API takes strings, numbers and booleans; dates travel as ISO 8601 strings. A value is
//! kept as the JSON text that is stored, so that a number keeps the digits it came with.

mod number;
mod time;

pub use number::{is_json_number, is_number};
pub use time::{is_date, is_datetime};

use crate::value::composed;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use number::declared_number;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use time::{iso_date, iso_datetime, write_datetime};

/// The most characters of a string. Engage documents no limit; this one keeps a customer readable.
pub const MAX_STRING_CHARACTERS: usize = 65_536;

/// The type of a custom attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ValueType {
    /// Text.
    String,
    /// A decimal number of at most 15 significant digits.
    Number,
    /// True or false.
    Boolean,
    /// A day, `YYYY-MM-DD`.
    Date,
    /// A time, in UTC with `Z`, or without an offset where it was written without one.
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

    /// Whether a stored text is a value of this type, in the form in which such values are stored.
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

/// The text inside a JSON string; `None` for any other JSON value.
fn json_text(json: &str) -> Option<Cow<'_, str>> {
    let inside = json.strip_prefix('"')?.strip_suffix('"')?;
    match inside.contains('\\') {
        false => Some(Cow::Borrowed(inside)),
        true => serde_json::from_str(json).ok().map(Cow::Owned),
    }
}

/// A type and how its values are written: `number:,` or `date:%d/%m/%Y`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeSpec {
    /// The type.
    pub kind: ValueType,
    /// The decimal mark of numbers; the strftime format of dates and times.
    format: Option<String>,
}

/// What is wrong with a type as it was given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidTypeSpec(String);

impl From<ValueType> for TypeSpec {
    fn from(kind: ValueType) -> Self {
        Self { kind, format: None }
    }
}

impl FromStr for TypeSpec {
    type Err = InvalidTypeSpec;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, format) = match text.split_once(':') {
            Some((name, format)) => (name, Some(format)),
            None => (text, None),
        };
        let kind = ValueType::from_name(name).ok_or_else(|| {
            InvalidTypeSpec(format!("no type '{name}': string, number, boolean, date or datetime"))
        })?;
        match (kind, format) {
            (_, None) | (ValueType::Number, Some("," | ".")) => {}
            (ValueType::Number, Some(_)) => {
                return Err(InvalidTypeSpec("a decimal mark is , or . as in number:,".into()));
            }
            (ValueType::Date | ValueType::Datetime, Some(format)) => {
                check_format(kind, format)?;
            }
            (ValueType::String | ValueType::Boolean, Some(_)) => {
                return Err(InvalidTypeSpec(format!("a {name} has no format")));
            }
        }
        Ok(Self { kind, format: format.map(str::to_owned) })
    }
}

impl fmt::Display for TypeSpec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.format {
            Some(format) => write!(formatter, "{}:{format}", self.kind),
            None => self.kind.fmt(formatter),
        }
    }
}

/// A format must be able to say every part of what it is to read.
fn check_format(kind: ValueType, format: &str) -> Result<(), InvalidTypeSpec> {
    let moment = DateTime::constant(2024, 11, 28, 13, 45, 58, 0);
    let mut broken = jiff::fmt::strtime::BrokenDownTime::from(moment);
    broken.set_offset(Some(Offset::UTC));
    let example = broken
        .to_string(format)
        .map_err(|error| InvalidTypeSpec(format!("no such format '{format}': {error}")))?;
    let read = TypeSpec { kind, format: Some(format.to_owned()) };
    let back = read.value(&example);
    let expected = match kind {
        ValueType::Date => "2024-11-28",
        _ => "2024-11-28T13:45",
    };
    match back {
        Some(Value::Text(text)) if text.starts_with(expected) => Ok(()),
        _ => Err(InvalidTypeSpec(format!(
            "the format '{format}' does not say a whole {kind}: %Y-%m-%d{} does",
            if kind == ValueType::Date { "" } else { " %H:%M:%S" }
        ))),
    }
}

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

/// Appends a JSON string.
pub(crate) fn write_json_string(text: &str, json: &mut String) {
    json.push('"');
    let mut plain = 0;
    for (index, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0..=0x1f | 0x7f => {
                json.push_str(&text[plain..index]);
                json.push_str("\\u00");
                json.extend(
                    [byte >> 4, byte & 15]
                        .map(|half| char::from(b"0123456789abcdef"[usize::from(half)])),
                );
                plain = index + 1;
                continue;
            }
            _ => continue,
        };
        json.push_str(&text[plain..index]);
        json.push_str(escape);
        plain = index + 1;
    }
    json.push_str(&text[plain..]);
    json.push('"');
}

impl TypeSpec {
    /// Reads a trimmed, non-blank text as a value that someone declared to be of this type: the
    /// spellings of exports are taken (`1,234.50`, `yes`). `None` where it is not such a value.
    pub fn value<'a>(&self, text: &'a str) -> Option<Value<'a>> {
        match (self.kind, &self.format) {
            (ValueType::String, _) => Some(Value::text(text)),
            (ValueType::Number, format) => {
                let comma = format.as_deref() == Some(",");
                declared_number(text, comma).map(Value::Number)
            }
            (ValueType::Boolean, _) => declared_boolean(text).map(Value::Boolean),
            (ValueType::Date, None) => iso_date(text).map(|_| Value::Text(Cow::Borrowed(text))),
            (ValueType::Date, Some(format)) => {
                let date = Date::strptime(format, text).ok()?;
                whole_year(date).then(|| Value::Text(Cow::Owned(date.to_string())))
            }
            (ValueType::Datetime, None) => iso_datetime(text).map(Value::Text),
            (ValueType::Datetime, Some(format)) => {
                let broken = jiff::fmt::strtime::parse(format, text).ok()?;
                let written = match broken.to_datetime() {
                    Ok(civil) if !whole_year(civil.date()) => return None,
                    Ok(civil) => write_datetime(civil, broken.offset())?,
                    // Seconds since 1970, `%s`.
                    Err(_) => broken.to_timestamp().ok()?.to_string(),
                };
                if written.starts_with('-') {
                    return None;
                }
                Some(Value::Text(Cow::Owned(written)))
            }
        }
    }

    /// Reads a stored value, given as JSON, as one of this type, and gives it as JSON. `None` where
    /// it is no such value.
    pub fn converted(&self, json: &str) -> Option<String> {
        let text = match json_text(json) {
            Some(text) => text,
            // A number's digits, or true or false.
            None => Cow::Borrowed(json),
        };
        let mut converted = String::new();
        self.value(text.trim())?.write_json(&mut converted);
        Some(converted)
    }

    /// Reads a trimmed, non-blank text as a value of a type that was only inferred: nothing but
    /// the spellings that inference takes. `None` where it is not such a value.
    pub fn inferred_value<'a>(&self, text: &'a str) -> Option<Value<'a>> {
        match self.kind {
            ValueType::Number => is_number(text).then_some(Value::Number(Cow::Borrowed(text))),
            ValueType::Boolean => boolean(text).map(Value::Boolean),
            _ => self.value(text),
        }
    }
}

/// Whether a text is what a spreadsheet shows where a formula has failed.
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

/// Whether a year that was read by a format has four digits: `%Y` also reads the 24 of `3/4/24`.
fn whole_year(date: Date) -> bool {
    date.year() >= 1000
}

/// Whether a text is one of the two words that inference takes as a boolean, in any case.
pub fn is_boolean(text: &str) -> bool {
    boolean(text).is_some()
}

fn boolean(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

fn declared_boolean(text: &str) -> Option<bool> {
    boolean(text).or_else(|| match text.to_ascii_lowercase().as_str() {
        "yes" | "y" | "t" | "1" | "on" => Some(true),
        "no" | "n" | "f" | "0" | "off" => Some(false),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(spec: &str, text: &str) -> Option<String> {
        let spec: TypeSpec = spec.parse().unwrap();
        spec.value(text).map(|value| {
            let mut json = String::new();
            value.write_json(&mut json);
            json
        })
    }

    #[test]
    fn numbers_keep_their_digits() {
        for text in ["0", "-0", "12.50", "1e5", "1.5E-3", "123456789012345", "-7"] {
            assert!(is_number(text), "{text}");
            assert_eq!(json("number", text).as_deref(), Some(text));
        }
    }

    #[test]
    fn texts_that_only_look_like_numbers_stay_texts() {
        for text in [
            "007",
            "+5",
            "1234567890123456",
            "NaN",
            "1,234",
            ".5",
            "5.",
            "1e999",
            "",
            "-",
            "0x1F",
            "1 2",
        ] {
            assert!(!is_number(text), "{text}");
        }
    }

    #[test]
    fn declared_numbers_are_read_as_exports_write_them() {
        assert_eq!(json("number", "1,234.50").as_deref(), Some("1234.50"));
        assert_eq!(json("number:,", "1.234,50").as_deref(), Some("1234.50"));
        assert_eq!(json("number:,", "12,5").as_deref(), Some("12.5"));
        assert_eq!(json("number", ".5").as_deref(), Some("0.5"));
        assert_eq!(json("number", "007").as_deref(), Some("7"));
        assert_eq!(json("number", "1,23"), None);
        assert_eq!(json("number", "#N/A"), None);
    }

    #[test]
    fn dates_and_times_are_iso_8601() {
        assert_eq!(json("date", "2024-02-29").as_deref(), Some("\"2024-02-29\""));
        assert_eq!(json("date", "2023-02-29"), None);
        assert_eq!(json("date:%d/%m/%Y", "03/04/2024").as_deref(), Some("\"2024-04-03\""));
        for (text, stored) in [
            ("2020-05-30T09:30:10Z", "2020-05-30T09:30:10Z"),
            ("2020-05-30 09:30:10", "2020-05-30T09:30:10"),
            ("2020-05-30 09:30", "2020-05-30T09:30:00"),
            ("2020-05-30 09:30:10 UTC", "2020-05-30T09:30:10Z"),
            ("2020-05-30T00:30:10+01:00", "2020-05-29T23:30:10Z"),
            ("2020-05-30 09:30:10.250+00", "2020-05-30T09:30:10.25Z"),
        ] {
            assert_eq!(json("datetime", text), Some(format!("\"{stored}\"")), "{text}");
        }
        assert_eq!(json("datetime", "2020-05-30T25:00:00"), None);
        assert_eq!(
            json("datetime:%d.%m.%Y %H:%M", "30.05.2020 09:30").as_deref(),
            Some("\"2020-05-30T09:30:00\"")
        );
    }

    #[test]
    fn a_time_is_stored_in_one_form() {
        for text in ["2020-05-30T09:30:10Z", "2020-05-30T09:30:10", "2020-05-30T09:30:10.250Z"] {
            assert!(ValueType::Datetime.is_stored_text(text), "{text}");
        }
        for text in ["2020-05-30", "2020-05-30 09:30:10", "2020-05-30T09:30:10+00:00", "soon"] {
            assert!(!ValueType::Datetime.is_stored_text(text), "{text}");
        }
    }

    #[test]
    fn a_format_must_say_everything() {
        assert!("date:%d/%m".parse::<TypeSpec>().is_err());
        assert!("date:%Q".parse::<TypeSpec>().is_err());
        assert!("datetime:%d/%m/%Y".parse::<TypeSpec>().is_err());
        assert!("number:x".parse::<TypeSpec>().is_err());
        assert!("money".parse::<TypeSpec>().is_err());
    }

    #[test]
    fn stored_values_become_values_of_another_type() {
        let converted = |spec: &str, json: &str| {
            let spec: TypeSpec = spec.parse().unwrap();
            spec.converted(json)
        };
        assert_eq!(converted("string", "12.50").as_deref(), Some("\"12.50\""));
        assert_eq!(converted("string", "true").as_deref(), Some("\"true\""));
        assert_eq!(converted("number", "\"1,234.5\"").as_deref(), Some("1234.5"));
        assert_eq!(converted("boolean", "1").as_deref(), Some("true"));
        assert_eq!(converted("date:%d/%m/%Y", "\"03/04/2024\"").as_deref(), Some("\"2024-04-03\""));
        assert_eq!(converted("number", "\"many\""), None);
        assert_eq!(converted("string", "\"a\\\"b\"").as_deref(), Some("\"a\\\"b\""));
    }

    #[test]
    fn strings_are_escaped_as_json_wants_it() {
        let text = "a\"b\\c\n\u{1}é";
        let mut written = String::new();
        write_json_string(text, &mut written);
        assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
    }
}
