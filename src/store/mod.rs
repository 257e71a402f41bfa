//! The customer store: one SQLite file. All SQL of the program is in this module.

mod customers;
mod departures;
mod error;
mod fingerprints;
mod holder;
mod open;
mod schema;
mod trail;
mod transaction;

pub use customers::{CustomerId, Found, Stored};
pub use error::StoreError;
pub use open::{begin_import, begin_rehearsal};
pub use transaction::{Attribute, HistoryLine, ImportTransaction, Interrupter};
