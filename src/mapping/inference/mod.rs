//! The type of a custom attribute, decided once per column from values at the file's start.

mod dates;
mod header_meaning;
mod likely_type;
mod numbers;
mod written_types;

pub use likely_type::LikelyType;
pub(crate) use written_types::written_types;

use crate::value::typed::{
    BooleanWords, PAIRS, TypeSpec, ValueType, is_boolean, is_date, is_datetime,
};
use dates::{DateColumn, DateFinding};
use header_meaning::{names_a_time, names_codes};
use likely_type::{likely_plain_type, missing_words, values_of_frequent_shapes};
use numbers::{NumberColumn, NumberFinding};
use serde::{Deserialize, Serialize};
use written_types::type_of_half;

/// The type inferred for a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InferredType {
    /// The type, and how its values are written.
    pub spec: TypeSpec,
    /// Why, in a few words.
    pub reason: String,
    /// Other types that would read every value of the sample, if nothing proves which one is meant.
    pub readings: Vec<TypeSpec>,
    /// The type with the format that at least two values prove.
    pub proof: Option<TypeSpec>,
    /// The units that keep a column of amounts from being a number.
    pub units: Vec<String>,
}

impl InferredType {
    /// A type with only a reason.
    pub fn new(spec: impl Into<TypeSpec>, reason: impl Into<String>) -> Self {
        Self {
            spec: spec.into(),
            reason: reason.into(),
            readings: Vec::new(),
            proof: None,
            units: Vec::new(),
        }
    }
}

/// How a custom attribute got its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TypeSource {
    /// Declared on the command line: a value that does not fit is an error.
    Given,
    /// Declared in the mapping file: a value that does not fit is an error.
    MappingFile,
    /// Declared for an earlier import: a value that does not fit is an error.
    Remembered,
    /// Set by `engage retype` between imports: values are read as for a declared type.
    Retyped,
    /// Taken from the store's catalogue.
    #[serde(rename = "store")]
    Catalogue,
    /// Inferred from the values of the sample.
    Inferred,
}

impl TypeSource {
    /// Whether values are read in all known spellings, as for a declared type.
    pub fn reads_all_spellings(self) -> bool {
        self.is_declared() || self == Self::Retyped
    }

    /// Whether the type was declared, so that a value that does not fit is an error.
    pub fn is_declared(self) -> bool {
        matches!(self, Self::Given | Self::MappingFile | Self::Remembered)
    }
}

/// Infers a column's type from its header and the trimmed, non-blank values of a sample.
///
/// Every value has to fit the type, and the format has to be certain. A few dates in another order
/// or amounts in another unit are allowed; they stay text. docs/values.md has the rules.
pub fn infer<'v>(header: &str, values: impl Iterator<Item = &'v str>) -> InferredType {
    let mut column = ColumnValues::default();
    for value in values {
        column.see(value);
        if !column.has_candidates() {
            return InferredType::new(ValueType::String, column.text_reason(header));
        }
    }
    column.conclude(header)
}

/// The type that at least nine in ten trimmed, non-blank values of a text column would fit, or the
/// number or date that at least half of them would fit.
pub fn likely_type<'v>(header: &str, values: impl Iterator<Item = &'v str>) -> Option<LikelyType> {
    let values: Vec<&str> = values.collect();
    let frequent = values_of_frequent_shapes(&values);
    let inferred = infer(header, frequent.into_iter());
    let spec = match inferred.spec.kind {
        ValueType::String => inferred.readings.into_iter().next(),
        _ => Some(inferred.spec),
    };
    let likely = spec.and_then(|spec| LikelyType::of(spec, &values));
    let likely = likely.or_else(|| likely_plain_type(header, &values)).or_else(|| {
        let (spec, fitting) = type_of_half(header, &values)?;
        Some(LikelyType::new(spec, fitting, &values))
    })?;
    let words = missing_words(&likely.spec, &values);
    let others = values.iter().filter(|value| !words.contains(value));
    let has_type = !words.is_empty() && infer(header, others.copied()).spec == likely.spec;
    let words = if has_type { words } else { Vec::new() };
    Some(LikelyType { words: words.into_iter().map(str::to_owned).collect(), ..likely })
}

/// What the values of a column have in common so far.
struct ColumnValues {
    seen: u64,
    numbers: NumberColumn,
    dates: DateColumn,
    words: WordPair,
    are_booleans: bool,
    are_days: bool,
    are_times: bool,
}

impl Default for ColumnValues {
    fn default() -> Self {
        Self {
            seen: 0,
            numbers: NumberColumn::default(),
            dates: DateColumn::default(),
            words: WordPair::default(),
            are_booleans: true,
            are_days: true,
            are_times: true,
        }
    }
}

impl ColumnValues {
    fn see(&mut self, value: &str) {
        self.seen += 1;
        self.numbers.see(value);
        self.dates.see(value);
        self.words.see(value);
        self.are_booleans = self.are_booleans && is_boolean(value);
        self.are_days = self.are_days && is_date(value);
        self.are_times = self.are_times && is_datetime(value);
    }

