//! Merges validated records with the stored customers, one record after the other.
//!
//! The result is that of importing each record alone. Customers are counted by their state before
//! and after the whole import: whether a customer has changed is one bit, set or cleared by each of
//! its records and counted at the end.

use super::identity::{Conflict, Identities, Identity};
use crate::customer::{Differences, Patch};
use crate::import::Mode;
use crate::import::known::{CustomerSet, Known, KnownCustomers};
use crate::import::{CustomerCounts, DeviceCounts};
use crate::store::StoreError;
use crate::store::sqlite::ImportTransaction;
use crate::store::sqlite::customers::{CustomerId, Found, Stored};
use crate::store::sqlite::history::ChangeKind;
use crate::value::{Device, Key};

/// The result of merging an accepted record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MergeResult {
    /// The customer now has the values of the record.
    Accepted {
        /// Whether an earlier record of this import named the same customer.
        merged: bool,
    },
    /// The mode excludes the record.
    Skipped,
    /// The record does not name a single customer.
    Rejected(Conflict),
}

/// The hashes of a record.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hashes {
    /// The customers known for the key, if they were looked up already.
    pub(crate) known: Option<Known>,
    pub(crate) key: u64,
    /// The fingerprint of the record, if a later import may trust it.
    pub(crate) record: Option<u64>,
}

/// The number of new customers that memory is reserved for at most: a long file may name few.
const MAX_RESERVED_CUSTOMERS: u64 = 1_000_000;

/// Merges records into the store.
pub(crate) struct Merger<'a> {
    transaction: &'a mut ImportTransaction,
    mode: Mode,
    now: &'a str,
    identities: Identities<'a>,
    /// The customers of accepted records.
    touched: CustomerSet,
    /// Those of them that differ from what the store had before the import; new ones are not in it.
    changed: CustomerSet,
    /// The customers of skipped and rejected records.
    mentioned: CustomerSet,
    first_new: CustomerId,
    inserted: u64,
    devices: DeviceCounts,
}

impl<'a> Merger<'a> {
    pub(crate) fn new(
        transaction: &'a mut ImportTransaction,
        key: Key,
        mode: Mode,
        now: &'a str,
        base: Option<&'a KnownCustomers>,
        expected_records: Option<u64>,
    ) -> Self {
        // The records of a first import are most likely new customers.
        let expected_new = match transaction.customers() {
            0 => expected_records.unwrap_or_default().min(MAX_RESERVED_CUSTOMERS),
            _ => 0,
        };
        let first_new = transaction.first_new_customer();
        Self {
            transaction,
            mode,
            now,
            identities: Identities::new(key, base, expected_new),
            touched: CustomerSet::default(),
            changed: CustomerSet::default(),
            mentioned: CustomerSet::default(),
            first_new,
            inserted: 0,
            devices: DeviceCounts::default(),
        }
    }

    /// Prepares for records with these hashes of keys.
    pub(crate) fn expect(&self, hashes: impl Iterator<Item = u64>) {
        self.identities.expect(hashes);
    }

    /// Accepts a record that a fingerprint proves unchanged. `None` if the fingerprint no longer
    /// holds because an earlier record of this import named the customer: the record must be
    /// validated and merged.
    pub(crate) fn unchanged(&mut self, customer: CustomerId) -> Option<MergeResult> {
        if self.mode == Mode::Create {
            self.mentioned.insert(customer);
            return Some(MergeResult::Skipped);
        }
        self.touched.insert(customer).then_some(MergeResult::Accepted { merged: false })
    }

    /// Notes the customer with the uid of a rejected record, which is not missing in a snapshot.
    /// Only for imports whose key is not the uid.
    pub(crate) fn mention(&mut self, uid: &str) -> Result<(), StoreError> {
        if let Some(customer) = self.identities.with_uid(uid, self.transaction)? {
            self.mentioned.insert(customer);
        }
        Ok(())
    }

    /// The counts of customers, except of those that a snapshot misses.
    pub(crate) fn customers(&self) -> CustomerCounts {
        let updated = self.changed.len();
        CustomerCounts {
            inserted: self.inserted,
            updated,
            unchanged: self.touched.len() - self.inserted - updated,
            ..CustomerCounts::default()
        }
    }

    /// The counts of devices.
    pub(crate) fn devices(&self) -> DeviceCounts {
        self.devices
    }

    /// The customers that the records have named.
    pub(crate) fn named(self) -> [CustomerSet; 2] {
        [self.touched, self.mentioned]
    }

    /// Merges a record. Whether it names a single customer is checked first, whatever the mode.
    pub(crate) fn merge(
        &mut self,
        patch: &Patch<'_>,
        hashes: Hashes,
    ) -> Result<MergeResult, StoreError> {
        match (self.identify(patch, hashes)?, self.mode) {
            (Identity::Conflict(conflict), _) => self.reject(patch, conflict),
            (Identity::New, Mode::Update) => Ok(MergeResult::Skipped),
            (Identity::New, Mode::Upsert | Mode::Create) => self.insert(patch, hashes),
            (Identity::Known(customer, _), Mode::Create) => {
                self.mentioned.insert(customer);
                Ok(MergeResult::Skipped)
            }
            (Identity::Known(customer, current), Mode::Upsert | Mode::Update) => {
                self.update(customer, &current, patch, hashes)
            }
        }
    }

