//! The type of a custom attribute, decided once per column from values at the file's start.

use super::header::names::words;
use crate::value::typed::{TypeSpec, ValueType, is_boolean, is_date, is_datetime, is_number};
use serde::{Deserialize, Serialize};

/// The type inferred for a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InferredType {
    /// The type that every value of the sample fits.
    pub kind: ValueType,
    /// Why, in a few words.
    pub reason: String,
    /// A declaration, `TYPE[:FORMAT]`, that also reads the values.
    pub hint: Option<String>,
}

/// How a custom attribute got its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TypeSource {
    /// Declared on the command line: a value that does not fit is an error.
    Given,
    /// Declared in the mapping file: a value that does not fit is an error.
    MappingFile,
    /// The store's catalogue has it.
    #[serde(rename = "store")]
    Catalogue,
    /// The sample's values fit it.
    Inferred,
}

impl TypeSource {
    /// Whether the type was declared, so that a value that does not fit is an error.
    pub fn is_declared(self) -> bool {
        matches!(self, Self::Given | Self::MappingFile)
    }
}

/// Words that say a column's digits are a name, not a quantity.
const NAMING_WORDS: &[&str] = &[
    "id",
    "ids",
    "uid",
    "uuid",
    "guid",
    "code",
    "codes",
    "zip",
    "zipcode",
    "postcode",
    "postal",
    "postleitzahl",
    "plz",
    "phone",
    "mobile",
    "cell",
    "tel",
    "telephone",
    "telefon",
    "fax",
    "iban",
    "bic",
    "swift",
    "account",
    "sku",
    "barcode",
    "ean",
    "isbn",
    "ssn",
    "pin",
    "passport",
    "reference",
    "ref",
    "serial",
    "imei",
    "msisdn",
];

/// Whether a column's digits are a name by what its header says.
fn names_a_thing(header: &str) -> bool {
    words(header).split('_').any(|word| NAMING_WORDS.contains(&word))
}

/// Infers a column's type from its header and the trimmed, non-blank values of a sample.
///
/// Leading zeros, `+`, more than 15 digits, `NaN` and thousands separators make a string; so does
/// a header that speaks of codes, postcodes, phones or ids. Only ISO 8601 is inferred as a date.
pub fn infer<'v>(header: &str, values: impl Iterator<Item = &'v str>) -> InferredType {
    let string = |reason: &str| InferredType {
        kind: ValueType::String,
        reason: reason.to_owned(),
        hint: None,
    };
    let names = names_a_thing(header);
    let mut candidates = [
        (ValueType::Number, !names),
        (ValueType::Boolean, true),
        (ValueType::Date, true),
        (ValueType::Datetime, true),
    ];
    let mut written = WrittenDate::default();
    let mut seen = 0_usize;
    for value in values {
        seen += 1;
        for (kind, fits) in candidates.iter_mut().filter(|(_, fits)| *fits) {
            *fits = match kind {
                ValueType::Number => is_number(value),
                ValueType::Boolean => is_boolean(value),
                ValueType::Date => is_date(value),
                _ => is_datetime(value),
            };
        }
        written.see(value);
        if candidates.iter().all(|(_, fits)| !fits) && !written.possible {
            return string(if names { "its header speaks of codes" } else { "text" });
        }
    }
    if seen == 0 {
        return string("no value in the sample");
    }
    if let Some((kind, _)) = candidates.into_iter().find(|(_, fits)| *fits) {
        let reason = format!("all {seen} values of the sample");
        return InferredType { kind, reason, hint: None };
    }
    if names {
        return string("its header speaks of codes");
    }
    InferredType { hint: written.format().map(str::to_owned), ..string("text") }
}

/// A type that most values of a column would fit if it were declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LikelyType {
    /// The type.
    #[serde(rename = "type")]
    pub kind: ValueType,
    /// The number of values that it reads.
    #[serde(rename = "values")]
    pub fitting: u64,
    /// The number of values.
    #[serde(skip)]
    pub of: u64,
}

/// The type that at least nine of ten values of a text column would fit; `yes` and `no` are a
/// boolean, and thousands separators are read. `None` where the digits are a name.
pub fn likely_type<'v>(header: &str, values: impl Iterator<Item = &'v str>) -> Option<LikelyType> {
    if names_a_thing(header) {
        return None;
    }
    let kinds = [ValueType::Boolean, ValueType::Number, ValueType::Date, ValueType::Datetime];
    let mut fitting = [0_u64; 4];
    let mut of = 0;
    for value in values {
        of += 1;
        if value.starts_with('+')
            || (value.starts_with('0') && value.len() > 1 && !value.contains('.'))
        {
            return None;
        }
        for (kind, fitting) in kinds.iter().zip(&mut fitting) {
            *fitting += u64::from(TypeSpec::from(*kind).value(value).is_some());
        }
    }
    let best = kinds.into_iter().zip(fitting).max_by_key(|(_, fitting)| *fitting)?;
    (of > 0 && best.1 * 10 >= of * 9).then_some(LikelyType { kind: best.0, fitting: best.1, of })
}

