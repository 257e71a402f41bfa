//! Header to attributes: which column becomes which attribute, and of which type.

mod columns;
mod error;
mod header;
mod header_words;
mod inference;
mod manual;
mod target;
mod unique_names;

pub use columns::{Column, Mapping, MappingWarning};
pub use error::MappingError;
pub use header::{attribute_name, closest_name, normalised};
pub use header_words::{ALIASES, Alias, FULL_NAME_HEADERS, PARTS_OF_NAMES, alias_of, is_full_name};
pub use inference::{InferredType, LikelyType, TypeSource, infer, likely_type};
pub(crate) use manual::parse_target;
pub use manual::{ManualMapping, MappingOptions, NamedColumn};
pub use target::{FULL_NAME, Origin, Target};
