//! Writes the changes of a batch: new rows by `COPY`, changed ones by one statement.

use super::postgres_session::{Access, PostgresSession};
use super::unsent::Unsent;
use crate::customer::{Diff, in_jsonb_order};
use crate::store::sql::customers::postgres::{
    CopyBuffer, array, load_many, push_device, save_together,
};
use crate::store::sql::customers::{ChangeKind, CustomerId, DeletedCustomer, before_archiving};
use crate::store::sql::session::insertions::inserted_with;
use crate::store::{
    BeforeImage, ChangeSet, CustomerUpdate, Loaded, Removal, Slot, StoreError, Wanted,
};
use rusqlite::params;
use std::collections::{BTreeSet, HashMap};

/// The customers that are removed together.
const REMOVED_TOGETHER: usize = 1024;

/// The bytes of rows that are sent at once.
const SENT_BYTES: usize = 4 << 20;

impl PostgresSession {
    pub(super) fn write_changes(&mut self, changes: &mut ChangeSet) -> Result<(), StoreError> {
        self.inserted = inserted_with(changes, self.inserted, &self.start, &self.database)?;
        self.insert(changes)?;
        if !changes.updates.is_empty() {
            self.send_new_customers()?;
            self.make_indexes()?;
        }
        changes.updates.sort_unstable_by_key(|update| update.slot);
        save_together(&self.database, &changes.updates)?;
        self.write_before_images(&changes.updates)?;
        self.fingerprint_changes.record(&changes.proofs, &self.plans);
        changes.clear();
        self.fingerprint_changes.make_room(&self.database, &self.plans)
    }

    fn insert(&mut self, changes: &ChangeSet) -> Result<(), StoreError> {
        let Unsent { customers, devices, .. } = &mut self.unsent;
        for new in changes.insertions() {
            customers.begin_row(11);
            customers.text(new.uid);
            customers.bigint(new.slot.0.into());
            for value in new.columns {
                customers.optional_text(value);
            }
            customers.jsonb(&in_jsonb_order(new.attributes));
            customers.text(new.first_imported_at);
            customers.text(new.last_changed_at);
            customers.optional_text(new.archived_at);
            customers.bigint(self.start.import_id);
            for (rank, (token, platform)) in (1..).zip(new.devices()) {
                push_device(devices, new.uid, rank, new.slot, token, platform.as_str());
            }
        }
        if customers.length() + devices.length() < SENT_BYTES {
            return Ok(());
        }
        self.send_new_customers()
    }

    /// Sends the buffered new customers. This must happen before anything else touches their
    /// tables.
    pub(super) fn send_new_customers(&mut self) -> Result<(), StoreError> {
        let send = match self.access {
            Access::Create => CopyBuffer::send_frozen,
            _ => CopyBuffer::send,
        };
        let schema = self.database.postgres()?.schema();
        let Unsent { customers, devices, .. } = &mut self.unsent;
        send(std::mem::take(customers), &self.database, &format!("{schema}.customers"))?;
        send(std::mem::take(devices), &self.database, &format!("{schema}.devices"))
    }

    fn write_before_images(&mut self, updates: &[CustomerUpdate]) -> Result<(), StoreError> {
        let table = self.changes_table()?;
        let is_dropped = |it: &&CustomerUpdate| {
            matches!(it.before, BeforeImage::Replace(_) | BeforeImage::Withdraw)
        };
        let dropped: Vec<u32> = updates.iter().filter(is_dropped).map(|it| it.slot.0).collect();
        if !dropped.is_empty() {
            self.send_images()?;
            let sql = format!(
                "DELETE FROM {table} WHERE import_id = ?1
                 AND customer_id = ANY (CAST(?2 AS bigint[]))"
            );
            let slots = array(dropped.into_iter());
            self.database.execute(&sql, params![self.start.import_id, slots])?;
        }
        for CustomerUpdate { slot, after, before, .. } in updates {
            if let BeforeImage::Record(before) | BeforeImage::Replace(before) = before {
                self.push_image(&after.uid, *slot, ChangeKind::Update, before)?;
            }
        }
        Ok(())
    }

    fn push_image(
        &mut self,
        uid: &str,
        slot: Slot,
        kind: ChangeKind,
        before: &Diff,
    ) -> Result<(), StoreError> {
        let json = serde_json::to_string(before)
            .map_err(|_| self.database.damaged("its attributes are not JSON"))?;
        let images = &mut self.unsent.images;
        images.begin_row(5);
        images.text(uid);
        images.bigint(self.start.import_id);
        images.bigint(slot.0.into());
        images.text(kind.as_str());
        images.text(&json);
        if images.length() < SENT_BYTES { Ok(()) } else { self.send_images() }
    }

