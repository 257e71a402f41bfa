//! Merges a record into an existing customer. Its attributes may be long, so no more copies of them are
//! held at once than are needed.

use super::batch_customers::{BatchCustomer, Place};
use super::contradictions::{Comparison, overwrites};
use super::device_counts::count_again;
use super::merge_step::{Hashes, MergeResult, Merged, Step};
use super::merger::Merger;
use crate::customer::Patch;
use crate::outcome::DeviceCounts;
use crate::store::{Proof, Slot, StoreError};

/// What a record has done to its customer.
struct Applied {
    comparison: Comparison,
    /// Whether it has changed the customer.
    is_change: bool,
    /// Whether it has replaced a value.
    overwrites: bool,
    /// Whether the customer differs from what it was before the import.
    differs: bool,
}

impl Merger<'_> {
    /// Merges a record into an existing customer.
    pub(super) fn update(
        &mut self,
        slot: Slot,
        place: Place,
        patch: &Patch<'_>,
        hashes: Hashes,
    ) -> Result<Step, StoreError> {
        let applied = match place {
            Place::New(slot) => self.update_new(slot, patch)?,
            Place::Loaded(place) => {
                let (customer, devices) = (self.customers.customer(place), &mut self.devices);
                let applied = match self.first_new <= slot {
                    true => update_added(customer, devices, patch),
                    false => update_stored(customer, devices, patch),
                };
                self.customers.count_bytes(patch.attributes.len());
                applied.map_err(|_| self.customers.invalid_attributes())?
            }
        };
        let Some(applied) = applied else { return Ok((MergeResult::TooLong, None)) };
        let is_stored = slot < self.first_new;
        if applied.differs {
            self.customers.changed.insert(slot);
        } else {
            self.customers.changed.remove(slot);
        }
        let merged = !self.touched.insert(slot);
        let record = hashes.record.filter(|_| !merged);
        let proof = record.map(|record_hash| Proof { key_hash: hashes.key, record_hash });
        self.customers.prove(slot, proof, is_stored && applied.is_change);
        let update = Merged {
            is_repeated: merged,
            is_first: is_stored && !merged,
            comparison: applied.comparison,
            overwrites: merged && applied.overwrites,
        };
        Ok((MergeResult::Accepted { merged }, Some(update)))
    }

    /// Merges a record into a new customer that is not written yet.
    fn update_new(&mut self, slot: Slot, patch: &Patch<'_>) -> Result<Option<Applied>, StoreError> {
        let stored = self.customers.inserted(slot);
        let mut stored = stored.ok_or_else(|| self.customers.invalid_attributes())?;
        let devices = stored.customer.devices.clone();
        let comparison = Comparison::of(&stored.customer, patch);
        let before = stored.customer.apply(patch);
        let before = before.map_err(|_| self.customers.invalid_attributes())?;
        let Some(before) = before else { return Ok(None) };
        if !before.is_empty() {
            count_again(&mut self.devices, &[], Some(&devices), &stored.customer.devices);
            self.customers.replace_inserted(slot, &stored);
        }
        let (is_change, overwrites) = (!before.is_empty(), overwrites(&before));
        Ok(Some(Applied { comparison, is_change, overwrites, differs: false }))
    }
}

/// Merges a record into a customer that an earlier batch has added.
fn update_added(
    customer: &mut BatchCustomer,
    devices: &mut DeviceCounts,
    patch: &Patch<'_>,
) -> serde_json::Result<Option<Applied>> {
    let comparison = Comparison::of(&customer.stored.customer, patch);
    let devices_before = customer.stored.customer.devices.clone();
    let Some(before) = customer.stored.customer.apply(patch)? else { return Ok(None) };
    if !before.is_empty() {
        customer.note_change(before.devices.is_some());
        count_again(devices, &[], Some(&devices_before), &customer.stored.customer.devices);
    }
    let (is_change, overwrites) = (!before.is_empty(), overwrites(&before));
    Ok(Some(Applied { comparison, is_change, overwrites, differs: false }))
}

/// Merges a record into a customer that the store had before the import. It may bring the customer back
/// to what it was then: then there is no change to keep.
fn update_stored(
    customer: &mut BatchCustomer,
    devices: &mut DeviceCounts,
    patch: &Patch<'_>,
) -> serde_json::Result<Option<Applied>> {
    let comparison = Comparison::of(&customer.stored.customer, patch);
    let original = customer.original()?;
    let devices_before = patch.has_devices().then(|| customer.stored.customer.devices.clone());
    let Some(mut before) = customer.stored.customer.apply(patch)? else { return Ok(None) };
    let overwrites = overwrites(&before);
    if before.is_empty() {
        let differs = original.is_some();
        return Ok(Some(Applied { comparison, is_change: false, overwrites, differs }));
    }
    customer.note_change(before.devices.is_some());
    let after = &customer.stored.customer;
    let mut last_changed_at = customer.stored.last_changed_at.clone();
    if let Some(original) = original {
        if let Some(counted) = devices_before {
            count_again(devices, &original.customer.devices, Some(&counted), &after.devices);
        }
        before = original.customer.diff(after)?;
        last_changed_at = original.last_changed_at;
    } else if let Some(original) = devices_before {
        count_again(devices, &original, None, &after.devices);
    }
    let differs = !before.is_empty();
    if differs {
        before.columns.insert("last_changed_at".to_owned(), Some(last_changed_at));
        customer.before = Some(before);
    } else {
        customer.before = None;
        customer.stored.last_changed_at = last_changed_at;
    }
    Ok(Some(Applied { comparison, is_change: true, overwrites, differs }))
}
