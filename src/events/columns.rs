//! The roles of the columns of a file of events: customer, event, time and value.

use super::evidence::ColumnForEvidence;
use super::names::is_one_of;
use super::rules::time_names;
use super::sampled_columns::{SampledColumns, Times};
use super::words::{ACTIVITY, EVENT, HAPPENED, Names};
use crate::input::ReadOptions;
use crate::mapping::{HeaderWords, Mapping, MappingOptions, Sample, uid_rank};
use crate::output::sibling;
use crate::text::{shell_path, shell_word};
use crate::value::{Key, Standard};
use std::path::Path;

/// The value of an event.
const VALUE: Names = &["value", "event_value"];

/// A header with a lower uid rank names a customer; one of this rank or higher may number any
/// record.
const NAMES_CUSTOMER: u8 = 2;

/// What a column contains in a file of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventRole {
    /// The customer, by uid, email or number.
    Customer(Key),
    /// The name of the event.
    Event,
    /// The time of the event.
    Timestamp,
    /// The value of the event.
    Value,
}

impl EventRole {
    /// The name of the role on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Customer(key) => key.as_str(),
            Self::Event => "event",
            Self::Timestamp => "timestamp",
            Self::Value => "value",
        }
    }

    /// The role with this name on the command line.
    pub fn from_name(name: &str) -> Option<Self> {
        let customers = Key::ALL.into_iter().map(Self::Customer);
        customers
            .chain([Self::Event, Self::Timestamp, Self::Value])
            .find(|role| role.as_str() == name)
    }
}

/// The columns of the customer, event, time and value that were recognised by header and values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventColumns {
    /// The column of the customer, and the kind of key in it.
    pub customer: Option<(Key, usize)>,
    /// The column of the event's name.
    pub event: Option<usize>,
    /// The column of the time.
    pub timestamp: Option<usize>,
    /// The column of the value.
    pub value: Option<usize>,
}

impl EventColumns {
    /// Recognises the columns. Columns in `taken` already have another role.
    pub fn recognise(header: &[String], sample: &Sample<'_>, taken: &[usize]) -> Self {
        let columns = header.iter().enumerate().filter(|(index, _)| !taken.contains(index));
        let columns: Vec<ColumnForEvidence<'_>> = columns
            .map(|(index, header)| ColumnForEvidence {
                index,
                header,
                ignored: false,
                is_key: false,
            })
            .collect();
        let sampled = SampledColumns::new(&columns, *sample);
        let named = |lists: &[Names]| {
            let found = lists.iter().find_map(|list| {
                sampled.columns.iter().find(|column| is_one_of(&column.name, &[*list]))
            });
            found.map(|column| column.index)
        };
        let is_time = |list: &Names| {
            let mut times = sampled.columns.iter().filter(|column| {
                list.contains(&column.name.as_str()) && sampled.times(column) != Times::No
            });
            times.next().map(|column| column.index)
        };
        let timestamp = is_time(&HAPPENED).or_else(|| time_names().find_map(is_time));
        Self {
            customer: customer(header, taken),
            event: named(&[EVENT, ACTIVITY]),
            timestamp,
            value: named(&[VALUE]),
        }
    }

    /// The command that turns a file into events, as one line for a shell; `None` if no column
    /// names the customer.
    pub(crate) fn command(
        &self,
        file: Option<&Path>,
        header: &[String],
        looks_like: &str,
        read: &ReadOptions,
    ) -> Option<String> {
        let customer = self.customer?;
        let mut words = vec!["engage".to_owned(), "events".to_owned()];
        words.push(file.map_or("-".to_owned(), shell_path));
        let roles = [
            self.event.map(|column| (column, EventRole::Event)),
            Some((customer.1, EventRole::Customer(customer.0))),
            self.timestamp.map(|column| (column, EventRole::Timestamp)),
            self.value.map(|column| (column, EventRole::Value)),
        ];
        if self.event.is_none() {
            words.extend(["--event".to_owned(), shell_word(event_name(looks_like))]);
        }
        for (column, role) in roles.into_iter().flatten() {
            let map = format!("{}={}", header[column], role.as_str());
            // One word, `-mx=y`: this mapping belongs to `engage events`, not to an import.
            words.push(format!("-m{}", shell_word(&map)));
        }
        words.extend(read.words().iter().map(|word| shell_word(word)));
        words.extend(["-o".to_owned(), shell_path(&sibling(file, "events.jsonl"))]);
        Some(words.join(" "))
    }
}

/// The column that names the customer.
fn customer(header: &[String], taken: &[usize]) -> Option<(Key, usize)> {
    let is_free = |index: &usize| !taken.contains(index);
    let ranked = header.iter().enumerate().filter_map(|(index, header)| {
        Some((uid_rank(&HeaderWords::of(header))?, index)).filter(|(_, index)| is_free(index))
    });
    let uid = ranked.min();
    if let Some((_, index)) = uid.filter(|(rank, _)| *rank < NAMES_CUSTOMER) {
        return Some((Key::Uid, index));
    }
    // A column called only `id` may number the events.
    let named = Mapping::new(header, &MappingOptions::default()).ok();
    let contact = |standard| {
        let column = named.as_ref()?.standard(standard)?.index;
        Some(column).filter(is_free)
    };
    contact(Standard::Email)
        .map(|column| (Key::Email, column))
        .or_else(|| contact(Standard::Number).map(|column| (Key::Number, column)))
        .or_else(|| uid.map(|(_, index)| (Key::Uid, index)))
}

/// The name for all events of a file that has no column of event names.
fn event_name(looks_like: &str) -> &'static str {
    const NAMES: [(&str, &str); 10] = [
        ("order", "Order placed"),
        ("refund", "Refund issued"),
        ("invoice", "Invoice issued"),
        ("payment", "Payment received"),
        ("transaction", "Payment received"),
        ("shipment", "Order shipped"),
        ("message", "Message sent"),
        ("booking", "Booking made"),
        ("appointment", "Booking made"),
        ("ticket", "Ticket opened"),
    ];
    let looks_like = looks_like.to_lowercase();
    let named = NAMES.iter().find(|(word, _)| looks_like.contains(word));
    named.map_or("Event recorded", |(_, name)| name)
}
