//! The session of an import: one transaction that reads and writes customers.

mod before_images;
mod begin;
mod customers;
mod dry_run;
mod fingerprints;
mod remembered;
mod store_file;
mod transaction;

pub use begin::{begin_dry_run, begin_import};
pub use customers::KeyMatch;
pub use transaction::ImportTransaction;
