//! The store in one SQLite file. All SQL of the program is in this folder.

mod blocked;
mod catalogue;
pub mod customers;
mod database;
pub mod delivery;
pub mod history;
pub mod maintenance;
mod open;
mod purge;
pub mod query;
mod reader;
mod schema;
mod segment_sql;
mod session;
mod settings;
mod writer;

pub(crate) use catalogue::remembered;
pub use open::DEFAULT_PATH;
pub use purge::Purge;
pub use reader::{Reader, open_for_reading};
pub use session::{begin_dry_run, begin_import};
pub use settings::store_settings;
pub use writer::{Writer, open_for_writing};
