//! The type of a column's values and how they are written.

use super::boolean::{BooleanWords, boolean, declared_boolean};
use super::json::json_text;
use super::number::{DecimalMark, NumberFormat};
use super::time::{iso_date, iso_datetime, write_datetime};
use super::value::Value;
use super::value_type::ValueType;
use super::written_date::{DayOrder, day_order};
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use jiff::{Timestamp, fmt::strtime};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// A type and how its values are written: `number:,EUR`, `boolean:yes/no` or `date:%d/%m/%Y`. Its
/// text form is `TYPE[:FORMAT]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeSpec {
    /// The type.
    pub kind: ValueType,
    format: Format,
}

/// How values of a type are written.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Format {
    /// In the form in which they are stored.
    Plain,
    Number(NumberFormat),
    Words(BooleanWords),
    /// A strftime format.
    Pattern(String),
    EpochMilliseconds,
}

/// The format of times as milliseconds since 1970, which strftime does not have.
const EPOCH_MILLISECONDS: &str = "epoch_ms";

/// The error for an invalid type or format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidTypeSpec(String);

impl From<ValueType> for TypeSpec {
    fn from(kind: ValueType) -> Self {
        Self { kind, format: Format::Plain }
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
            InvalidTypeSpec(format!(
                "unknown type '{name}': expected string, number, boolean, date or datetime"
            ))
        })?;
        let invalid = |message: &str| InvalidTypeSpec(message.to_owned());
        let format = match (kind, format) {
            (_, None) => Format::Plain,
            (ValueType::Number, Some(format)) => {
                Format::Number(NumberFormat::parse(format).ok_or_else(|| {
                    invalid(
                        "a decimal mark is , or . and a unit is % or a currency, as in number:,EUR",
                    )
                })?)
            }
            (ValueType::Boolean, Some(words)) => {
                Format::Words(BooleanWords::parse(words).ok_or_else(|| {
                    invalid("expected two words, for true and false, as in boolean:yes/no")
                })?)
            }
            (ValueType::Datetime, Some(EPOCH_MILLISECONDS)) => Format::EpochMilliseconds,
            (ValueType::Date | ValueType::Datetime, Some(format)) => {
                check_format(kind, format)?;
                Format::Pattern(format.to_owned())
            }
            (ValueType::String, Some(_)) => return Err(invalid("a string has no format")),
        };
        Ok(Self { kind, format })
    }
}

impl fmt::Display for TypeSpec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.format {
            Format::Plain => self.kind.fmt(formatter),
            Format::Number(format) => write!(formatter, "{}:{format}", self.kind),
            Format::Words(BooleanWords { yes, no }) => {
                write!(formatter, "{}:{yes}/{no}", self.kind)
            }
            Format::Pattern(pattern) => write!(formatter, "{}:{pattern}", self.kind),
            Format::EpochMilliseconds => write!(formatter, "{}:{EPOCH_MILLISECONDS}", self.kind),
        }
    }
}

/// Checks that a format reads every part of a date or time.
fn check_format(kind: ValueType, format: &str) -> Result<(), InvalidTypeSpec> {
    let moment = DateTime::constant(2024, 11, 28, 13, 45, 58, 0);
    let mut broken = strtime::BrokenDownTime::from(moment);
    broken.set_offset(Some(Offset::UTC));
    let example = broken
        .to_string(format)
        .map_err(|error| InvalidTypeSpec(format!("invalid format '{format}': {error}")))?;
    let spec = TypeSpec::with_pattern(kind, format.to_owned());
    let expected = match kind {
        ValueType::Date => "2024-11-28",
        _ => "2024-11-28T13:45",
    };
    match spec.value(&example) {
        Some(Value::Text(text)) if text.starts_with(expected) => Ok(()),
        _ => Err(InvalidTypeSpec(format!(
            "the format '{format}' does not give a complete {kind}: %Y-%m-%d{} does",
            if kind == ValueType::Date { "" } else { " %H:%M:%S" }
        ))),
    }
}

impl TypeSpec {
    /// Numbers with this decimal mark and unit.
    pub(crate) fn number(mark: Option<DecimalMark>, unit: Option<String>) -> Self {
        Self { kind: ValueType::Number, format: Format::Number(NumberFormat { mark, unit }) }
    }

    /// Booleans with these words.
    pub(crate) fn boolean(words: BooleanWords) -> Self {
        Self { kind: ValueType::Boolean, format: Format::Words(words) }
    }

