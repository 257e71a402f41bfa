//! Changes of a store other than imports, and the check for damage.

mod backup;
mod check;
mod forget;
mod redact;
mod repair;
mod undo;

pub use backup::check_backup_file;
pub use repair::repair;
pub use undo::Retention;
