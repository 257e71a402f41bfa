//! The columns of a file and its first records, with lazily computed facts about each column.

use super::evidence::{ColumnForEvidence, EvidenceColumn, SHOWN_VALUES};
use super::moment::{Moment, moment};
use super::names::plain;
use crate::mapping::Sample;
use std::cell::OnceCell;
use std::collections::HashSet;

/// How many filled cells are enough to say whether a column holds times.
const CHECKED_CELLS: usize = 200;

/// The usual words for yes and no.
const YES_OR_NO: &[&str] = &[
    "yes", "no", "y", "n", "true", "false", "t", "f", "1", "0", "x", "ja", "nein", "oui", "non",
    "si", "sí", "sim", "não", "nao", "nee",
];

/// One column, with its name in comparable form.
pub(crate) struct SampledColumn<'a> {
    pub(crate) index: usize,
    pub(crate) header: &'a str,
    pub(crate) name: String,
    pub(crate) is_key: bool,
    /// Computed on first use.
    times: OnceCell<Times>,
}

/// Whether the values of a column are times, and in which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Times {
    /// All cells are empty.
    Blank,
    /// Mostly written dates, with or without a time of day.
    Written,
    /// Mostly times, but many are Unix times, packed dates or only times of day: times only if the
    /// header says so.
    Bare,
    /// Not times.
    No,
}

/// The columns of a file and its first records.
pub(crate) struct SampledColumns<'c, 's> {
    pub(crate) columns: Vec<SampledColumn<'c>>,
    sample: Sample<'s>,
}

impl<'c, 's> SampledColumns<'c, 's> {
    pub(crate) fn new(columns: &[ColumnForEvidence<'c>], sample: Sample<'s>) -> Self {
        let columns = columns
            .iter()
            .map(|column| SampledColumn {
                index: column.index,
                header: column.header,
                name: plain(column.header),
                is_key: column.is_key,
                times: OnceCell::new(),
            })
            .collect();
        Self { columns, sample }
    }

    pub(crate) fn header(&self, index: usize) -> &'c str {
        self.columns.iter().find(|column| column.index == index).map_or("", |column| column.header)
    }

    /// The cells of one column, in order, without surrounding whitespace.
    pub(crate) fn values(&self, index: usize) -> impl Iterator<Item = &'s str> + use<'s> {
        self.sample.column(index)
    }

    /// Whether the first filled cells of a column hold times.
    pub(crate) fn times(&self, column: &SampledColumn<'_>) -> Times {
        *column.times.get_or_init(|| {
            let (mut filled, mut written, mut bare) = (0_usize, 0_usize, 0_usize);
            let cells = self.values(column.index).filter(|value| !value.is_empty());
            for value in cells.take(CHECKED_CELLS) {
                filled += 1;
                match moment(value) {
                    Some(Moment::Written) => written += 1,
                    Some(Moment::Bare) => bare += 1,
                    None => {}
                }
            }
            if filled == 0 {
                Times::Blank
            } else if written * 2 > filled {
                Times::Written
            } else if (written + bare) * 2 > filled {
                Times::Bare
            } else {
                Times::No
            }
        })
    }

    /// Whether a column has only yes and no: `invoice` for customers who want one, `event` for
    /// customers who attended.
    pub(crate) fn is_yes_or_no(&self, index: usize) -> bool {
        let mut filled = 0_usize;
        let all = self.values(index).filter(|value| !value.is_empty()).all(|value| {
            filled += 1;
            YES_OR_NO.iter().any(|word| value.eq_ignore_ascii_case(word))
        });
        all && filled > 2
    }

    /// How many distinct values a column has; empty cells do not count.
    pub(crate) fn distinct(&self, index: usize) -> usize {
        self.values(index).filter(|value| !value.is_empty()).collect::<HashSet<_>>().len()
    }

    /// How many cells of a column are filled.
    pub(crate) fn filled(&self, index: usize) -> usize {
        self.values(index).filter(|value| !value.is_empty()).count()
    }

    /// A column as messages show it, with its first distinct values.
    pub(crate) fn evidence(&self, index: usize, note: Option<String>) -> EvidenceColumn {
        let mut samples: Vec<String> = Vec::new();
        for value in self.values(index).filter(|value| !value.is_empty()) {
            if !samples.iter().any(|shown| shown == value) {
                samples.push(value.to_owned());
            }
            if samples.len() == SHOWN_VALUES {
                break;
            }
        }
        EvidenceColumn { column: self.header(index).to_owned(), index, samples, note }
    }
}