    /// The customer that a record names.
    fn identify(&mut self, patch: &Patch<'_>, hashes: Hashes) -> Result<Identity, StoreError> {
        let found = self.identities.find(self.transaction, patch.key, hashes.key, hashes.known)?;
        let mut identity = self.load_found(found, patch)?;
        if let Identity::Known(_, stored) = &identity
            && !self.identities.has_key(stored, patch.key)
        {
            // Two keys share a hash: the store compares them.
            let found = self.transaction.find(self.identities.key(), patch.key)?;
            identity = self.load_found(found, patch)?;
        }
        let conflict = match &identity {
            Identity::New => self.identities.check_new(patch, self.transaction)?,
            Identity::Known(_, stored) => Identities::check_known(patch, stored),
            Identity::Conflict(_) => None,
        };
        Ok(conflict.map_or(identity, Identity::Conflict))
    }

    fn load_found(&mut self, found: Found, patch: &Patch<'_>) -> Result<Identity, StoreError> {
        match found {
            Found::Nobody => Ok(Identity::New),
            Found::Several => Ok(Identity::Conflict(Conflict::SharedKey)),
            Found::One(customer) => match self.load_for(customer, patch)? {
                Some(stored) => Ok(Identity::Known(customer, stored)),
                None => Err(self.transaction.damaged("a customer is gone")),
            },
        }
    }

    /// Rejects a record. The customers that it names are not missing in a snapshot: if they were
    /// removed, the next import would not reject the record.
    fn reject(&mut self, patch: &Patch<'_>, conflict: Conflict) -> Result<MergeResult, StoreError> {
        for uid in patch.uid.into_iter().chain([patch.key]) {
            self.mention(uid)?;
        }
        Ok(MergeResult::Rejected(conflict))
    }

    fn insert(&mut self, patch: &Patch<'_>, hashes: Hashes) -> Result<MergeResult, StoreError> {
        let uid = patch.uid.unwrap_or(patch.key);
        let customer = self.transaction.insert(uid, patch, self.now)?;
        self.identities.insert(hashes.key, uid, customer);
        self.touched.insert(customer);
        if let Some(record) = hashes.record {
            self.transaction.keep_fingerprint(customer, hashes.key, record)?;
        }
        self.inserted += 1;
        self.devices.added += patch.devices().count() as u64;
        Ok(MergeResult::Accepted { merged: false })
    }

    fn update(
        &mut self,
        customer: CustomerId,
        current: &Stored,
        patch: &Patch<'_>,
        hashes: Hashes,
    ) -> Result<MergeResult, StoreError> {
        let merged = !self.touched.insert(customer);
        let mut after = current.clone();
        let applied = after.customer.apply(patch).map_err(|_| self.invalid_attributes())?;
        if applied.is_empty() {
            // The customer has these values already.
        } else if customer >= self.first_new {
            self.update_inserted(customer, current, &after)?;
        } else if merged {
            self.apply_later_record(customer, current, after)?;
        } else {
            self.apply_first_record(customer, current, after, applied)?;
        }
        match hashes.record {
            Some(record) if !merged => {
                self.transaction.keep_fingerprint(customer, hashes.key, record)?;
            }
            _ => self.transaction.drop_fingerprint(customer)?,
        }
        Ok(MergeResult::Accepted { merged })
    }

    /// Updates a customer that this import has inserted.
    fn update_inserted(
        &mut self,
        customer: CustomerId,
        current: &Stored,
        after: &Stored,
    ) -> Result<(), StoreError> {
        self.count_devices(&[], Some(&current.customer.devices), &after.customer.devices);
        self.transaction.save(customer, &current.customer, after)
    }

    /// Updates a stored customer by the first record that names it; `applied` is how `after` differs
    /// from the customer.
    fn apply_first_record(
        &mut self,
        customer: CustomerId,
        current: &Stored,
        after: Stored,
        applied: Differences,
    ) -> Result<(), StoreError> {
        self.count_devices(&current.customer.devices, None, &after.customer.devices);
        self.save_changed(customer, current, current, after, applied)
    }

    /// Updates a stored customer by a later record. It may bring the customer back to the state
    /// before the import: then there is no change to keep.
    fn apply_later_record(
        &mut self,
        customer: CustomerId,
        current: &Stored,
        mut after: Stored,
    ) -> Result<(), StoreError> {
        let original = self.transaction.original(customer, current)?;
        let differences = original
            .customer
            .differences(&after.customer)
            .map_err(|_| self.invalid_attributes())?;
        self.count_devices(
            &original.customer.devices,
            Some(&current.customer.devices),
            &after.customer.devices,
        );
        if !differences.is_empty() {
            return self.save_changed(customer, &original, current, after, differences);
        }
        self.changed.remove(customer);
        self.transaction.drop_before(customer)?;
        after.last_changed_at = original.last_changed_at;
        self.transaction.save(customer, &current.customer, &after)
    }

    /// Stores a customer that differs from its state before the import.
    fn save_changed(
        &mut self,
        customer: CustomerId,
        original: &Stored,
        current: &Stored,
        mut after: Stored,
        mut differences: Differences,
    ) -> Result<(), StoreError> {
        self.changed.insert(customer);
        let last_changed_at = Some(original.last_changed_at.clone());
        differences.columns.insert("last_changed_at".to_owned(), last_changed_at);
        self.now.clone_into(&mut after.last_changed_at);
        self.transaction.keep_before(customer, ChangeKind::Update, &differences)?;
        self.transaction.drop_other_fingerprints(customer)?;
        self.transaction.save(customer, &current.customer, &after)
    }

    /// Loads a customer for a record. Devices take a query of their own and most customers have
    /// none, so they are left out unless this record or an earlier one has a device.
    fn load_for(
        &mut self,
        customer: CustomerId,
        patch: &Patch<'_>,
    ) -> Result<Option<Stored>, StoreError> {
        let is_first = customer < self.first_new && !self.touched.contains(customer);
        if is_first && !patch.has_devices() {
            self.transaction.load_without_devices(customer)
        } else {
            self.transaction.load(customer)
        }
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
