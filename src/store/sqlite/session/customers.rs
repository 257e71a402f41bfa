//! The customers of an import: found, loaded, inserted and changed.

use super::transaction::{ImportTransaction, too_many};
use crate::customer::{Customer, Diff, Patch};
use crate::store::StoreError;
use crate::store::sqlite::customers::{
    ChangeKind, CustomerId, DeletedCustomer, StoredCustomer, load, load_without_devices, save,
};
use crate::store::sqlite::segment_sql::json_path;
use crate::value::{Device, Key};
use rusqlite::params;
use std::ops::Range;

/// The stored customers with a value of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyMatch {
    /// No customer.
    None,
    /// One customer.
    One(CustomerId),
    /// More than one: the value does not identify a customer.
    Several,
}

impl ImportTransaction {
    /// Calls `each` with the key's value of every customer that has one.
    pub fn keys(&self, key: Key, mut each: impl FnMut(CustomerId, &str)) -> Result<(), StoreError> {
        if self.customers() == 0 {
            return Ok(());
        }
        let sql = match key {
            Key::Uid => "SELECT id, uid FROM customers INDEXED BY customers_uid",
            Key::Email => "SELECT id, email FROM customers WHERE email IS NOT NULL",
            Key::Number => "SELECT id, number FROM customers WHERE number IS NOT NULL",
        };
        self.database.for_each(sql, [], |row| {
            each(row.get(0)?, row.text(1)?);
            Ok(())
        })
    }

