//! Bytes to records: opens what is to be imported, finds out how it is written, and splits it into
//! records and fields; or refuses what is not CSV.

mod compression;
mod decode;
mod dialect;
mod encoding;
mod error;
mod excerpt;
mod foreign;
mod heading;
mod input;
mod opened;
mod opening;
mod options;
mod own_files;
mod record;
mod record_reader;
mod split;
mod spreadsheet;

pub use dialect::{DelimiterEvidence, Escape};
pub use encoding::{Encoding, EncodingEvidence, UnknownEncoding};
pub use error::{EncodingFault, HeaderFault, SourceError};
pub(crate) use excerpt::{drives_terminal, escaped, excerpt};
pub use foreign::Foreign;
pub use input::{Input, InputError, Progress};
pub use opened::{Description, MARK_COLUMN, REJECT_COLUMNS, Source, Summary};
pub use options::{InvalidDelimiter, ReadOptions, delimiter_named};
pub use own_files::is_rejects_file;
pub use record::{Breakage, Record};
pub use record_reader::RecordReader;
pub use split::{FIELD_CAP, RECORD_CAP};
pub use spreadsheet::{IS_PROTECTED, PROTECTION_COLUMN, PROTECTION_MARK, protected, unprotected};
