//! Records that contradict the earlier data of their customer.

use crate::value::Standard;
use serde::{Deserialize, Serialize};

/// Counts of records that contradict an earlier one of their customer, or the store.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ContradictionCounts {
    /// Records whose names, or email and number, belong to a different person than those of earlier
    /// records.
    pub contradicting: u64,
    /// Records that replace a value of an earlier one, except dates, times and devices.
    pub overwriting: u64,
    /// Records that have neither the email nor the name of earlier records.
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
    /// The index of its input.
    pub source: usize,
    /// Its number, from 1.
    pub record: u64,
    /// The line on which it begins, from 1.
    pub line: u64,
    /// The attributes that differ.
    pub attributes: Vec<Standard>,
}
