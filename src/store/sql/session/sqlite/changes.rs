//! Writes what a batch has changed, in the order of the rows.

use super::sqlite_session::{SqliteSession, too_many};
use crate::customer::Diff;
use crate::store::sql::customers::{
    BeforeImageBuffer, ChangeKind, CustomerId, DeletedCustomer, Fingerprint, insert_customers,
    save_all,
};
use crate::store::{
    BeforeImage, ChangeSet, CustomerUpdate, Proof, Removal, Slot, StoreError, StoredCustomer,
};
use rusqlite::params;

impl SqliteSession {
    pub(super) fn write_changes(&mut self, changes: &mut ChangeSet) -> Result<(), StoreError> {
        let new = u32::try_from(changes.insertion_count());
        let inserted = new.ok().and_then(|new| self.inserted.checked_add(new));
        let inserted = inserted.filter(|new| self.start.first_new.0.checked_add(*new).is_some());
        self.inserted = inserted.ok_or_else(|| too_many(&self.database))?;
        insert_customers(&self.database, self.start.import_id, changes)?;
        changes.updates.sort_unstable_by_key(|update| update.slot);
        save_all(&self.database, &changes.updates)?;
        self.write_before_images(changes.updates.drain(..))?;
        for change in &changes.proofs {
            let customer = CustomerId(change.slot.0);
            let fingerprint = change.proof.map_or(Fingerprint::default(), fingerprint_of);
            self.fingerprint_changes.set(customer, fingerprint);
            if change.changed && self.plans.has_others() {
                self.fingerprint_changes.drop_others(customer);
            }
        }
        changes.clear();
        self.write_full_fingerprints()
    }

    /// Attributes may be long: of each customer what it is now is dropped first.
    fn write_before_images(
        &self,
        updates: impl Iterator<Item = CustomerUpdate>,
    ) -> Result<(), StoreError> {
        let import = self.start.import_id;
        let mut images = BeforeImageBuffer::default();
        for CustomerUpdate { slot, before, .. } in updates {
            let customer = CustomerId(slot.0);
            if let BeforeImage::Replace(_) | BeforeImage::Withdraw = before {
                let sql = "DELETE FROM changes WHERE import_id = ?1 AND customer_id = ?2";
                self.database.execute(sql, params![import, customer])?;
            }
            if let BeforeImage::Record(before) | BeforeImage::Replace(before) = before {
                images.add(&self.database, import, customer, ChangeKind::Update, before)?;
            }
        }
        images.write(&self.database, import)
    }

    fn write_full_fingerprints(&mut self) -> Result<(), StoreError> {
        if self.fingerprint_changes.is_full() {
            self.fingerprint_changes.write(&self.database, &self.plans)?;
        }
        Ok(())
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
            self.fingerprint_changes.set(customer, Fingerprint::default());
            self.fingerprint_changes.drop_others(customer);
            self.write_full_fingerprints()?;
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

    /// Everything about a customer.
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

fn before_archiving(last_changed_at: String) -> Diff {
    let mut before = Diff::default();
    before.columns.insert("archived_at".to_owned(), None);
    before.columns.insert("last_changed_at".to_owned(), Some(last_changed_at));
    before
}

fn fingerprint_of(proof: Proof) -> Fingerprint {
    Fingerprint { key_hash: proof.key_hash, record_hash: proof.record_hash }
}
