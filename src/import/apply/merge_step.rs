//! The result of merging a record.

use super::contradictions::Comparison;
use super::identity::Conflict;
use crate::import::known::Known;

/// The result of merging an accepted record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MergeResult {
    /// The customer now has the values of the record.
    Accepted {
        /// Whether an earlier record of this import named the same customer.
        merged: bool,
    },
    /// The mode excludes the record.
    Skipped,
    /// The record does not name a single customer.
    Rejected(Conflict),
    /// The customer would have more attributes than the store keeps of one.
    TooLong,
}

/// The hashes of a record.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hashes {
    /// The customers known for the key, if they were looked up already.
    pub(crate) known: Option<Known>,
    pub(crate) key: u64,
    /// The hash of the record, if a later import may trust it.
    pub(crate) record: Option<u64>,
}

/// The result of a record, and how it compares with its customer, if that existed.
pub(crate) type Step = (MergeResult, Option<Merged>);

/// How a record compares with the customer that it is merged into.
#[derive(Debug)]
pub(crate) struct Merged {
    /// Whether an earlier record of this import named the same customer.
    pub(crate) is_repeated: bool,
    /// Whether this is the first record of a customer that was stored before this import.
    pub(crate) is_first: bool,
    pub(crate) comparison: Comparison,
    /// Whether the record has replaced a value of an earlier record.
    pub(crate) overwrites: bool,
}
