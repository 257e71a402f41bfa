//! A dry run: a session that wraps another one and writes nothing.
//!
//! The customers that the import would change go to a temporary file, so that a later record of a
//! customer finds what an earlier one would have stored.

mod kept_customers;

use super::blocked_uids::BlockedUids;
use super::change_set::ChangeSet;
use super::error::StoreError;
use super::history_line::HistoryLine;
use super::interrupt::Interrupt;
use super::pending_output::PendingOutput;
use super::session::{
    EachKnown, KeyMatch, LOADED_BYTES, Loaded, RejectsWriter, Removal, Session, SessionStart,
    Wanted,
};
use super::settings::{Attribute, StoreSettings};
use super::slot::Slot;
use crate::customer::Diff;
use crate::mapping::RememberedColumns;
use crate::outcome::Outcome;
use crate::value::Key;
use kept_customers::KeptCustomers;

/// A session that answers as the wrapped one would after the same calls, and leaves the store
/// unchanged.
pub struct DryRun {
    store: Box<dyn Session>,
    customers: KeptCustomers,
    interrupt: Interrupt,
}

impl DryRun {
    /// A dry run over a session. Fails if no temporary file can be created.
    pub fn new(store: Box<dyn Session>, interrupt: &Interrupt) -> Result<Self, StoreError> {
        let customers = KeptCustomers::new().map_err(StoreError::DryRunFile)?;
        Ok(Self { store, customers, interrupt: interrupt.clone() })
    }

    fn before_image(&mut self, changed: &Loaded) -> Result<Diff, StoreError> {
        let before = self.store.load(&[Wanted { slot: changed.slot, devices: true }])?.pop();
        let before = before.ok_or_else(|| self.damaged("a customer is missing"))?.stored;
        let differences = before.customer.diff(&changed.stored.customer);
        let mut differences =
            differences.map_err(|_| self.damaged("attributes that are not JSON"))?;
        let last_changed_at = Some(before.last_changed_at);
        differences.columns.insert("last_changed_at", last_changed_at);
        Ok(differences)
    }
}

impl Session for DryRun {
    fn start(&self) -> SessionStart {
        self.store.start()
    }

    fn settings(&self) -> Result<StoreSettings, StoreError> {
        self.store.settings()
    }

    fn last_report(
        &self,
        is_match: &dyn Fn(&[String]) -> bool,
    ) -> Result<Option<Outcome>, StoreError> {
        self.store.last_report(is_match)
    }

    fn pending_outputs(&self) -> Result<Vec<PendingOutput>, StoreError> {
        self.store.pending_outputs()
    }

    fn clear_pending(&self, _: &[i64]) -> Result<(), StoreError> {
        Ok(())
    }

    fn is_known_file(&self, sha256: &str) -> Result<bool, StoreError> {
        self.store.is_known_file(sha256)
    }

    fn rejects_writers(&self, file: &str) -> Result<Vec<RejectsWriter>, StoreError> {
        self.store.rejects_writers(file)
    }

    fn blocked_uids(&self) -> Result<BlockedUids, StoreError> {
        self.store.blocked_uids()
    }

    fn disable_undo(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    fn set_key(&mut self, _: Key) -> Result<(), StoreError> {
        Ok(())
    }

    fn choose_plan(&mut self, digest: &[u8]) -> Result<(), StoreError> {
        self.store.choose_plan(digest)
    }

    fn scan(&mut self, key: Key, each: &mut EachKnown<'_>) -> Result<(), StoreError> {
        self.store.scan(key, each)
    }

    fn unnamed(
        &mut self,
        key: Key,
        named: &mut dyn FnMut(Slot, &str) -> bool,
        each: &mut dyn FnMut(Slot, &str, bool),
    ) -> Result<u64, StoreError> {
        self.store.unnamed(key, named, each)
    }

    fn lookup(&mut self, key: Key, values: &[&str]) -> Result<Vec<KeyMatch>, StoreError> {
        self.store.lookup(key, values)
    }

    fn count_known(&mut self, key: Key, values: &[&str]) -> Result<usize, StoreError> {
        self.store.count_known(key, values)
    }

    fn load(&mut self, wanted: &[Wanted]) -> Result<Vec<Loaded>, StoreError> {
        let (mut loaded, mut unchanged, mut bytes) = (Vec::new(), Vec::new(), 0);
        for wanted in wanted {
            match self.customers.get(wanted.slot).map_err(StoreError::DryRunFile)? {
                Some(stored) => {
                    bytes += stored.customer.attributes.len();
                    loaded.push(Loaded { slot: wanted.slot, stored, has_devices: true });
                }
                // A changed customer is saved whole, so its devices must be loaded too.
                None => unchanged.push(Wanted { devices: true, ..*wanted }),
            }
            if bytes >= LOADED_BYTES {
                return Ok(loaded);
            }
        }
        if !unchanged.is_empty() {
            loaded.extend(self.store.load(&unchanged)?);
        }
        Ok(loaded)
    }

    fn before_images(&mut self, changed: &[&Loaded]) -> Result<Vec<Diff>, StoreError> {
        changed.iter().map(|changed| self.before_image(changed)).collect()
    }

    fn values_of(
        &mut self,
        attribute: &str,
        each: &mut dyn FnMut(Slot, &str),
    ) -> Result<(), StoreError> {
        self.store.values_of(attribute, each)
    }

    fn write(&mut self, changes: &mut ChangeSet) -> Result<(), StoreError> {
        for customer in changes.insertions() {
            self.customers.insert(customer).map_err(StoreError::DryRunFile)?;
        }
        for update in &changes.updates {
            self.customers.save(update.slot, &update.after).map_err(StoreError::DryRunFile)?;
        }
        changes.clear();
        Ok(())
    }

    fn remove(&mut self, _: &[Slot], _: Removal, _: &str) -> Result<(), StoreError> {
        self.interrupt.check()
    }

    fn record_attributes(&mut self, _: &[Attribute]) -> Result<(), StoreError> {
        Ok(())
    }

    fn remember_columns(
        &mut self,
        _: &RememberedColumns,
        _: &RememberedColumns,
    ) -> Result<(), StoreError> {
        Ok(())
    }

    fn complete(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    fn commit(&mut self, _: &HistoryLine) -> Result<(), StoreError> {
        self.interrupt.commit()
    }

    fn outputs_done(&self) {}

    fn abort(self: Box<Self>, _: Option<&HistoryLine>) -> Result<Option<i64>, StoreError> {
        Ok(None)
    }

    fn damaged(&self, what: &str) -> StoreError {
        self.store.damaged(what)
    }
}
