//! Reports for a person at a terminal.

mod commands;
mod customer;
mod evidence;
mod guard;
mod header_words;
mod import_summary;
mod inspection;
mod pointer;
mod reasons;
mod segment_explain;

pub use commands::{check_summary, forget_summary, prune_summary, retype_summary, undo_summary};
pub use customer::customer_page;
pub(crate) use customer::held;
pub use evidence::evidence_lines;
pub use guard::guard_details;
pub use header_words::{alias_report, alias_table};
pub use import_summary::summary;
pub use inspection::inspection_page;
pub use pointer::pointed;
pub use segment_explain::{explanation, explanation_record, membership};
