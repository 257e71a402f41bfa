//! Whether the store still has the before-images of an import.

use std::fmt;
use std::str::FromStr;

/// What the store keeps to undo an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UndoLog {
    /// Every before-image: the changes can be shown and undone.
    Complete,
    /// Nothing: the import was run with `--history none`.
    Disabled,
    /// Nothing: a later import was run with `--history none`.
    Final,
    /// Nothing: `engage prune` dropped it.
    Pruned,
    /// Nothing: the import was undone.
    Undone,
}

impl UndoLog {
    const ALL: [Self; 5] =
        [Self::Complete, Self::Disabled, Self::Final, Self::Pruned, Self::Undone];

    /// The word in the store and in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "whole",
            Self::Disabled => "never",
            Self::Final => "final",
            Self::Pruned => "pruned",
            Self::Undone => "undone",
        }
    }
}

impl fmt::Display for UndoLog {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl FromStr for UndoLog {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|log| log.as_str() == text).ok_or(())
    }
}
