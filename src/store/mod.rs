//! The customer store: one SQLite file. All SQL of the program is in this module.

mod error;
mod interrupt;
pub mod sqlite;
mod undo_log;

pub use error::StoreError;
pub use interrupt::{Interrupt, Interrupted};
pub use undo_log::UndoLog;
