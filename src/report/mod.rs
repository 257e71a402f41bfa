//! Formats the outcome of commands and rows of the store, for people and for programs.

mod attributes;
mod changes;
mod commands_to_copy;
mod customer_attributes;
mod cut;
pub mod export;
mod history_rows;
pub mod html;
pub mod json;
mod rows;
mod segment_words;
mod style;
mod table;
pub mod terminal;
mod words;

pub use attributes::{attribute_columns, attribute_row};
pub(crate) use attributes::{percent, unquoted};
pub use changes::{CHANGE_COLUMNS, change_rows};
pub(crate) use commands_to_copy::{
    command_line, import_command, overriding_options, store_option, with_store,
};
pub(crate) use customer_attributes::{CustomerAttribute, customer_attributes};
pub(crate) use history_rows::entry_status;
pub use history_rows::{history_columns, history_row};
pub use rows::{Cell, RowFormat, Rows};
pub(crate) use segment_words::{has_negation, segment_lines, segment_words};
pub use style::{Palette, Screen};
pub(crate) use words::{bytes, delimiter_name, not_of_type, to_the_minute, type_advice};
