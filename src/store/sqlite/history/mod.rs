//! The history of a store: its lines, and what each import changed.

mod changes;
mod last_report;
mod lines;
pub(crate) mod pending;
mod provenance;
mod prune;
mod undo;

pub(crate) use changes::Image;
pub use changes::{ChangeKind, CustomerChange};
pub use last_report::last_report;
pub(crate) use lines::{Footing, write_line};
pub use lines::{HistoryEntry, HistoryLine, days_ago, now};
pub use pending::PendingOutput;
pub use provenance::Origin;
pub use prune::Kept;
