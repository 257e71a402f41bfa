//! Undoes the newest import, and drops the before-images of old ones.

use crate::outcome::{NextUndo, PruneOutcome, UndoCounts, UndoOutcome, UndoneKind};
use crate::store::sql::catalogue::{self, CatalogueBefore};
#[cfg(feature = "postgres")]
use crate::store::sql::customers::postgres::{load_many, save_together};
use crate::store::sql::customers::{
    BeforeImage, ChangeKind, CustomerId, DeletedCustomer, before_images, fingerprints, load, save,
    save_devices,
};
use crate::store::sql::{Reader, Writer, remembered};
#[cfg(feature = "postgres")]
use crate::store::{CustomerUpdate, Loaded, Slot, Wanted};
use crate::store::{HistoryKind, StoreError, UndoLog};
use rusqlite::params;
#[cfg(feature = "postgres")]
use std::collections::BTreeMap;

/// The customers that are reverted in one round trip.
#[cfg(feature = "postgres")]
const TOGETHER: usize = 1024;

/// The imports that keep their before-images.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Retention {
    /// The newest of those that have them, at most this many.
    Newest(u64),
    /// Those that began at this time or later: UTC, RFC 3339.
    Since(String),
}

impl Reader {
    /// What undoing the newest import that changed something would change. An `import` must be that
    /// one, or be followed only by imports that changed nothing.
    ///
    /// Fails with [`StoreError::NothingToUndo`], [`StoreError::NotNewest`] or
    /// [`StoreError::NoUndoLog`] if it cannot be undone.
    pub fn undoable(&self, import: Option<i64>) -> Result<UndoOutcome, StoreError> {
        let (import, unchanged) = self.newest_import(import)?;
        let inserted = self.inserted_by(import)?;
        let changes = before_images::counts(&self.database, import)?;
        let changes = |kind: ChangeKind| changes.get(&kind).copied().unwrap_or_default();
        let unarchived = changes(ChangeKind::Archive);
        let sql = "SELECT count(*) FROM customers WHERE id BETWEEN ?1 AND ?2";
        let customers = UndoCounts {
            inserted: changes(ChangeKind::Delete),
            updated: changes(ChangeKind::Update) + unarchived,
            deleted: self.database.count(sql, [inserted.start(), inserted.end()])?,
            unarchived,
        };
        let before = self.catalogue_before(import)?.into_iter();
        let added = before.filter(|(_, entry)| entry.is_none()).map(|(name, _)| name);
        let attributes = added.collect();
        let (kind, next) = (self.kind_of(import)?, self.next_undo(import)?);
        Ok(UndoOutcome { import, unchanged, customers, attributes, kind, next })
    }

    fn kind_of(&self, id: i64) -> Result<UndoneKind, StoreError> {
        Ok(match self.history_entry(id)?.kind {
            HistoryKind::Attributes => UndoneKind::Types,
            _ => UndoneKind::Import,
        })
    }

    /// The change that the next undo would revert once this import is undone, if there is one.
    fn next_undo(&self, undone: i64) -> Result<Option<NextUndo>, StoreError> {
        let sql = "SELECT id, trail FROM imports WHERE trail <> ?1 AND id < ?2 ORDER BY id DESC";
        let values = params![UndoLog::Undone.as_str(), undone];
        let older: Vec<(i64, String)> =
            self.database.rows(sql, values, |row| Ok((row.get(0)?, row.get(1)?)))?;
        for (id, undo_log) in older {
            if undo_log != UndoLog::Complete.as_str() {
                break;
            }
            if self.has_changes(id)? {
                let customers = self.history_entry(id)?.outcome().customers;
                return Ok(Some(NextUndo { id, kind: self.kind_of(id)?, customers }));
            }
        }
        Ok(None)
    }

