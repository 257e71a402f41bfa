//! Header to attributes: which column becomes which attribute, and of which type.

mod columns;
mod error;
mod header;
mod header_words;
mod inference;
mod manual;
mod names;
mod nearest;
mod own_header;

pub use columns::{
    Column, ColumnChoices, FULL_NAME, How, Mapping, MappingOptions, MappingWarning, NamedColumn,
    Target,
};
pub use error::MappingError;
pub use header::{RESERVED_NAMES, attribute_name, normalised};
pub use header_words::{ALIASES, Alias, FULL_NAME_HEADERS, PARTS_OF_NAMES, alias_of, is_full_name};
pub use inference::{Inference, Nearly, TypeSource, infer, nearly};
pub use manual::is_attribute_name;
pub(crate) use manual::named_target;
pub use nearest::nearest;
pub use own_header::{StoreColumn, custom_header, custom_names};
