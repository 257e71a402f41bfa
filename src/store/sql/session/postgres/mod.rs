//! The session of an import: one transaction of PostgreSQL.

mod begin;
mod changes;
mod commit;
mod key_index;
mod keys;
mod postgres_session;
mod unsent;

pub(super) use begin::{begin_dry_run, begin_import};
