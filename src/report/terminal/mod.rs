//! Reports for the terminal.

mod commands;
mod customer;
mod events;
mod guard;
mod header_words;
mod history;
mod import_summary;
mod inspection;
mod push;
mod reject_reasons;
mod segment;

pub use commands::{
    check_summary, forget_summary, next_undo_line, prune_summary, retype_summary, status_summary,
    undo_summary, undo_words,
};
pub use customer::customer_page;
pub use events::events_summary;
pub use guard::guard_details;
pub use header_words::alias_table;
pub use history::{history_lines, history_page};
pub use import_summary::{import_summary, rejects_summary};
pub use inspection::inspection_page;
pub use push::{push_dry_run, push_forecast, push_summary};
pub use segment::{
    compared_as_text, member_count, nearest_values, retype_hint, segment_explanation, stray_values,
};
