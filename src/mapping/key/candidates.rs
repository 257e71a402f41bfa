//! The columns that may identify the customers of a file, with what the sample says about each.
//! `docs/mapping.md` has the rules.

use super::same_person::PersonColumns;
use crate::mapping::sample::{Sample, is_missing_key};
use indicatif::HumanCount;

/// Values of a key column that mean a missing customer if they occur for different people.
const PLACEHOLDERS: [&str; 4] = ["0", "guest", "anonymous", "unknown"];

/// A key column is full if at least this share of the records has a value, in percent.
pub(crate) const FULL: usize = 98;

/// A key column that is not full needs a value in at least this share of the records, in percent.
const HALF: usize = 50;

/// What the sample says about a column as a key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct KeyFacts {
    /// How many records there are.
    pub(crate) records: usize,
    /// How many of them have a value that names a customer.
    pub(crate) filled: usize,
    /// How many different customers they name.
    pub(crate) distinct: usize,
    /// How many records name a customer that an earlier one has named, and contradict it.
    pub(crate) contradicting: usize,
    /// How many records name a customer that an earlier one has named, and agree with it.
    pub(crate) agreeing: usize,
    /// The values that mean a missing customer, although they look like a key.
    pub(crate) placeholders: Vec<String>,
    /// Whether the values number the records.
    pub(crate) counts_rows: bool,
}

impl KeyFacts {
    pub(crate) fn of(
        sample: &Sample<'_>,
        column: usize,
        persons: PersonColumns,
        remembered: &[String],
    ) -> Self {
        let mut facts = Self {
            records: sample.records(),
            counts_rows: counts_rows(sample, column),
            placeholders: remembered.to_vec(),
            ..Self::default()
        };
        for word in PLACEHOLDERS {
            let known = facts.placeholders.iter().any(|known| known.eq_ignore_ascii_case(word));
            if !known && stands_for_several(sample, column, persons, word) {
                facts.placeholders.push(word.to_owned());
            }
        }
        let is_key = |value: &str| !is_missing_key(value) && !facts.is_placeholder(value);
        let repeats = sample.repeats(column, is_key);
        facts.filled = repeats.filled;
        facts.distinct = repeats.filled - repeats.pairs.len();
        for (earlier, record) in repeats.pairs {
            match persons.differ(sample, earlier, record) {
                Some(true) => facts.contradicting += 1,
                Some(false) => facts.agreeing += 1,
                None => {}
            }
        }
        facts
    }

    pub(crate) fn is_placeholder(&self, value: &str) -> bool {
        self.placeholders.iter().any(|word| value.eq_ignore_ascii_case(word))
    }

    /// How many records name a customer that an earlier one has named.
    pub(crate) fn repeats(&self) -> usize {
        self.filled - self.distinct
    }

    pub(crate) fn is_full(&self) -> bool {
        self.filled * 100 >= self.records * FULL
    }

    pub(crate) fn is_half_full(&self) -> bool {
        self.filled > 0 && self.filled * 100 >= self.records * HALF
    }

    pub(crate) fn is_unique(&self) -> bool {
        self.filled > 0 && self.distinct == self.filled
    }

    /// Whether several records have a value, and always the same one.
    pub(crate) fn is_constant(&self) -> bool {
        self.distinct == 1 && self.filled > 1
    }

    /// Whether nearly all records with the same value are about the same person.
    pub(crate) fn holds(&self) -> bool {
        self.contradicting * 50 < self.records || self.contradicting * 10 <= self.repeats()
    }

    /// Whether the records prove that the values identify customers: no value is repeated, or
    /// records with the same value agree.
    pub(crate) fn is_proven(&self) -> bool {
        self.is_unique() || self.agreeing > 0
    }

    /// The evidence for people: `unique in 11 records`.
    pub(crate) fn evidence(&self) -> String {
        let [records, filled, distinct] =
            [self.records, self.filled, self.distinct].map(|count| HumanCount(count as u64));
        let records_word = if self.records == 1 { "record" } else { "records" };
        if self.is_unique() && self.filled == self.records {
            format!("unique in {records} {records_word}")
        } else if self.is_unique() {
            format!("unique in {filled} of {records} records")
        } else {
            format!("{distinct} different values in {filled} of {records} records")
        }
    }
}

/// Whether a word occurs in records about different people.
fn stands_for_several(
    sample: &Sample<'_>,
    column: usize,
    persons: PersonColumns,
    word: &str,
) -> bool {
    let mut records = (0..sample.records())
        .filter(|record| sample.cell(*record, column).eq_ignore_ascii_case(word));
    let Some(first) = records.next() else { return false };
    records.any(|record| persons.differ(sample, first, record) == Some(true))
}

/// Whether a column's values are 0, 1, 2 … or 1, 2, 3 … in the order of the records.
fn counts_rows(sample: &Sample<'_>, column: usize) -> bool {
    let mut values = sample.column(column).map(|value| value.parse::<usize>().ok());
    let Some(Some(first @ 0..=1)) = values.next() else { return false };
    values.enumerate().all(|(at, value)| value == Some(first + at + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(rows: &[[&str; 2]]) -> KeyFacts {
        let cell = |record: usize, column: usize| rows[record][column];
        let sample = Sample::new(rows.len(), &cell);
        let persons = PersonColumns { first_name: Some(1), ..PersonColumns::default() };
        KeyFacts::of(&sample, 0, persons, &[])
    }

    #[test]
    fn a_column_whose_repeats_are_different_people_does_not_hold() {
        let accounts = facts(&[["A1", "Ada"], ["A1", "Bo"], ["A2", "Cleo"]]);
        assert!(!accounts.holds() && accounts.is_full() && !accounts.is_unique());
        let versions = facts(&[["c1", "Ada"], ["c1", "Ada"], ["c2", "Cleo"]]);
        assert!(versions.holds() && versions.repeats() == 1);
    }

    #[test]
    fn placeholders_are_those_that_stand_for_several_people() {
        let guests = facts(&[["guest", "Ada"], ["guest", "Bo"], ["u1", "Cleo"]]);
        assert_eq!(guests.placeholders, ["guest"]);
        assert_eq!(guests.filled, 1);
        assert!(facts(&[["guest", "Ada"], ["u1", "Bo"]]).placeholders.is_empty());
        assert!(facts(&[["0", "Ada"], ["1", "Bo"]]).placeholders.is_empty());
    }

    #[test]
    fn numbers_in_the_order_of_the_records_count_them() {
        assert!(facts(&[["1", ""], ["2", ""], ["3", ""]]).counts_rows);
        assert!(facts(&[["0", ""], ["1", ""]]).counts_rows);
        assert!(!facts(&[["7", ""], ["8", ""]]).counts_rows);
        assert!(!facts(&[["1", ""], ["3", ""]]).counts_rows);
    }
}
