//! The columns of one file, with what is worth finding out about each of them only once.

use super::moment::{Moment, moment};
use super::names::plain;
use super::{ColumnForEvidence, EvidenceColumn, SHOWN_VALUES};
use crate::mapping::Sample;
use std::cell::OnceCell;
use std::collections::HashSet;

/// How many filled cells are enough to say whether a column holds times.
const JUDGED_CELLS: usize = 200;

/// The usual ways to say yes or no.
const YES_OR_NO: &[&str] = &[
    "yes", "no", "y", "n", "true", "false", "t", "f", "1", "0", "x", "ja", "nein", "oui", "non",
    "si", "sí", "sim", "não", "nao", "nee",
];

/// One column: its name in comparable form, and lazily the kind of its values.
pub(crate) struct SheetColumn<'a> {
    pub(crate) index: usize,
    pub(crate) header: &'a str,
    pub(crate) name: String,
    pub(crate) is_key: bool,
    times: OnceCell<Times>,
}

/// What the values of a column are as times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Times {
    /// There is no value to judge.
    Blank,
    /// Written dates, with a time of day or without.
    Written,
    /// Numbers that count from 1970, or times of day: times only if the header says so.
    Bare,
    /// No times.
    No,
}

/// A file's columns and its first records.
pub(crate) struct Sheet<'c, 's> {
    pub(crate) columns: Vec<SheetColumn<'c>>,
    sample: Sample<'s>,
}

impl<'c, 's> Sheet<'c, 's> {
    pub(crate) fn new(columns: &[ColumnForEvidence<'c>], sample: Sample<'s>) -> Self {
        let columns = columns
            .iter()
            .map(|column| SheetColumn {
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

    /// The cells of one column, in order, without surrounding space.
    pub(crate) fn values(&self, index: usize) -> impl Iterator<Item = &'s str> + use<'s> {
        self.sample.column(index)
    }

    /// Whether a column holds times, judged by its first filled cells.
    pub(crate) fn times(&self, column: &SheetColumn<'_>) -> Times {
        *column.times.get_or_init(|| {
            let (mut filled, mut written, mut bare) = (0_usize, 0_usize, 0_usize);
            let cells = self.values(column.index).filter(|value| !value.is_empty());
            for value in cells.take(JUDGED_CELLS) {
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

    /// Whether a column only says yes or no: `invoice` for whoever wants one, `event` for whoever
    /// was there.
    pub(crate) fn only_says_whether(&self, index: usize) -> bool {
        let mut filled = 0_usize;
        let all = self.values(index).filter(|value| !value.is_empty()).all(|value| {
            filled += 1;
            YES_OR_NO.iter().any(|word| value.eq_ignore_ascii_case(word))
        });
        all && filled > 2
    }

    /// How many different filled values a column has.
    pub(crate) fn distinct(&self, index: usize) -> usize {
        self.values(index).filter(|value| !value.is_empty()).collect::<HashSet<_>>().len()
    }

    /// How many cells of a column are filled.
    pub(crate) fn filled(&self, index: usize) -> usize {
        self.values(index).filter(|value| !value.is_empty()).count()
    }

    /// A column as the message shows it.
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
