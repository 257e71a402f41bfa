//! The customer store: one SQLite file. All SQL of the program is in this module.

mod error;
mod open;
mod schema;
mod transaction;

pub use error::StoreError;
pub use open::{begin_import, begin_rehearsal};
pub use transaction::{Attribute, CustomerId, Found, HistoryLine, ImportTransaction, Stored};
