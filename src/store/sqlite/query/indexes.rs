//! Indexes on attributes, created and dropped by the user.

use crate::segment::Field;
use crate::store::StoreError;
use crate::store::sqlite::segment_sql::{compared_column, extract};
use crate::store::sqlite::{Reader, Writer};
use std::collections::BTreeSet;

/// The beginning of the name of such an index; the attribute's name follows.
const PREFIX: &str = "attribute ";

/// The name of an attribute's index, as an SQL identifier.
fn identifier(name: &str) -> String {
    format!("\"{PREFIX}{}\"", name.replace('"', "\"\""))
}

/// The attribute of an index by its name, if it is an index of this program.
pub(crate) fn indexed_attribute(index: &str) -> Option<&str> {
    index.strip_prefix(PREFIX)
}

impl Reader {
    /// The attributes that have an index, by name.
    pub fn indexed(&self) -> Result<BTreeSet<String>, StoreError> {
        // An index on emails by an earlier version has another expression, which serves nothing.
        let sql = "SELECT substr(name, 1 + length(?1)) FROM sqlite_schema
                   WHERE type = 'index' AND substr(name, 1, length(?1)) = ?1
                     AND (name <> ?1 || 'email' OR instr(sql, 'lower(email)') > 0)";
        self.database.rows(sql, [PREFIX], |row| row.get(0))
    }
}

impl Writer {
    /// Creates an index on a field; `false` if there is one already. An index can be on a custom
    /// attribute, or on a standard one that is a column of the customers.
    pub fn create_index(&self, field: &Field) -> Result<bool, StoreError> {
        let name = field.name();
        if self.reader().indexed()?.contains(name) {
            return Ok(false);
        }
        let expression = match field {
            Field::Custom(name, _) => extract(name),
            Field::Standard(standard) => compared_column(*standard).to_owned(),
            _ => name.to_owned(),
        };
        let index = identifier(name);
        self.database().batch(&format!(
            "DROP INDEX IF EXISTS {index}; CREATE INDEX {index} ON customers ({expression})"
        ))?;
        Ok(true)
    }

    /// Drops the index of an attribute; `false` if there is none.
    pub fn drop_index(&self, name: &str) -> Result<bool, StoreError> {
        if !self.reader().indexed()?.contains(name) {
            return Ok(false);
        }
        self.database().batch(&format!("DROP INDEX {}", identifier(name)))?;
        Ok(true)
    }
}
