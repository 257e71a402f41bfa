//! Updates stored customers. The attributes of a customer may be long, so no more copies of them are
//! held at once than are needed.

use super::contradictions::{Comparison, overwrites};
use super::merge_step::{Change, Hashes, MergeResult, MergeStep, Update};
use super::merger::Merger;
use crate::customer::{Diff, MAX_ATTRIBUTES_BYTES, Patch};
use crate::outcome::DeviceCounts;
use crate::store::StoreError;
use crate::store::sqlite::customers::{ChangeKind, CustomerId, StoredCustomer};
use crate::value::Device;

impl Merger<'_> {
    /// Applies a record to an existing customer.
    pub(super) fn update(
        &mut self,
        customer: CustomerId,
        current: StoredCustomer,
        patch: &Patch<'_>,
        hashes: Hashes,
    ) -> Result<MergeStep, StoreError> {
        let merged = self.touched.contains(customer);
        let is_inserted = customer >= self.first_new;
        let original = if merged && !is_inserted {
            Some(self.transaction.original(customer, &current)?)
        } else {
            None
        };
        let comparison = Comparison::of(&current.customer, patch);
        let devices = current.customer.devices.clone();
        let last_changed_at = current.last_changed_at.clone();
        let mut after = current;
        let applied = after.customer.apply(patch).map_err(|_| self.invalid_attributes())?;
        if after.customer.attributes.len() > MAX_ATTRIBUTES_BYTES {
            return Ok(MergeStep::Done(MergeResult::TooLong));
        }
        self.touched.insert(customer);
        let overwrites = merged && overwrites(&applied);
        let is_first = !merged && !is_inserted;
        let change = match original {
            _ if applied.is_empty() => Change::Nothing,
            _ if is_inserted => Change::OfInserted,
            Some(original) => Change::ByLaterRecord(original),
            None => Change::ByFirstRecord(applied),
        };
        Ok(MergeStep::Store(Box::new(Update {
            customer,
            devices,
            last_changed_at,
            after,
            change,
            merged,
            is_first,
            comparison,
            overwrites,
            key_hash: hashes.key,
            fingerprint: hashes.record.filter(|_| !merged),
        })))
    }

    /// Stores an update.
    pub(crate) fn store(&mut self, update: Update) -> Result<(), StoreError> {
        let Update { customer, devices, last_changed_at, after, change, .. } = update;
        match change {
            Change::Nothing => {}
            Change::OfInserted => {
                self.count_devices(&[], Some(&devices), &after.customer.devices);
                self.transaction.save(customer, &devices, &after)?;
            }
            Change::ByFirstRecord(diff) => {
                self.count_devices(&devices, None, &after.customer.devices);
                self.save_changed(customer, &devices, last_changed_at, after, diff)?;
            }
            Change::ByLaterRecord(original) => {
                self.store_later(customer, &devices, original, after)?;
            }
        }
        match update.fingerprint {
            Some(record) => self.transaction.set_fingerprint(customer, update.key_hash, record),
            None => self.transaction.drop_fingerprint(customer),
        }
    }

    /// Stores the update by a later record. It may bring the customer back to the state before the
    /// import: then there is no change to keep.
    fn store_later(
        &mut self,
        customer: CustomerId,
        devices: &[Device],
        original: StoredCustomer,
        mut after: StoredCustomer,
    ) -> Result<(), StoreError> {
        let diff =
            original.customer.diff(&after.customer).map_err(|_| self.invalid_attributes())?;
        let StoredCustomer { customer: before, last_changed_at, .. } = original;
        self.count_devices(&before.devices, Some(devices), &after.customer.devices);
        drop(before);
        if !diff.is_empty() {
            return self.save_changed(customer, devices, last_changed_at, after, diff);
        }
        self.changed.remove(customer);
        self.transaction.drop_before_image(customer)?;
        after.last_changed_at = last_changed_at;
        self.transaction.save(customer, devices, &after)
    }

    /// Stores a customer that differs from its state before the import, which last changed then.
    fn save_changed(
        &mut self,
        customer: CustomerId,
        devices: &[Device],
        last_changed_at: String,
        mut after: StoredCustomer,
        mut diff: Diff,
    ) -> Result<(), StoreError> {
        self.changed.insert(customer);
        self.now.clone_into(&mut after.last_changed_at);
        self.transaction.save(customer, devices, &after)?;
        drop(after);
        diff.columns.insert("last_changed_at".to_owned(), Some(last_changed_at));
        self.transaction.record_before_image(customer, ChangeKind::Update, diff)?;
        self.transaction.drop_other_fingerprints(customer)
    }

    fn invalid_attributes(&self) -> StoreError {
        self.transaction.damaged("attributes that are not JSON")
    }

    /// Counts how the devices of a customer differ from those before the import. `counted` are the
    /// devices that an earlier record has left, whose count is replaced.
    fn count_devices(
        &mut self,
        original: &[Device],
        counted: Option<&[Device]>,
        devices: &[Device],
    ) {
        if counted == Some(devices) {
            return;
        }
        let replaced =
            counted.map_or_else(DeviceCounts::default, |it| device_changes(original, it));
        let changes = device_changes(original, devices);
        let total = &mut self.devices;
        total.added = total.added + changes.added - replaced.added;
        total.refreshed = total.refreshed + changes.refreshed - replaced.refreshed;
        total.evicted = total.evicted + changes.evicted - replaced.evicted;
    }
}

/// How the devices of a customer differ from those before.
fn device_changes(before: &[Device], after: &[Device]) -> DeviceCounts {
    let rank = |devices: &[Device], token: &str| devices.iter().position(|d| d.token == token);
    let mut counts = DeviceCounts::default();
    for (now, device) in after.iter().enumerate() {
        match rank(before, &device.token) {
            None => counts.added += 1,
            Some(then) if now < then || before[then].platform != device.platform => {
                counts.refreshed += 1;
            }
            Some(_) => {}
        }
    }
    counts.evicted =
        before.iter().filter(|device| rank(after, &device.token).is_none()).count() as u64;
    counts
}
