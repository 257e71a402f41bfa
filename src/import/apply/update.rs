//! Changes customers who are there: applies what a record says, and stores what has become of them.
//!
//! The attributes of a customer may be long, so no more copies of them are held at once than are
//! needed.

use super::merge::{Fate, Hashes, Reconciler};
use crate::customer::{Customer, Diff, MAX_ATTRIBUTES_BYTES, Patch};
use crate::import::{CustomerCounts, DeviceCounts};
use crate::store::StoreError;
use crate::store::sqlite::customers::{CustomerId, Stored};
use crate::store::sqlite::history::ChangeKind;
use crate::value::Device;

/// What a record comes to, and whether that is stored already.
pub(crate) enum Step {
    /// It is.
    Done(Fate),
    /// This is still to be stored; the record itself is needed no longer.
    Change(Box<Update>),
}

/// A change of a customer who is there.
pub(crate) struct Update {
    customer: CustomerId,
    /// Devices and time of the last change, as the record has found them.
    devices: Vec<Device>,
    last_changed_at: String,
    /// Whether the record changes nothing.
    is_same: bool,
    /// What it changes, where it is the customer's first in this import.
    applied: Diff,
    after: Stored,
    /// The customer before the import, where earlier records of it have named them.
    earlier: Option<Earlier>,
    /// Whether an earlier record of this import has named the customer.
    pub(crate) merged: bool,
    key_hash: u64,
    proof: Option<u64>,
}

/// A customer as they were before the import.
struct Earlier {
    stored: Stored,
    /// Whether earlier records of the import have changed them.
    is_changed: bool,
}

impl Reconciler<'_> {
    /// Applies what a record says of a customer who is there. The attributes may be long, so no more
    /// copies of them are held at once than are needed.
    pub(crate) fn update(
        &mut self,
        customer: CustomerId,
        current: Stored,
        patch: &Patch<'_>,
        hashes: Hashes,
    ) -> Result<Step, StoreError> {
        let merged = self.touched.contains(customer);
        let earlier = match merged && customer < self.first_new {
            true => Some(self.earlier(customer, &current)?),
            false => None,
        };
        let devices = current.customer.devices.clone();
        let last_changed_at = current.last_changed_at.clone();
        let mut after = current;
        let applied = after
            .customer
            .apply(patch)
            .map_err(|_| self.damaged("attributes that are not JSON"))?;
        if after.customer.attributes.len() > MAX_ATTRIBUTES_BYTES {
            return Ok(Step::Done(Fate::TooLong));
        }
        self.touched.insert(customer);
        Ok(Step::Change(Box::new(Update {
            customer,
            devices,
            last_changed_at,
            is_same: applied.is_empty(),
            applied: if merged { Diff::default() } else { applied },
            after,
            earlier,
            merged,
            key_hash: hashes.key,
            proof: hashes.record.filter(|_| !merged),
        })))
    }

    /// Stores the change of a customer who is there.
    pub(crate) fn store(&mut self, update: Update) -> Result<(), StoreError> {
        let Update { customer, devices, after, .. } = &update;
        if *customer >= self.first_new {
            self.count_devices(&[], devices, false);
            self.count_devices(&[], &after.customer.devices, true);
            self.transaction.save(*customer, devices, after)?;
            return self.transaction.drop_fingerprint(*customer);
        }
        let (customer, key_hash, proof) = (*customer, update.key_hash, update.proof);
        self.change(update)?;
        match proof {
            Some(record) => self.transaction.keep_fingerprint(customer, key_hash, record),
            None => self.transaction.drop_fingerprint(customer),
        }
    }

    /// Changes a customer whom the store had before the import.
    fn change(&mut self, update: Update) -> Result<(), StoreError> {
        let Update { customer, devices, mut after, applied, earlier, merged, .. } = update;
        let (mut differences, last_changed_at) = match earlier {
            None => {
                self.count_devices(&devices, &after.customer.devices, true);
                (applied, update.last_changed_at.clone())
            }
            Some(Earlier { stored: before, is_changed }) => {
                self.count_devices(&before.customer.devices, &devices, false);
                let CustomerCounts { updated, unchanged, .. } = &mut self.customers;
                *(if is_changed { updated } else { unchanged }) -= 1;
                self.count_devices(&before.customer.devices, &after.customer.devices, true);
                let differences = self.differences(&before.customer, &after.customer)?;
                (differences, before.last_changed_at)
            }
        };
        let is_changed = !differences.is_empty();
        if is_changed {
            self.now.clone_into(&mut after.last_changed_at);
        } else {
            after.last_changed_at.clone_from(&last_changed_at);
        }
        if !update.is_same || update.last_changed_at != after.last_changed_at {
            self.transaction.save(customer, &devices, &after)?;
        }
        drop(after);
        if is_changed {
            self.customers.updated += 1;
            differences.columns.insert("last_changed_at".to_owned(), Some(last_changed_at));
            self.transaction.keep_before(customer, ChangeKind::Update, differences)?;
            return self.transaction.drop_other_fingerprints(customer);
        }
        self.customers.unchanged += 1;
        if merged {
            self.transaction.drop_before(customer)?;
        }
        Ok(())
    }

    /// The customer as they were before the import, of which earlier records have made `current`.
    fn earlier(&mut self, customer: CustomerId, current: &Stored) -> Result<Earlier, StoreError> {
        let stored = self.before(customer, current)?;
        let is_changed = !self.differences(&stored.customer, &current.customer)?.is_empty();
        Ok(Earlier { stored, is_changed })
    }

    /// The customer as they were before the import.
    fn before(&mut self, customer: CustomerId, current: &Stored) -> Result<Stored, StoreError> {
        if self.transaction.is_rehearsal() {
            let stored = self.transaction.load_stored(customer)?;
            return stored.ok_or_else(|| self.damaged("a customer is gone"));
        }
        let Some(differences) = self.transaction.before(customer)? else {
            return Ok(current.clone());
        };
        current.reverted(&differences).map_err(|_| self.damaged("attributes that are not JSON"))
    }

    fn differences(&self, before: &Customer, after: &Customer) -> Result<Diff, StoreError> {
        before.diff(after).map_err(|_| self.damaged("attributes that are not JSON"))
    }

    /// Counts, or takes back the count of, what became of a customer's devices.
    fn count_devices(&mut self, before: &[Device], after: &[Device], add: bool) {
        if before == after {
            return;
        }
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
        let apply = |total: &mut u64, count: u64| match add {
            true => *total += count,
            false => *total -= count,
        };
        apply(&mut self.devices.added, counts.added);
        apply(&mut self.devices.refreshed, counts.refreshed);
        apply(&mut self.devices.evicted, counts.evicted);
    }
}
