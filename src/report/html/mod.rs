//! HTML pages. Each is one file that loads nothing and runs nothing.

mod chart;
mod document;
mod import;
mod masking;
mod reading;
mod store;
mod table;

pub use import::{failed_import_page, history_entry_page, import_page};
pub use store::{StorePage, store_page};
