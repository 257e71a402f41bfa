//! What could identify the customers of a file that has no key: the columns with how full and how
//! unique they are, and options that would work.

use super::candidates::FULL;
use crate::mapping::column::Column;
use crate::mapping::header::table::HeaderWords;
use crate::mapping::header::uid_names::uid_rank;
use crate::mapping::sample::{Sample, is_blank_like};
use crate::mapping::target::Target;
use crate::text::shell_word;
use crate::value::typed::{is_date, is_datetime};
use std::collections::HashSet;

/// The maximum number of columns that are tried in pairs.
const PAIRED_COLUMNS: usize = 12;

/// How full and how unique a column is in the sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnFill {
    /// The column.
    pub column: String,
    /// How many records have a value.
    pub filled: usize,
    /// How many different values there are.
    pub distinct: usize,
}

/// What could identify customers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyHints {
    /// How many records were examined.
    pub records: usize,
    /// All columns.
    pub columns: Vec<ColumnFill>,
    /// Columns, or pairs joined with `+`, that are unique in nearly every record.
    pub unique: Vec<String>,
}

impl KeyHints {
    pub(crate) fn of(columns: &[Column], sample: &Sample<'_>) -> Self {
        let records = sample.records();
        let fills: Vec<ColumnFill> = columns
            .iter()
            .map(|column| {
                let values = || sample.column(column.index).filter(|value| !is_blank_like(value));
                ColumnFill {
                    column: column.label(),
                    filled: values().count(),
                    distinct: values().collect::<HashSet<_>>().len(),
                }
            })
            .collect();
        let candidates: Vec<&Column> = columns
            .iter()
            .filter(|column| is_possible(column, sample))
            .filter(|column| fills[column.index].filled * 100 >= records * FULL && records > 1)
            .collect();
        let is_unique = |column: &&&Column| {
            let fill = &fills[column.index];
            fill.distinct == fill.filled
        };
        let mut unique: Vec<String> =
            candidates.iter().filter(is_unique).map(|column| option_name(column)).collect();
        if unique.is_empty() {
            unique = pairs(&candidates, sample);
        }
        Self { records, columns: fills, unique }
    }
}

/// Whether a column may identify customers: it has no other role, and holds no dates or fractions.
fn is_possible(column: &Column, sample: &Sample<'_>) -> bool {
    let is_plain = |value: &str| {
        let is_fraction = value.parse::<f64>().is_ok() && value.contains(['.', ',']);
        !is_fraction && !is_date(value) && !is_datetime(value)
    };
    let values = || sample.column(column.index).filter(|value| !value.is_empty());
    matches!(column.target, Target::Custom(_)) && values().take(100).all(is_plain)
}

/// The pairs of columns that are unique together, if one of the two is named like an identifier.
fn pairs(candidates: &[&Column], sample: &Sample<'_>) -> Vec<String> {
    let candidates = &candidates[..candidates.len().min(PAIRED_COLUMNS)];
    let is_named = |column: &Column| uid_rank(&HeaderWords::of(&column.header)).is_some();
    let mut found = Vec::new();
    for (at, first) in candidates.iter().enumerate() {
        for second in &candidates[at + 1..] {
            let is_unique = || {
                let mut seen = HashSet::new();
                (0..sample.records()).all(|record| {
                    let cell = |column: &Column| sample.cell(record, column.index);
                    seen.insert((cell(first), cell(second)))
                })
            };
            if (is_named(first) || is_named(second)) && is_unique() {
                found.push(format!("{}+{}", option_name(first), option_name(second)));
            }
        }
    }
    found
}

/// The column's name in options: its header, or its number if the header is blank.
fn option_name(column: &Column) -> String {
    if column.header.trim().is_empty() {
        (column.index + 1).to_string()
    } else {
        column.header.trim_start_matches('\u{feff}').to_owned()
    }
}

/// The maximum number of columns that are listed.
const LISTED: usize = 12;

impl KeyHints {
    /// Each column with how full and how unique it is, for people.
    pub(crate) fn lines(&self) -> Vec<String> {
        if self.records == 0 {
            return Vec::new();
        }
        let mut lines: Vec<String> = self
            .columns
            .iter()
            .take(LISTED)
            .map(|fill| {
                let ColumnFill { column, filled, distinct } = fill;
                let records = self.records;
                format!("{column}: {filled} of {records} filled, {distinct} different")
            })
            .collect();
        if self.columns.len() > LISTED {
            lines.push(format!("and {} more columns", self.columns.len() - LISTED));
        }
        lines
    }

    /// The options that would work, for people.
    pub(crate) fn options(&self) -> Vec<String> {
        let option = |column: &String| {
            let option = shell_word(&format!("{column}=uid"));
            format!("-m {option} makes it the identifier: it is unique in the sample")
        };
        self.unique.iter().take(LISTED).map(option).collect()
    }
}
