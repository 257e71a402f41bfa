//! The customer store: one SQLite file. All SQL of the program is in this module.

mod catalogue;
mod changes;
mod customers;
mod departures;
mod erasing;
mod error;
mod fingerprints;
mod forget;
mod history;
mod holder;
mod open;
mod provenance;
mod pruning;
mod reading;
mod schema;
mod scrubbing;
mod trail;
mod transaction;
mod undo;
mod writing;

pub use catalogue::Attribute;
pub use changes::{ChangeKind, CustomerChange};
pub use customers::{CustomerId, Found, Stored};
pub use error::StoreError;
pub use forget::Forgotten;
pub use history::{HistoryEntry, HistoryLine, Trail, days_ago, now};
pub use open::{begin_import, begin_rehearsal};
pub use provenance::Origin;
pub use pruning::{Kept, Pruned};
pub use reading::{Reader, open_for_reading};
pub use transaction::{ImportTransaction, Interrupter};
pub use undo::Undone;
pub use writing::{Writer, open_for_writing};
