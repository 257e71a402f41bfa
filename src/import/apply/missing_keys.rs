//! Records without a key: whether another column would give them one.

use crate::import::plan::{OtherKey, OtherKeyOption};
use crate::import::validate::RecordFault;
use crate::input::csv::Record;
use crate::mapping::is_missing_key;
use crate::value::Code;
use crate::value::trimmed;

/// Records without a key, and the other columns that have a value in all of them.
#[derive(Debug, Default)]
pub(crate) struct MissingKeys {
    pub(crate) records: u64,
    others: Vec<OtherKey>,
}

impl MissingKeys {
    pub(crate) fn new(others: &[OtherKey]) -> Self {
        Self { records: 0, others: others.to_vec() }
    }

    /// Counts a rejected record, if it was rejected because it names no customer.
    pub(crate) fn count(&mut self, record: &Record, faults: &[RecordFault]) {
        let is_missing = |fault: &RecordFault| {
            matches!(fault.fault.code, Code::UidMissing | Code::EmailMissing | Code::NumberMissing)
        };
        if faults.iter().any(is_missing) {
            self.records += 1;
            self.others.retain(|other| !is_missing_key(trimmed(record.field(other.column))));
        }
    }

    /// The columns that would give each of them a key.
    pub(crate) fn cures(&self) -> impl Iterator<Item = (usize, OtherKeyOption)> {
        let others = self.others.iter().filter(|_| self.records > 0);
        others.map(|other| (other.column, other.option))
    }
}
