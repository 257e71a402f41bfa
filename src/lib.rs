//! Direct import as a library: a CSV export of customers goes through a column mapping and the
//! validation of standard attributes into a local customer store.
//!
//! A record's way is [`source`] → [`mapping`] → [`attribute`] → [`import`] → [`store`]; its outcome
//! goes from [`import`] through [`report`] to [`cli`]. A [`segment`] is an expression over the stored
//! customers: read into a typed tree there, found by [`store`].

pub mod attribute;
pub mod cli;
pub mod import;
pub mod mapping;
pub mod report;
pub mod segment;
pub mod source;
pub mod store;
