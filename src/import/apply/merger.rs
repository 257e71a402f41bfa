//! Merges validated records with the stored customers, one record after the other.
//!
//! The result is that of importing each record alone. Customers are counted by their state before
//! and after the whole import: whether a customer has changed is one bit, set or cleared by each of
//! its records and counted at the end.

use super::identity::{Conflict, Identities, Identity};
use super::merge_step::{Hashes, MergeResult, MergeStep};
use crate::customer::Patch;
use crate::import::Mode;
use crate::import::known::{CustomerSet, KnownCustomers};
use crate::outcome::{CustomerCounts, DeviceCounts};
use crate::store::StoreError;
use crate::store::sqlite::customers::{CustomerId, StoredCustomer};
use crate::store::sqlite::{ImportTransaction, KeyMatch};
use crate::value::Key;

/// The number of new customers that memory is reserved for at most: a long file may name few.
const MAX_RESERVED_CUSTOMERS: u64 = 1_000_000;

/// Merges records into the store.
pub(crate) struct Merger<'a> {
    pub(super) transaction: &'a mut ImportTransaction,
    mode: Mode,
    pub(super) now: &'a str,
    identities: Identities<'a>,
    /// The customers of accepted records.
    pub(super) touched: CustomerSet,
    /// Those of them that differ from what the store had before the import; new ones are not in it.
    pub(super) changed: CustomerSet,
    /// The customers of skipped and rejected records.
    mentioned: CustomerSet,
    pub(super) first_new: CustomerId,
    inserted: u64,
    pub(super) devices: DeviceCounts,
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

    /// Merges a record. Whether it names a single customer is checked first, whatever the mode. A new
    /// customer is stored; the update of an existing one is still to be stored.
    pub(crate) fn merge(
        &mut self,
        patch: &Patch<'_>,
        hashes: Hashes,
    ) -> Result<MergeStep, StoreError> {
        let result = match (self.identify(patch, hashes)?, self.mode) {
            (Identity::Conflict(conflict), _) => self.reject(patch, conflict)?,
            (Identity::New, Mode::Update) => MergeResult::Skipped,
            (Identity::New, Mode::Upsert | Mode::Create) => self.insert(patch, hashes)?,
            (Identity::Known(customer, _), Mode::Create) => {
                self.mentioned.insert(customer);
                MergeResult::Skipped
            }
            (Identity::Known(customer, current), Mode::Upsert | Mode::Update) => {
                return self.update(customer, current, patch, hashes);
            }
        };
        Ok(MergeStep::Done(result))
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

    fn load_found(&mut self, found: KeyMatch, patch: &Patch<'_>) -> Result<Identity, StoreError> {
        match found {
            KeyMatch::None => Ok(Identity::New),
            KeyMatch::Several => Ok(Identity::Conflict(Conflict::SharedKey)),
            KeyMatch::One(customer) => match self.load_for(customer, patch)? {
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
            self.transaction.set_fingerprint(customer, hashes.key, record)?;
        }
        self.inserted += 1;
        self.devices.added += patch.devices().count() as u64;
        Ok(MergeResult::Accepted { merged: false })
    }

    /// Loads a customer for a record. Devices take a query of their own and most customers have
    /// none, so they are left out unless this record or an earlier one has a device.
    fn load_for(
        &mut self,
        customer: CustomerId,
        patch: &Patch<'_>,
    ) -> Result<Option<StoredCustomer>, StoreError> {
        let is_first = customer < self.first_new && !self.touched.contains(customer);
        if is_first && !patch.has_devices() {
            self.transaction.load_without_devices(customer)
        } else {
            self.transaction.load(customer)
        }
    }
}
