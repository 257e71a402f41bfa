//! Statistics of the values of one attribute, from one pass over them.

use super::date_histogram::MonthCounts;
use crate::value::typed::ValueType;
use std::collections::HashMap;

/// The maximum number of distinct values to track; without it, memory would grow with the
/// customers.
const MAX_DISTINCT: usize = 10_000;
/// How many of the most frequent values are reported. If there are no more than that, all are.
const FREQUENT: usize = 8;
/// How many numbers a histogram is drawn from.
const SAMPLE: usize = 4_096;
/// How many bars a histogram has.
const BARS: u32 = 8;

/// Statistics that values are added to, one by one.
#[derive(Debug)]
pub struct ColumnStatistics {
    kind: ValueType,
    values: u64,
    strays: u64,
    stray: Option<String>,
    /// How often each value occurs; `None` once there are too many distinct values.
    counts: Option<HashMap<Box<str>, u64>>,
    low: Option<Box<str>>,
    high: Option<Box<str>>,
    months: MonthCounts,
    numbers: Vec<f64>,
    seen_numbers: u64,
    random: u64,
}

/// Statistics of all values of an attribute.
#[derive(Debug)]
pub struct ValueSummary {
    /// How many customers have a value.
    pub values: u64,
    /// How many of the values are not of the attribute's type.
    pub strays: u64,
    /// One of those values, as JSON.
    pub stray: Option<String>,
    /// How many distinct values there are; `None` for more than ten thousand.
    pub distinct: Option<u64>,
    /// The most frequent values as JSON, and how often each occurs; all of them if they are few.
    /// Empty if no value occurs twice.
    pub frequent: Vec<(String, u64)>,
    /// The smallest and the greatest number, date or time, as JSON.
    pub range: Option<(String, String)>,
    /// For numbers: the share of a sample that is in each eighth of the range of all values, in
    /// permille.
    pub histogram: Option<Vec<u64>>,
    /// For dates and times: how many are in each month.
    pub months: MonthCounts,
}

impl ColumnStatistics {
    /// Empty statistics for values of this type.
    pub fn new(kind: ValueType) -> Self {
        Self {
            kind,
            values: 0,
            strays: 0,
            stray: None,
            counts: Some(HashMap::new()),
            low: None,
            high: None,
            months: MonthCounts::default(),
            numbers: Vec::new(),
            seen_numbers: 0,
            random: 0x9e37_79b9_7f4a_7c15,
        }
    }

    /// Adds a value, as JSON.
    pub fn add(&mut self, json: &str) {
        self.values += 1;
        self.count(json);
        if !self.kind.is_stored_json(json) {
            self.strays += 1;
            self.stray.get_or_insert_with(|| json.to_owned());
            return;
        }
        match self.kind {
            ValueType::String | ValueType::Boolean => {}
            ValueType::Number => {
                if let Ok(number) = json.parse() {
                    self.widen(json, |bound| bound.parse().is_ok_and(|bound: f64| number < bound));
                    self.keep(number);
                }
            }
            ValueType::Date | ValueType::Datetime => {
                self.widen(json, |bound| json < bound);
                self.months.add(json);
            }
        }
    }

    fn count(&mut self, json: &str) {
        let Some(counts) = &mut self.counts else { return };
        if let Some(count) = counts.get_mut(json) {
            *count += 1;
        } else if counts.len() < MAX_DISTINCT {
            counts.insert(json.into(), 1);
        } else {
            self.counts = None;
        }
    }

    /// Extends the range to a value; `is_below` says whether the value is less than a bound.
    fn widen(&mut self, json: &str, is_below: impl Fn(&str) -> bool) {
        if self.low.as_deref().is_none_or(&is_below) {
            self.low = Some(json.into());
        }
        if self.high.as_deref().is_none_or(|high| high != json && !is_below(high)) {
            self.high = Some(json.into());
        }
    }

    /// Samples a number for the histogram. Each number has the same chance to be kept.
    fn keep(&mut self, number: f64) {
        self.seen_numbers += 1;
        if self.numbers.len() < SAMPLE {
            self.numbers.push(number);
            return;
        }
        // Marsaglia's xorshift: the same values give the same sample.
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        let place = usize::try_from(self.random % self.seen_numbers).unwrap_or(usize::MAX);
        if let Some(kept) = self.numbers.get_mut(place) {
            *kept = number;
        }
    }

    /// The statistics of the values that were added.
    pub fn summary(self) -> ValueSummary {
        let distinct = self.counts.as_ref().map(|counts| counts.len() as u64);
        let frequent = most_frequent(self.counts.unwrap_or_default());
        let range = self.low.zip(self.high);
        let bounds =
            |(low, high): &(Box<str>, Box<str>)| Some((low.parse().ok()?, high.parse().ok()?));
        ValueSummary {
            values: self.values,
            strays: self.strays,
            stray: self.stray,
            distinct,
            frequent,
            histogram: range
                .as_ref()
                .and_then(bounds)
                .and_then(|(low, high)| histogram(&self.numbers, low, high)),
            months: self.months,
            range: range.map(|(low, high)| (low.into(), high.into())),
        }
    }
}

