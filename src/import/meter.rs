//! The progress of an import, for the progress bar.

use crate::input::Progress;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counters that the import advances and any thread may read. A clone shares the counters.
#[derive(Debug, Clone, Default)]
pub struct Meter {
    /// The bytes read so far.
    pub bytes: Progress,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    total_bytes: AtomicU64,
    records: AtomicU64,
    rejected: AtomicU64,
}

impl Meter {
    /// The bytes to read in total; 0 if that is not known.
    pub fn total_bytes(&self) -> u64 {
        self.counts.total_bytes.load(Ordering::Relaxed)
    }

    /// The records read so far.
    pub fn records(&self) -> u64 {
        self.counts.records.load(Ordering::Relaxed)
    }

    /// The records rejected so far.
    pub fn rejected(&self) -> u64 {
        self.counts.rejected.load(Ordering::Relaxed)
    }

    pub(crate) fn expect_bytes(&self, bytes: u64) {
        self.counts.total_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn count(&self, records: u64, rejected: u64) {
        self.counts.records.fetch_add(records, Ordering::Relaxed);
        self.counts.rejected.fetch_add(rejected, Ordering::Relaxed);
    }
}
