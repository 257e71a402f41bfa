//! Merges a record into an existing customer. Its attributes may be long, so as few copies of them
//! as possible are held at once.

use super::batch_customers::{BatchCustomer, Changed, Place};
use super::contradictions::{Comparison, overwrites};
use super::device_counts::count_again;
use super::merge_step::{Hashes, MergeResult, Merged, Step};
use super::merger::Merger;
use crate::customer::{Customer, Patch};
use crate::outcome::DeviceCounts;
use crate::store::{Proof, Slot, StoreError};

/// What a record has done to its customer.
struct Applied {
    comparison: Comparison,
    changed: Changed,
    /// Whether it has replaced a value of an earlier record.
    overwrites: bool,
    /// Whether the customer differs from what it was before the import; false for one that the
    /// import has added.
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
        let merged = self.touched.contains(slot);
        let is_stored = !self.customers.is_added(slot);
        let applied = self.apply(slot, place, patch, merged)?;
        let Some(applied) = applied else { return Ok((MergeResult::TooLong, None)) };
        if applied.differs {
            self.customers.changed.insert(slot);
        } else {
            self.customers.changed.remove(slot);
        }
        self.touched.insert(slot);
        let record = hashes.record.filter(|_| !merged);
        let proof = record.map(|record_hash| Proof { key_hash: hashes.key, record_hash });
        self.customers.prove(slot, proof, is_stored && applied.changed != Changed::Nothing);
        let update = Merged {
            is_repeated: merged,
            is_first: is_stored && !merged,
            comparison: applied.comparison,
            overwrites: applied.overwrites,
        };
        Ok((MergeResult::Accepted { merged }, Some(update)))
    }

    /// Applies a record to its customer. Returns `None` and changes nothing if the customer would
    /// have too many attributes.
    fn apply(
        &mut self,
        slot: Slot,
        place: Place,
        patch: &Patch<'_>,
        is_repeated: bool,
    ) -> Result<Option<Applied>, StoreError> {
        let is_added = self.customers.is_added(slot);
        let devices = &mut self.devices;
        let applied = match place {
            Place::New(mut stored) => {
                let applied = update_added(&mut stored.customer, devices, patch, is_repeated);
                if let Ok(Some(applied)) = &applied
                    && applied.changed != Changed::Nothing
                {
                    self.customers.replace_inserted(slot, &stored);
                }
                applied
            }
            Place::Loaded(place) => {
                self.customers.count_bytes(patch.attributes.len());
                let customer = self.customers.customer(place);
                let applied = if is_added {
                    update_added(&mut customer.stored.customer, devices, patch, is_repeated)
                } else {
                    update_stored(customer, devices, patch, is_repeated)
                };
                if let Ok(Some(applied)) = &applied {
                    customer.note(applied.changed);
                }
                applied
            }
        };
        applied.map_err(|_| self.customers.invalid_attributes())
    }
}

/// Merges a record into a customer that this import has added.
fn update_added(
    customer: &mut Customer,
    devices: &mut DeviceCounts,
    patch: &Patch<'_>,
    is_repeated: bool,
) -> serde_json::Result<Option<Applied>> {
    let comparison = Comparison::of(customer, patch);
    let devices_before = patch.has_devices().then(|| customer.devices.clone());
    let Some(before) = customer.apply(patch)? else { return Ok(None) };
    if let Some(counted) = devices_before {
        count_again(devices, &[], Some(&counted), &customer.devices);
    }
    let overwrites = is_repeated && overwrites(&before);
    Ok(Some(Applied { comparison, changed: Changed::of(&before), overwrites, differs: false }))
}

/// Merges a record into a customer that the store had before the import. If that restores the
/// customer's state from then, no before-image is kept.
fn update_stored(
    customer: &mut BatchCustomer,
    devices: &mut DeviceCounts,
    patch: &Patch<'_>,
    is_repeated: bool,
) -> serde_json::Result<Option<Applied>> {
    let comparison = Comparison::of(&customer.stored.customer, patch);
    let original = customer.original()?;
    let devices_before = patch.has_devices().then(|| customer.stored.customer.devices.clone());
    let Some(mut before) = customer.stored.customer.apply(patch)? else { return Ok(None) };
    let changed = Changed::of(&before);
    let overwrites = is_repeated && overwrites(&before);
    if changed == Changed::Nothing {
        let differs = original.is_some();
        return Ok(Some(Applied { comparison, changed, overwrites, differs }));
    }
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
        before.columns.insert("last_changed_at", Some(last_changed_at));
        customer.before = Some(before);
    } else {
        customer.before = None;
        customer.stored.last_changed_at = last_changed_at;
    }
    Ok(Some(Applied { comparison, changed, overwrites, differs }))
}
