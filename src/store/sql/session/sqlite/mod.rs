//! The session of an import: one transaction of SQLite.

mod begin;
mod bulk_load;
mod changes;
mod customer_count;
mod customers;
mod detached_index;
mod keys;
mod new_store;
mod sqlite_session;
mod store_file;
mod uid_sorter;

#[cfg(feature = "postgres")]
pub(super) use begin::begin_empty_dry_run;
pub(super) use begin::{begin_dry_run, begin_import};
