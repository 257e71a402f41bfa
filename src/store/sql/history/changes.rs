//! The changes of an import, customer by customer.
//!
//! A before-image holds the values that differed before an import. The values after the import are
//! not stored: they are what remains after the before-images of later imports are reverted from the
//! current values.

use crate::store::sql::Reader;
use crate::store::sql::customers::{
    BeforeImage, ChangeKind, CustomerId, CustomerImages, before_images, load,
};
use crate::store::sql::database::Database;
use crate::store::{StoreError, StoredCustomer, UndoLog};
use std::ops::RangeInclusive;

/// How an import changed one customer. At least one of the two states is there.
#[derive(Debug, Clone)]
pub struct CustomerChange {
    /// How it changed the customer.
    pub kind: ChangeKind,
    /// The customer before the import; `None` if the import inserted it.
    pub before: Option<StoredCustomer>,
    /// The customer after the import; `None` if the import deleted it.
    pub after: Option<StoredCustomer>,
}

impl CustomerChange {
    /// The customer's identifier.
    pub fn uid(&self) -> &str {
        self.after.as_ref().or(self.before.as_ref()).map_or("", |stored| stored.uid.as_str())
    }
}

impl Reader {
    /// Calls `each` with every customer that an import updated, archived or deleted, and then with
    /// those that it inserted. With a `uid`, only with that customer.
    ///
    /// Fails with [`StoreError::NoUndoLog`] if the changes are no longer known, and with
    /// [`StoreError::NotInHistory`] if there is no such import.
    pub fn changes<E: From<StoreError>>(
        &self,
        import: i64,
        uid: Option<&str>,
        mut each: impl FnMut(&CustomerChange) -> Result<(), E>,
    ) -> Result<(), E> {
        let entry = self.history_entry(import)?;
        if entry.undo_log != Some(UndoLog::Complete) {
            return Err(self.no_undo_log(import, entry.undo_log).into());
        }
        if let Some(uid) = uid {
            for customer in deleted_or_stored(&self.database, uid)? {
                if let Some(change) = self.change_of(import, customer)? {
                    each(&change)?;
                }
            }
            return Ok(());
        }
        let mut later = CustomerImages::after(&self.database, import);
        before_images::each_of_import(&self.database, import, |customer, image| {
            each(&self.change(customer, image, &mut later)?)
        })?;
        // No customer is in both halves: a deleted customer that is imported again has a new id.
        let sql = format!(
            "SELECT id FROM customers WHERE id BETWEEN ?1 AND ?2
             UNION ALL
             SELECT customer_id FROM {} WHERE customer_id BETWEEN ?1 AND ?2
             ORDER BY 1",
            deleted_customers(&self.database)
        );
        let inserted = self.inserted_by(import)?;
        self.database.try_for_each(&sql, [inserted.start(), inserted.end()], |row| {
            self.insertion(row.get(0)?, &mut later)?.map_or(Ok(()), |change| each(&change))
        })
    }

    pub(crate) fn no_undo_log(&self, id: i64, undo_log: Option<UndoLog>) -> StoreError {
        StoreError::NoUndoLog { path: self.path().to_owned(), id, undo_log }
    }

    /// The customer before an import, from its before-image and the customer after the import.
    pub(crate) fn before(
        &self,
        image: &BeforeImage,
        after: Option<&StoredCustomer>,
    ) -> Result<StoredCustomer, StoreError> {
        let before = image.customer_before(after);
        before.ok_or_else(|| self.database.damaged("a before-image has no customer"))
    }

    /// The ids of the customers that an import has inserted.
    pub(crate) fn inserted_by(&self, import: i64) -> Result<RangeInclusive<u32>, StoreError> {
        let sql = "SELECT coalesce((SELECT max(last_customer) FROM imports WHERE id < ?1), 0) + 1,
                          coalesce((SELECT last_customer FROM imports WHERE id = ?1), 0)";
        self.database.row(sql, [import], |row| Ok(row.get(0)?..=row.get(1)?))
    }

    fn change_of(
        &self,
        import: i64,
        customer: CustomerId,
    ) -> Result<Option<CustomerChange>, StoreError> {
        let mut later = CustomerImages::after(&self.database, import);
        match before_images::of_import(&self.database, import, customer)? {
            Some(image) => self.change(customer, image, &mut later).map(Some),
            None if self.inserted_by(import)?.contains(&customer.0) => {
                self.insertion(customer, &mut later)
            }
            None => Ok(None),
        }
    }

    fn change(
        &self,
        customer: CustomerId,
        image: BeforeImage,
        later: &mut CustomerImages<'_>,
    ) -> Result<CustomerChange, StoreError> {
        let after = self.after(customer, later)?;
        let (kind, before) = (image.kind, Some(self.before(&image, after.as_ref())?));
        // The before-image may be long, and is not needed while the customer is written out.
        drop(image);
        Ok(CustomerChange { kind, before, after })
    }

    fn insertion(
        &self,
        customer: CustomerId,
        later: &mut CustomerImages<'_>,
    ) -> Result<Option<CustomerChange>, StoreError> {
        let after = self.after(customer, later)?;
        let kind = ChangeKind::Insert;
        Ok(after.map(|after| CustomerChange { kind, before: None, after: Some(after) }))
    }

    /// A customer before the later imports; `None` if it did not exist then.
    fn after(
        &self,
        customer: CustomerId,
        later: &mut CustomerImages<'_>,
    ) -> Result<Option<StoredCustomer>, StoreError> {
        let mut stored = load(&self.database, customer)?;
        later.try_for_each(customer, |_, image| {
            stored = Some(self.before(&image, stored.as_ref())?);
            Ok::<(), StoreError>(())
        })?;
        Ok(stored)
    }
}

/// The customers that imports have deleted, as an SQL table of `uid`, `customer_id` and `import_id`.
pub(crate) fn deleted_customers(database: &Database) -> &'static str {
    if database.is_postgres() {
        "(SELECT uid, customer_id, import_id FROM changes WHERE kind = 'delete') AS deleted"
    } else {
        "(SELECT json_extract(value, '$.columns.uid') AS uid, CAST(key AS INTEGER) AS customer_id,
                 import_id
          FROM before_images, json_each(images) WHERE kind = 'delete') AS deleted"
    }
}

/// The customers that have this uid, or had it when they were deleted.
fn deleted_or_stored(database: &Database, uid: &str) -> Result<Vec<CustomerId>, StoreError> {
    let sql = format!(
        "SELECT customer_id FROM {} WHERE uid = ?1 ORDER BY customer_id",
        deleted_customers(database)
    );
    let mut customers: Vec<CustomerId> = database.rows(&sql, [uid], |row| row.get(0))?;
    let sql = "SELECT id FROM customers WHERE uid = ?1";
    customers.extend(database.optional_row(sql, [uid], |row| row.get::<CustomerId>(0))?);
    Ok(customers)
}
