//! Changes of a store that are no import, and the check of its soundness.

mod backup;
mod check;
mod forget;
pub(crate) mod purge;
mod redact;
mod repair;
mod retype;

pub use backup::check_backup_file;
pub use purge::Erasure;
pub use repair::repair;
