//! Evidence in the values: which customers appear several times, and with which times.

use super::names::is_one_of;
use super::sampled_columns::{SampledColumns, Times};
use super::words::{PERSONS, RECORD_IDS, STANDING_TIMES, THINGS};
use foldhash::{HashMap, HashMapExt};
use std::collections::HashSet;

/// The minimum number of repeated records that count as evidence. Fewer are duplicates in a customer list.
const MIN_REPEATS: usize = 5;

/// The customer of each record.
pub(crate) struct Repeats {
    /// The column that names the customer.
    pub(crate) column: usize,
    /// For each record, the index of its customer in `counts`.
    customers: Vec<Option<usize>>,
    /// For each customer, the number of records.
    counts: Vec<usize>,
}

impl Repeats {
    /// Counts the records of each customer; `None` if no column names the customer.
    pub(crate) fn of(sampled: &SampledColumns<'_, '_>) -> Option<Self> {
        Some(Self::in_column(sampled, customer_column(sampled)?))
    }

    fn in_column(sampled: &SampledColumns<'_, '_>, column: usize) -> Self {
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        let mut counts: Vec<usize> = Vec::new();
        let customers = sampled
            .values(column)
            .map(|value| {
                (!value.is_empty()).then(|| {
                    let number = *numbers.entry(value).or_insert_with(|| {
                        counts.push(0);
                        counts.len() - 1
                    });
                    counts[number] += 1;
                    number
                })
            })
            .collect();
        Self { column, customers, counts }
    }

    /// Whether at least half of the customers have only one record.
    pub(crate) fn mostly_once(&self) -> bool {
        self.counts.iter().filter(|count| **count > 1).count() * 2 <= self.counts.len()
    }

    /// The customer column and the most records of one customer, if any customer repeats.
    pub(crate) fn note(&self) -> Option<(usize, String)> {
        let most = self.counts.iter().copied().max().filter(|most| *most > 1)?;
        Some((self.column, format!("the same customer up to {most} times")))
    }

    /// The records beyond each customer's first.
    fn further_records(&self) -> usize {
        self.counts.iter().map(|count| count - 1).sum()
    }
}

/// The column that identifies the customer of a record. That is the key, unless the key has a name
/// such as `id`, which may number the rows in a list of events. Then it is the column about people
/// with the most distinct values, so that an account manager's id is not treated as the customer's.
fn customer_column(sampled: &SampledColumns<'_, '_>) -> Option<usize> {
    let key = sampled.columns.iter().find(|column| column.is_key);
    match key {
        Some(key) if !is_one_of(&key.name, RECORD_IDS) => Some(key.index),
        _ => sampled
            .columns
            .iter()
            .filter(|column| !column.is_key && is_one_of(&column.name, PERSONS))
            .map(|column| (sampled.distinct(column.index), column.index))
            .max_by_key(|(distinct, index)| (*distinct, usize::MAX - index))
            .filter(|(distinct, _)| *distinct > 0)
            .map(|(_, index)| index)
            .or(key.map(|key| key.index)),
    }
}

/// The columns in which most customers have several different times, in file order.
pub(crate) fn repeated_times(
    sampled: &SampledColumns<'_, '_>,
    repeats: Option<&Repeats>,
) -> Vec<usize> {
    let Some(repeats) = repeats.filter(|repeats| {
        !repeats.mostly_once() && repeats.further_records() >= MIN_REPEATS && !has_things(sampled)
    }) else {
        return Vec::new();
    };
    sampled
        .columns
        .iter()
        .filter(|column| column.index != repeats.column && !column.is_key)
        .filter(|column| !is_standing(&column.name))
        .filter(|column| match sampled.times(column) {
            Times::Written => true,
            Times::Bare => super::names::is_time(&column.name),
            Times::Blank | Times::No => false,
        })
        .map(|column| column.index)
        .filter(|index| each_time_another(sampled, repeats, *index))
        .collect()
}

/// Whether more than half of the customers have several records with mostly different times. A
/// column in which nearly every customer has nearly every time does not count: those are the dates
/// of snapshots.
fn each_time_another(sampled: &SampledColumns<'_, '_>, repeats: &Repeats, column: usize) -> bool {
    let mut seen: HashSet<(usize, &str)> = HashSet::new();
    let mut own = vec![0_usize; repeats.counts.len()];
    let mut times: HashSet<&str> = HashSet::new();
    for (value, customer) in sampled.values(column).zip(&repeats.customers) {
        if let Some(customer) = *customer
            && !value.is_empty()
        {
            times.insert(value);
            if seen.insert((customer, value)) {
                own[customer] += 1;
            }
        }
    }
    let another = own
        .iter()
        .zip(&repeats.counts)
        .filter(|(own, count)| **own > 1 && **own * 2 > **count)
        .count();
    let panel = seen.len() * 5 >= times.len() * repeats.counts.len() * 4;
    another * 2 > repeats.counts.len() && !panel
}

/// Whether each row is something that a customer has, such as a subscription or a device. Its dates
/// say when it began, so they are not evidence of events.
pub(crate) fn has_things(sampled: &SampledColumns<'_, '_>) -> bool {
    sampled.columns.iter().filter(|column| is_one_of(&column.name, THINGS)).any(|column| {
        let filled = sampled.filled(column.index);
        filled > 0 && sampled.distinct(column.index) * 20 >= filled * 19
    })
}

/// Whether a column name is that of a time of a current state or of the export, not of an event.
fn is_standing(name: &str) -> bool {
    is_one_of(name, STANDING_TIMES)
        || [
            "last_", "latest_", "updated", "modified", "changed", "next_", "letzte", "dernier",
            "ultim", "laatste",
        ]
        .iter()
        .any(|start| name.starts_with(start))
}
