//! What would get rejected records accepted: another key, a platform, or leaving out invalid
//! values.

use crate::import::plan::{OtherKey, OtherKeyOption, Plan};
use crate::import::validate::RecordError;
use crate::input::csv::Record;
use crate::mapping::is_missing_key;
use crate::value::{Code, trimmed};

/// Counts of rejected records by what would get them accepted.
#[derive(Debug, Default)]
pub(crate) struct RejectCures {
    /// Records without a key.
    pub(crate) without_key: u64,
    /// Records whose only errors are in values other than the key, which may be left out.
    pub(crate) droppable: u64,
    /// Records with a token but without a platform.
    pub(crate) without_platform: u64,
    /// The columns of the key.
    key_columns: Vec<usize>,
    /// The other columns that have a value in every record without a key.
    others: Vec<OtherKey>,
}

impl RejectCures {
    pub(crate) fn new(plan: &Plan) -> Self {
        let key = plan.mapping.standard(plan.key.attribute()).map(|column| column.index);
        let mut key_columns = plan.key_rules.uid_columns.clone();
        key_columns.extend(key);
        Self { key_columns, others: plan.key_rules.other_keys.clone(), ..Self::default() }
    }

    /// Counts a rejected record.
    pub(crate) fn count(&mut self, record: &Record, errors: &[RecordError]) {
        let has = |codes: &[Code]| errors.iter().any(|reason| codes.contains(&reason.reason.code));
        if has(&[Code::UidMissing, Code::EmailMissing, Code::NumberMissing]) {
            self.without_key += 1;
            self.others.retain(|other| !is_missing_key(trimmed(record.field(other.column))));
        }
        self.without_platform += u64::from(has(&[Code::DevicePlatformMissing]));
        let is_not_key = |reason: &RecordError| {
            reason.column.is_some_and(|column| !self.key_columns.contains(&column))
        };
        self.droppable += u64::from(errors.iter().all(is_not_key));
    }

    /// The columns that would give a key to every record without one.
    pub(crate) fn other_keys(&self) -> impl Iterator<Item = (usize, OtherKeyOption)> {
        let others = self.others.iter().filter(|_| self.without_key > 0);
        others.map(|other| (other.column, other.option))
    }
}
