//! Finds the customer that a record names: by its key and, beside an email or a number, by its uid.
//!
//! The outcome for a record must be the same when the same file is imported again, for every order
//! of its records. `docs/mapping.md` states the rule, and why it has that property.

use crate::customer::Patch;
use crate::import::known::{Known, KnownCustomers, key_hash};
use crate::store::StoreError;
use crate::store::sqlite::customers::{CustomerId, StoredCustomer};
use crate::store::sqlite::{ImportTransaction, KeyMatch};
use crate::value::{Code, Key, RejectReason, Standard};
use std::collections::HashMap;

/// What a record names.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "a box would cost an allocation for each record")]
pub(crate) enum Identity {
    /// A customer that is not in the store yet.
    New,
    /// A customer, as earlier records of the import have left them.
    Known(CustomerId, StoredCustomer),
    /// No single customer.
    Conflict(Conflict),
}

/// Why a record does not name a single customer. A record that is rejected has the same reason when
/// its file is imported again, whatever other records of the file have inserted since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Conflict {
    /// Several stored customers have its key.
    SharedKey,
    /// Its key and its uid do not belong to the same customer.
    Uid,
    /// It has no uid, and its key is the uid of another customer.
    KeyIsUid,
}

impl Conflict {
    pub(crate) fn fault(self, key: Key) -> RejectReason {
        let message = match self {
            Self::SharedKey => format!("more than one stored customer has this {key}"),
            Self::Uid => format!(
                "this uid and this {key} do not belong to the same customer; use --key uid, or \
                 --skip this column"
            ),
            Self::KeyIsUid => format!("this {key} is the uid of another customer"),
        };
        RejectReason::new(Code::KeyAmbiguous, message)
    }

    /// The attribute whose value is in conflict.
    pub(crate) fn attribute(self, key: Key) -> Standard {
        match self {
            Self::SharedKey | Self::KeyIsUid => key.attribute(),
            Self::Uid => Standard::Uid,
        }
    }
}

/// The customers by key and uid, with those that the import has inserted so far.
pub(crate) struct Identities<'a> {
    key: Key,
    /// The customers that the store had before the import; `None` if each is looked up there.
    base: Option<&'a KnownCustomers>,
    /// The inserted customers by key.
    inserted: KnownCustomers,
    /// The inserted customers by uid, unless the uid is the key.
    inserted_uids: Option<KnownCustomers>,
    /// The stored customers by key, of the keys that share a hash. It is read when a record first
    /// needs it. An import never changes a customer's key, so it stays true.
    shared: Option<HashMap<String, KeyMatch>>,
}

impl<'a> Identities<'a> {
    pub(crate) fn new(key: Key, base: Option<&'a KnownCustomers>, expected_new: u64) -> Self {
        Self {
            key,
            base,
            inserted: KnownCustomers::with_capacity(expected_new),
            inserted_uids: (key != Key::Uid).then(KnownCustomers::new),
            shared: None,
        }
    }

    pub(crate) fn key(&self) -> Key {
        self.key
    }

    /// Prepares for records with these hashes of keys.
    pub(crate) fn expect(&self, hashes: impl Iterator<Item = u64>) {
        self.inserted.warm(hashes);
    }

    pub(crate) fn insert(&mut self, key_hash_of: u64, uid: &str, customer: CustomerId) {
        self.inserted.insert(key_hash_of, customer, 0);
        if let Some(uids) = &mut self.inserted_uids {
            uids.insert(key_hash(uid), customer, 0);
        }
    }

    /// The customer with that key, as far as the key's hash tells. `known` is what the base says of
    /// the hash, if it was looked up already.
    pub(crate) fn find(
        &mut self,
        transaction: &mut ImportTransaction,
        key: &str,
        hash: u64,
        known: Option<Known>,
    ) -> Result<KeyMatch, StoreError> {
        let inserted = self.inserted.get(hash);
        let stored = match self.base {
            Some(base) => known.unwrap_or_else(|| base.get(hash)),
            None if transaction.customers() == 0 => Known::None,
            None => match transaction.find(self.key, key)? {
                KeyMatch::Several => Known::Several,
                KeyMatch::One(customer) => return Ok(KeyMatch::One(customer)),
                KeyMatch::None => Known::None,
            },
        };
        match (stored, inserted) {
            (Known::None, Known::None) => Ok(KeyMatch::None),
            (Known::One(customer, _), Known::None) | (Known::None, Known::One(customer, _)) => {
                Ok(KeyMatch::One(customer))
            }
            (Known::Several, Known::None) if self.key != Key::Uid => {
                Ok(self.shared(transaction)?.get(key).copied().unwrap_or(KeyMatch::None))
            }
            _ => transaction.find(self.key, key),
        }
    }

