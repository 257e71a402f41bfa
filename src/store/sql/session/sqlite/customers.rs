//! Reads single customers and attributes.

use super::sqlite_session::SqliteSession;
use crate::store::sql::customers::{CustomerId, load};
use crate::store::sql::segment_sql::json_path;
use crate::store::{Slot, StoreError, StoredCustomer};

impl SqliteSession {
    pub(super) fn existing(&self, customer: CustomerId) -> Result<StoredCustomer, StoreError> {
        load(&self.database, customer)?
            .ok_or_else(|| self.database.damaged("a customer is missing"))
    }

    pub(super) fn each_value_of(
        &self,
        attribute: &str,
        each: &mut dyn FnMut(Slot, &str),
    ) -> Result<(), StoreError> {
        let sql = "SELECT id, attributes -> ?1 FROM customers
                   WHERE json_type(attributes, ?1) IS NOT NULL";
        self.database.for_each(sql, [json_path(attribute)], |row| {
            each(Slot(row.get(0)?), row.text(1)?);
            Ok(())
        })
    }
}
