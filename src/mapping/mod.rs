//! Header to attributes: which column becomes which attribute, and of which type.

mod aliases;
mod by_hand;
mod choices;
mod columns;
mod error;
pub mod events;
mod file;
mod header;
mod inference;
mod mark;
mod names;
mod nearest;
mod own_header;

pub use aliases::{ALIASES, Alias, FULL_NAME_HEADERS, PARTS_OF_NAMES, alias_of, is_full_name};
pub use by_hand::is_attribute_name;
pub use choices::{
    Blank, Choice, Choices, Chosen, DeclaredType, MappingFile, OnInvalid, ValueOptions,
};
pub use columns::{
    Column, ColumnChoices, FULL_NAME, How, Mapping, MappingOptions, MappingWarning, NamedColumn,
    Target,
};
pub use error::MappingError;
pub use file::{
    MappingFileError, MappingFileFault, MappingFileFaultKind, SavedMapping, SavedType,
    parse_mapping_file, read_mapping_file,
};
pub use header::{RESERVED_NAMES, attribute_name, normalised};
pub use inference::{Inference, Nearly, infer, nearly};
pub use mark::{Mark, MarkFault, Reading, row_letters};
pub use nearest::nearest;
pub use own_header::{StoreColumn, custom_header, custom_names};
