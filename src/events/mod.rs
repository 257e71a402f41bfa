//! Is this file event data? Direct import takes attributes only, so a list of what customers *did*
//! has to be known when it is seen, by evidence that can be shown.
//!
//! There are two kinds of evidence. The **header** names it: an event name beside a time, an order
//! number beside a date. The rules are a table of exact names, without fuzzy matching. Or the
//! **values** show it: most customers come again, each time with another value in one
//! same time column.
//!
//! A customer list near the border must pass, so evidence is about the row, never about the
//! customer: `last_order_at`, `orders_count` and `events_attended` are in no table.

mod moment;
mod names;
mod repeats;
mod row_rules;
#[rustfmt::skip] // One word a line would hide the table.
mod row_words;
mod rules;
mod sampled_columns;
#[rustfmt::skip] // One word a line would hide the table.
mod words;


pub use crate::mapping::{SAMPLE_RECORDS, Sample};
use repeats::{Repeats, repeated_times};
use row_rules::{RowEvidence, row_evidence};
use rules::{Match, RULES};
use sampled_columns::Sheet;
use serde::Serialize;
use std::collections::HashSet;

/// How many values of a column are shown.
const SHOWN_VALUES: usize = 3;

/// How many columns are named that clear the evidence.
const MOST_CLEARS: usize = 20;

/// A column as the evidence sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnForEvidence<'a> {
    /// Its place in a record, counted from 0.
    pub index: usize,
    /// Its name as the file has it.
    pub header: &'a str,
    /// Skipped or mapped by hand: it is evidence no more.
    pub excused: bool,
    /// Whether it identifies the customer.
    pub is_key: bool,
}

/// Why a file is taken for event data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EventEvidence {
    /// What the file looks like: `Mixpanel's event export`, `a list of orders`.
    pub looks_like: String,
    /// What gives it away, as a sentence without its full stop: `It has an event name beside a time`.
    pub reason: String,
    /// The columns that show it, the telling one first.
    pub columns: Vec<EvidenceColumn>,
    /// The columns that clear *all* the evidence when they are skipped or mapped by hand together:
    /// the telling column of this evidence first, then those that would be the next. No more than
    /// twenty are named: where there are more, those have to be skipped next.
    pub clears: Vec<String>,
}

/// One column of the evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EvidenceColumn {
    /// Its name as the file has it.
    pub column: String,
    /// Its place in a record, counted from 0.
    pub index: usize,
    /// Up to three different values, as they are in the file.
    #[serde(rename = "values")]
    pub samples: Vec<String>,
    /// What is to be said of it: `the same customer up to 41 times`.
    pub note: Option<String>,
}

/// Judges a file by its header and its first records: the evidence that it is event data, or none.
///
/// The work is a few look-ups a column, and one pass over the sample for the customers and for
/// each column that holds times.
pub fn event_evidence(
    columns: &[ColumnForEvidence<'_>],
    sample: &Sample<'_>,
) -> Option<EventEvidence> {
    let sheet = Sheet::new(columns, *sample);
    let repeats = Repeats::of(&sheet);
    let times = repeated_times(&sheet, repeats.as_ref());

    let mut excused: HashSet<usize> =
        columns.iter().filter(|column| column.excused).map(|column| column.index).collect();
    let look = |excused: &HashSet<usize>| {
        Found::look(&sheet, repeats.as_ref(), &times, excused)
            .or_else(|| row_evidence(&sheet, *sample, excused).map(Found::Rows))
    };
    let first = look(&excused)?;

    let mut clears = Vec::new();
    let mut next = first.telling(&sheet, &excused);
    while let Some(index) = next.filter(|_| clears.len() < MOST_CLEARS) {
        clears.push(sheet.header(index).to_owned());
        excused.insert(index);
        next = look(&excused).and_then(|found| found.telling(&sheet, &excused));
    }
    Some(first.describe(&sheet, repeats.as_ref(), clears))
}

/// Evidence as column numbers.
enum Found {
    /// A rule's names are there.
    Header(Match),
    /// Customers come again, each time with another value in this column.
    Values { time: usize },
    /// The rows are about something else than a customer.
    Rows(RowEvidence),
}

impl Found {
    fn look(
        sheet: &Sheet<'_, '_>,
        repeats: Option<&Repeats>,
        times: &[usize],
        excused: &HashSet<usize>,
    ) -> Option<Self> {
        let once = repeats.is_none_or(Repeats::mostly_once);
        let header = RULES.iter().find_map(|rule| rule.matches(sheet, once, excused));
        header.map(Self::Header).or_else(|| {
            let time = times.iter().copied().find(|time| !excused.contains(time))?;
            Some(Self::Values { time })
        })
    }

    /// The column to skip first: never the key, which an import needs.
    fn telling(&self, sheet: &Sheet<'_, '_>, excused: &HashSet<usize>) -> Option<usize> {
        let is_key = |index: usize| sheet.columns.iter().any(|it| it.index == index && it.is_key);
        match self {
            Self::Header(found) => Some(found.columns[0]),
            Self::Values { time } => Some(*time),
            Self::Rows(rows) => {
                let is_open = |index: &usize| !is_key(*index) && !excused.contains(index);
                rows.columns.iter().copied().find(is_open)
            }
        }
    }

    fn describe(
        &self,
        sheet: &Sheet<'_, '_>,
        repeats: Option<&Repeats>,
        clears: Vec<String>,
    ) -> EventEvidence {
        let (looks_like, reason, indices) = match self {
            Self::Header(found) => (found.looks_like, found.reason, found.columns.clone()),
            Self::Values { time } => (
                "a list of what customers did",
                "Most customers come again, each time with another time",
                vec![*time],
            ),
            Self::Rows(rows) => (rows.looks_like, rows.reason, rows.columns.clone()),
        };
        let mut columns: Vec<EvidenceColumn> =
            indices.into_iter().map(|index| sheet.evidence(index, None)).collect();
        if let Some((index, note)) = repeats.and_then(Repeats::note) {
            match columns.iter_mut().find(|column| column.index == index) {
                Some(column) => column.note = Some(note),
                None => columns.push(sheet.evidence(index, Some(note))),
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
