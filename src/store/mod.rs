//! The customer store: one SQLite file. All SQL of the program is in this module.

mod customers;
mod departures;
mod error;
mod fingerprints;
mod history;
mod holder;
mod open;
mod reading;
mod schema;
mod trail;
mod transaction;

pub use customers::{CustomerId, Found, Stored};
pub use error::StoreError;
pub use history::HistoryEntry;
pub use open::{begin_import, begin_rehearsal};
pub use reading::{Reader, open_for_reading};
pub use transaction::{Attribute, HistoryLine, ImportTransaction, Interrupter};
