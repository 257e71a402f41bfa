//! The customer store: one SQLite file. All SQL of the program is in this module.

mod backup;
mod basis;
mod catalogue;
mod check;
mod customers;
mod departures;
mod error;
mod fingerprints;
mod history;
mod holder;
mod indexes;
mod last_report;
mod open;
mod predicate;
mod reading;
mod repair;
mod schema;
mod segments;
mod trail;
mod transaction;
mod writing;

pub use backup::check_backup_file;
pub use basis::{Basis, basis};
pub use check::Finding;
pub use customers::{CustomerId, Found, Stored};
pub use error::StoreError;
pub use history::HistoryEntry;
pub use last_report::last_report;
pub use open::{begin_import, begin_rehearsal};
pub use reading::{Reader, open_for_reading};
pub use repair::repair;
pub use segments::{Members, Order, SavedSegment, StoredValue};
pub use transaction::{Attribute, HistoryLine, ImportTransaction, Interrupter};
pub use writing::{Writer, open_for_writing};
