//! The mapping file: settings as TOML that a person can read and change. `docs/mapping.md` explains
//! it.

mod error;
mod read;
mod write;

pub use error::{MappingFileError, MappingFileProblem, MappingFileProblemKind};
pub use read::{parse_mapping_file, read_mapping_file};
pub use write::{SavedMapping, SavedType};

#[cfg(test)]
mod tests;
