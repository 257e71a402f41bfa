//! Mapping files: settings as TOML that users can read and edit. `docs/mapping.md` describes the
//! format.

mod error;
mod read;
mod write;

pub use error::{MappingFileError, MappingFileProblem, MappingFileProblemKind};
pub use read::{parse_mapping_file, read_mapping_file};
pub use write::{SavedMapping, SavedType};

#[cfg(test)]
mod tests;