    /// Emails and numbers have no index: a look-up of each shared one would read all customers
    /// every time.
    fn shared(
        &mut self,
        transaction: &ImportTransaction,
    ) -> Result<&HashMap<String, KeyMatch>, StoreError> {
        let shared = match self.shared.take() {
            Some(shared) => shared,
            None => self.read_shared(transaction)?,
        };
        Ok(self.shared.insert(shared))
    }

    fn read_shared(
        &self,
        transaction: &ImportTransaction,
    ) -> Result<HashMap<String, KeyMatch>, StoreError> {
        let mut shared = HashMap::new();
        transaction.keys(self.key, |customer, value| {
            let value = self.key.compared(value);
            if self.base.is_some_and(|base| base.get(key_hash(&value)) == Known::Several) {
                shared
                    .entry(value.into_owned())
                    .and_modify(|found| *found = KeyMatch::Several)
                    .or_insert(KeyMatch::One(customer));
            }
        })?;
        Ok(shared)
    }

    /// Whether a customer has that key, and not only its hash.
    pub(crate) fn has_key(&self, stored: &StoredCustomer, key: &str) -> bool {
        match self.key {
            Key::Uid => stored.uid == key,
            Key::Email => {
                stored.customer.email.as_deref().is_some_and(|e| self.key.compared(e) == key)
            }
            Key::Number => stored.customer.number.as_deref() == Some(key),
        }
    }

    /// Checks a record against the customer with its key. A customer's key and uid do not change in
    /// an import, so the result is the same for as long as the customer exists.
    pub(crate) fn check_known(patch: &Patch<'_>, stored: &StoredCustomer) -> Option<Conflict> {
        patch.uid.filter(|uid| *uid != stored.uid).map(|_| Conflict::Uid)
    }

    /// Checks a record whose key no customer has. The key must not be a customer's uid either:
    /// otherwise a record without a uid would be rejected before a later record with a uid inserts
    /// the customer, and accepted after it.
    pub(crate) fn check_new(
        &self,
        patch: &Patch<'_>,
        transaction: &mut ImportTransaction,
    ) -> Result<Option<Conflict>, StoreError> {
        if self.key == Key::Uid {
            return Ok(None);
        }
        let other_uid = patch.uid.filter(|uid| *uid != patch.key);
        for uid in other_uid.into_iter().chain([patch.key]) {
            if self.with_uid(uid, transaction)?.is_some() {
                let conflict = if patch.uid.is_some() { Conflict::Uid } else { Conflict::KeyIsUid };
                return Ok(Some(conflict));
            }
        }
        Ok(None)
    }

    /// The customer with that uid, where the uid is not the key.
    pub(crate) fn with_uid(
        &self,
        uid: &str,
        transaction: &mut ImportTransaction,
    ) -> Result<Option<CustomerId>, StoreError> {
        let inserted = self.inserted_uids.as_ref().map(|uids| uids.get(key_hash(uid)));
        let found = match inserted {
            // Two uids share a hash: the store compares them.
            Some(Known::Several) => transaction.find(Key::Uid, uid)?,
            Some(Known::One(customer, _)) => {
                if transaction.load(customer)?.is_none_or(|stored| stored.uid == uid) {
                    return Ok(Some(customer));
                }
                stored_uid(transaction, uid)?
            }
            Some(Known::None) | None => stored_uid(transaction, uid)?,
        };
        Ok(match found {
            KeyMatch::One(customer) => Some(customer),
            // Uids are unique.
            KeyMatch::None | KeyMatch::Several => None,
        })
    }
}

fn stored_uid(transaction: &ImportTransaction, uid: &str) -> Result<KeyMatch, StoreError> {
    match transaction.customers() {
        // There is no index on uids yet.
        0 => Ok(KeyMatch::None),
        _ => transaction.find_stored(Key::Uid, uid),
    }
}
