//! The customer store: one SQLite file. All SQL of the program is in this module.

mod catalogue;
mod customers;
mod departures;
mod error;
mod fingerprints;
mod history;
mod holder;
mod indexes;
mod open;
mod predicate;
mod reading;
mod schema;
mod segments;
mod trail;
mod transaction;
mod writing;

pub use customers::{CustomerId, Found, Stored};
pub use error::StoreError;
pub use history::HistoryEntry;
pub use open::{begin_import, begin_rehearsal};
pub use reading::{Reader, open_for_reading};
pub use segments::{Members, Order, SavedSegment, StoredValue};
pub use transaction::{Attribute, HistoryLine, ImportTransaction, Interrupter};
pub use writing::{Writer, open_for_writing};
