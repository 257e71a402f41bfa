//! An import's outcome, the history and rows of the store, for people and for programs.

mod changes;
mod deeds;
mod evidence;
mod history;
mod json;
mod rows;
mod stored;
mod style;
mod summary;
mod table;
mod text;

pub use changes::{CHANGE_COLUMNS, change_rows};
pub use deeds::{
    forget_report, forget_summary, prune_report, prune_summary, undo_report, undo_summary,
};
pub use evidence::evidence_lines;
pub use history::{history_columns, history_lines, history_page, history_record, history_row};
pub use json::{SCHEMA, failure_report, import_report};
pub use rows::{Cell, RowFormat, Rows};
pub use style::{Palette, Screen};
pub use summary::summary;
pub use text::{counted, grouped, quoted};