    /// Sends the buffered before-images. This must happen before anything else touches their table.
    pub(super) fn send_images(&mut self) -> Result<(), StoreError> {
        let images = std::mem::take(&mut self.unsent.images);
        images.send(&self.database, &self.changes_table()?)
    }

    /// The earlier values of customers that this session has changed.
    pub(super) fn images_of(&mut self, changed: &[&Loaded]) -> Result<Vec<Diff>, StoreError> {
        if changed.is_empty() {
            return Ok(Vec::new());
        }
        self.send_images()?;
        let sql = format!(
            "SELECT customer_id, before FROM {} WHERE import_id = ?1
             AND customer_id = ANY (CAST(?2 AS bigint[]))",
            self.changes_table()?
        );
        let slots = array(changed.iter().map(|loaded| loaded.slot.0));
        let mut images: HashMap<u32, Diff> = HashMap::new();
        self.database.for_each(&sql, params![self.start.import_id, slots], |row| {
            let image = serde_json::from_str(row.text(1)?)
                .map_err(|_| row.damaged("a before-image is not JSON"))?;
            images.insert(row.get(0)?, image);
            Ok(())
        })?;
        let missing = || self.database.damaged("a before-image is missing");
        changed.iter().map(|it| images.remove(&it.slot.0).ok_or_else(missing)).collect()
    }

    pub(super) fn remove_customers(
        &mut self,
        slots: &[Slot],
        removal: Removal,
        now: &str,
    ) -> Result<(), StoreError> {
        self.send_new_customers()?;
        self.make_indexes()?;
        for slots in slots.chunks(REMOVED_TOGETHER) {
            self.interrupt.check()?;
            match removal {
                Removal::Archive => self.archive(slots, now)?,
                Removal::Delete => self.delete(slots)?,
            }
            for slot in slots {
                self.fingerprint_changes.drop_all(CustomerId(slot.0));
            }
            self.fingerprint_changes.make_room(&self.database, &self.plans)?;
        }
        Ok(())
    }

    fn archive(&mut self, slots: &[Slot], now: &str) -> Result<(), StoreError> {
        let list = array(slots.iter().map(|slot| slot.0));
        let sql = "SELECT uid, id, last_changed_at FROM customers
                   WHERE id = ANY (CAST(?1 AS bigint[]))";
        let before: Vec<(String, u32, String)> =
            self.database.rows(sql, [&list], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        for (uid, slot, last_changed_at) in before {
            let before = before_archiving(last_changed_at);
            self.push_image(&uid, Slot(slot), ChangeKind::Archive, &before)?;
        }
        let sql = "UPDATE customers SET archived_at = ?2, last_changed_at = ?2
                   WHERE id = ANY (CAST(?1 AS bigint[]))";
        self.database.execute(sql, params![list, now]).map(|_| ())
    }

    fn delete(&mut self, slots: &[Slot]) -> Result<(), StoreError> {
        let list = array(slots.iter().map(|slot| slot.0));
        let sql = "SELECT id, first_imported_at, inserted_by FROM customers
                   WHERE id = ANY (CAST(?1 AS bigint[]))";
        let origins: Vec<(u32, (String, i64))> = self
            .database
            .rows(sql, [&list], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?;
        let mut origins: HashMap<u32, (String, i64)> = origins.into_iter().collect();
        let mut open: BTreeSet<Slot> = slots.iter().copied().collect();
        while !open.is_empty() {
            let wanted: Vec<Wanted> =
                open.iter().map(|slot| Wanted { slot: *slot, devices: true }).collect();
            for Loaded { slot, stored, .. } in load_many(&self.database, &wanted)? {
                open.remove(&slot);
                let gone = || self.database.damaged("a customer is missing");
                let (first_imported_at, inserted_by) = origins.remove(&slot.0).ok_or_else(gone)?;
                let uid = stored.uid.clone();
                let deleted = DeletedCustomer { stored, first_imported_at, inserted_by };
                let before = deleted
                    .to_diff()
                    .map_err(|_| self.database.damaged("attributes that are not JSON"))?;
                self.push_image(&uid, slot, ChangeKind::Delete, &before)?;
            }
        }
        let sql = "DELETE FROM devices WHERE customer_id = ANY (CAST(?1 AS bigint[]))";
        self.database.execute(sql, [&list])?;
        let sql = "DELETE FROM customers WHERE id = ANY (CAST(?1 AS bigint[]))";
        self.database.execute(sql, [&list]).map(|_| ())
    }
}
