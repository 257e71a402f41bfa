//! The customer store: one SQLite file. All SQL of the program is in this module.

mod error;
mod interrupt;
pub mod sqlite;

pub use error::StoreError;
pub use interrupt::{Interrupt, Interrupted};
