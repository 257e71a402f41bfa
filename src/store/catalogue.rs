//! The catalogue: every custom attribute that a customer ever had.

use super::error::StoreError;
use super::open::translated;
use super::reading::Reader;
use crate::attribute::ValueType;
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::path::Path;

/// The attributes of a store and their types.
pub(super) fn catalogue(
    connection: &Connection,
    path: &Path,
) -> Result<BTreeMap<String, ValueType>, StoreError> {
    let read = || -> rusqlite::Result<Vec<(String, String)>> {
        connection
            .prepare("SELECT name, type FROM attributes")?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect()
    };
    let rows = read().map_err(|error| translated(path, error))?;
    rows.into_iter()
        .map(|(name, kind)| {
            let kind = ValueType::from_name(&kind).ok_or_else(|| StoreError::Damaged {
                path: path.to_owned(),
                what: "an attribute has a type that is not known".to_owned(),
            })?;
            Ok((name, kind))
        })
        .collect()
}

impl Reader {
    /// The catalogue: every custom attribute that a customer ever had, and its type.
    pub fn catalogue(&self) -> Result<BTreeMap<String, ValueType>, StoreError> {
        catalogue(&self.connection, &self.path)
    }
}
