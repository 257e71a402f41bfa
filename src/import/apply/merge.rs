//! Brings what records say together with what is stored, one record after the other.
//!
//! The outcome is that of importing the records one by one. Customers are counted by their state
//! before and after the whole import, so a later record of a customer takes back what an earlier
//! one has counted.

use super::identity::{Conflict, Identities, Identity};
use crate::customer::{Customer, Differences, Patch};
use crate::import::apply::known::{CustomerSet, Known, KnownCustomers};
use crate::import::plan::Mode;
use crate::outcome::{CustomerCounts, DeviceCounts};
use crate::store::StoreError;
use crate::store::sqlite::ImportTransaction;
use crate::store::sqlite::customers::{CustomerId, Found, Stored};
use crate::store::sqlite::history::ChangeKind;
use crate::value::{Device, Key};

/// What became of an accepted record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Its customer is as it says.
    Taken {
        /// Whether an earlier record of this import named the same customer.
        merged: bool,
    },
    /// The mode passes over it.
    Skipped,
    /// It names no single customer.
    Rejected(Conflict),
}

/// A record's key and, where a later import may trust it, its hash.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hashes {
    /// Who is known for the key, where somebody has looked already.
    pub(crate) known: Option<Known>,
    pub(crate) key: u64,
    pub(crate) record: Option<u64>,
}

/// Room for more new customers than these is made when they come: a long file may name few.
const MOST_EXPECTED: u64 = 1_000_000;

pub(crate) struct Reconciler<'a> {
    transaction: &'a mut ImportTransaction,
    mode: Mode,
    now: &'a str,
    identities: Identities<'a>,
    touched: CustomerSet,
    /// The customers that skipped and rejected records name.
    mentioned: CustomerSet,
    first_new: CustomerId,
    pub(crate) customers: CustomerCounts,
    pub(crate) devices: DeviceCounts,
}

impl<'a> Reconciler<'a> {
    pub(crate) fn new(
        transaction: &'a mut ImportTransaction,
        key: Key,
        mode: Mode,
        now: &'a str,
        base: Option<&'a KnownCustomers>,
        expected_records: Option<u64>,
    ) -> Self {
        // Records of a first import are new customers, most likely.
        let expected_new = match transaction.customers() {
            0 => expected_records.unwrap_or_default().min(MOST_EXPECTED),
            _ => 0,
        };
        let first_new = transaction.first_new_customer();
        Self {
            transaction,
            mode,
            now,
            identities: Identities::new(key, base, expected_new),
            touched: CustomerSet::default(),
            mentioned: CustomerSet::default(),
            first_new,
            customers: CustomerCounts::default(),
            devices: DeviceCounts::default(),
        }
    }

    /// Prepares for records with these hashes of keys.
    pub(crate) fn expect(&self, hashes: impl Iterator<Item = u64>) {
        self.identities.expect(hashes);
    }

    /// A record that a fingerprint proves to have nothing to do. `None` where that proof is void:
    /// an earlier record of this import has named the customer, so it must be judged after all.
    pub(crate) fn proven(&mut self, customer: CustomerId) -> Option<Fate> {
        if self.mode == Mode::Create {
            self.mentioned.insert(customer);
            return Some(Fate::Skipped);
        }
        if !self.touched.insert(customer) {
            return None;
        }
        self.customers.unchanged += 1;
        Some(Fate::Taken { merged: false })
    }

    /// Notes the customer with the uid of a rejected record, who is not missing in a snapshot. Only
    /// for imports whose key is not the uid.
    pub(crate) fn mention(&mut self, uid: &str) -> Result<(), StoreError> {
        if let Some(customer) = self.identities.with_uid(uid, self.transaction)? {
            self.mentioned.insert(customer);
        }
        Ok(())
    }

    /// The customers that the records have named.
    pub(crate) fn named(self) -> [CustomerSet; 2] {
        [self.touched, self.mentioned]
    }

    /// Does what a record says. Whether it names a single customer is checked first, whatever the
    /// mode.
    pub(crate) fn take(&mut self, patch: &Patch<'_>, hashes: Hashes) -> Result<Fate, StoreError> {
        match (self.identify(patch, hashes)?, self.mode) {
            (Identity::Conflict(conflict), _) => self.reject(patch, conflict),
            (Identity::New, Mode::Update) => Ok(Fate::Skipped),
            (Identity::New, Mode::Upsert | Mode::Create) => self.insert(patch, hashes),
            (Identity::Known(customer, _), Mode::Create) => {
                self.mentioned.insert(customer);
                Ok(Fate::Skipped)
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
                None => Err(self.damaged("a customer is gone")),
            },
        }
    }

    /// Rejects a record. The customers that it names are not missing in a snapshot: without them, the
    /// record would have another outcome the next time.
    fn reject(&mut self, patch: &Patch<'_>, conflict: Conflict) -> Result<Fate, StoreError> {
        for uid in patch.uid.into_iter().chain([patch.key]) {
            self.mention(uid)?;
        }
        Ok(Fate::Rejected(conflict))
    }

