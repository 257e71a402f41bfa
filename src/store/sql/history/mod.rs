//! The history of a store: its entries, and what each import changed.

mod changes;
mod entries;
pub(crate) mod known_files;
pub(crate) mod pending_outputs;
mod write_line;

pub use changes::CustomerChange;
pub(crate) use changes::deleted_customers;
pub(crate) use entries::find_last_report;
pub use entries::{HistoryEntry, last_report};
pub(crate) use write_line::{ImportState, write_line};
