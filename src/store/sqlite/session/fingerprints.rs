//! The fingerprints that an import reads, sets and drops.

use super::transaction::ImportTransaction;
use crate::store::StoreError;
use crate::store::sqlite::customers::CustomerId;
use crate::store::sqlite::customers::fingerprints::{Fingerprint, Plans, drop_all_of};

impl ImportTransaction {
    /// Chooses the plan whose fingerprints are read and set. Its digest covers everything that shapes a
    /// value.
    pub fn choose_plan(&mut self, digest: &[u8]) -> Result<(), StoreError> {
        self.plans = if self.is_dry_run() {
            Plans::find(&self.database, digest)?
        } else {
            Plans::choose(&self.database, digest, self.import_id)?
        };
        Ok(())
    }

    /// Calls `each` with every fingerprint of the plan, in the order of the customers: the customer, the
    /// hash of the key, the hash of the record. Those that this import has set are not among them.
    pub fn fingerprints(
        &self,
        mut each: impl FnMut(CustomerId, u64, u64),
    ) -> Result<(), StoreError> {
        self.plans.for_each(&self.database, |customer, fingerprint| {
            each(customer, fingerprint.key_hash, fingerprint.record_hash);
        })
    }

    /// Sets the fingerprint of a record of this plan that changes nothing.
    pub fn set_fingerprint(
        &mut self,
        customer: CustomerId,
        key_hash: u64,
        record_hash: u64,
    ) -> Result<(), StoreError> {
        self.change_fingerprint(customer, Fingerprint { key_hash, record_hash })
    }

    /// Drops a customer's fingerprint of this plan.
    pub fn drop_fingerprint(&mut self, customer: CustomerId) -> Result<(), StoreError> {
        self.change_fingerprint(customer, Fingerprint::default())
    }

    /// Drops a changed customer's fingerprints of all other plans.
    pub fn drop_other_fingerprints(&mut self, customer: CustomerId) -> Result<(), StoreError> {
        if self.is_dry_run() || self.plans.others.is_empty() {
            return Ok(());
        }
        self.fingerprint_changes.drop_others(customer);
        self.write_full_fingerprints()
    }

    /// Drops all plans' fingerprints of customers that no record changes.
    pub fn drop_fingerprints_of(
        &self,
        customers: impl IntoIterator<Item = CustomerId>,
    ) -> Result<(), StoreError> {
        drop_all_of(&self.database, customers.into_iter().collect())
    }

    fn change_fingerprint(
        &mut self,
        customer: CustomerId,
        fingerprint: Fingerprint,
    ) -> Result<(), StoreError> {
        if self.is_dry_run() {
            return Ok(());
        }
        self.fingerprint_changes.set(customer, fingerprint);
        self.write_full_fingerprints()
    }

    fn write_full_fingerprints(&mut self) -> Result<(), StoreError> {
        if self.fingerprint_changes.is_full() { self.write_fingerprints() } else { Ok(()) }
    }

    /// Writes the changes of fingerprints that are still buffered.
    pub(super) fn write_fingerprints(&mut self) -> Result<(), StoreError> {
        self.fingerprint_changes.write(&self.database, &self.plans)
    }
}
