//! Brings what records say together with what is stored, one record after the other.
//!
//! The outcome is that of importing the records one by one. Customers are counted by their state
//! before and after the whole import, so a later record of a customer takes back what an earlier
//! one has counted.

use super::known::{CustomerSet, Known, KnownCustomers, key_hash};
use super::outcome::{CustomerCounts, DeviceCounts};
use super::plan::Mode;
use crate::attribute::{Code, Customer, Device, Differences, Fault, Key, Patch};
use crate::store::{ChangeKind, CustomerId, Found, ImportTransaction, StoreError, Stored};
use std::collections::HashMap;

/// What became of an accepted record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    /// Its customer is as it says.
    Taken {
        /// Whether an earlier record of this import named the same customer.
        merged: bool,
    },
    /// The mode passes over it.
    Skipped,
    /// It names no single customer.
    Rejected(Fault),
}

/// A record's key and, where a later import may trust it, its hash.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hashes {
    /// Who is known for the key, where somebody has looked already.
    pub(super) known: Option<Known>,
    pub(super) key: u64,
    pub(super) record: Option<u64>,
}

/// Room for more new customers than these is made when they come: a long file may name few.
const MOST_EXPECTED: u64 = 1_000_000;

pub(super) struct Reconciler<'a> {
    transaction: &'a mut ImportTransaction,
    key: Key,
    mode: Mode,
    now: &'a str,
    /// Who was known before the import; `None` where each is looked up in the store.
    base: Option<&'a KnownCustomers>,
    /// Who is new, by the key and, where that is another attribute, by the uid.
    fresh: KnownCustomers,
    fresh_uids: Option<KnownCustomers>,
    /// Which stored values of the key are whose, of those that share a hash; read when the first of
    /// them is met. A key's value identifies, so that no import changes whose it is.
    shared: Option<HashMap<String, Found>>,
    touched: CustomerSet,
    /// Those whom `--mode create` passes over.
    passed_over: CustomerSet,
    first_new: CustomerId,
    pub(super) customers: CustomerCounts,
    pub(super) devices: DeviceCounts,
}