/// Whether values are days written `03/04/2024`, and which way round they can be.
struct WrittenDate {
    possible: bool,
    mark: Option<char>,
    day_first: bool,
    month_first: bool,
}

impl Default for WrittenDate {
    fn default() -> Self {
        Self { possible: true, mark: None, day_first: true, month_first: true }
    }
}

impl WrittenDate {
    fn see(&mut self, value: &str) {
        self.possible = self.possible && self.fits(value).is_some();
    }

    fn fits(&mut self, value: &str) -> Option<()> {
        let mark = value.chars().find(|c| !c.is_ascii_digit())?;
        if !matches!(mark, '/' | '.' | '-') || self.mark.is_some_and(|seen| seen != mark) {
            return None;
        }
        self.mark = Some(mark);
        let mut parts = value.split(mark);
        let mut part = |lengths: std::ops::RangeInclusive<usize>| {
            parts.next().filter(|part| lengths.contains(&part.len()))?.parse::<u16>().ok()
        };
        let (first, second, _) = (part(1..=2)?, part(1..=2)?, part(4..=4)?);
        if parts.next().is_some() {
            return None;
        }
        self.day_first &= (1..=31).contains(&first) && (1..=12).contains(&second);
        self.month_first &= (1..=12).contains(&first) && (1..=31).contains(&second);
        (self.day_first || self.month_first).then_some(())
    }

    fn format(&self) -> Option<&'static str> {
        match (self.possible, self.day_first, self.mark?) {
            (true, true, '/') => Some("date:%d/%m/%Y"),
            (true, true, '.') => Some("date:%d.%m.%Y"),
            (true, true, _) => Some("date:%d-%m-%Y"),
            (true, false, '/') => Some("date:%m/%d/%Y"),
            (true, false, '.') => Some("date:%m.%d.%Y"),
            (true, false, _) => Some("date:%m-%d-%Y"),
            (false, ..) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(header: &str, values: &[&str]) -> ValueType {
        infer(header, values.iter().copied()).kind
    }

    #[test]
    fn every_value_of_the_sample_must_fit() {
        assert_eq!(kind("usage", &["1", "2.5", "-3e4"]), ValueType::Number);
        assert_eq!(kind("usage", &["1", "n/a"]), ValueType::String);
        assert_eq!(kind("vip", &["true", "FALSE"]), ValueType::Boolean);
        assert_eq!(kind("vip", &["yes", "no"]), ValueType::String);
        assert_eq!(kind("born", &["1990-03-04"]), ValueType::Date);
        assert_eq!(
            kind("seen", &["2024-01-01T10:00:00Z", "2024-01-01 10:00"]),
            ValueType::Datetime
        );
        assert_eq!(kind("seen", &["2024-01-01T10:00:00Z", "2024-01-01"]), ValueType::String);
        assert_eq!(kind("empty", &[]), ValueType::String);
    }

    #[test]
    fn digits_that_are_a_name_are_text() {
        for header in ["Zip Code", "post.code", "referrer_id", "Home phone", "PLZ"] {
            assert_eq!(kind(header, &["12345"]), ValueType::String, "{header}");
        }
        for value in ["007", "+5", "1,234", "1234567890123456", "NaN"] {
            assert_eq!(kind("usage", &["1", value]), ValueType::String, "{value}");
        }
    }

    #[test]
    fn a_likely_type_fits_nine_of_ten_values() {
        let likely = |header: &str, values: &[&str]| {
            likely_type(header, values.iter().copied()).map(|n| (n.kind, n.fitting, n.of))
        };
        let mut usage = vec!["12.5"; 19];
        usage.push("n/a");
        assert_eq!(likely("usage", &usage), Some((ValueType::Number, 19, 20)));
        assert_eq!(likely("vip", &["yes", "no"]), Some((ValueType::Boolean, 2, 2)));
        assert_eq!(likely("revenue", &["1,234.50"]), Some((ValueType::Number, 1, 1)));
        assert_eq!(likely("plan", &["Pro", "Free"]), None);
        assert_eq!(likely("zip code", &["10115"]), None);
        assert_eq!(likely("house", &["007", "12"]), None);
        assert_eq!(likely("usage", &[]), None);
    }

    #[test]
    fn a_date_of_unclear_order_stays_text_with_a_hint() {
        let hint = |values: &[&str]| infer("born", values.iter().copied()).hint;
        assert_eq!(hint(&["03/04/1990"]).as_deref(), Some("date:%d/%m/%Y"));
        assert_eq!(hint(&["03/24/1990"]).as_deref(), Some("date:%m/%d/%Y"));
        assert_eq!(hint(&["24.03.1990", "1.2.2000"]).as_deref(), Some("date:%d.%m.%Y"));
        assert_eq!(hint(&["24/13/1990"]), None);
        assert_eq!(hint(&["03/04/1990", "soon"]), None);
    }
}