    fn has_candidates(&self) -> bool {
        self.numbers.is_possible()
            || self.dates.is_possible()
            || self.words.is_possible
            || self.are_days
            || self.are_times
    }

    fn text_reason(&self, header: &str) -> &'static str {
        match self.seen {
            0 => "no value in the sample",
            _ if names_codes(header) => "its header suggests codes",
            _ => "text",
        }
    }

    fn conclude(self, header: &str) -> InferredType {
        let text = InferredType::new(ValueType::String, self.text_reason(header));
        if self.seen == 0 {
            return text;
        }
        let all = format!("all {} values of the sample", self.seen);
        for (kind, fits) in [
            (ValueType::Boolean, self.are_booleans),
            (ValueType::Date, self.are_days),
            (ValueType::Datetime, self.are_times),
        ] {
            if fits {
                return InferredType::new(kind, all);
            }
        }
        if let Some(words) = self.words.pair() {
            let reason = format!("{all}, {} or {}", words.yes, words.no);
            return InferredType::new(TypeSpec::boolean(words), reason);
        }
        if let Some(dates) = self.dates.conclude() {
            return of_dates(dates, self.seen, text);
        }
        let Some(numbers) = self.numbers.conclude() else { return text };
        of_numbers(numbers, header, &all, text)
    }
}

fn of_dates(finding: DateFinding, seen: u64, text: InferredType) -> InferredType {
    match finding {
        DateFinding::Proven { spec, pattern, fitting, is_zoneless } => {
            let share = if fitting == seen { "all".to_owned() } else { format!("{fitting} of") };
            let zone = if is_zoneless { ", without a time zone" } else { "" };
            let reason = format!("{share} {seen} values of the sample, as {pattern}{zone}");
            InferredType { proof: Some(spec.clone()), ..InferredType::new(spec, reason) }
        }
        DateFinding::Unproven(readings) => InferredType {
            reason: "dates whose order of day and month is not proven".to_owned(),
            readings,
            ..text
        },
    }
}

fn of_numbers(finding: NumberFinding, header: &str, all: &str, text: InferredType) -> InferredType {
    let is_code = names_codes(header);
    match finding {
        // A value with a unit is an amount, regardless of the header.
        NumberFinding::Written { spec, unit, proof, .. } if unit.is_some() || !is_code => {
            let unit = unit.map(|unit| format!(", in {unit}")).unwrap_or_default();
            InferredType { proof, ..InferredType::new(spec, format!("{all}{unit}")) }
        }
        NumberFinding::Plain { epoch: Some(spec), .. } if names_a_time(header) && !is_code => {
            InferredType::new(spec, format!("{all}, counted since 1970"))
        }
        NumberFinding::Plain { epoch, proof } if !is_code => InferredType {
            readings: epoch.into_iter().collect(),
            proof,
            ..InferredType::new(ValueType::Number, all)
        },
        NumberFinding::Undecided(readings) if !is_code => InferredType {
            reason: "numbers whose decimal mark is not proven".to_owned(),
            readings,
            ..text
        },
        NumberFinding::SeveralUnits(units) => {
            InferredType { reason: format!("amounts in {}", units.join(" and ")), units, ..text }
        }
        _ => text,
    }
}

/// The different words of a column, up to two.
struct WordPair {
    is_possible: bool,
    words: Vec<String>,
}

impl Default for WordPair {
    fn default() -> Self {
        Self { is_possible: true, words: Vec::new() }
    }
}

impl WordPair {
    fn see(&mut self, value: &str) {
        if !self.is_possible || self.words.iter().any(|word| word == value) {
            return;
        }
        let word = value.to_lowercase();
        if !self.words.contains(&word) {
            let is_known = |word: &str| PAIRS.iter().any(|(yes, no)| [*yes, *no].contains(&word));
            self.is_possible = self.words.len() < 2 && is_known(&word);
            self.words.push(word);
        }
    }