impl ValueSummary {
    /// How many distinct values are not among the `shown` ones.
    pub fn others(&self, shown: usize) -> u64 {
        self.distinct.map_or(0, |distinct| distinct.saturating_sub(shown as u64))
    }
}

fn most_frequent(counts: HashMap<Box<str>, u64>) -> Vec<(String, u64)> {
    if counts.values().all(|count| *count == 1) {
        return Vec::new();
    }
    let lists_all = counts.len() <= FREQUENT;
    let listed = counts.into_iter().filter(|(_, count)| lists_all || *count > 1);
    let mut frequent: Vec<(String, u64)> =
        listed.map(|(json, count)| (json.into_string(), count)).collect();
    frequent.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    frequent.truncate(FREQUENT);
    frequent
}

/// The share of the numbers in each eighth of the range, in permille.
fn histogram(numbers: &[f64], low: f64, high: f64) -> Option<Vec<u64>> {
    if numbers.is_empty() || !(high - low).is_finite() || high <= low {
        return None;
    }
    let width = (high - low) / f64::from(BARS);
    let mut bars = Vec::new();
    let mut before = 0;
    for bar in 1..=BARS {
        let end = low + width * f64::from(bar);
        let below = numbers.iter().filter(|number| **number < end || bar == BARS).count() as u64;
        bars.push((below - before) * 1000 / numbers.len() as u64);
        before = below;
    }
    Some(bars)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary_of(kind: ValueType, values: &[&str]) -> ValueSummary {
        let mut statistics = ColumnStatistics::new(kind);
        for json in values {
            statistics.add(json);
        }
        statistics.summary()
    }

    #[test]
    fn strays_are_counted_but_not_part_of_the_range() {
        let summary = summary_of(ValueType::Number, &["10", "-2.5", "\"many\"", "true", "10", "9"]);
        assert_eq!((summary.values, summary.strays, summary.distinct), (6, 2, Some(5)));
        assert_eq!(summary.stray.as_deref(), Some("\"many\""));
        assert_eq!(summary.range, Some(("-2.5".into(), "10".into())));
        assert_eq!(summary.frequent[0], ("10".to_owned(), 2));
        assert_eq!(summary.histogram, Some(vec![250, 0, 0, 0, 0, 0, 0, 750]));
    }

    #[test]
    fn days_have_a_range_and_texts_have_none() {
        let days = summary_of(ValueType::Date, &["\"2024-06-01\"", "\"2023-01-01\"", "\"soon\""]);
        assert_eq!(days.range, Some(("\"2023-01-01\"".into(), "\"2024-06-01\"".into())));
        assert_eq!(days.strays, 1);
        let texts = summary_of(ValueType::String, &["\"b\"", "\"a\"", "\"b\"", "7"]);
        assert_eq!((texts.range, texts.histogram, texts.strays), (None, None, 1));
        let counts: Vec<u64> = texts.frequent.iter().map(|(_, count)| *count).collect();
        assert_eq!(counts, [2, 1, 1]);
    }

    #[test]
    fn few_values_are_all_listed_and_of_many_the_repeated_ones() {
        let listed = |values: &[&str]| {
            let summary = summary_of(ValueType::String, values);
            (summary.frequent.len(), summary.others(summary.frequent.len()))
        };
        let eight = ["1", "2", "3", "4", "5", "6", "7", "8", "8"];
        assert_eq!(listed(&eight), (8, 0));
        assert_eq!(listed(&[&eight[..], &["9", "9"]].concat()), (2, 7));
        assert_eq!(listed(&eight[..8]), (0, 8));
        let ten: Vec<String> = (0..20).map(|number| (number / 2).to_string()).collect();
        let ten: Vec<&str> = ten.iter().map(String::as_str).collect();
        assert_eq!(listed(&ten), (8, 2));
    }

    #[test]
    fn the_bars_span_the_range_of_all_numbers_not_just_the_sample() {
        let mut statistics = ColumnStatistics::new(ValueType::Number);
        statistics.add("1000000000");
        (0..30_000).for_each(|number: u32| statistics.add(&(number % 101).to_string()));
        assert!(
            statistics.numbers.iter().all(|number| *number <= 100.0),
            "it is not in the sample"
        );
        assert_eq!(statistics.summary().histogram, Some(vec![1000, 0, 0, 0, 0, 0, 0, 0]));
    }

    #[test]
    fn memory_is_bounded_for_any_values() {
        let mut statistics = ColumnStatistics::new(ValueType::Number);
        (0..30_000).for_each(|number: u32| statistics.add(&number.to_string()));
        assert_eq!(statistics.numbers.len(), SAMPLE);
        let summary = statistics.summary();
        assert_eq!((summary.values, summary.distinct), (30_000, None));
        assert_eq!(summary.range, Some(("0".into(), "29999".into())));
        let bars = summary.histogram.unwrap();
        assert!(bars.iter().all(|bar| (90..160).contains(bar)), "{bars:?}");
    }
}
