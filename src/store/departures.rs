//! Customers whom a snapshot no longer names: archived, or deleted.

use super::customers::{CustomerId, Stored};
use super::error::StoreError;
use super::transaction::ImportTransaction;
use crate::attribute::{Customer, Differences};
use rusqlite::params;

impl ImportTransaction {
    /// Marks a customer as archived. No fingerprint of theirs holds any longer, so that a record
    /// that names them brings them back.
    pub fn archive(&self, customer: CustomerId, now: &str) -> Result<(), StoreError> {
        let stored = self.stored(customer)?;
        let mut before = Differences::default();
        before.columns.insert("archived_at".to_owned(), None);
        before.columns.insert("last_changed_at".to_owned(), Some(stored.last_changed_at));
        self.keep_before(customer, "archive", &before)?;
        self.drop_all_fingerprints(customer)?;
        let sql = "UPDATE customers SET archived_at = ?2, last_changed_at = ?2 WHERE id = ?1";
        self.write(sql, params![customer.0, now])
    }

    /// Deletes a customer. The before-image holds all that there was of them.
    pub fn delete(&self, customer: CustomerId) -> Result<(), StoreError> {
        let stored = self.stored(customer)?;
        let nobody = Customer { attributes: "{}".to_owned(), ..Customer::default() };
        let mut before = stored
            .customer
            .differences(&nobody)
            .map_err(|_| self.damaged("attributes that are not JSON"))?;
        let sql = "SELECT first_imported_at, inserted_by FROM customers WHERE id = ?1";
        let (first_imported_at, inserted_by): (String, i64) = self
            .connection
            .prepare_cached(sql)
            .and_then(|mut sql| sql.query_row([customer.0], |row| Ok((row.get(0)?, row.get(1)?))))
            .map_err(|error| self.sqlite(error))?;
        for (name, value) in [
            ("uid", stored.uid),
            ("first_imported_at", first_imported_at),
            ("last_changed_at", stored.last_changed_at),
            ("inserted_by", inserted_by.to_string()),
        ] {
            before.columns.insert(name.to_owned(), Some(value));
        }
        self.keep_before(customer, "delete", &before)?;
        self.drop_all_fingerprints(customer)?;
        self.write("DELETE FROM devices WHERE customer_id = ?1", [customer.0])?;
        self.write("DELETE FROM customers WHERE id = ?1", [customer.0])
    }

    fn stored(&self, customer: CustomerId) -> Result<Stored, StoreError> {
        self.load_stored(customer)?.ok_or_else(|| self.damaged("a customer is gone"))
    }

    fn drop_all_fingerprints(&self, customer: CustomerId) -> Result<(), StoreError> {
        self.drop_fingerprint(customer)?;
        self.drop_other_fingerprints(customer)
    }
}