    fn pair(&self) -> Option<BooleanWords> {
        let [first, second] = self.words.as_slice() else { return None };
        let (yes, no) = PAIRS
            .iter()
            .find(|(yes, no)| (first == yes && second == no) || (first == no && second == yes))?;
        self.is_possible.then(|| BooleanWords { yes: (*yes).to_owned(), no: (*no).to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(header: &str, values: &[&str]) -> ValueType {
        infer(header, values.iter().copied()).spec.kind
    }

    #[test]
    fn every_value_of_the_sample_must_fit() {
        assert_eq!(kind("usage", &["1", "2.5", "-3e4"]), ValueType::Number);
        assert_eq!(kind("usage", &["1", "n/a"]), ValueType::String);
        assert_eq!(kind("vip", &["true", "FALSE"]), ValueType::Boolean);
        assert_eq!(kind("born", &["1990-03-04"]), ValueType::Date);
        assert_eq!(
            kind("seen", &["2024-01-01T10:00:00Z", "2024-01-01 10:00"]),
            ValueType::Datetime
        );
        assert_eq!(kind("seen", &["2024-01-01T10:00:00Z", "2024-01-01"]), ValueType::String);
        assert_eq!(kind("empty", &[]), ValueType::String);
    }

    #[test]
    fn digits_that_are_codes_are_text() {
        for header in ["Zip Code", "post.code", "referrer_id", "Home phone", "PLZ"] {
            assert_eq!(kind(header, &["12345"]), ValueType::String, "{header}");
        }
        for value in ["007", "+5", "1,234", "1234567890123456", "NaN"] {
            assert_eq!(kind("usage", &["1", value]), ValueType::String, "{value}");
        }
    }

    #[test]
    fn the_format_of_the_values_is_part_of_the_type() {
        let spec =
            |header: &str, values: &[&str]| infer(header, values.iter().copied()).spec.to_string();
        for (values, expected) in [
            (&["$1,234.50", "($18.00)", "0"][..], "number:.$"),
            (&["€78,50", "€1.234,00"], "number:,EUR"),
            (&["3883 USD", "12 USD"], "number:USD"),
            (&["27 %", "3 %"], "number:%"),
            (&["1.234,56", "12,50", "7"], "number:,"),
            (&["1,234.56", "12.50"], "number:."),
            (&["34.49726772511229", "1e-3"], "number"),
            (&["ja", "Nein", "ja"], "boolean:ja/nein"),
            (&["13.03.1984", "01.02.1990"], "date:%d.%m.%Y"),
            (&["2024/03/02"], "date:%Y/%m/%d"),
            (&["22-Sep-2024", "01-May-2023"], "date:%d-%b-%Y"),
            (&["May 1, 2024", "March 2, 2024"], "date:%B %d, %Y"),
            (&["Jan 9, 2024 12:49 PM"], "datetime:%b %d, %Y %I:%M %p"),
            (&["08/15/2022 3:05 PM", "12/31/2022 11:05 AM"], "datetime:%m/%d/%Y %I:%M %p"),
            (&["25/12/1980", "03/04/1991", "17/08/1979"], "date:%d/%m/%Y"),
        ] {
            assert_eq!(spec("x", values), expected, "{values:?}");
        }
        assert_eq!(spec("created_at", &["1710000000", "1700000000"]), "datetime:%s");
        assert_eq!(spec("Last Seen", &["1710000000123"]), "datetime:epoch_ms");
        assert_eq!(spec("account_balance", &["$5", "$7"]), "number:$");
        for (header, values) in [
            ("loyalty", &["1234567890123456"][..]),
            ("price", &["$10.00", "€12.00", "$7.50"]),
            ("price", &["$1.50", "$1,50"]),
            ("price", &["€1.234", "€2.500"]),
            ("visits", &["1,234", "12"]),
            ("newsletter", &["yes", "yes"]),
            ("newsletter", &["yes", "no", "maybe"]),
            ("wind", &["N", "S"]),
            ("lamp", &["on", "off"]),
            ("app_version", &["4.9", "4.10"]),
            ("Tax No.", &["12345678901"]),
            ("trn", &["100123456700003"]),
            ("Trade License", &["126225"]),
            ("Kundennummer", &["4711"]),
            ("born", &["13.03.84"]),
            ("born", &["2024-01-01", "01/02/2024"]),
            ("born", &["25/12/1980", "12/25/1980", "26/12/1980"]),
        ] {
            assert_eq!(spec(header, values), "string", "{header} {values:?}");
        }
        assert_eq!(spec("number_of_orders", &["12"]), "number");
        assert_eq!(spec("licenses", &["12"]), "number");
    }

    #[test]
    fn one_odd_date_in_a_hundred_proves_nothing() {
        let mut values = vec!["25/12/1980"; 110];
        values.push("12/25/1980");
        let inferred = infer("born", values.iter().copied());
        assert_eq!(inferred.spec.to_string(), "date:%d/%m/%Y");
        assert!(inferred.reason.starts_with("110 of 111"), "{}", inferred.reason);
    }

    #[test]
    fn unproven_values_stay_text_with_their_readings() {
        let readings = |values: &[&str]| -> Vec<String> {
            infer("x", values.iter().copied()).readings.iter().map(ToString::to_string).collect()
        };
        assert_eq!(readings(&["03/04/1990"]), ["date:%d/%m/%Y", "date:%m/%d/%Y"]);
        assert_eq!(readings(&["03/24/1990"]), ["date:%m/%d/%Y"]);
        assert_eq!(readings(&["1,234"]), ["number:.", "number:,"]);
        assert_eq!(readings(&["€1.234"]), ["number:.EUR", "number:,EUR"]);
        assert_eq!(readings(&["1710000000"]), ["datetime:%s"]);
        assert_eq!(readings(&["24/13/1990"]), [""; 0]);
        assert_eq!(readings(&["03/04/1990", "soon"]), [""; 0]);
        assert_eq!(infer("x", ["$1.00", "€2.00"].into_iter()).units, ["$", "EUR"]);
    }
}
