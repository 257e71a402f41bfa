//! Stored values of an attribute that are to become values of another type.

use crate::store::StoreError;
use crate::store::sqlite::ImportTransaction;
use crate::store::sqlite::customers::fingerprints;
use crate::store::sqlite::customers::{CustomerId, id};
use crate::store::sqlite::segment_sql::json_path;

impl ImportTransaction {
    /// Hands over every value of a custom attribute, as JSON.
    pub fn values_of(
        &self,
        attribute: &str,
        mut each: impl FnMut(CustomerId, &str),
    ) -> Result<(), StoreError> {
        let mut read = || -> rusqlite::Result<()> {
            let sql = "SELECT id, attributes -> ?1 FROM customers
                       WHERE json_type(attributes, ?1) IS NOT NULL";
            let mut statement = self.connection.prepare(sql)?;
            let mut rows = statement.query([json_path(attribute)])?;
            while let Some(row) = rows.next()? {
                each(id(row, 0)?, row.get_ref(1)?.as_str()?);
            }
            Ok(())
        };
        read().map_err(|error| self.sqlite(error))
    }

    /// Voids the proofs that any plan has of customers whom no record changes.
    pub fn void_fingerprints_of(
        &self,
        customers: impl IntoIterator<Item = CustomerId>,
    ) -> Result<(), StoreError> {
        fingerprints::void_all_of(&self.connection, customers.into_iter().collect())
            .map_err(|error| self.sqlite(error))
    }
}
