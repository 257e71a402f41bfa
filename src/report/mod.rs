//! An import's outcome, the history and rows of the store, for people and for programs.

mod aliases;
mod attributes;
mod changes;
mod command_line;
mod customer;
mod customer_json;
mod deeds;
mod evidence;
mod explanation;
mod export;
mod findings;
mod guard;
mod history;
mod inspection;
mod inspection_json;
mod json;
mod json_parts;
mod page;
mod pointer;
mod reasons;
mod rows;
mod stored;
mod style;
mod summary;
mod table;
mod terminal;
mod text;

pub use aliases::{alias_report, alias_table};
pub use attributes::{attribute_columns, attribute_row, retyped_report, retyped_summary};
pub use changes::{CHANGE_COLUMNS, change_rows};
pub use command_line::word;
pub use customer::customer_page;
pub use customer_json::customer_report;
pub use deeds::{
    backup_report, forget_report, forget_summary, prune_report, prune_summary, undo_report,
    undo_summary,
};
pub use evidence::evidence_lines;
pub use explanation::{explanation, explanation_record, membership};
pub use export::{
    ApiExport, CsvExport, Exporter, JsonExport, ListFormat, export_columns, known_columns,
};
pub use findings::{findings_report, findings_summary};
pub use guard::{guard_details, guard_hints, guard_sentence};
pub use history::{history_columns, history_lines, history_page, history_record, history_row};
pub use inspection::inspection_page;
pub use inspection_json::{INSPECTION_SCHEMA, inspection_report};
pub use json::{SCHEMA, failure_report, import_report};
pub use page::{StorePage, failed_import_page, history_entry_page, import_page, store_page};
pub use pointer::pointed;
pub use rows::{Cell, RowFormat, Rows};
pub use style::{Palette, Screen};
pub use summary::summary;
pub use terminal::{Notation, TerminalWriter};
pub(crate) use text::escaped;
pub use text::{counted, grouped, quoted};
