//! The catalogue: every custom attribute that an import has seen a value of, and its type.

use super::open::translated;
use super::reader::Reader;
use super::schema;
use super::session::ImportTransaction;
use crate::store::StoreError;
use crate::value::typed::ValueType;
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// An attribute of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// The type of its values.
    pub kind: ValueType,
}

/// An attribute as the catalogue has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// The type of its values.
    pub(crate) r#type: String,
    /// The import that it came with.
    pub(crate) first_import: i64,
    /// The last import whose files had its column, with a value of it or a proof that there is
    /// nothing new.
    pub(crate) last_import: i64,
}

/// What an import has changed in the catalogue, as it was; `None` where the attribute is new.
pub(crate) type CatalogueBefore = BTreeMap<String, Option<Entry>>;

/// The attributes of a store and their types.
pub(crate) fn catalogue(
    connection: &Connection,
    path: &Path,
) -> Result<BTreeMap<String, ValueType>, StoreError> {
    let entries = entries(connection).map_err(|error| translated(path, error))?;
    entries
        .into_iter()
        .map(|(name, entry)| {
            let kind = ValueType::from_name(&entry.r#type).ok_or_else(|| StoreError::Damaged {
                path: path.to_owned(),
                what: "an attribute has a type that is not known".to_owned(),
            })?;
            Ok((name, kind))
        })
        .collect()
}

pub(crate) fn entries(connection: &Connection) -> rusqlite::Result<BTreeMap<String, Entry>> {
    let sql = "SELECT name, type, first_import, last_import FROM attributes";
    connection
        .prepare(sql)?
        .query_map([], |row| {
            let entry =
                Entry { r#type: row.get(1)?, first_import: row.get(2)?, last_import: row.get(3)? };
            Ok((row.get(0)?, entry))
        })?
        .collect()
}

/// Takes back what an import has changed in the catalogue.
pub(crate) fn take_back(connection: &Connection, before: &CatalogueBefore) -> rusqlite::Result<()> {
    let mut gone = false;
    for (name, entry) in before {
        if let Some(entry) = entry {
            let sql = "INSERT OR REPLACE INTO attributes (name, type, first_import, last_import)
                       VALUES (?1, ?2, ?3, ?4)";
            connection.prepare_cached(sql)?.execute(params![
                name,
                entry.r#type,
                entry.first_import,
                entry.last_import
            ])?;
        } else {
            connection.prepare_cached("DELETE FROM attributes WHERE name = ?1")?.execute([name])?;
            gone = true;
        }
    }
    if gone {
        let names: Vec<String> = entries(connection)?.into_keys().collect();
        schema::create_profiles(connection, &names)?;
    }
    Ok(())
}

impl Reader {
    /// The catalogue: every custom attribute that an import has seen a value of, and its type.
    pub fn catalogue(&self) -> Result<BTreeMap<String, ValueType>, StoreError> {
        catalogue(&self.connection, &self.path)
    }
}

impl ImportTransaction {
    /// The catalogue: every custom attribute that an import has seen a value of.
    pub fn catalogue(&self) -> Result<BTreeMap<String, ValueType>, StoreError> {
        catalogue(&self.connection, &self.path)
    }

    /// Enters attributes that the import has seen into the catalogue.
    pub fn see_attributes(&mut self, seen: &[Attribute]) -> Result<(), StoreError> {
        if self.rehearsal.is_some() {
            return Ok(());
        }
        let mut known = entries(&self.connection).map_err(|error| self.sqlite(error))?;
        let first = known.is_empty();
        let mut new = false;
        for attribute in seen {
            let before = known.remove(&attribute.name);
            new |= before.is_none();
            self.catalogue_before.insert(attribute.name.clone(), before);
            let sql = "INSERT INTO attributes (name, type, first_import, last_import)
                       VALUES (?1, ?2, ?3, ?3)
                       ON CONFLICT (name) DO UPDATE SET type = ?2, last_import = ?3";
            self.write(sql, params![attribute.name, attribute.kind.as_str(), self.import_id])?;
        }
        if new || first {
            let names: Vec<String> = self.catalogue()?.into_keys().collect();
            schema::create_profiles(&self.connection, &names)
                .map_err(|error| self.sqlite(error))?;
        }
        Ok(())
    }
}