    /// The import to undo, and the later imports that are undone with it because they changed
    /// nothing, the newest first.
    fn newest_import(&self, wanted: Option<i64>) -> Result<(i64, Vec<i64>), StoreError> {
        if let Some(wanted) = wanted {
            let entry = self.history_entry(wanted)?;
            if entry.undo_log != Some(UndoLog::Complete) {
                return Err(self.no_undo_log(wanted, entry.undo_log));
            }
        }
        let sql = "SELECT id, trail FROM imports WHERE trail <> ?1 AND id >= ?2 ORDER BY id DESC";
        let values = params![UndoLog::Undone.as_str(), wanted.unwrap_or_default()];
        let imports: Vec<(i64, String)> =
            self.database.rows(sql, values, |row| Ok((row.get(0)?, row.get(1)?)))?;
        let path = || self.path().to_owned();
        let Some((newest, undo_log)) = imports.first() else {
            return Err(StoreError::NothingToUndo(path()));
        };
        if undo_log != UndoLog::Complete.as_str() {
            return Err(self.no_undo_log(*newest, undo_log.parse().ok()));
        }
        let mut unchanged = Vec::new();
        for (import, undo_log) in &imports {
            let is_complete = undo_log == UndoLog::Complete.as_str();
            if wanted == Some(*import) || (is_complete && self.has_changes(*import)?) {
                let Some(id) = wanted.filter(|wanted| wanted != import) else {
                    return Ok((*import, unchanged));
                };
                let first = imports.iter().map(|(newer, _)| *newer).filter(|newer| *newer != id);
                return Err(StoreError::NotNewest { path: path(), id, first: first.collect() });
            }
            if !is_complete {
                break;
            }
            unchanged.push(*import);
        }
        // No import has changed anything that could be undone.
        Ok((*newest, Vec::new()))
    }

    /// The newest import or other change that changed something and was not undone.
    pub fn last_change(&self) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT id FROM imports WHERE trail = ?1 ORDER BY id DESC";
        let complete = [UndoLog::Complete.as_str()];
        let imports: Vec<i64> = self.database.rows(sql, complete, |row| row.get(0))?;
        for import in imports {
            if self.has_changes(import)? {
                return Ok(Some(import));
            }
        }
        Ok(None)
    }

    /// Whether an import has changed a customer, or an attribute of the catalogue.
    fn has_changes(&self, import: i64) -> Result<bool, StoreError> {
        let table = before_images::table(&self.database);
        let sql = format!(
            "SELECT EXISTS (SELECT 1 FROM {table} WHERE import_id = ?1)
                    OR EXISTS (SELECT 1 FROM imports WHERE id = ?1 AND kind <> 'import')"
        );
        if self.database.value(&sql, [import])? || !self.inserted_by(import)?.is_empty() {
            return Ok(true);
        }
        Ok(self.catalogue_before(import)?.values().any(Option::is_none))
    }

    fn catalogue_before(&self, import: i64) -> Result<CatalogueBefore, StoreError> {
        let sql = "SELECT catalogue_before FROM imports WHERE id = ?1";
        self.database.row(sql, [import], |row| {
            serde_json::from_str(row.text(0)?)
                .map_err(|_| row.damaged("a history entry has an invalid catalogue"))
        })
    }
}

impl Writer {
    /// Undoes the newest import; an `import` must be the newest. Customers, devices, archive marks
    /// and the catalogue are restored. Fails like [`Reader::undoable`].
    pub fn undo(&self, import: Option<i64>) -> Result<UndoOutcome, StoreError> {
        let outcome = self.reader().undoable(import)?;
        for import in outcome.unchanged.iter().chain([&outcome.import]) {
            self.undo_import(*import)?;
        }
        Ok(outcome)
    }

    fn undo_import(&self, import: i64) -> Result<(), StoreError> {
        let (reader, database) = (self.reader(), self.database());
        let inserted = reader.inserted_by(import)?;
        let (first, last) = (*inserted.start(), *inserted.end());
        let mut changed = before_images::customers_of(database, import)?;
        changed.extend(inserted.map(CustomerId));
        fingerprints::drop_all_of(database, changed)?;
        let sql = "DELETE FROM devices WHERE customer_id BETWEEN ?1 AND ?2";
        database.execute(sql, [first, last])?;
        database.execute("DELETE FROM customers WHERE id BETWEEN ?1 AND ?2", [first, last])?;
        self.revert_customers(import)?;
        catalogue::revert(database, &reader.catalogue_before(import)?)?;
        database.execute("DELETE FROM settings WHERE name = 'key' AND import_id = ?1", [import])?;
        remembered::forget_import(database, import)?;
        before_images::remove_import(database, import)?;
        let sql = "UPDATE imports SET trail = ?2 WHERE id = ?1";
        database.execute(sql, params![import, UndoLog::Undone.as_str()])?;
        Ok(())
    }

