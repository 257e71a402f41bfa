//! What a store has settled for every import into it: the key, and the types of known attributes.

use super::catalogue::catalogue;
use super::open::translated;
use super::reader::open_for_reading;
use super::remembered::remembered_columns;
use crate::mapping::RememberedColumns;
use crate::store::StoreError;
use crate::value::Key;
use crate::value::typed::ValueType;
use rusqlite::{Connection, OptionalExtension};
use std::collections::BTreeMap;
use std::path::Path;

/// What a store has settled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Basis {
    /// What identifies its customers, where an import has set it.
    pub key: Option<Key>,
    /// Every custom attribute that an import has seen a value of, with its type.
    pub catalogue: BTreeMap<String, ValueType>,
    /// What it remembers of columns.
    pub remembered: RememberedColumns,
}

/// Reads what a store has settled; `None` where there is no store, or nothing was ever imported into
/// it. Makes nothing.
pub fn basis(path: &Path) -> Result<Option<Basis>, StoreError> {
    let connection = match open_for_reading(path) {
        Ok(reader) => reader.connection,
        Err(StoreError::Missing(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    let basis = Basis {
        key: key(&connection, path)?,
        catalogue: catalogue(&connection, path)?,
        remembered: remembered_columns(&connection, path)?,
    };
    Ok(Some(basis))
}

/// What identifies the store's customers.
pub(crate) fn key(connection: &Connection, path: &Path) -> Result<Option<Key>, StoreError> {
    let sql = "SELECT value FROM settings WHERE name = 'key'";
    let key: Option<String> = connection
        .query_row(sql, [], |row| row.get(0))
        .optional()
        .map_err(|error| translated(path, error))?;
    key.map(|key| key.parse().map_err(|_| damaged(path, "it has no key that is known"))).transpose()
}

fn damaged(path: &Path, what: &str) -> StoreError {
    StoreError::Damaged { path: path.to_owned(), what: what.to_owned() }
}
