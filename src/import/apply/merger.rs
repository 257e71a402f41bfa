//! Merges validated records with the stored customers, one record after the other.
//!
//! The result is the same as importing each record separately. Customers are counted by their state
//! before and after the whole import: whether a customer has changed is one bit, set or cleared by
//! each of its records and counted at the end.

use super::batch_customers::{BatchCustomers, Place};
use super::identity::{Conflict, Identities, StoredKey};
use super::merge_step::{Hashes, MergeResult, Step};
use crate::customer::{Customer, Patch};
use crate::import::known::KnownCustomers;
use crate::import::{ImportError, Mode};
use crate::outcome::{CustomerCounts, DeviceCounts};
use crate::store::{CustomerSet, KeyMatch, Loaded, Proof, Session, Slot, StoreError, Wanted};
use crate::value::Key;

/// The maximum number of new customers to reserve memory for: a long file may name few.
const MAX_RESERVED_CUSTOMERS: u64 = 1_000_000;

/// How many customers are loaded together at the end.
const LOADED_TOGETHER: usize = 512;

/// How many uids of rejected records are looked up together.
const MENTIONED_TOGETHER: usize = 1024;

/// The customer that a record names.
enum Identity {
    /// A customer that is not in the store yet.
    New,
    /// A customer, as earlier records of the import have left it.
    Known(Slot, Place),
    /// No single customer.
    Conflict(Conflict),
}

/// Merges records into the store.
pub(crate) struct Merger<'a> {
    pub(super) customers: BatchCustomers<'a>,
    pub(super) identities: Identities<'a>,
    mode: Mode,
    /// The customers of accepted records.
    pub(super) touched: CustomerSet,
    /// The customers of skipped and rejected records.
    mentioned: CustomerSet,
    /// The uids of rejected records that are still to be looked up.
    mentioned_uids: Vec<String>,
    inserted: u64,
    pub(super) devices: DeviceCounts,
}

impl<'a> Merger<'a> {
    pub(crate) fn new(
        session: &'a mut dyn Session,
        key: Key,
        mode: Mode,
        now: &str,
        base: Option<&'a KnownCustomers>,
        expected_records: Option<u64>,
    ) -> Self {
        let is_store_empty = session.start().customers == 0;
        // The records of a first import are most likely new customers.
        let expected_new = match is_store_empty {
            true => expected_records.unwrap_or_default().min(MAX_RESERVED_CUSTOMERS),
            false => 0,
        };
        Self {
            customers: BatchCustomers::new(session, now),
            identities: Identities::new(key, base, is_store_empty, expected_new),
            mode,
            touched: CustomerSet::default(),
            mentioned: CustomerSet::default(),
            mentioned_uids: Vec::new(),
            inserted: 0,
            devices: DeviceCounts::default(),
        }
    }

    /// Whether so much has changed that it should be written before the next record.
    pub(crate) fn is_full(&self) -> bool {
        self.customers.is_full()
    }

    /// Writes what has changed.
    pub(crate) fn write(&mut self) -> Result<(), StoreError> {
        self.customers.write()
    }

    /// Accepts a record that a fingerprint proves unchanged. `None` if the fingerprint no longer
    /// holds because an earlier record of this import named the customer: the record must be
    /// validated and merged.
    pub(crate) fn unchanged(&mut self, customer: Slot) -> Option<MergeResult> {
        if self.mode == Mode::Create {
            self.mentioned.insert(customer);
            return Some(MergeResult::Skipped);
        }
        self.touched.insert(customer).then_some(MergeResult::Accepted { merged: false })
    }

    /// Notes the uid of a rejected record, so that its customer does not count as missing from a
    /// snapshot. Only for imports whose key is not the uid.
    pub(crate) fn mention(&mut self, uid: &str) -> Result<(), StoreError> {
        if self.identities.is_store_empty {
            return Ok(());
        }
        self.mentioned_uids.push(uid.to_owned());
        if self.mentioned_uids.len() < MENTIONED_TOGETHER {
            Ok(())
        } else {
            self.look_up_mentioned()
        }
    }

    fn look_up_mentioned(&mut self) -> Result<(), StoreError> {
        let uids: Vec<&str> = self.mentioned_uids.iter().map(String::as_str).collect();
        for found in self.customers.session.lookup(Key::Uid, &uids)? {
            if let KeyMatch::One(slot) = found {
                self.mentioned.insert(slot);
            }
        }
        self.mentioned_uids.clear();
        Ok(())
    }

    /// Writes what is left.
    pub(crate) fn finish(&mut self) -> Result<(), StoreError> {
        self.customers.write()?;
        self.look_up_mentioned()
    }

