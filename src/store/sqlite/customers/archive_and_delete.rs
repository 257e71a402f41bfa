//! Customers whom a snapshot no longer names: archived, or deleted.

use super::rows::{CustomerId, Stored, insert_devices};
use crate::customer::{Customer, Diff};
use crate::store::StoreError;
use crate::store::sqlite::ImportTransaction;
use crate::store::sqlite::history::ChangeKind;
use rusqlite::{Connection, params};

/// All that there was of a customer who was deleted.
#[derive(Debug, Clone)]
pub(crate) struct Departed {
    pub(crate) stored: Stored,
    pub(crate) first_imported_at: String,
    pub(crate) inserted_by: i64,
}

impl Departed {
    fn nobody() -> Customer {
        Customer { attributes: "{}".to_owned(), ..Customer::default() }
    }

    /// The before-image of a deletion.
    fn image(&self) -> serde_json::Result<Diff> {
        let mut before = self.stored.customer.diff(&Self::nobody())?;
        for (name, value) in [
            ("uid", self.stored.uid.clone()),
            ("first_imported_at", self.first_imported_at.clone()),
            ("last_changed_at", self.stored.last_changed_at.clone()),
            ("inserted_by", self.inserted_by.to_string()),
        ] {
            before.columns.insert(name.to_owned(), Some(value));
        }
        Ok(before)
    }

    /// Whom a before-image is of; `None` where it is not that of a deletion.
    pub(crate) fn from_image(before: &Diff) -> Option<Self> {
        let column = |name: &str| before.columns.get(name).cloned().flatten();
        let nobody = Stored {
            uid: column("uid")?,
            customer: Self::nobody(),
            last_changed_at: column("last_changed_at")?,
        };
        Some(Self {
            stored: nobody.reverted(before).ok()?,
            first_imported_at: column("first_imported_at")?,
            inserted_by: column("inserted_by")?.parse().ok()?,
        })
    }

    /// Stores the customer again, as they were.
    pub(crate) fn restore(
        &self,
        connection: &Connection,
        customer: CustomerId,
    ) -> rusqlite::Result<()> {
        let Stored { uid, customer: values, last_changed_at } = &self.stored;
        let sql =
            "INSERT INTO customers (id, uid, first_name, last_name, number, email, attributes,
                   first_imported_at, last_changed_at, archived_at, inserted_by)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
        connection.prepare_cached(sql)?.execute(params![
            customer.0,
            uid,
            values.first_name,
            values.last_name,
            values.number,
            values.email,
            values.attributes,
            self.first_imported_at,
            last_changed_at,
            values.archived_at,
            self.inserted_by,
        ])?;
        insert_devices(connection, customer, &values.devices)
    }
}

impl ImportTransaction {
    /// Marks a customer as archived. No fingerprint of theirs holds any longer, so that a record
    /// that names them brings them back.
    pub fn archive(&mut self, customer: CustomerId, now: &str) -> Result<(), StoreError> {
        let stored = self.stored(customer)?;
        let mut before = Diff::default();
        before.columns.insert("archived_at".to_owned(), None);
        before.columns.insert("last_changed_at".to_owned(), Some(stored.last_changed_at));
        self.keep_before(customer, ChangeKind::Archive, before)?;
        self.drop_all_fingerprints(customer)?;
        let sql = "UPDATE customers SET archived_at = ?2, last_changed_at = ?2 WHERE id = ?1";
        self.write(sql, params![customer.0, now])
    }

    /// Deletes a customer. The before-image holds all that there was of them.
    pub fn delete(&mut self, customer: CustomerId) -> Result<(), StoreError> {
        let stored = self.stored(customer)?;
        let sql = "SELECT first_imported_at, inserted_by FROM customers WHERE id = ?1";
        let (first_imported_at, inserted_by) = self
            .connection
            .prepare_cached(sql)
            .and_then(|mut sql| sql.query_row([customer.0], |row| Ok((row.get(0)?, row.get(1)?))))
            .map_err(|error| self.sqlite(error))?;
        let before = Departed { stored, first_imported_at, inserted_by }
            .image()
            .map_err(|_| self.damaged("attributes that are not JSON"))?;
        self.keep_before(customer, ChangeKind::Delete, before)?;
        self.drop_all_fingerprints(customer)?;
        self.write("DELETE FROM devices WHERE customer_id = ?1", [customer.0])?;
        self.write("DELETE FROM customers WHERE id = ?1", [customer.0])
    }

    fn stored(&self, customer: CustomerId) -> Result<Stored, StoreError> {
        self.load_stored(customer)?.ok_or_else(|| self.damaged("a customer is gone"))
    }

    fn drop_all_fingerprints(&mut self, customer: CustomerId) -> Result<(), StoreError> {
        self.drop_fingerprint(customer)?;
        self.drop_other_fingerprints(customer)
    }
}
