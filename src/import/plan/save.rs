//! Saves what an import has settled as a mapping file.

use super::import_plan::PlannedAttribute;
use crate::import::ImportError;
use crate::input::Description;
use crate::mapping::{Mapping, TypeSource};
use crate::output::{Destination, Notation, TemporaryFiles, write};
use crate::settings::Chosen;
use crate::settings::file::{MappingFileError, SavedMapping, SavedType, read_mapping_file};
use crate::value::Key;
use std::path::Path;

/// What is saved.
pub(crate) struct Settled<'a> {
    pub(crate) name: &'a str,
    pub(crate) description: &'a Description,
    pub(crate) chosen: &'a Chosen,
    pub(crate) key: Key,
    pub(crate) mapping: &'a Mapping,
    pub(crate) attributes: &'a [PlannedAttribute],
}

impl Settled<'_> {
    /// Writes the mapping file, in place of another mapping file but of no other file.
    pub(crate) fn save(&self, path: &Path, files: &TemporaryFiles) -> Result<(), ImportError> {
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
