//! The type that most values of a text column would fit.

use super::header_meaning::names_codes;
use crate::value::typed::{TypeSpec, ValueType};
use serde::Serialize;
use std::collections::{HashMap, HashSet};

/// The maximum number of different words that stand for a missing value.
const MAX_WORDS: usize = 2;

/// A type that most values of a column would fit if it were declared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LikelyType {
    /// The type.
    #[serde(rename = "type")]
    pub kind: ValueType,
    /// The type and how the values are written.
    #[serde(skip)]
    pub spec: TypeSpec,
    /// The number of values that it reads.
    #[serde(rename = "values")]
    pub fitting: u64,
    /// The number of values.
    #[serde(skip)]
    pub of: u64,
    /// The first value that it does not read, as the file has it.
    #[serde(skip)]
    pub unfitting: Option<String>,
    /// The words that it does not read, if these are the only values that keep the column from
    /// having the type: `k.A.`.
    #[serde(skip)]
    pub words: Vec<String>,
}

impl LikelyType {
    /// The type with the number of values that it reads; `None` if it reads fewer than nine in ten.
    pub(super) fn of(spec: TypeSpec, values: &[&str]) -> Option<Self> {
        let fitting = values.iter().filter(|value| spec.value(value).is_some()).count();
        let is_likely = fitting > 0 && fitting * 10 >= values.len() * 9;
        is_likely.then(|| Self::new(spec, fitting, values))
    }

    /// The type with the number of values that it reads.
    pub(super) fn new(spec: TypeSpec, fitting: usize, values: &[&str]) -> Self {
        let unfitting = values.iter().find(|value| spec.value(value).is_none());
        let unfitting = unfitting.map(|value| (*value).to_owned());
        let (fitting, of) = (fitting as u64, values.len() as u64);
        Self { kind: spec.kind, spec, fitting, of, unfitting, words: Vec::new() }
    }
}

/// The words that stand for a missing value: the only values that do not fit the type, each of which
/// repeats. Empty if there are other values, or too many words.
pub(super) fn missing_words<'v>(spec: &TypeSpec, values: &[&'v str]) -> Vec<&'v str> {
    let mut words: Vec<(&str, u64)> = Vec::new();
    for value in values.iter().filter(|value| spec.value(value).is_none()) {
        match words.iter().position(|(word, _)| word == value) {
            Some(known) => words[known].1 += 1,
            None if words.len() == MAX_WORDS || !is_word(value) => return Vec::new(),
            None => words.push((value, 1)),
        }
    }
    if words.iter().any(|(_, count)| *count < 2) {
        return Vec::new();
    }
    words.into_iter().map(|(word, _)| word).collect()
}

/// Whether a text may stand for a missing value: short, and without digits.
fn is_word(text: &str) -> bool {
    text.chars().count() <= 20 && !text.chars().any(char::is_numeric)
}

/// The type that at least nine in ten values of a text column would fit if it were declared without
/// a format; `yes` and `no` are booleans, and thousands separators are read. `None` if the digits
/// are codes.
pub(super) fn likely_plain_type(header: &str, values: &[&str]) -> Option<LikelyType> {
    let is_code = |value: &&str| {
        value.starts_with('+')
            || (value.starts_with('0') && value.len() > 1 && !value.contains('.'))
    };
    if names_codes(header) || values.iter().any(is_code) {
        return None;
    }
    let kinds = [ValueType::Boolean, ValueType::Number, ValueType::Date, ValueType::Datetime];
    let likely = kinds.into_iter().filter_map(|kind| LikelyType::of(kind.into(), values));
    likely.max_by_key(|likely| likely.fitting)
}

/// The values with the most frequent shapes, together at least nine in ten.
pub(super) fn values_of_frequent_shapes<'v>(values: &[&'v str]) -> Vec<&'v str> {
    let shapes: Vec<String> = values.iter().map(|value| shape(value)).collect();
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for shape in &shapes {
        *counts.entry(shape).or_default() += 1;
    }
    let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
    counts.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    let mut kept = HashSet::new();
    let mut covered = 0;
    for (shape, count) in counts {
        if covered * 10 >= values.len() * 9 {
            break;
        }
        covered += count;
        kept.insert(shape);
    }
    let values = values.iter().zip(&shapes);
    values.filter(|(_, shape)| kept.contains(shape.as_str())).map(|(value, _)| *value).collect()
}

/// A value with each run of digits as `9` and each run of letters as `a`.
fn shape(value: &str) -> String {
    let mut shape = String::with_capacity(8);
    for c in value.chars() {
        let sign = match c {
            _ if c.is_ascii_digit() => '9',
            _ if c.is_alphabetic() => 'a',
            _ => c,
        };
        if !(matches!(sign, '9' | 'a') && shape.ends_with(sign)) {
            shape.push(sign);
        }
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_likely_type_fits_nine_of_ten_values() {
        let likely = |header: &str, values: &[&str]| {
            likely_plain_type(header, values).map(|n| (n.kind, n.fitting, n.of))
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
    fn words_for_missing_values_are_found() {
        let words = |values: &[&str]| {
            let likely = super::super::likely_type("x", values.iter().copied());
            likely.map(|likely| (likely.spec.to_string(), likely.words))
        };
        let number = |words: &[&str]| {
            Some(("number:,".to_owned(), words.iter().map(|it| (*it).to_owned()).collect()))
        };
        assert_eq!(words(&["1,50", "2,25", "3,75", "k.A.", "k.A."]), number(&["k.A."]));
        assert_eq!(words(&["1,50", "2,25", "3,75", "k.A."]), number(&[]));
        assert_eq!(words(&["1,50", "2,25", "3,75", "offen", "k.A.", "x"]), number(&[]));
        assert_eq!(words(&["1,50", "2,25", "3,75", "2.2,2", "2.2,2"]), number(&[]));
    }
}
