//! The store in SQLite or PostgreSQL. All SQL of the program is in this folder.

mod blocked;
mod catalogue;
pub(crate) mod customers;
mod database;
pub(crate) mod delivery;
pub(crate) mod history;
pub(crate) mod maintenance;
mod open;
mod purge;
pub(crate) mod query;
mod reader;
mod schema;
mod segment_sql;
mod session;
mod settings;
mod writer;

pub(crate) use catalogue::remembered;
pub use purge::Purge;
pub use reader::{Reader, open_for_reading};
pub use session::{begin_dry_run, begin_import};
pub use settings::store_settings;
pub use writer::{Writer, open_for_writing};
