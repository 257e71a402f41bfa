//! Indexes on attributes, made and dropped by hand.

use crate::segment::Field;
use crate::store::StoreError;
use crate::store::sqlite::Reader;
use crate::store::sqlite::Writer;
use crate::store::sqlite::segment_sql::extract;
use rusqlite::Connection;
use std::collections::BTreeSet;

/// What the name of such an index begins with; the attribute's name follows.
const PREFIX: &str = "attribute ";

/// The attributes that have an index.
pub(crate) fn indexed(connection: &Connection) -> rusqlite::Result<BTreeSet<String>> {
    let sql = "SELECT substr(name, 1 + length(?1)) FROM sqlite_schema
               WHERE type = 'index' AND substr(name, 1, length(?1)) = ?1";
    connection.prepare(sql)?.query_map([PREFIX], |row| row.get(0))?.collect()
}

/// The name of an attribute's index, as an SQL identifier.
fn identifier(name: &str) -> String {
    format!("\"{PREFIX}{}\"", name.replace('"', "\"\""))
}

impl Reader {
    /// The attributes that an index was made for, by name.
    pub fn indexed(&self) -> Result<BTreeSet<String>, StoreError> {
        indexed(&self.connection).map_err(|error| self.sqlite(error))
    }
}

impl Writer {
    /// Makes an index on a field, unless there is one. Says whether it did. An index can be made of
    /// a custom attribute and of the standard ones that are columns of the customer.
    pub fn create_index(&self, field: &Field) -> Result<bool, StoreError> {
        let name = field.name();
        let create = || -> rusqlite::Result<bool> {
            if indexed(&self.reader().connection)?.contains(name) {
                return Ok(false);
            }
            let expression = match field {
                Field::Custom(name, _) => extract(name),
                _ => name.to_owned(),
            };
            let index = identifier(name);
            self.reader()
                .connection
                .execute_batch(&format!("CREATE INDEX {index} ON customers ({expression})"))?;
            Ok(true)
        };
        create().map_err(|error| self.reader().sqlite(error))
    }

    /// Drops the index of an attribute. Says whether there was one.
    pub fn drop_index(&self, name: &str) -> Result<bool, StoreError> {
        let drop = || -> rusqlite::Result<bool> {
            if !indexed(&self.reader().connection)?.contains(name) {
                return Ok(false);
            }
            self.reader().connection.execute_batch(&format!("DROP INDEX {}", identifier(name)))?;
            Ok(true)
        };
        drop().map_err(|error| self.reader().sqlite(error))
    }
}
