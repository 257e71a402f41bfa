//! The options of commands whose result is rows.

use super::Format;
use super::error::Failure;
use crate::report::RowFormat;

/// How rows are written.
#[derive(Debug, clap::Args)]
pub(crate) struct RowArgs {
    /// With --format csv, put an apostrophe before texts that a spreadsheet may take for formulas
    #[arg(long)]
    spreadsheet_safe: bool,
}

impl RowArgs {
    /// What rows are written as. Only CSV is for spreadsheets.
    pub(crate) fn format(&self, format: Format) -> Result<RowFormat, Failure> {
        if self.spreadsheet_safe && format != Format::Csv {
            return Err(Failure::usage("--spreadsheet-safe is for CSV")
                .hint("add --format csv, or leave out --spreadsheet-safe"));
        }
        Ok(match format {
            Format::Human => RowFormat::Table,
            Format::Json => RowFormat::Json,
            Format::Csv => RowFormat::Csv { spreadsheet_safe: self.spreadsheet_safe },
            Format::Jsonl => RowFormat::JsonLines,
        })
    }
}
