//! The command line: parses options, calls the library, and presents the result.

mod args;
mod commands;
mod error;
mod format;
mod global;
mod help;
mod other_names;
mod output;
mod program;
mod progress;
mod report_file;
mod signals;

#[cfg(feature = "push")]
pub(crate) use args::ApiArgs;
pub(crate) use args::{
    READING, RowArgs, SettingsArgs, count_saved_segments, declared_type, find_field, find_segment,
    hint_unmatched_values, not_custom_error, parse_segment,
};
pub(crate) use error::CommandError;
pub(crate) use format::Format;
pub(crate) use global::Global;
pub(crate) use output::{EarlyEnd, Output};
pub use program::main;
pub(crate) use progress::{Progress, with_progress};
pub(crate) use report_file::{is_page, json_report_path, page_path, write_page, write_report};
