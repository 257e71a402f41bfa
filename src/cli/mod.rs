//! The command line: options in, one call into the library, a presenter out.

#[cfg(feature = "push")]
mod api_args;
mod commands;
mod error;
mod format;
mod global;
mod help;
mod output;
mod program;
mod progress;
mod report_file;
mod row_args;
mod segment_args;
mod settings_args;
mod settings_words;
mod signals;

#[cfg(feature = "push")]
pub(crate) use api_args::ApiArgs;
pub(crate) use error::CommandError;
pub(crate) use format::Format;
pub(crate) use global::Global;
pub(crate) use output::{EarlyEnd, Output};
pub use program::main;
pub(crate) use progress::{Progress, with_progress};
pub(crate) use report_file::{is_page, json_report_path, page_path, write_page, write_report};
pub(crate) use row_args::RowArgs;
pub(crate) use segment_args::{
    count_saved_segments, find_field, find_segment, not_custom_error, parse_segment,
};
pub(crate) use settings_args::{READING, SettingsArgs, declared_type};