    /// Calls `each` with the uids of the customers in ranges of numbers, which may have gaps.
    pub fn uids_of(
        &self,
        ranges: &[Range<u32>],
        mut each: impl FnMut(CustomerId, &str),
    ) -> Result<(), StoreError> {
        let sql = "SELECT id, uid FROM customers WHERE id >= ?1 AND id < ?2";
        for range in ranges {
            self.database.for_each(sql, [range.start, range.end], |row| {
                each(row.get(0)?, row.text(1)?);
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Calls `each` with every value of a custom attribute, as JSON.
    pub fn values_of(
        &self,
        attribute: &str,
        mut each: impl FnMut(CustomerId, &str),
    ) -> Result<(), StoreError> {
        let sql = "SELECT id, attributes -> ?1 FROM customers
                   WHERE json_type(attributes, ?1) IS NOT NULL";
        self.database.for_each(sql, [json_path(attribute)], |row| {
            each(row.get(0)?, row.text(1)?);
            Ok(())
        })
    }

    /// Looks a customer up by the value of a key; emails are compared in lower case.
    pub fn find(&mut self, key: Key, value: &str) -> Result<KeyMatch, StoreError> {
        self.write_new_customers()?;
        self.find_stored(key, value)
    }

    /// The same without the new customers that are still buffered.
    pub fn find_stored(&self, key: Key, value: &str) -> Result<KeyMatch, StoreError> {
        let sql = match key {
            Key::Uid => "SELECT id, uid FROM customers WHERE uid = ?1",
            // SQLite's own `lower` is ASCII, so emails are compared here.
            Key::Email => {
                "SELECT id, email FROM customers WHERE email IS NOT NULL AND ?1 IS NOT NULL"
            }
            Key::Number => "SELECT id, number FROM customers WHERE number = ?1",
        };
        let mut first = None;
        let second = self.database.find_row(sql, [value], |row| {
            if key.compared(row.text(1)?) != value {
                return Ok(None);
            }
            let customer = row.get(0)?;
            Ok(first.replace(customer).map(|_| customer))
        })?;
        Ok(match (first, second) {
            (_, Some(_)) => KeyMatch::Several,
            (Some(customer), None) => KeyMatch::One(customer),
            (None, None) => KeyMatch::None,
        })
    }

    /// A customer as it is now, after the earlier records of this import. In a dry run, a customer that
    /// the import would insert has what was kept of earlier records.
    pub fn load(&mut self, customer: CustomerId) -> Result<Option<StoredCustomer>, StoreError> {
        if self.new_customers.contains(customer) {
            self.write_new_customers()?;
        }
        if let Some(dry_run) = &self.dry_run
            && let Some(stored) = dry_run.get(customer).map_err(StoreError::DryRunFile)?
        {
            return Ok(Some(stored));
        }
        self.load_stored(customer)
    }

    /// A customer as it was before this import; `current` is what [`Self::load`] gives.
    pub fn original(
        &mut self,
        customer: CustomerId,
        current: &StoredCustomer,
    ) -> Result<StoredCustomer, StoreError> {
        if self.is_dry_run() {
            return self.existing(customer);
        }
        match self.before_image(customer)? {
            Some(before) => current
                .reverted(&before)
                .map_err(|_| self.database.damaged("attributes that are not JSON")),
            None => Ok(current.clone()),
        }
    }

    /// Whether the store has a customer as archived.
    pub fn is_archived(&self, customer: CustomerId) -> Result<bool, StoreError> {
        let sql = "SELECT archived_at IS NOT NULL FROM customers WHERE id = ?1";
        self.database.value(sql, [customer])
    }

    /// A customer as the store has it.
    pub fn load_stored(&self, customer: CustomerId) -> Result<Option<StoredCustomer>, StoreError> {
        load(&self.database, customer)
    }

    /// A customer as it is now, without its devices. Only for a customer that no earlier record of this
    /// import has named.
    pub fn load_without_devices(
        &mut self,
        customer: CustomerId,
    ) -> Result<Option<StoredCustomer>, StoreError> {
        if self.is_dry_run() {
            // An update keeps a copy of the customer, which must be complete.
            return self.load(customer);
        }
        load_without_devices(&self.database, customer)
    }

    /// Inserts a customer.
    pub fn insert(
        &mut self,
        uid: &str,
        patch: &Patch<'_>,
        now: &str,
    ) -> Result<CustomerId, StoreError> {
        let customer = CustomerId(self.next_customer);
        let next = self.next_customer.checked_add(1);
        self.next_customer = next.ok_or_else(|| too_many(&self.database))?;
        if self.is_dry_run() {
            self.insert_in_dry_run(customer, uid, patch)?;
            return Ok(customer);
        }
        self.database.bound_cache(patch.attributes.len())?;
        self.database.with(|connection| {
            self.new_customers.insert(connection, self.import_id, customer, uid, patch, now)
        })?;
        Ok(customer)
    }

    /// Keeps a new customer, which later records are compared with.
    fn insert_in_dry_run(
        &mut self,
        customer: CustomerId,
        uid: &str,
        patch: &Patch<'_>,
    ) -> Result<(), StoreError> {
        let stored = StoredCustomer {
            uid: uid.to_owned(),
            customer: Customer::from_patch(patch),
            last_changed_at: String::new(),
        };
        self.save_in_dry_run(customer, &stored)
    }

    fn save_in_dry_run(
        &mut self,
        customer: CustomerId,
        stored: &StoredCustomer,
    ) -> Result<(), StoreError> {
        let Some(dry_run) = &mut self.dry_run else { return Ok(()) };
        dry_run.save(customer, stored).map_err(StoreError::DryRunFile)
    }

    /// Writes the new customers that are still buffered.
    pub(super) fn write_new_customers(&mut self) -> Result<(), StoreError> {
        self.database.with(|connection| self.new_customers.write(connection, self.import_id))
    }

    /// Saves a changed customer; `devices` are those that the store has of it.
    pub fn save(
        &mut self,
        customer: CustomerId,
        devices: &[Device],
        after: &StoredCustomer,
    ) -> Result<(), StoreError> {
        if self.is_dry_run() {
            return self.save_in_dry_run(customer, after);
        }
        save(&self.database, customer, devices, after)
    }

    /// Archives a customer. Its fingerprints are dropped, so that a record that names it brings it
    /// back.
    pub fn archive(&mut self, customer: CustomerId, now: &str) -> Result<(), StoreError> {
        let stored = self.existing(customer)?;
        let mut before = Diff::default();
        before.columns.insert("archived_at".to_owned(), None);
        before.columns.insert("last_changed_at".to_owned(), Some(stored.last_changed_at));
        self.record_before_image(customer, ChangeKind::Archive, before)?;
        self.drop_all_fingerprints(customer)?;
        let sql = "UPDATE customers SET archived_at = ?2, last_changed_at = ?2 WHERE id = ?1";
        self.write(sql, params![customer, now])
    }

    /// Deletes a customer. Its before-image holds everything about it.
    pub fn delete(&mut self, customer: CustomerId) -> Result<(), StoreError> {
        let stored = self.existing(customer)?;
        let sql = "SELECT first_imported_at, inserted_by FROM customers WHERE id = ?1";
        let deleted = self.database.row(sql, [customer], |row| {
            let (first_imported_at, inserted_by) = (row.get(0)?, row.get(1)?);
            Ok(DeletedCustomer { stored: stored.clone(), first_imported_at, inserted_by })
        })?;
        let before = deleted.to_diff();
        let before = before.map_err(|_| self.database.damaged("attributes that are not JSON"))?;
        self.record_before_image(customer, ChangeKind::Delete, before)?;
        self.drop_all_fingerprints(customer)?;
        self.write("DELETE FROM devices WHERE customer_id = ?1", [customer])?;
        self.write("DELETE FROM customers WHERE id = ?1", [customer])
    }

    fn existing(&self, customer: CustomerId) -> Result<StoredCustomer, StoreError> {
        let stored = self.load_stored(customer)?;
        stored.ok_or_else(|| self.database.damaged("a customer is gone"))
    }

    fn drop_all_fingerprints(&mut self, customer: CustomerId) -> Result<(), StoreError> {
        self.drop_fingerprint(customer)?;
        self.drop_other_fingerprints(customer)
    }
}
