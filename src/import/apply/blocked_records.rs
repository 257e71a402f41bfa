//! Records that are left out because their customer was forgotten with `--block`.

use crate::import::plan::Plan;
use crate::input::csv::Record;
use crate::outcome::{Warning, counted};
use crate::store::BlockedUids;
use crate::value::{Standard, trimmed};

/// Leaves out records by their uid, and counts them.
#[derive(Debug, Default)]
pub(crate) struct BlockedRecords {
    uids: BlockedUids,
    count: u64,
}

impl BlockedRecords {
    pub(crate) fn new(uids: BlockedUids) -> Self {
        Self { uids, count: 0 }
    }

    /// How many records were left out.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// Whether the record of a uid is left out. If so, counts it.
    pub(crate) fn leaves_out(&mut self, uid: &str) -> bool {
        let is_blocked = self.uids.contains(uid);
        self.count += u64::from(is_blocked);
        is_blocked
    }

    /// Whether a record that is not valid is left out: the rejects file must not have it either.
    pub(crate) fn leaves_out_record(&mut self, record: &Record, plan: &Plan) -> bool {
        if self.uids.is_empty() {
            return false;
        }
        let uid = plan.mapping.standard(Standard::Uid);
        uid.is_some_and(|column| self.leaves_out(trimmed(record.field(column.index))))
    }
}

/// Warns that records were left out.
pub(crate) fn blocked_warning(count: u64) -> Option<Warning> {
    let reason = match count {
        1 => "was skipped, because its customer was forgotten",
        _ => "were skipped, because their customers were forgotten",
    };
    let message = format!(
        "{} {reason} with --block; engage forget --unblock UID lets imports accept a customer again",
        counted(count, "record")
    );
    (count > 0).then(|| Warning::new("record.blocked", message, count).about("--block"))
}