    /// Dates or times by a strftime format.
    pub(crate) fn with_pattern(kind: ValueType, pattern: String) -> Self {
        Self { kind, format: Format::Pattern(pattern) }
    }

    /// Times as seconds since 1970.
    pub(crate) fn epoch_seconds() -> Self {
        Self::with_pattern(ValueType::Datetime, "%s".to_owned())
    }

    /// Times as milliseconds since 1970.
    pub(crate) fn epoch_milliseconds() -> Self {
        Self { kind: ValueType::Datetime, format: Format::EpochMilliseconds }
    }

    /// The order of day and month, if the format has one.
    pub(crate) fn day_order(&self) -> Option<DayOrder> {
        match &self.format {
            Format::Pattern(pattern) => day_order(pattern),
            _ => None,
        }
    }

    /// Whether the proven format `found` contradicts this type: it has the other order of day and
    /// month, or the other decimal mark.
    pub fn contradicts(&self, found: &Self) -> bool {
        match (&self.format, &found.format) {
            (Format::Number(ours), Format::Number(theirs)) => {
                matches!((ours.mark, theirs.mark), (Some(ours), Some(theirs)) if ours != theirs)
            }
            _ => match (self.day_order(), found.day_order()) {
                (Some(ours), Some(theirs)) => ours != theirs,
                _ => false,
            },
        }
    }

    /// Reads a trimmed, non-blank text as a value of this type if it was declared: in all spellings
    /// of exports (`1,234.50`, `yes`). `None` if it does not fit.
    pub fn value<'a>(&self, text: &'a str) -> Option<Value<'a>> {
        match (self.kind, &self.format) {
            (ValueType::String, _) => Some(Value::text(text)),
            (_, Format::Number(format)) => format.declared(text).map(Value::Number),
            (_, Format::Words(words)) => words.read(text).map(Value::Boolean),
            (_, Format::EpochMilliseconds) => {
                let moment = Timestamp::from_millisecond(text.parse().ok()?).ok()?;
                stored_moment(moment.to_string())
            }
            (ValueType::Number, _) => NumberFormat::default().declared(text).map(Value::Number),
            (ValueType::Boolean, _) => declared_boolean(text).map(Value::Boolean),
            (ValueType::Date, Format::Pattern(pattern)) => {
                let date = Date::strptime(pattern, text).ok()?;
                has_whole_year(date).then(|| Value::Text(Cow::Owned(date.to_string())))
            }
            (ValueType::Date, Format::Plain) => {
                iso_date(text).map(|_| Value::Text(Cow::Borrowed(text)))
            }
            (ValueType::Datetime, Format::Pattern(pattern)) => moment_by(pattern, text),
            (ValueType::Datetime, Format::Plain) => iso_datetime(text).map(Value::Text),
        }
    }

    /// Converts a stored JSON value to JSON of this type. `None` if it does not fit.
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

    /// Reads a trimmed, non-blank text as a value of this type if it was only inferred: in the
    /// spellings that inference accepts, and dates also in their stored form. `None` if it does not
    /// fit.
    pub fn inferred_value<'a>(&self, text: &'a str) -> Option<Value<'a>> {
        match (self.kind, &self.format) {
            (ValueType::Number, Format::Number(format)) => format.inferred(text).map(Value::Number),
            (ValueType::Date | ValueType::Datetime, Format::Pattern(_)) => {
                self.value(text).or_else(|| Self::stored_value(self.kind, text))
            }
            (_, Format::Plain) => Self::stored_value(self.kind, text),
            _ => self.value(text),
        }
    }

    /// Reads a trimmed, non-blank text in the form in which values of the type are stored.
    pub(crate) fn stored_value(kind: ValueType, text: &str) -> Option<Value<'_>> {
        match kind {
            ValueType::Number => NumberFormat::default().inferred(text).map(Value::Number),
            ValueType::Boolean => boolean(text).map(Value::Boolean),
            _ => Self::from(kind).value(text),
        }
    }
}

fn moment_by<'a>(pattern: &str, text: &str) -> Option<Value<'a>> {
    let broken = strtime::parse(pattern, text).ok()?;
    // A literal time zone in the format, such as `UTC`.
    let is_utc = ["UTC", "GMT", "Z"]
        .iter()
        .any(|zone| pattern.strip_suffix(zone).is_some_and(|rest| !rest.ends_with(['%', ':'])));
    let offset = broken.offset().or(is_utc.then_some(Offset::UTC));
    stored_moment(match broken.to_datetime() {
        Ok(civil) if !has_whole_year(civil.date()) => return None,
        Ok(civil) => write_datetime(civil, offset)?,
        // Seconds since 1970, `%s`.
        Err(_) => broken.to_timestamp().ok()?.to_string(),
    })
}

