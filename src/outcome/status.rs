//! What all reports share.

use serde::{Deserialize, Serialize};

/// The version of the reports' schema.
pub const SCHEMA: u32 = 1;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// An import: every record was accepted.
    Imported,
    /// An import: done, with rejects.
    Partial,
    /// Nothing was written, as requested.
    DryRun,
    /// A guard stopped it: nothing was written.
    Stopped,
    /// The input cannot be imported: nothing was written.
    Refused,
    /// It failed: nothing was written.
    #[default]
    Failed,
    /// An import was undone.
    Undone,
    /// Customers were erased.
    Forgotten,
    /// Attributes have other types.
    Converted,
    /// Before-images were dropped.
    Pruned,
    /// The store was copied.
    BackedUp,
    /// A backup was put in place of the store.
    Restored,
    /// Imports accept uids again that they left out.
    Unblocked,
    /// Everything was delivered or queued.
    Pushed,
    /// A check found nothing.
    Sound,
    /// A check found damage.
    Unsound,
}

impl Status {
    const ALL: [Self; 16] = [
        Self::Imported,
        Self::Partial,
        Self::DryRun,
        Self::Stopped,
        Self::Refused,
        Self::Failed,
        Self::Undone,
        Self::Forgotten,
        Self::Converted,
        Self::Pruned,
        Self::BackedUp,
        Self::Restored,
        Self::Unblocked,
        Self::Pushed,
        Self::Sound,
        Self::Unsound,
    ];

    /// The word in reports and in the history.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Imported => "imported",
            Self::Partial => "partial",
            Self::DryRun => "dry_run",
            Self::Stopped => "stopped",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Undone => "undone",
            Self::Forgotten => "forgotten",
            Self::Converted => "converted",
            Self::Pruned => "pruned",
            Self::BackedUp => "backed_up",
            Self::Restored => "restored",
            Self::Unblocked => "unblocked",
            Self::Pushed => "pushed",
            Self::Sound => "sound",
            Self::Unsound => "unsound",
        }
    }

    /// The status with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}

/// A report as one JSON object, without a line end.
#[expect(clippy::expect_used, reason = "a struct of texts and numbers always is JSON")]
pub(crate) fn to_json(report: &impl Serialize) -> String {
    serde_json::to_string(report).expect("a report is texts and numbers under names")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_has_one_name() {
        for status in Status::ALL {
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
            assert_eq!(Status::from_name(status.as_str()), Some(status));
        }
    }
}