    /// Reverts the customers that an import updated, archived or deleted.
    fn revert_customers(&self, import: i64) -> Result<(), StoreError> {
        #[cfg(feature = "postgres")]
        if self.database().is_postgres() {
            let mut batch = Vec::new();
            before_images::each_of_import(self.database(), import, |customer, image| {
                batch.push((customer, image));
                if batch.len() < TOGETHER { Ok(()) } else { self.revert_together(&mut batch) }
            })?;
            return self.revert_together(&mut batch);
        }
        before_images::each_of_import(self.database(), import, |customer, image| {
            self.revert_customer(customer, image)
        })
    }

    /// Reverts customers in a few round trips, and empties the list. Deleted customers are restored
    /// one by one.
    #[cfg(feature = "postgres")]
    fn revert_together(
        &self,
        batch: &mut Vec<(CustomerId, BeforeImage)>,
    ) -> Result<(), StoreError> {
        let mut open: BTreeMap<Slot, BeforeImage> = BTreeMap::new();
        for (customer, image) in batch.drain(..) {
            if image.kind == ChangeKind::Delete {
                self.revert_customer(customer, image)?;
            } else {
                open.insert(Slot(customer.0), image);
            }
        }
        while !open.is_empty() {
            let wanted: Vec<Wanted> =
                open.keys().map(|slot| Wanted { slot: *slot, devices: true }).collect();
            let mut updates = Vec::with_capacity(wanted.len());
            for Loaded { slot, stored, .. } in load_many(self.database(), &wanted)? {
                let Some(image) = open.remove(&slot) else { continue };
                let after = self.reader().before(&image, Some(&stored))?;
                let has_new_devices = stored.customer.devices != after.customer.devices;
                let before = crate::store::BeforeImage::Keep;
                updates.push(CustomerUpdate { slot, after, has_new_devices, before });
            }
            save_together(self.database(), &updates)?;
        }
        Ok(())
    }

    fn revert_customer(&self, customer: CustomerId, image: BeforeImage) -> Result<(), StoreError> {
        let database = self.database();
        let damaged = || database.damaged("a before-image has no customer");
        if image.kind == ChangeKind::Delete {
            let deleted = DeletedCustomer::from_diff(&image.before).ok_or_else(damaged)?;
            return deleted.restore(database, customer);
        }
        let stored = load(database, customer)?.ok_or_else(damaged)?;
        let before = self.reader().before(&image, Some(&stored))?;
        let has_new_devices = stored.customer.devices != before.customer.devices;
        // Attributes may be long: only one copy is kept while they are written.
        drop((image, stored));
        save(database, customer, &before)?;
        if has_new_devices {
            save_devices(database, customer, &before.customer.devices)?;
        }
        Ok(())
    }

    /// Drops the before-images of all imports except those to retain.
    pub fn prune(&self, retention: &Retention) -> Result<PruneOutcome, StoreError> {
        let database = self.database();
        let complete = UndoLog::Complete.as_str();
        let last: i64 = match retention {
            Retention::Newest(count) => {
                let kept = i64::try_from(*count).unwrap_or(i64::MAX);
                let sql = "SELECT coalesce((SELECT id FROM imports WHERE trail = ?1
                           ORDER BY id DESC LIMIT 1 OFFSET ?2), 0)";
                database.value(sql, params![complete, kept])?
            }
            Retention::Since(time) => {
                let sql = "SELECT coalesce(max(id), 0) FROM imports
                           WHERE trail = ?1 AND started_at < ?2";
                database.value(sql, [complete, time])?
            }
        };
        let images = before_images::remove_up_to(database, last)?;
        let sql = "UPDATE imports SET trail = ?3 WHERE trail = ?1 AND id <= ?2";
        let pruned = UndoLog::Pruned.as_str();
        let imports = database.execute(sql, params![complete, last, pruned])?;
        let left = database.count("SELECT count(*) FROM imports WHERE trail = ?1", [complete])?;
        Ok(PruneOutcome { imports, images, left })
    }
}
