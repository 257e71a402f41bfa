//! The catalogue: the type of every custom attribute that has had a value in an import.

use crate::store::sql::database::Database;
use crate::store::sql::schema;
use crate::store::{Attribute, StoreError};
use crate::value::typed::ValueType;
use rusqlite::params;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An attribute's row in the catalogue. It is also stored as JSON, for undo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CatalogueEntry {
    /// The type of its values.
    pub(crate) r#type: String,
    /// The first import with a value of it.
    pub(crate) first_import: i64,
    /// The last import whose files had its column.
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

/// Recreates the view of customers, with a column for each attribute of the catalogue.
pub(crate) fn recreate_profiles(database: &Database) -> Result<(), StoreError> {
    let sql = "SELECT name, type FROM attributes ORDER BY name";
    let attributes: Vec<(String, String)> =
        database.rows(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    schema::create_profiles(database, &attributes)
}

/// Adds attributes of an import, or updates them; `before` gets their earlier entries.
pub(crate) fn record(
    database: &Database,
    import: i64,
    seen: &[Attribute],
    before: &mut CatalogueBefore,
) -> Result<(), StoreError> {
    let mut known = entries(database)?;
    let mut is_profile_outdated = known.is_empty();
    for attribute in seen {
        let kind = attribute.kind.as_str();
        let entry = known.remove(&attribute.name);
        // In PostgreSQL the columns of the view have types, so a new type needs a new view.
        is_profile_outdated |=
            entry.as_ref().is_none_or(|entry| database.is_postgres() && entry.r#type != kind);
        before.insert(attribute.name.clone(), entry);
        let sql = "INSERT INTO attributes (name, type, first_import, last_import)
                   VALUES (?1, ?2, ?3, ?3)
                   ON CONFLICT (name) DO UPDATE SET type = ?2, last_import = ?3";
        database.execute(sql, params![attribute.name, kind, import])?;
    }
    if is_profile_outdated { recreate_profiles(database) } else { Ok(()) }
}

/// Undoes what an import has changed in the catalogue.
pub(crate) fn revert(database: &Database, before: &CatalogueBefore) -> Result<(), StoreError> {
    for (name, entry) in before {
        if let Some(entry) = entry {
            let sql = "INSERT INTO attributes (name, type, first_import, last_import)
                       VALUES (?1, ?2, ?3, ?4) ON CONFLICT (name) DO UPDATE SET
                       type = ?2, first_import = ?3, last_import = ?4";
            let CatalogueEntry { r#type, first_import, last_import } = entry;
            database.execute(sql, params![name, r#type, first_import, last_import])?;
        } else {
            database.execute("DELETE FROM attributes WHERE name = ?1", [name])?;
        }
    }
    if database.is_postgres() || before.values().any(Option::is_none) {
        recreate_profiles(database)?;
    }
    Ok(())
}
