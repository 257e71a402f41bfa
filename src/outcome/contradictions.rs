//! Records that contradict what their customer had.

use crate::value::Standard;
use serde::{Deserialize, Serialize};

/// Counts of records that contradict an earlier one of their customer, or the store.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ContradictionCounts {
    /// Records whose names, or email and number, are those of another person than the earlier ones.
    pub contradicting: u64,
    /// Records that replace a value of an earlier one, dates, times and devices aside.
    pub overwriting: u64,
    /// Records that have neither the email nor the name of the earlier ones.
    #[serde(skip)]
    pub disagreeing: u64,
    /// Stored customers whose email and name would both change.
    pub replaced: u64,
}

/// A record that contradicts an earlier one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContradictionExample {
    /// The key of its customer.
    pub customer: String,
    /// The place of its input among the inputs.
    pub source: usize,
    /// Its number, from 1.
    pub record: u64,
    /// The line on which it begins, from 1.
    pub line: u64,
    /// The attributes that differ.
    pub attributes: Vec<Standard>,
}
