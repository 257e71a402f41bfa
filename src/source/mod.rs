//! Bytes to records: opens what is to be imported and splits it into records and fields.

mod input;
mod reader;
mod record;

pub use input::{Input, InputError, Progress};
pub use reader::{Description, REJECT_COLUMNS, ReadOptions, Source, SourceError, Summary};
pub use record::{
    Breakage, FIELD_CAP, Field, MAX_COLUMNS, RECORD_CAP, Record, RecordReader, escaped_bytes,
};
