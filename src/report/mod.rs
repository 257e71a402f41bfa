//! An import's outcome, the history and rows of the store, for people and for programs.

mod attributes;
mod changes;
mod command_line;
pub mod export;
mod history;
pub mod html;
pub mod json;
mod rows;
mod style;
mod table;
pub mod terminal;
mod text;

pub use crate::input::shell_word as word;
pub use crate::outcome::{counted, grouped};
pub use attributes::{attribute_columns, attribute_row};
pub(crate) use attributes::{percent, unquoted};
pub(crate) use changes::custom_of;
pub use changes::{CHANGE_COLUMNS, change_rows};
pub(crate) use command_line::{command_line, import_command, overruling, path_word, store_option};
pub(crate) use history::capitalised;
pub use history::{history_columns, history_lines, history_page, history_record, history_row};
pub use rows::{Cell, RowFormat, Rows};
pub use style::{Palette, Screen};
pub use text::quoted;
pub(crate) use text::{
    bytes, delimiter_name, folded, hanging, padded, paragraph, shortened, unbroken, wrapped,
};
