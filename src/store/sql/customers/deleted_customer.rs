//! Everything about a deleted customer, which its before-image keeps.

use super::stored_customer::{CustomerId, insert_devices};
use crate::customer::{Customer, Diff};
use crate::store::sql::database::Database;
use crate::store::{StoreError, StoredCustomer};
use rusqlite::params;

/// A customer that was deleted.
#[derive(Debug, Clone)]
pub(crate) struct DeletedCustomer {
    pub(crate) stored: StoredCustomer,
    /// When it was first imported: UTC, RFC 3339.
    pub(crate) first_imported_at: String,
    /// The number of the import that inserted it.
    pub(crate) inserted_by: i64,
}

impl DeletedCustomer {
    fn empty() -> Customer {
        Customer { attributes: "{}".to_owned(), ..Customer::default() }
    }

    /// The before-image of the deletion.
    pub(crate) fn to_diff(&self) -> serde_json::Result<Diff> {
        let mut before = self.stored.customer.diff(&Self::empty())?;
        for (name, value) in [
            ("uid", self.stored.uid.clone()),
            ("first_imported_at", self.first_imported_at.clone()),
            ("last_changed_at", self.stored.last_changed_at.clone()),
            ("inserted_by", self.inserted_by.to_string()),
        ] {
            before.columns.insert(name, Some(value));
        }
        Ok(before)
    }

    /// The customer of a before-image; `None` if it is not that of a deletion.
    pub(crate) fn from_diff(before: &Diff) -> Option<Self> {
        let column = |name: &str| before.columns.get(name).cloned().flatten();
        let empty = StoredCustomer {
            uid: column("uid")?,
            customer: Self::empty(),
            last_changed_at: column("last_changed_at")?,
        };
        Some(Self {
            stored: empty.reverted(before).ok()?,
            first_imported_at: column("first_imported_at")?,
            inserted_by: column("inserted_by")?.parse().ok()?,
        })
    }

    /// Inserts the customer again, as it was.
    pub(crate) fn restore(
        &self,
        database: &Database,
        customer: CustomerId,
    ) -> Result<(), StoreError> {
        let StoredCustomer { uid, customer: values, last_changed_at } = &self.stored;
        let sql =
            "INSERT INTO customers (id, uid, first_name, last_name, number, email, attributes,
                   first_imported_at, last_changed_at, archived_at, inserted_by)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
        database.execute(
            sql,
            params![
                customer,
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
            ],
        )?;
        insert_devices(database, customer, &values.devices)
    }
}
