//! Header to attributes: which column becomes which attribute, and of which type.

mod aliases;
mod by_hand;
mod choices;
mod columns;
mod error;
pub mod events;
mod header;
mod inference;

pub use aliases::{ALIASES, Alias, FULL_NAME_HEADERS, alias_of, is_full_name};
pub use choices::{Blank, Choice, Choices, Chosen, DeclaredType, OnInvalid, ValueOptions};
pub use columns::{
    Column, ColumnChoices, FULL_NAME, How, Mapping, MappingOptions, MappingWarning, NamedColumn,
    Target,
};
pub use error::{MappingError, nearest};
pub use header::{RESERVED_NAMES, attribute_name, normalised};
pub use inference::{Inference, infer};