    fn insert(&mut self, patch: &Patch<'_>, hashes: Hashes) -> Result<Fate, StoreError> {
        let uid = patch.uid.unwrap_or(patch.key);
        let customer = self.transaction.insert(uid, patch, self.now)?;
        self.identities.insert(hashes.key, uid, customer);
        self.touched.insert(customer);
        if let Some(record) = hashes.record {
            self.transaction.keep_fingerprint(customer, hashes.key, record)?;
        }
        self.customers.inserted += 1;
        self.devices.added += patch.devices().count() as u64;
        Ok(Fate::Taken { merged: false })
    }

    fn update(
        &mut self,
        customer: CustomerId,
        current: &Stored,
        patch: &Patch<'_>,
        hashes: Hashes,
    ) -> Result<Fate, StoreError> {
        let merged = !self.touched.insert(customer);
        let mut after = current.clone();
        let applied = after
            .customer
            .apply(patch)
            .map_err(|_| self.damaged("attributes that are not JSON"))?;
        if customer >= self.first_new {
            self.count_devices(&[], &current.customer.devices, false);
            self.count_devices(&[], &after.customer.devices, true);
            self.transaction.save(customer, &current.customer, &after)?;
            self.transaction.drop_fingerprint(customer)?;
            return Ok(Fate::Taken { merged });
        }
        self.change(customer, current, after, applied, merged)?;
        match hashes.record {
            Some(record) if !merged => {
                self.transaction.keep_fingerprint(customer, hashes.key, record)?;
            }
            _ => self.transaction.drop_fingerprint(customer)?,
        }
        Ok(Fate::Taken { merged })
    }

    /// Changes a customer whom the store had before the import.
    fn change(
        &mut self,
        customer: CustomerId,
        current: &Stored,
        mut after: Stored,
        applied: Differences,
        merged: bool,
    ) -> Result<(), StoreError> {
        let earlier = if merged { Some(self.before(customer, current)?) } else { None };
        let before = earlier.as_ref().unwrap_or(current);
        if merged {
            self.count_devices(&before.customer.devices, &current.customer.devices, false);
            let changed = self.differences(&before.customer, &current.customer)?;
            *(if changed.is_empty() {
                &mut self.customers.unchanged
            } else {
                &mut self.customers.updated
            }) -= 1;
        }
        let same = applied.is_empty();
        let mut differences = match merged {
            true => self.differences(&before.customer, &after.customer)?,
            false => applied,
        };
        self.count_devices(&before.customer.devices, &after.customer.devices, true);
        let unchanged = differences.is_empty();
        if unchanged {
            self.customers.unchanged += 1;
            after.last_changed_at.clone_from(&before.last_changed_at);
            if merged {
                self.transaction.drop_before(customer)?;
            }
        } else {
            self.customers.updated += 1;
            let last_changed_at = Some(before.last_changed_at.clone());
            differences.columns.insert("last_changed_at".to_owned(), last_changed_at);
            self.now.clone_into(&mut after.last_changed_at);
            self.transaction.keep_before(customer, ChangeKind::Update, &differences)?;
            self.transaction.drop_other_fingerprints(customer)?;
        }
        if !same || current.last_changed_at != after.last_changed_at {
            self.transaction.save(customer, &current.customer, &after)?;
        }
        Ok(())
    }

    /// Loads a customer for what a record says. Six of ten have no device, and it costs a query to
    /// ask; where the record has none, and no earlier one of this import, nobody needs to know.
    fn load_for(
        &mut self,
        customer: CustomerId,
        patch: &Patch<'_>,
    ) -> Result<Option<Stored>, StoreError> {
        let is_first = customer < self.first_new && !self.touched.contains(customer);
        match !patch.has_devices() && is_first && !self.transaction.is_rehearsal() {
            true => self.transaction.load_without_devices(customer),
            false => self.load(customer),
        }
    }

    fn load(&mut self, customer: CustomerId) -> Result<Option<Stored>, StoreError> {
        let loaded = self.transaction.load(customer)?;
        if loaded.is_none() && customer >= self.first_new {
            // In a rehearsal, somebody new of whom nothing had to be kept.
            return Ok(Some(Stored {
                uid: String::new(),
                customer: Customer { attributes: "{}".to_owned(), ..Customer::default() },
                last_changed_at: String::new(),
            }));
        }
        Ok(loaded)
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
        current.taken_back(&differences).map_err(|_| self.damaged("attributes that are not JSON"))
    }

    fn differences(&self, before: &Customer, after: &Customer) -> Result<Differences, StoreError> {
        before.differences(after).map_err(|_| self.damaged("attributes that are not JSON"))
    }

    fn damaged(&self, what: &str) -> StoreError {
        StoreError::Damaged { path: self.transaction.path().to_owned(), what: what.to_owned() }
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
