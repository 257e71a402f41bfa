//! Header to attributes: which column becomes which attribute, and of which type.

mod aliases;
mod columns;
pub mod events;
mod header;
mod inference;

pub use aliases::{ALIASES, Alias};
pub use columns::{
    Column, FULL_NAME, How, Mapping, MappingError, MappingOptions, MappingWarning, Target, nearest,
};
pub use header::{RESERVED_NAMES, attribute_name, normalised};
pub use inference::{Inference, infer};
