//! Brings what records say together with what is stored, one record after the other.
//!
//! The outcome is that of importing the records one by one. Customers are counted by their state
//! before and after the whole import, so a later record of a customer takes back what an earlier
//! one has counted.

use super::identity::{Conflict, Identities, Identity};
use super::update::Step;
use crate::customer::{Customer, Patch};
use crate::import::apply::known::{CustomerSet, Known, KnownCustomers};
use crate::import::plan::Mode;
use crate::import::{CustomerCounts, DeviceCounts};
use crate::store::StoreError;
use crate::store::sqlite::ImportTransaction;
use crate::store::sqlite::customers::{CustomerId, Found, Stored};
use crate::value::Key;

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
    /// Its customer would have more than is stored of one.
    TooLong,
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
    pub(crate) transaction: &'a mut ImportTransaction,
    mode: Mode,
    pub(crate) now: &'a str,
    identities: Identities<'a>,
    pub(crate) touched: CustomerSet,
    /// The customers that skipped and rejected records name.
    mentioned: CustomerSet,
    pub(crate) first_new: CustomerId,
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

    /// Finds out what a record comes to. Whether it names a single customer is checked first, whatever
    /// the mode. A new customer is stored; of an existing one, the change is still to be stored.
    pub(crate) fn take(&mut self, patch: &Patch<'_>, hashes: Hashes) -> Result<Step, StoreError> {
        let fate = match (self.identify(patch, hashes)?, self.mode) {
            (Identity::Conflict(conflict), _) => self.reject(patch, conflict)?,
            (Identity::New, Mode::Update) => Fate::Skipped,
            (Identity::New, Mode::Upsert | Mode::Create) => self.insert(patch, hashes)?,
            (Identity::Known(customer, _), Mode::Create) => {
                self.mentioned.insert(customer);
                Fate::Skipped
            }
            (Identity::Known(customer, current), Mode::Upsert | Mode::Update) => {
                return self.update(customer, current, patch, hashes);
            }
        };
        Ok(Step::Done(fate))
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

    pub(crate) fn damaged(&self, what: &str) -> StoreError {
        StoreError::Damaged { path: self.transaction.path().to_owned(), what: what.to_owned() }
    }
}
