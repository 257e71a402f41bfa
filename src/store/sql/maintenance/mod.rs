//! Changes of a store other than imports, and the check for damage.

mod backup;
mod check;
mod forget;
mod redact;
mod repair;
mod restore;
mod undo;

pub use backup::check_backup_file;
pub use repair::repair;
pub use restore::{BlockedDigests, RestoreAttempt, restore};
pub use undo::Retention;
