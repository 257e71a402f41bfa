//! Saves what an import has settled as a mapping file.

use super::error::ImportError;
use super::plan::{PlannedAttribute, TypeSource};
use crate::attribute::Key;
use crate::mapping::{
    Chosen, Mapping, MappingFileError, SavedMapping, SavedType, read_mapping_file,
};
use crate::output::{Destination, Notation, TemporaryFiles, write};
use crate::source::Description;
use std::path::Path;

/// What is saved.
pub(super) struct Settled<'a> {
    pub(super) name: &'a str,
    pub(super) description: &'a Description,
    pub(super) chosen: &'a Chosen,
    pub(super) key: Key,
    pub(super) mapping: &'a Mapping,
    pub(super) attributes: &'a [PlannedAttribute],
}

impl Settled<'_> {
    /// Writes the mapping file, in place of another mapping file but of no other file.
    pub(super) fn save(&self, path: &Path, files: &TemporaryFiles) -> Result<(), ImportError> {
        let is_stream = !matches!(Destination::of(path), Destination::File(_));
        let is_free = is_stream
            || match read_mapping_file(path) {
                Ok(_) => true,
                Err(MappingFileError::Unreadable { source, .. }) => {
                    source.kind() == std::io::ErrorKind::NotFound
                }
                Err(_) => false,
            };
        if !is_free {
            return Err(MappingFileError::NotOurs(path.to_owned()).into());
        }
        let types = self.attributes.iter().map(|attribute| SavedType {
            attribute: &attribute.name,
            spec: attribute.spec.to_string(),
            declared: attribute.source.is_declared(),
            reason: match attribute.source {
                TypeSource::Given | TypeSource::MappingFile => "declared",
                TypeSource::Catalogue => "as in the store",
                TypeSource::Inferred => &attribute.reason,
            },
        });
        let saved = SavedMapping {
            name: self.name,
            chosen: self.chosen,
            description: self.description,
            key: self.key,
            mapping: self.mapping,
            types: types.collect(),
        };
        write(path, files, Notation::Text, |writer| writer.write_all(saved.text().as_bytes()))
            .map_err(|source| MappingFileError::Unwritable { path: path.to_owned(), source }.into())
    }
}
