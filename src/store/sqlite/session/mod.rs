//! The session of an import: one transaction of SQLite.

mod begin;
mod changes;
mod customers;
mod keys;
mod sqlite_session;
mod store_file;

pub use begin::{begin_dry_run, begin_import};
