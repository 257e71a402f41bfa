//! Options and arguments that several commands take.

#[cfg(feature = "push")]
mod api;
mod row;
mod segment;
mod segment_misses;
mod settings;
mod settings_words;

#[cfg(feature = "push")]
pub(crate) use api::ApiArgs;
pub(crate) use row::RowArgs;
pub(crate) use segment::{
    count_saved_segments, find_field, find_segment, not_custom_error, parse_segment,
};
pub(crate) use segment_misses::hint_unmatched_values;
pub(crate) use settings::{READING, SettingsArgs, declared_type};
