//! Indexes on attributes, created and dropped by the user.

use crate::segment::Field;
use crate::store::StoreError;
use crate::store::sql::database::identifier;
use crate::store::sql::segment_sql::{compared_column, extract, postgres};
use crate::store::sql::{Reader, Writer};
use std::collections::BTreeSet;

/// The prefix of the name of such an index; the attribute's name follows.
const PREFIX: &str = "attribute ";

/// The name of an attribute's index, as an SQL identifier.
fn index_identifier(name: &str) -> String {
    identifier(&format!("{PREFIX}{name}"))
}

/// The attribute of an index by its name, if it is an index of this program.
pub(crate) fn indexed_attribute(index: &str) -> Option<&str> {
    index.strip_prefix(PREFIX)
}

impl Reader {
    /// The attributes that have an index, by name.
    pub fn indexed(&self) -> Result<BTreeSet<String>, StoreError> {
        if self.database.is_postgres() {
            return Ok(self.index_names()?.into_iter().map(|(_, name)| name).collect());
        }
        // Leaves out an index on emails by an earlier version, whose expression no query uses.
        let sql = "SELECT substr(name, 1 + length(?1)) FROM sqlite_schema
                   WHERE type = 'index' AND substr(name, 1, length(?1)) = ?1
                     AND (name <> ?1 || 'email' OR instr(sql, 'lower(email)') > 0)";
        self.database.rows(sql, [PREFIX], |row| row.get(0))
    }

    /// The indexes of a store in PostgreSQL, each with its attribute. The attribute is in the
    /// index's comment, since it may be too long for the index's name.
    pub(super) fn index_names(&self) -> Result<Vec<(String, String)>, StoreError> {
        let sql = "SELECT c.relname, substr(obj_description(c.oid, 'pg_class'), 1 + length(?1))
                   FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid
                   JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace
                   WHERE n.nspname = ?2 AND t.relname = 'customers'
                     AND starts_with(obj_description(c.oid, 'pg_class'), ?1)";
        self.database
            .rows(sql, [PREFIX, &self.database.schema_name()], |row| Ok((row.get(0)?, row.get(1)?)))
    }
}

impl Writer {
    /// Creates an index on a field; `false` if there is one already. An index can be on a custom
    /// attribute, or on a standard attribute that is a column of `customers`.
    pub fn create_index(&self, field: &Field) -> Result<bool, StoreError> {
        let name = field.name();
        if self.reader().indexed()?.contains(name) {
            return Ok(false);
        }
        if self.database().is_postgres() {
            return self.create_postgres_index(field).map(|()| true);
        }
        let expression = match field {
            Field::Custom(name, _) => extract(name),
            Field::Standard(standard) => compared_column(*standard).to_owned(),
            _ => name.to_owned(),
        };
        let index = index_identifier(name);
        self.database().batch(&format!(
            "DROP INDEX IF EXISTS {index}; CREATE INDEX {index} ON customers ({expression})"
        ))?;
        Ok(true)
    }

    /// Drops the index of an attribute; `false` if it has no index.
    pub fn drop_index(&self, name: &str) -> Result<bool, StoreError> {
        if !self.reader().indexed()?.contains(name) {
            return Ok(false);
        }
        if self.database().is_postgres() {
            let names = self.reader().index_names()?.into_iter();
            for (index, _) in names.filter(|(_, of)| of == name) {
                let schema = identifier(&self.database().schema_name());
                self.database().batch(&format!("DROP INDEX {schema}.{}", identifier(&index)))?;
            }
            return Ok(true);
        }
        self.database().batch(&format!("DROP INDEX {}", index_identifier(name)))?;
        Ok(true)
    }

    fn create_postgres_index(&self, field: &Field) -> Result<(), StoreError> {
        let (name, schema) = (field.name(), identifier(&self.database().schema_name()));
        // The digest distinguishes names that are truncated.
        let digest = xxhash_rust::xxh3::xxh3_64(name.as_bytes());
        let readable: String = name.chars().filter(char::is_ascii_alphanumeric).take(32).collect();
        let index = identifier(&format!("attribute_{readable}_{:08x}", digest >> 32));
        let comment = format!("{PREFIX}{name}").replace('\'', "''");
        let expression = postgres::indexed_expression(field);
        // Citus takes one such statement at a time.
        self.database().batch(&format!("CREATE INDEX {index} ON customers (({expression}))"))?;
        self.database().batch(&format!("COMMENT ON INDEX {schema}.{index} IS '{comment}'"))
    }
}
