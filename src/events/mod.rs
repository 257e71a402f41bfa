//! Detects event data. An import accepts only attributes of customers, so it refuses a file that
//! lists what customers *did*, and shows the evidence.
//!
//! There are three kinds of evidence. The **header** has columns of an event: an event name next to
//! a time, an order number next to a date. The names are matched exactly, by a table of rules. The
//! **values** show events: most customers appear several times, with a different value in the same
//! time column. The **rows** are about something other than a customer: each row has its own
//! identifier next to the customer's.
//!
//! A list of customers must not be refused because it resembles event data, so columns that
//! describe a customer, such as `last_order_at`, `orders_count` and `events_attended`, are not in
//! the tables.

mod columns;
mod evidence;
mod moment;
mod names;
mod repeats;
mod row_rules;
#[rustfmt::skip] // With one word per line, the table would be hard to read.
mod row_words;
mod rules;
mod sampled_columns;
#[rustfmt::skip] // With one word per line, the table would be hard to read.
mod words;

pub use crate::mapping::{SAMPLE_RECORDS, Sample};
pub use columns::{EventColumns, EventRole};
pub use evidence::{ColumnForEvidence, EventEvidence, EvidenceColumn};

use repeats::{Repeats, repeated_times};
pub(crate) use row_rules::names_action_id;
use row_rules::{RowEvidence, Rows};
use rules::{Match, RULES};
use sampled_columns::SampledColumns;
use std::collections::HashSet;

/// The maximum number of columns in [`EventEvidence::clears`].
const MOST_CLEARS: usize = 20;

/// Searches a file's header and first records for evidence that the file is event data.
///
/// This takes a few look-ups per column, one pass over the sample for the customers, and another
/// one for each time column.
pub fn event_evidence(
    columns: &[ColumnForEvidence<'_>],
    sample: &Sample<'_>,
) -> Option<EventEvidence> {
    let sampled = SampledColumns::new(columns, *sample);
    let repeats = Repeats::of(&sampled);
    let rows = Rows::new(&sampled, *sample);
    let times = match &repeats {
        Some(repeats) if rows.names_owner(repeats.column) => Vec::new(),
        repeats => repeated_times(&sampled, repeats.as_ref()),
    };

    let mut ignored: HashSet<usize> =
        columns.iter().filter(|column| column.ignored).map(|column| column.index).collect();
    let search = |ignored: &HashSet<usize>| {
        Finding::search(&sampled, repeats.as_ref(), &times, ignored)
            .or_else(|| rows.evidence(ignored).map(Finding::Rows))
    };
    let first = search(&ignored)?;

    let mut clears = Vec::new();
    let mut next = first.telling(&sampled, &ignored);
    while let Some(index) = next.filter(|_| clears.len() < MOST_CLEARS) {
        clears.push(sampled.header(index).to_owned());
        ignored.insert(index);
        next = search(&ignored).and_then(|finding| finding.telling(&sampled, &ignored));
    }
    Some(first.describe(&sampled, repeats.as_ref(), clears))
}

/// One piece of evidence. Columns are identified by their index.
enum Finding {
    /// The header matches a rule.
    Header(Match),
    /// Customers appear several times, with different values in this column.
    Values { time: usize },
    /// The rows are about something other than a customer.
    Rows(RowEvidence),
}

impl Finding {
    fn search(
        sampled: &SampledColumns<'_, '_>,
        repeats: Option<&Repeats>,
        times: &[usize],
        ignored: &HashSet<usize>,
    ) -> Option<Self> {
        let once = repeats.is_none_or(Repeats::mostly_once);
        let header = RULES.iter().find_map(|rule| rule.matches(sampled, once, ignored));
        header.map(Self::Header).or_else(|| {
            let time = times.iter().copied().find(|time| !ignored.contains(time))?;
            Some(Self::Values { time })
        })
    }

    /// The column that proves most: the first one to skip to clear this evidence. For evidence in
    /// the rows it is never the key, because an import needs the key.
    fn telling(&self, sampled: &SampledColumns<'_, '_>, ignored: &HashSet<usize>) -> Option<usize> {
        let is_key = |index: usize| sampled.columns.iter().any(|it| it.index == index && it.is_key);
        match self {
            Self::Header(rule) => Some(rule.columns[0]),
            Self::Values { time } => Some(*time),
            Self::Rows(rows) => {
                let is_open = |index: &usize| !is_key(*index) && !ignored.contains(index);
                rows.columns.iter().copied().find(is_open)
            }
        }
    }

    fn describe(
        &self,
        sampled: &SampledColumns<'_, '_>,
        repeats: Option<&Repeats>,
        clears: Vec<String>,
    ) -> EventEvidence {
        let (looks_like, reason, indices) = match self {
            Self::Header(rule) => (rule.looks_like, rule.reason, rule.columns.clone()),
            Self::Values { time } => (
                "a list of what customers did",
                "Most customers repeat, each time with a different time",
                vec![*time],
            ),
            Self::Rows(rows) => (rows.looks_like, rows.reason, rows.columns.clone()),
        };
        let mut columns: Vec<EvidenceColumn> =
            indices.into_iter().map(|index| sampled.evidence(index, None)).collect();
        if let Some((index, note)) = repeats.and_then(Repeats::note) {
            match columns.iter_mut().find(|column| column.index == index) {
                Some(column) => column.note = Some(note),
                None => columns.push(sampled.evidence(index, Some(note))),
            }
        }
        EventEvidence {
            looks_like: looks_like.to_owned(),
            reason: reason.to_owned(),
            columns,
            clears,
        }
    }
}

#[cfg(test)]
mod tests;
