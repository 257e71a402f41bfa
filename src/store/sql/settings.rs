//! Reads the settings of a store.

use super::catalogue::catalogue;
use super::catalogue::remembered::remembered_columns;
use super::database::Database;
use super::reader::{Reader, open_for_reading};
use crate::store::{StoreError, StoreLocation, StoreSettings};
use crate::value::Key;
use crate::value::region::Region;
use crate::value::typed::ValueType;
use std::collections::{BTreeMap, BTreeSet};

/// Reads the settings of a store; `None` if the store does not exist, or nothing was ever imported
/// into it.
pub fn store_settings(store: &StoreLocation) -> Result<Option<StoreSettings>, StoreError> {
    let reader = match open_for_reading(store) {
        Ok(reader) => reader,
        Err(StoreError::Missing(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    read(&reader.database).map(Some)
}

/// The settings of an open store.
pub(crate) fn read(database: &Database) -> Result<StoreSettings, StoreError> {
    Ok(StoreSettings {
        key: key(database)?,
        catalogue: catalogue(database)?,
        remembered: remembered_columns(database)?,
    })
}

impl Reader {
    /// The key that identifies the store's customers, once an import has set it.
    pub fn key(&self) -> Result<Option<Key>, StoreError> {
        key(&self.database)
    }

    /// The regions in which imports read numbers without a country code.
    pub fn phone_regions(&self) -> Result<Vec<Region>, StoreError> {
        let remembered = remembered_columns(&self.database)?;
        let phones = remembered.iter().filter_map(|(_, column)| column.phones.as_deref());
        let codes: BTreeSet<&str> = phones.collect();
        Ok(codes.into_iter().filter_map(|code| code.parse().ok()).collect())
    }

    /// The catalogue: the type of each custom attribute that had a value in any import.
    pub fn catalogue(&self) -> Result<BTreeMap<String, ValueType>, StoreError> {
        catalogue(&self.database)
    }
}

pub(crate) fn key(database: &Database) -> Result<Option<Key>, StoreError> {
    database.optional_row("SELECT value FROM settings WHERE name = 'key'", [], |row| {
        row.text(0)?.parse().map_err(|_| row.damaged("its key is unknown"))
    })
}
