//! Writes the changes of a batch, in the order of the rows.

use super::bulk_load::not_written;
use super::detached_index::{DetachedIndex, MANY_CUSTOMERS, UidEntries};
use super::new_store::UidIndex;
use super::sqlite_session::{Access, SqliteSession};
use crate::customer::Diff;
use crate::store::sql::customers::{
    BeforeImageBuffer, ChangeKind, CustomerId, DeletedCustomer, before_archiving, before_images,
    insert_customers, save_all,
};
use crate::store::sql::session::insertions::inserted_with;
use crate::store::{
    BeforeImage, ChangeSet, CustomerUpdate, Removal, Slot, StoreError, StoredCustomer,
};
use rusqlite::params;

impl SqliteSession {
    pub(super) fn write_changes(&mut self, changes: &mut ChangeSet) -> Result<(), StoreError> {
        self.inserted = inserted_with(changes, self.inserted, &self.start, &self.database)?;
        if changes.updates.is_empty() && self.add_in_bulk(changes)? {
            changes.clear();
            return Ok(());
        }
        self.end_bulk_load(UidIndex::Later)?;
        self.insert(changes)?;
        if !changes.updates.is_empty() {
            self.enlarge_cache()?;
        }
        changes.updates.sort_unstable_by_key(|update| update.slot);
        save_all(&self.database, &changes.updates)?;
        let is_removed = |update: &&CustomerUpdate| {
            matches!(update.before, BeforeImage::Replace(_) | BeforeImage::Withdraw)
        };
        let removed = changes.updates.iter().filter(is_removed);
        let removed: Vec<_> = removed.map(|update| CustomerId(update.slot.0)).collect();
        before_images::remove(&self.database, self.start.import_id, &removed)?;
        self.write_before_images(changes.updates.drain(..))?;
        self.fingerprint_changes.record(&changes.proofs, &self.plans);
        changes.clear();
        self.fingerprint_changes.make_room(&self.database, &self.plans)
    }

    /// Inserts the new customers of a change set; if there are many, without the index on `uid`.
    fn insert(&mut self, changes: &ChangeSet) -> Result<(), StoreError> {
        let are_many = self.access == Access::Change && self.inserted >= MANY_CUSTOMERS;
        match self.uid_entries {
            UidEntries::Undecided if are_many => {
                let detached = DetachedIndex::detach(&self.database)?;
                self.uid_entries = detached.map_or(UidEntries::AtOnce, UidEntries::Later);
            }
            UidEntries::AtOnce if are_many => self.enlarge_cache()?,
            _ => {}
        }
        insert_customers(&self.database, self.start.import_id, changes)?;
        if let UidEntries::Later(index) = &mut self.uid_entries {
            for new in changes.insertions() {
                index.add(&self.database, new.uid, new.slot.0)?;
            }
        }
        Ok(())
    }

    /// Adds the customers of a change set to a new store in bulk; `false` if that is over.
    fn add_in_bulk(&mut self, changes: &ChangeSet) -> Result<bool, StoreError> {
        let Some(new_store) = &mut self.new_store else { return Ok(false) };
        let (import, plan) = (self.start.import_id, self.plans.own);
        let Some(bulk) = new_store.bulk_load(&self.database, import, plan)? else {
            return Ok(false);
        };
        let left = bulk.add(changes).map_err(|error| not_written(&self.database, error))?;
        self.fingerprint_changes.record(&left, &self.plans);
        if self.fingerprint_changes.is_full() {
            self.end_bulk_load(UidIndex::Later)?;
            self.fingerprint_changes.write(&self.database, &self.plans)?;
        }
        Ok(true)
    }

    /// Attributes may be long, so each customer's current state is dropped before its before-image
    /// is written.
    fn write_before_images(
        &self,
        updates: impl Iterator<Item = CustomerUpdate>,
    ) -> Result<(), StoreError> {
        let import = self.start.import_id;
        let mut images = BeforeImageBuffer::default();
        for CustomerUpdate { slot, before, .. } in updates {
            if let BeforeImage::Record(before) | BeforeImage::Replace(before) = before {
                let customer = CustomerId(slot.0);
                images.add(&self.database, import, customer, ChangeKind::Update, before)?;
            }
        }
        images.write(&self.database, import)
    }

    pub(super) fn remove_customers(
        &mut self,
        slots: &[Slot],
        removal: Removal,
        now: &str,
    ) -> Result<(), StoreError> {
        let import = self.start.import_id;
        let mut images = BeforeImageBuffer::default();
        for slot in slots {
            self.interrupt.check()?;
            let customer = CustomerId(slot.0);
            let stored = self.existing(customer)?;
            match removal {
                Removal::Archive => {
                    let before = before_archiving(stored.last_changed_at);
                    images.add(&self.database, import, customer, ChangeKind::Archive, before)?;
                    self.archive(customer, now)?;
                }
                Removal::Delete => {
                    let before = self.before_deletion(customer, stored)?;
                    images.add(&self.database, import, customer, ChangeKind::Delete, before)?;
                    self.delete(customer)?;
                }
            }
            self.fingerprint_changes.drop_all(customer);
            self.fingerprint_changes.make_room(&self.database, &self.plans)?;
        }
        images.write(&self.database, import)
    }

    fn archive(&self, customer: CustomerId, now: &str) -> Result<(), StoreError> {
        let sql = "UPDATE customers SET archived_at = ?2, last_changed_at = ?2 WHERE id = ?1";
        self.database.execute(sql, params![customer, now]).map(|_| ())
    }

    fn delete(&self, customer: CustomerId) -> Result<(), StoreError> {
        self.database.execute("DELETE FROM devices WHERE customer_id = ?1", [customer])?;
        self.database.execute("DELETE FROM customers WHERE id = ?1", [customer]).map(|_| ())
    }

    /// The before-image of a customer that is deleted: everything about it.
    fn before_deletion(
        &self,
        customer: CustomerId,
        stored: StoredCustomer,
    ) -> Result<Diff, StoreError> {
        let sql = "SELECT first_imported_at, inserted_by FROM customers WHERE id = ?1";
        let (first_imported_at, inserted_by) =
            self.database.row(sql, [customer], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let deleted = DeletedCustomer { stored, first_imported_at, inserted_by };
        deleted.to_diff().map_err(|_| self.database.damaged("attributes that are not JSON"))
    }
}
