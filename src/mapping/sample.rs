//! The first records of a file, and checks of what the values of a column look like.

use crate::value::email::Email;
use crate::value::phone::PhoneNumber;
use crate::value::{BlankContext, BlankWords, trimmed};
use foldhash::{HashMap, HashMapExt};
use std::fmt;

/// The maximum number of records in a sample.
pub const SAMPLE_RECORDS: usize = 10_000;

/// How many values of a column are enough to decide what it holds.
const ENOUGH_VALUES: usize = 1000;

/// The first records of a file, borrowed.
#[derive(Clone, Copy)]
pub struct Sample<'a> {
    records: usize,
    cell: &'a dyn Fn(usize, usize) -> &'a str,
}

impl<'a> Sample<'a> {
    /// A sample of the first records, up to [`SAMPLE_RECORDS`]. `cell(record, column)` returns a
    /// cell, both counted from 0, and `""` if a record is too short.
    pub fn new(records: usize, cell: &'a dyn Fn(usize, usize) -> &'a str) -> Self {
        Self { records: records.min(SAMPLE_RECORDS), cell }
    }

    /// A sample without records.
    pub fn empty() -> Self {
        Self { records: 0, cell: &|_, _| "" }
    }

    /// The number of records.
    pub(crate) fn records(&self) -> usize {
        self.records
    }

    /// A cell without surrounding white space.
    pub(crate) fn cell(&self, record: usize, column: usize) -> &'a str {
        trimmed((self.cell)(record, column))
    }

    /// The cells of one column, in order, without surrounding white space.
    pub(crate) fn column(&self, index: usize) -> impl Iterator<Item = &'a str> + use<'a> {
        let cell = self.cell;
        (0..self.records).map(move |record| trimmed(cell(record, index)))
    }

    /// The records that repeat an earlier record's value of a column. Values that are not keys are
    /// ignored.
    pub(crate) fn repeats(&self, column: usize, is_key: impl Fn(&str) -> bool) -> Repeats {
        let mut last: HashMap<&str, usize> = HashMap::with_capacity(self.records);
        let mut repeats = Repeats::default();
        for (record, value) in self.column(column).enumerate().filter(|(_, value)| is_key(value)) {
            repeats.filled += 1;
            if let Some(earlier) = last.insert(value, record) {
                repeats.pairs.push((earlier, record));
            }
        }
        repeats
    }

    /// How many of a column's first [`ENOUGH_VALUES`] non-blank values fit.
    pub(crate) fn fit(&self, column: usize, fits: impl Fn(&str) -> bool) -> Fit {
        let values = self.column(column).filter(|value| !is_blank_like(value));
        let mut fit = Fit::default();
        for value in values.take(ENOUGH_VALUES) {
            fit.values += 1;
            fit.fitting += usize::from(fits(value));
        }
        fit
    }
}

impl fmt::Debug for Sample<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Sample").field("records", &self.records).finish_non_exhaustive()
    }
}

/// The records of a sample that repeat a value of one column.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Repeats {
    /// How many records have a value.
    pub(crate) filled: usize,
    /// The latest earlier record with the same value, and the record that repeats it.
    pub(crate) pairs: Vec<(usize, usize)>,
}

/// How many values of a column fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Fit {
    pub(crate) values: usize,
    pub(crate) fitting: usize,
}

impl Fit {
    /// Whether there is a value, and at least this percentage of the values fits.
    pub(crate) fn is_at_least(self, percent: usize) -> bool {
        self.values > 0 && self.fitting * 100 >= percent * self.values
    }

    /// Whether there are at least three values, and at most a fifth of them fit.
    pub(crate) fn contradicts(self) -> bool {
        self.values >= 3 && self.fitting * 5 <= self.values
    }

    /// The share that fits, for people: `98 %`.
    pub(crate) fn percent(self) -> String {
        format!("{} %", self.fitting * 100 / self.values.max(1))
    }
}

/// Values of a key column that mean a missing customer in any file.
const MISSING_KEYS: [&str; 8] = ["null", "nil", "nan", "none", "n/a", "-", "undefined", "#n/a"];

/// Whether a key column's value means a missing customer in any file.
pub fn is_missing_key(value: &str) -> bool {
    value.is_empty() || MISSING_KEYS.iter().any(|word| value.eq_ignore_ascii_case(word))
}

/// Whether a value is blank, or a word that means blank.
pub(crate) fn is_blank_like(value: &str) -> bool {
    is_missing_key(value) || BlankWords::default().contain(value, BlankContext::Typed)
}

/// Whether a value would be accepted as an email.
pub(crate) fn is_address(value: &str) -> bool {
    value.contains('@') && matches!(Email::parse(value), Ok(Some(_)))
}

/// Whether a value has as many digits as a phone number of any numbering plan.
pub(crate) fn has_phone_digits(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    (7..=15).contains(&digits)
}

/// Whether a value is written as phone numbers are, and not as dates or codes.
pub(crate) fn is_phone_like(value: &str) -> bool {
    let is_mark =
        |c: char| c.is_ascii_digit() || " +-().,/\u{a0}\u{2010}\u{2011}\u{2013}".contains(c);
    has_phone_digits(value) && value.chars().all(is_mark)
}

/// Whether a value is a valid international phone number.
pub(crate) fn is_international(value: &str) -> bool {
    value.starts_with('+') && matches!(PhoneNumber::parse(value, None), Ok(Some(_)))
}

/// Whether a value is at least as long as a short device token.
pub(crate) fn is_token_like(value: &str) -> bool {
    value.len() >= 16 && !value.contains(char::is_whitespace)
}

/// The first words of names of systems and browsers.
const SYSTEMS: [&str; 24] = [
    "ios",
    "iphone",
    "ipad",
    "ipados",
    "apple",
    "android",
    "google",
    "web",
    "webpush",
    "browser",
    "chrome",
    "safari",
    "firefox",
    "edge",
    "windows",
    "mac",
    "macos",
    "osx",
    "linux",
    "huawei",
    "harmonyos",
    "amazon",
    "fireos",
    "tizen",
];

/// Whether a value names a system or a browser.
pub(crate) fn is_system(value: &str) -> bool {
    let first = value.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let first = first.trim_end_matches(|c: char| c.is_ascii_digit());
    SYSTEMS.iter().any(|system| first.eq_ignore_ascii_case(system))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_recognised() {
        assert!(is_address("ada@example.com") && !is_address("weekly"));
        assert!(has_phone_digits("(646) 555-0143") && !has_phone_digits("17"));
        assert!(is_phone_like("+44 7911 123401") && !is_phone_like("2026-11-01T10:00"));
        assert!(is_international("+447911123401") && !is_international("447911123401"));
        assert!(is_token_like("tokAAAA1111bbbb2222cccc") && !is_token_like("gold"));
        assert!(is_system("Android 14") && is_system("iPhone") && !is_system("shopify"));
        assert!(is_blank_like("N/A") && is_blank_like("-") && !is_blank_like("no"));
    }
}
