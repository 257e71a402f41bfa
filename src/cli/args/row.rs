//! The options of commands that print rows.

use crate::cli::error::CommandError;
use crate::cli::format::Format;
use crate::report::RowFormat;

/// How rows are written.
#[derive(Debug, clap::Args)]
pub(crate) struct RowArgs {
    /// With --format csv, put an apostrophe before texts that a spreadsheet may read as formulas
    #[arg(long)]
    spreadsheet_safe: bool,
}

impl RowArgs {
    /// The format of the rows. Fails if `--spreadsheet-safe` is given without CSV.
    pub(crate) fn format(&self, format: Format) -> Result<RowFormat, CommandError> {
        if self.spreadsheet_safe && format != Format::Csv {
            return Err(CommandError::usage("--spreadsheet-safe works only with CSV")
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