/// A moment in its stored form; `None` for years before 0000, which do not have four digits.
fn stored_moment<'a>(written: String) -> Option<Value<'a>> {
    (!written.starts_with('-')).then_some(Value::Text(Cow::Owned(written)))
}

/// Whether a year that a format read has four digits: `%Y` also reads the 24 of `3/4/24`.
fn has_whole_year(date: Date) -> bool {
    date.year() >= 1000
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::typed::is_number;

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
        let long = "34.49726772511229";
        for text in ["0", "12.50", "123456789012345", "-7", long] {
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
    fn a_format_must_be_complete() {
        assert!("date:%d/%m".parse::<TypeSpec>().is_err());
        assert!("date:%Q".parse::<TypeSpec>().is_err());
        assert!("datetime:%d/%m/%Y".parse::<TypeSpec>().is_err());
        assert!("number:x".parse::<TypeSpec>().is_err());
        assert!("money".parse::<TypeSpec>().is_err());
    }

    #[test]
    fn a_type_is_read_from_its_text_form() {
        for text in [
            "number",
            "number:,",
            "number:.",
            "number:EUR",
            "number:,EUR",
            "number:.$",
            "number:%",
            "boolean:yes/no",
            "date:%d/%m/%Y",
            "datetime:%s",
            "datetime:epoch_ms",
        ] {
            assert_eq!(text.parse::<TypeSpec>().unwrap().to_string(), text);
        }
        assert_eq!("number:€".parse::<TypeSpec>().unwrap().to_string(), "number:EUR");
        for text in ["number:apples", "boolean:yes", "boolean:no/no", "string:x", "date:epoch_ms"] {
            assert!(text.parse::<TypeSpec>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_inferred_format_is_strict() {
        let inferred = |spec: &str, text: &str| {
            let spec: TypeSpec = spec.parse().unwrap();
            spec.inferred_value(text).map(|value| {
                let mut json = String::new();
                value.write_json(&mut json);
                json
            })
        };
        for (spec, text, value) in [
            ("number:.$", "$1,234.50", "1234.50"),
            ("number:.$", "($18.00)", "-18.00"),
            ("number:.$", "12", "12"),
            ("number:,EUR", "€1.234,00", "1234.00"),
            ("number:EUR", "€78,50", "78.50"),
            ("number:%", "27 %", "27"),
            ("number:,", "1.234,56", "1234.56"),
            ("number:,", "-12,5", "-12.5"),
            ("boolean:ja/nein", "Ja", "true"),
            ("boolean:ja/nein", "false", "false"),
            ("date:%d/%m/%Y", "1980-12-25", "\"1980-12-25\""),
            ("datetime:epoch_ms", "1710000000500", "\"2024-03-09T16:00:00.5Z\""),
            ("datetime:%d %b %Y %H:%M UTC", "9 Mar 2024 16:00 UTC", "\"2024-03-09T16:00:00Z\""),
        ] {
            assert_eq!(inferred(spec, text).as_deref(), Some(value), "{spec} {text}");
        }
        for (spec, text) in [
            ("number", "$5"),
            ("number:.$", "€5"),
            ("number:EUR", "€1.234"),
            ("number:,", "12.50"),
            ("number:,", "(12,50)"),
            ("boolean:ja/nein", "yes"),
            ("date:%d/%m/%Y", "12/25/1980"),
        ] {
            assert_eq!(inferred(spec, text), None, "{spec} {text}");
        }
    }

    #[test]
    fn formats_contradict_each_other() {
        let contradict = |ours: &str, theirs: &str| {
            ours.parse::<TypeSpec>().unwrap().contradicts(&theirs.parse().unwrap())
        };
        assert!(contradict("date:%d/%m/%Y", "date:%m/%d/%Y"));
        assert!(contradict("number:,", "number:.EUR"));
        assert!(!contradict("date:%d/%m/%Y", "date:%Y/%m/%d"));
        assert!(!contradict("date:%d/%m/%Y", "date:%d.%m.%Y"));
        assert!(!contradict("number:EUR", "number:,"));
        assert!(!contradict("string", "number:,"));
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
}
