//! What merging a record results in, and what of it is still to be stored.

use super::contradictions::Comparison;
use super::identity::Conflict;
use crate::customer::Diff;
use crate::import::known::Known;
use crate::store::sqlite::customers::{CustomerId, StoredCustomer};
use crate::value::Device;

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
    /// The fingerprint of the record, if a later import may trust it.
    pub(crate) record: Option<u64>,
}

/// The result of merging a record, or an update that is still to be stored.
pub(crate) enum MergeStep {
    /// The store has everything of the record.
    Done(MergeResult),
    /// The store lacks this; the record itself is no longer needed.
    Store(Box<Update>),
}

/// An update of a stored customer.
pub(crate) struct Update {
    pub(super) customer: CustomerId,
    /// The devices and the time of the last change before the record.
    pub(super) devices: Vec<Device>,
    pub(super) last_changed_at: String,
    pub(super) after: StoredCustomer,
    pub(super) change: Change,
    /// Whether an earlier record of this import named the same customer.
    pub(crate) merged: bool,
    /// Whether the customer was stored before this import, which has not named it yet.
    pub(crate) is_first: bool,
    pub(crate) comparison: Comparison,
    /// Whether the record has replaced a value of an earlier record.
    pub(crate) overwrites: bool,
    pub(super) key_hash: u64,
    pub(super) fingerprint: Option<u64>,
}

/// How a record changes a customer.
pub(super) enum Change {
    /// The customer has these values already.
    Nothing,
    /// This import has inserted the customer.
    OfInserted,
    /// The record is the first that names the customer.
    ByFirstRecord(Diff),
    /// An earlier record named the customer, which was like this before the import.
    ByLaterRecord(StoredCustomer),
}
