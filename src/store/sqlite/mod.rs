//! The store in one SQLite file. All SQL of the program is in this folder.

mod cache;
pub(crate) mod catalogue;
pub mod customers;
mod dry_run;
pub mod history;
mod lock_owner;
pub mod maintenance;
mod open;
pub mod query;
mod reader;
pub(crate) mod schema;
mod segment_sql;
mod session;
pub(crate) mod settings;
mod writer;

pub(crate) use cache::bound_cache;
pub use catalogue::Attribute;
pub(crate) use catalogue::{CatalogueBefore, entries};
pub use open::{DEFAULT_PATH, begin_import, begin_rehearsal};
pub(crate) use open::{connect, is_new, translated};
pub use reader::{Reader, open_for_reading};
pub use session::ImportTransaction;
pub(crate) use session::too_many;
pub use settings::{Basis, basis};
pub use writer::{Writer, open_for_writing};
