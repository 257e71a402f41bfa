//! CSV: dialect, header, and bytes to records.

pub(crate) mod dialect;
mod discarded;
mod header;
mod lookahead;
mod oversize;
mod reader;
mod record;
mod split;

pub use dialect::{DelimiterEvidence, Escape};
pub(crate) use dialect::{Dialect, Sniffed, is_delimiter, sniff};
pub(crate) use header::value_in_header;
pub use reader::RecordReader;
pub(crate) use record::mark;
pub use record::{Breakage, Record};
pub(crate) use split::{Caps, MAX_COLUMNS};
pub use split::{FIELD_CAP, RECORD_CAP};
