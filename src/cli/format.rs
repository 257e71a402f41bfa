//! The format of results.

use super::error::CommandError;
use clap::ValueEnum;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For a person
    Human,
    /// JSON
    Json,
    /// CSV, where rows come out
    Csv,
    /// A JSON object a line, where rows come out
    Jsonl,
}

impl Format {
    /// Refuses the formats of rows for a command that has one result.
    pub(crate) fn require_single_result(self, command: &str) -> Result<(), CommandError> {
        match self {
            Self::Human | Self::Json => Ok(()),
            Self::Csv | Self::Jsonl => {
                let message = format!("engage {command} has no tabular output");
                Err(CommandError::usage(message).hint("use --format human or --format json"))
            }
        }
    }
}
