//! The history of a store: its entries, and what each import changed.

mod changes;
mod entries;
mod history_line;
pub(crate) mod pending_outputs;

pub use changes::CustomerChange;
pub(crate) use entries::find_last_report;
pub use entries::{HistoryEntry, last_report};
pub use history_line::{HistoryKind, HistoryLine, days_ago, now};
pub(crate) use history_line::{ImportState, write_line};
pub use pending_outputs::PendingOutput;