impl<'a> Reconciler<'a> {
    pub(super) fn new(
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
            key,
            mode,
            now,
            base,
            fresh: KnownCustomers::with_capacity(expected_new),
            fresh_uids: (key != Key::Uid).then(KnownCustomers::new),
            shared: None,
            touched: CustomerSet::default(),
            passed_over: CustomerSet::default(),
            first_new,
            customers: CustomerCounts::default(),
            devices: DeviceCounts::default(),
        }
    }

    /// Prepares for records with these hashes of keys.
    pub(super) fn expect(&self, hashes: impl Iterator<Item = u64>) {
        self.fresh.warm(hashes);
    }

    /// A record that a fingerprint proves to have nothing to do. `None` where that proof is void:
    /// an earlier record of this import has named the customer, so it must be judged after all.
    pub(super) fn proven(&mut self, customer: CustomerId) -> Option<Fate> {
        if self.mode == Mode::Create {
            self.passed_over.insert(customer);
            return Some(Fate::Skipped);
        }
        if !self.touched.insert(customer) {
            return None;
        }
        self.customers.unchanged += 1;
        Some(Fate::Taken { merged: false })
    }

    /// Whom the records named, in the end.
    pub(super) fn named(self) -> [CustomerSet; 2] {
        [self.touched, self.passed_over]
    }

    /// Does what a record says.
    pub(super) fn take(&mut self, patch: &Patch<'_>, hashes: Hashes) -> Result<Fate, StoreError> {
        let mut found = self.who(patch.key, hashes)?;
        let mut current = None;
        if let Found::One(customer) = found {
            current = self.load_for(customer, patch)?;
            if !current.as_ref().is_some_and(|stored| self.has_key(stored, patch.key)) {
                // Two keys with one hash: the store itself tells them apart.
                found = self.transaction.find(self.key, patch.key)?;
                if let Found::One(customer) = found {
                    current = self.load_for(customer, patch)?;
                }
            }
        }
        match (found, current) {
            (Found::Nobody, _) if self.mode == Mode::Update => Ok(Fate::Skipped),
            (Found::One(customer), _) if self.mode == Mode::Create => {
                self.passed_over.insert(customer);
                Ok(Fate::Skipped)
            }
            (Found::Several, _) => Ok(Fate::Rejected(Fault::new(
                Code::KeyAmbiguous,
                format!("more than one stored customer has this {}", self.key),
            ))),
            (Found::Nobody, _) => self.insert(patch, hashes),
            (Found::One(customer), Some(current)) => self.update(customer, &current, patch, hashes),
            (Found::One(_), None) => Err(self.damaged("a customer is gone")),
        }
    }

    /// Who has that key now, as far as its hash tells.
    fn who(&mut self, key: &str, hashes: Hashes) -> Result<Found, StoreError> {
        let fresh = self.fresh.get(hashes.key);
        let old = match self.base {
            Some(base) => hashes.known.unwrap_or_else(|| base.get(hashes.key)),
            None if self.transaction.customers() == 0 => Known::Nobody,
            None => match self.transaction.find(self.key, key)? {
                Found::Several => Known::Several,
                Found::One(customer) => return Ok(Found::One(customer)),
                Found::Nobody => Known::Nobody,
            },
        };
        match (old, fresh) {
            (Known::Nobody, Known::Nobody) => Ok(Found::Nobody),
            (Known::One(customer, _), Known::Nobody) | (Known::Nobody, Known::One(customer, _)) => {
                Ok(Found::One(customer))
            }
            (Known::Several, Known::Nobody) if self.key != Key::Uid => {
                Ok(self.shared()?.get(key).copied().unwrap_or(Found::Nobody))
            }
            _ => self.transaction.find(self.key, key),
        }
    }

    /// Emails and numbers have no index: looking each up that is there twice would read all
    /// customers every time.
    fn shared(&mut self) -> Result<&HashMap<String, Found>, StoreError> {
        let shared = match self.shared.take() {
            Some(shared) => shared,
            None => self.read_shared()?,
        };
        Ok(self.shared.insert(shared))
    }

    fn read_shared(&self) -> Result<HashMap<String, Found>, StoreError> {
        let mut shared = HashMap::new();
        self.transaction.keys(self.key, |customer, value| {
            let value = self.key.compared(value);
            if self.base.is_some_and(|base| base.get(key_hash(&value)) == Known::Several) {
                shared
                    .entry(value.into_owned())
                    .and_modify(|found| *found = Found::Several)
                    .or_insert(Found::One(customer));
            }
        })?;
        Ok(shared)
    }

    fn has_key(&self, stored: &Stored, key: &str) -> bool {
        match self.key {
            // Of somebody who would be new a rehearsal keeps no identifier.
            _ if stored.uid.is_empty() => true,
            Key::Uid => stored.uid == key,
            Key::Email => {
                stored.customer.email.as_deref().is_some_and(|e| self.key.compared(e) == key)
            }
            Key::Number => stored.customer.number.as_deref() == Some(key),
        }
    }

    fn insert(&mut self, patch: &Patch<'_>, hashes: Hashes) -> Result<Fate, StoreError> {
        let uid = patch.uid.unwrap_or(patch.key);
        if self.key != Key::Uid && self.uid_is_taken(uid, None)? {
            return Ok(uid_of_another());
        }
        let customer = self.transaction.insert(uid, patch, self.now)?;
        self.fresh.insert(hashes.key, customer, 0);
        if let Some(uids) = &mut self.fresh_uids {
            uids.insert(key_hash(uid), customer, 0);
        }
        self.touched.insert(customer);
        if let Some(record) = hashes.record {
            self.transaction.keep_fingerprint(customer, hashes.key, record)?;
        }
        self.customers.inserted += 1;
        self.devices.added += patch.devices().count() as u64;
        Ok(Fate::Taken { merged: false })
    }

    /// Whether somebody has that uid, other than this customer.
    fn uid_is_taken(&mut self, uid: &str, by: Option<CustomerId>) -> Result<bool, StoreError> {
        if let Some(uids) = &self.fresh_uids {
            match uids.get(key_hash(uid)) {
                Known::Nobody => {}
                Known::Several => return Ok(true),
                Known::One(customer, _) if by == Some(customer) => {}
                Known::One(customer, _) => {
                    let stored = self.load(customer)?;
                    if stored.is_some_and(|s| s.uid == uid || s.uid.is_empty()) {
                        return Ok(true);
                    }
                }
            }
        }
        Ok(self.transaction.customers() > 0
            && self.transaction.find_stored(Key::Uid, uid)? != Found::Nobody)
    }

    fn update(
        &mut self,
        customer: CustomerId,
        current: &Stored,
        patch: &Patch<'_>,
        hashes: Hashes,
    ) -> Result<Fate, StoreError> {
        if self.key != Key::Uid
            && let Some(uid) = patch.uid
            && uid != current.uid
            && self.uid_is_taken(uid, Some(customer))?
        {
            return Ok(uid_of_another());
        }
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
        // Whether another uid is somebody else's may change without a change of this customer.
        let is_named_so = patch.uid.is_none_or(|uid| uid == current.uid);
        self.change(customer, current, after, applied, merged)?;
        match hashes.record {
            Some(record) if !merged && is_named_so => {
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

fn uid_of_another() -> Fate {
    Fate::Rejected(Fault::new(Code::KeyAmbiguous, "its uid is another customer's"))
}
