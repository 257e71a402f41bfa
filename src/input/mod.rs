//! From bytes to records: opens inputs, detects their format, and splits them into records and
//! fields. Refuses files that are not CSV.

mod compression;
pub mod csv;
mod detect;
pub mod encoding;
mod error;
mod file;
mod non_csv;
mod options;
mod own_files;
mod small_file;
mod source;
mod spreadsheet;

pub use error::{HeaderError, SourceError};
pub use file::{Input, InputError, Progress};
pub use non_csv::NonCsvFormat;
pub use options::{InvalidDelimiter, ReadOptions, delimiter_named};
pub use own_files::{MARK_COLUMN, REJECT_COLUMNS, is_rejects_file};
pub use small_file::read_small_file;
pub use source::{Description, Source, Summary};
pub use spreadsheet::{IS_PROTECTED, PROTECTION_COLUMN, PROTECTION_MARK, protected, unprotected};
