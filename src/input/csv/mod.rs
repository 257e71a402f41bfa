//! Reads CSV: detects the dialect and the header, and splits bytes into records.

mod dialect;
mod discarded;
mod header;
mod lookahead;
mod oversize;
mod reader;
mod record;
mod sniff;
mod split;

pub(crate) use dialect::{Caps, Dialect, MAX_COLUMNS, is_delimiter};
pub use dialect::{Escape, FIELD_CAP, RECORD_CAP};
pub(crate) use header::value_in_header;
pub use reader::RecordReader;
pub(crate) use record::mark;
pub use record::{Breakage, Record};
pub use sniff::DelimiterEvidence;
pub(crate) use sniff::{DetectedDialect, sep_line, sniff};
