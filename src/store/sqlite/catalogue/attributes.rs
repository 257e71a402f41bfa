//! The catalogue: every custom attribute that an import has seen a value of, and its type.

use crate::store::StoreError;
use crate::store::sqlite::database::Database;
use crate::store::sqlite::schema;
use crate::value::typed::ValueType;
use rusqlite::params;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An attribute's row in the catalogue. It is also stored as JSON, for undo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CatalogueEntry {
    /// The type of its values.
    pub(crate) r#type: String,
    /// The first import that had a value of it.
    pub(crate) first_import: i64,
    /// The last import whose files had its column, with a value of it or a fingerprint.
    pub(crate) last_import: i64,
}

impl CatalogueEntry {
    /// The type, if it is known.
    pub(crate) fn kind(&self) -> Option<ValueType> {
        ValueType::from_name(&self.r#type)
    }
}

/// The catalogue's entries before an import changed them; `None` for an attribute that it added.
pub(crate) type CatalogueBefore = BTreeMap<String, Option<CatalogueEntry>>;

/// The attributes of a store and their types.
pub(crate) fn catalogue(database: &Database) -> Result<BTreeMap<String, ValueType>, StoreError> {
    let unknown = || database.damaged("an attribute has an unknown type");
    let kind =
        |(name, entry): (String, CatalogueEntry)| Ok((name, entry.kind().ok_or_else(unknown)?));
    entries(database)?.into_iter().map(kind).collect()
}

/// The rows of the catalogue by name.
pub(crate) fn entries(database: &Database) -> Result<BTreeMap<String, CatalogueEntry>, StoreError> {
    let sql = "SELECT name, type, first_import, last_import FROM attributes";
    database.rows(sql, [], |row| {
        let (r#type, first_import, last_import) = (row.get(1)?, row.get(2)?, row.get(3)?);
        Ok((row.get(0)?, CatalogueEntry { r#type, first_import, last_import }))
    })
}

/// Makes the view of customers again, with a column for each attribute of the catalogue.
pub(crate) fn recreate_profiles(database: &Database) -> Result<(), StoreError> {
    let sql = "SELECT name FROM attributes ORDER BY name";
    let names: Vec<String> = database.rows(sql, [], |row| row.get(0))?;
    schema::create_profiles(database, &names)
}

/// Undoes what an import has changed in the catalogue.
pub(crate) fn revert(database: &Database, before: &CatalogueBefore) -> Result<(), StoreError> {
    for (name, entry) in before {
        if let Some(entry) = entry {
            let sql = "INSERT OR REPLACE INTO attributes (name, type, first_import, last_import)
                       VALUES (?1, ?2, ?3, ?4)";
            let CatalogueEntry { r#type, first_import, last_import } = entry;
            database.execute(sql, params![name, r#type, first_import, last_import])?;
        } else {
            database.execute("DELETE FROM attributes WHERE name = ?1", [name])?;
        }
    }
    if before.values().any(Option::is_none) {
        recreate_profiles(database)?;
    }
    Ok(())
}
