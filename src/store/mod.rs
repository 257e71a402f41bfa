//! The customer store: one SQLite file. All SQL of the program is in this module.

mod basis;
mod customers;
mod error;
mod fingerprints;
mod open;
mod schema;
mod trail;
mod transaction;

pub use basis::{Basis, basis};
pub use customers::{CustomerId, Found, Stored};
pub use error::StoreError;
pub use open::{begin_import, begin_rehearsal};
pub use transaction::{Attribute, HistoryLine, ImportTransaction};
