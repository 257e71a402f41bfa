//! The guards that can stop an import, and the customers that a snapshot does not contain.

use clap::ValueEnum;

/// Which guard stopped an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guard {
    /// More records were rejected than `--max-rejects` allows.
    MaxRejects {
        /// The bound as it was given.
        bound: String,
    },
    /// No record was accepted.
    AllRejected,
    /// The input has no record.
    NoRecords,
    /// The input of a snapshot seems to be cut off, so customers that still exist may be missing.
    CutOff,
    /// More records contradict an earlier one of their customer than `--max-merged` allows.
    MaxMerged {
        /// The bound as it was given; `None` for the default.
        bound: Option<String>,
    },
    /// Most records replace values of an earlier one of their customer.
    Overwritten,
    /// The email and the name of most stored customers would change.
    OtherPeople,
    /// Two records name one customer, although each should be the current state of one customer.
    RepeatedKey,
    /// More customers are missing from a snapshot than `--max-missing` allows.
    MaxMissing {
        /// The bound as it was given, or the default.
        bound: String,
    },
}

impl Guard {
    /// Whether it stopped the import because of rejected records.
    pub(crate) fn is_about_rejects(&self) -> bool {
        matches!(self, Self::MaxRejects { .. } | Self::AllRejected)
    }
}

/// What happens to customers that a snapshot does not contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum MissingAction {
    /// They are counted and stay as they are.
    #[default]
    Report,
    /// They are marked as archived.
    Archive,
    /// They are deleted.
    Delete,
}

/// The customers that a snapshot does not contain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotOutcome {
    /// The action for them.
    pub action: MissingAction,
    /// How many customers could be missing.
    pub of: u64,
    /// How many records the last import of such a file had, if too many customers are missing.
    pub last_records: Option<u64>,
    /// The keys of a few of them.
    pub examples: Vec<String>,
}
