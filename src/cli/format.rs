//! The output format: `--format`.

use super::error::CommandError;
use clap::ValueEnum;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Text and tables for people
    Human,
    /// One JSON value
    Json,
    /// CSV, for commands that print rows
    Csv,
    /// One JSON object per line, for commands that print rows
    Jsonl,
}

impl Format {
    /// Refuses `csv` and `jsonl` for a command that prints a single result instead of rows.
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
