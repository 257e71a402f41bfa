//! Counts dates and times by month, year or longer period.

use std::collections::BTreeMap;

/// The maximum number of periods in a histogram, unless they are centuries.
const MOST: usize = 24;

/// How long a period is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeriodLength {
    /// A month.
    Month,
    /// A year.
    Year,
    /// Ten years, from one that ends in 0.
    Decade,
    /// A hundred years, from one that ends in 00.
    Century,
}

impl PeriodLength {
    const ALL: [Self; 4] = [Self::Month, Self::Year, Self::Decade, Self::Century];

    /// The word for it, such as `month`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Year => "year",
            Self::Decade => "decade",
            Self::Century => "century",
        }
    }

    fn months(self) -> u32 {
        match self {
            Self::Month => 1,
            Self::Year => 12,
            Self::Decade => 120,
            Self::Century => 1200,
        }
    }
}

/// How many dates or times are in each period, from the first period that has any to the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateHistogram {
    /// How long each period is.
    pub length: PeriodLength,
    /// How many periods lie between the year 0 and the first.
    first: u32,
    /// How many values each period has.
    pub counts: Vec<u64>,
}

impl DateHistogram {
    /// The label of the period at this index: `2024-03`, `2024`, `2020s`.
    pub fn label(&self, place: usize) -> String {
        let period = self.first + u32::try_from(place).unwrap_or_default();
        match self.length {
            PeriodLength::Month => format!("{:04}-{:02}", period / 12, period % 12 + 1),
            PeriodLength::Year => format!("{period:04}"),
            PeriodLength::Decade => format!("{:04}s", period * 10),
            PeriodLength::Century => format!("{:04}s", period * 100),
        }
    }
}

/// How many dates or times are in each month.
#[derive(Debug, Default)]
pub struct MonthCounts(BTreeMap<u32, u64>);

impl MonthCounts {
    /// Counts a stored date or time, as JSON: `"2024-03-01"`.
    pub(crate) fn add(&mut self, json: &str) {
        let number = |from: usize, to: usize| json.get(from..to)?.parse::<u32>().ok();
        if let (Some(year), Some(month @ 1..=12)) = (number(1, 5), number(6, 8)) {
            *self.0.entry(year * 12 + month - 1).or_default() += 1;
        }
    }

    /// The histogram with the shortest periods, of length `shortest` or longer, that are not too
    /// many; `None` if all lie in one period.
    pub fn histogram(&self, shortest: PeriodLength) -> Option<DateHistogram> {
        let (first, last) = (*self.0.first_key_value()?.0, *self.0.last_key_value()?.0);
        let count =
            |length: PeriodLength| (last / length.months() - first / length.months()) as usize + 1;
        let fits = |length: &PeriodLength| {
            length.months() >= shortest.months()
                && (count(*length) <= MOST || *length == PeriodLength::Century)
        };
        let length = PeriodLength::ALL.into_iter().find(fits)?;
        let first = first / length.months();
        let mut counts = vec![0; count(length)];
        for (month, values) in &self.0 {
            counts[(month / length.months() - first) as usize] += values;
        }
        (counts.len() > 1).then_some(DateHistogram { length, first, counts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn periods(days: &[&str], least: PeriodLength) -> Option<(Vec<String>, Vec<u64>)> {
        let mut months = MonthCounts::default();
        for day in days {
            months.add(&format!("\"{day}\""));
        }
        let periods = months.histogram(least)?;
        Some(((0..periods.counts.len()).map(|at| periods.label(at)).collect(), periods.counts))
    }

    #[test]
    fn the_shortest_periods_that_are_not_too_many_are_used() {
        let month = |days: &[&str]| periods(days, PeriodLength::Month);
        let (labels, counts) =
            month(&["2023-12-31", "2024-02-01T10:00:00Z", "2024-02-29"]).unwrap();
        assert_eq!(labels, ["2023-12", "2024-01", "2024-02"]);
        assert_eq!(counts, [1, 0, 2]);
        let (labels, counts) = month(&["1999-01-01", "2003-06-01"]).unwrap();
        assert_eq!(labels, ["1999", "2000", "2001", "2002", "2003"]);
        assert_eq!(counts, [1, 0, 0, 0, 1]);
        assert_eq!(month(&["1931-01-01", "2003-06-01"]).unwrap().0[7], "2000s");
        assert_eq!(month(&["0001-01-01", "9999-12-31"]).unwrap().1.len(), 100);
    }

    #[test]
    fn one_period_is_not_a_histogram_and_years_have_no_months() {
        assert_eq!(periods(&[], PeriodLength::Month), None);
        assert_eq!(periods(&["2024-02-01", "2024-02-29"], PeriodLength::Month), None);
        assert_eq!(periods(&["2024-02-01", "2024-09-29"], PeriodLength::Year), None);
        let (labels, counts) = periods(&["2023-12-01", "2024-09-29"], PeriodLength::Year).unwrap();
        assert_eq!((labels, counts), (vec!["2023".into(), "2024".into()], vec![1, 1]));
    }

    #[test]
    fn an_invalid_day_is_not_counted() {
        assert_eq!(periods(&["soon", "2024-13-01", "", "20é4-01-01"], PeriodLength::Month), None);
    }
}
