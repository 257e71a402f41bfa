//! From a header and a sample of records to what each column becomes.

pub mod events;
