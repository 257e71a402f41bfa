//! Reports for a person at a terminal.

mod commands;
mod customer;
mod evidence;
mod findings;
mod guard;
mod header_words;
mod import_summary;
mod inspection;
mod pointer;
mod reasons;
mod segment_explain;

pub(crate) use commands::report;
pub use commands::{
    backup_report, forget_report, forget_summary, prune_report, prune_summary, undo_report,
    undo_summary,
};
pub use customer::customer_page;
pub(crate) use customer::held;
pub use evidence::evidence_lines;
pub use findings::{findings_report, findings_summary};
pub use guard::{guard_details, guard_hints, guard_sentence};
pub use header_words::{alias_report, alias_table};
pub use import_summary::summary;
pub use inspection::inspection_page;
pub use pointer::pointed;
pub use segment_explain::{explanation, explanation_record, membership};