    /// The counts of customers, except those missing from a snapshot.
    pub(crate) fn customers(&self) -> CustomerCounts {
        let updated = self.customers.changed.len();
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

    /// Calls `each` with the uid and the final state of each customer of an accepted record.
    pub(crate) fn each_accepted(
        &mut self,
        mut each: impl FnMut(&str, &Customer) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        let mut touched = self.touched.iter().map(|slot| Wanted { slot, devices: true });
        loop {
            let mut wanted: Vec<Wanted> = touched.by_ref().take(LOADED_TOGETHER).collect();
            if wanted.is_empty() {
                return Ok(());
            }
            while !wanted.is_empty() {
                let mut loaded = self.customers.session.load(&wanted)?;
                loaded.sort_unstable_by_key(|loaded| loaded.slot);
                wanted.retain(|it| loaded.binary_search_by_key(&it.slot, |it| it.slot).is_err());
                for Loaded { stored, .. } in loaded {
                    each(&stored.uid, &stored.customer)?;
                }
            }
        }
    }

    /// The customers of accepted records, and those of skipped and rejected ones.
    pub(crate) fn named(self) -> [CustomerSet; 2] {
        [self.touched, self.mentioned]
    }

    /// Merges a record. Whether it names a single customer is checked first, in every mode.
    pub(crate) fn merge(&mut self, patch: &Patch<'_>, hashes: Hashes) -> Result<Step, StoreError> {
        let result = match (self.identify(patch, hashes)?, self.mode) {
            (Identity::Conflict(conflict), _) => self.reject(patch, conflict)?,
            (Identity::New, Mode::Update) => MergeResult::Skipped,
            (Identity::New, Mode::Upsert | Mode::Create) => self.insert(patch, hashes),
            (Identity::Known(slot, _), Mode::Create) => {
                self.mentioned.insert(slot);
                MergeResult::Skipped
            }
            (Identity::Known(slot, place), Mode::Upsert | Mode::Update) => {
                return self.update(slot, place, patch, hashes);
            }
        };
        Ok((result, None))
    }

    /// The customer that a record names.
    fn identify(&mut self, patch: &Patch<'_>, hashes: Hashes) -> Result<Identity, StoreError> {
        let (key, devices) = (patch.key, patch.has_devices());
        let added = self.identities.added.candidate(hashes.key, key);
        let stored = self.identities.stored(hashes.key, hashes.known);
        let likely = match stored {
            StoredKey::Likely(slot) => Some(slot),
            StoredKey::None | StoredKey::Ask => None,
        };
        for slot in added.into_iter().chain(likely) {
            let place = self.customers.find(Wanted { slot, devices })?;
            if self.identities.has_key(self.customers.stored(&place), key) {
                return Ok(self.known(slot, place, patch));
            }
        }
        let found = match stored {
            StoredKey::None => KeyMatch::None,
            // If one is likely, two keys share a hash: the store compares them.
            StoredKey::Likely(_) | StoredKey::Ask => {
                self.identities.look_up(self.customers.session, key)?
            }
        };
        match found {
            KeyMatch::None => self.check_new(patch),
            KeyMatch::Several => Ok(Identity::Conflict(Conflict::SharedKey)),
            KeyMatch::One(slot) => {
                let place = self.customers.find(Wanted { slot, devices })?;
                Ok(self.known(slot, place, patch))
            }
        }
    }

    /// Checks a record against the customer with its key. A customer's key and uid do not change in
    /// an import, so the result is the same for as long as the customer exists.
    fn known(&self, slot: Slot, place: Place, patch: &Patch<'_>) -> Identity {
        let is_other = patch.uid.is_some_and(|uid| self.customers.stored(&place).uid != uid);
        if is_other { Identity::Conflict(Conflict::Uid) } else { Identity::Known(slot, place) }
    }

    /// Checks a record whose key no customer has: no other customer may have its uid.
    fn check_new(&mut self, patch: &Patch<'_>) -> Result<Identity, StoreError> {
        let uids: Vec<&str> = self.identities.uids_of_new(patch).collect();
        for uid in uids {
            if self.has_uid(uid)? {
                let conflict = if patch.uid.is_some() { Conflict::Uid } else { Conflict::KeyIsUid };
                return Ok(Identity::Conflict(conflict));
            }
        }
        Ok(Identity::New)
    }

    /// Whether there is a customer with that uid, which is not the key.
    fn has_uid(&mut self, uid: &str) -> Result<bool, StoreError> {
        let added = self.identities.added_uids.as_ref();
        if let Some(slot) = added.and_then(|added| added.candidate_of(uid)) {
            let place = self.customers.find(Wanted { slot, devices: false })?;
            if self.customers.stored(&place).uid == uid {
                return Ok(true);
            }
        }
        self.identities.is_stored_uid(self.customers.session, uid)
    }

    /// Rejects a record. The customers that it names are not missing from a snapshot: if they were
    /// removed, the next import would not reject the record.
    fn reject(&mut self, patch: &Patch<'_>, conflict: Conflict) -> Result<MergeResult, StoreError> {
        for uid in patch.uid.into_iter().chain([patch.key]) {
            self.mention(uid)?;
        }
        Ok(MergeResult::Rejected(conflict))
    }

    fn insert(&mut self, patch: &Patch<'_>, hashes: Hashes) -> MergeResult {
        let uid = patch.uid.unwrap_or(patch.key);
        let slot = self.customers.insert(uid, patch);
        self.identities.add(hashes.key, patch.key, uid, slot);
        self.touched.insert(slot);
        if let Some(record_hash) = hashes.record {
            self.customers.prove(slot, Some(Proof { key_hash: hashes.key, record_hash }), false);
        }
        self.inserted += 1;
        self.devices.added += patch.devices().count() as u64;
        MergeResult::Accepted { merged: false }
    }
}
