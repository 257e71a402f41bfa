//! Finds the customer that a record names: by its key and, if the key is an email or a number, by
//! its uid too.
//!
//! The outcome for a record must be the same when the same file is imported again, for every order
//! of its records. `docs/mapping.md` states the rule, and why it has that property.

use super::new_keys::NewKeys;
use crate::customer::Patch;
use crate::import::known::{Known, KnownCustomers};
use crate::store::{KeyMatch, Session, Slot, StoreError, StoredCustomer, key_hash};
use crate::value::{Code, Key, RejectReason, Standard};
use std::collections::HashMap;

/// Why a record does not name a single customer. A record that is rejected has the same reason when
/// its file is imported again, regardless of what other records of the file have inserted since.
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
    pub(crate) fn reason(self, key: Key) -> RejectReason {
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

/// The customer that the store had for a key, as far as the hash of the key shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StoredKey {
    /// No customer.
    None,
    /// This one, if it has the key and not only its hash.
    Likely(Slot),
    /// The store must be asked.
    Ask,
}

/// The customers by key and uid: those that the store had before the import, and those that the
/// import has added so far.
pub(super) struct Identities<'a> {
    key: Key,
    /// The customers that the store had; `None` if each key is looked up in the store.
    base: Option<&'a KnownCustomers>,
    pub(super) is_store_empty: bool,
    /// The added customers by key.
    pub(super) added: NewKeys,
    /// The added customers by uid, unless the uid is the key.
    pub(super) added_uids: Option<NewKeys>,
    /// The store's answers for the keys and the uids of this batch.
    found: HashMap<String, KeyMatch>,
    found_uids: HashMap<String, KeyMatch>,
}

impl<'a> Identities<'a> {
    pub(super) fn new(
        key: Key,
        base: Option<&'a KnownCustomers>,
        is_store_empty: bool,
        expected_new: u64,
    ) -> Self {
        Self {
            key,
            base,
            is_store_empty,
            added: NewKeys::with_capacity(expected_new),
            added_uids: (key != Key::Uid).then(|| NewKeys::with_capacity(0)),
            found: HashMap::new(),
            found_uids: HashMap::new(),
        }
    }

    /// Looks up the keys and the uids of a batch in the store.
    pub(super) fn ask(
        &mut self,
        session: &mut dyn Session,
        keys: &[&str],
        uids: &[&str],
    ) -> Result<(), StoreError> {
        self.found.clear();
        self.found_uids.clear();
        for (key, values, found) in
            [(self.key, keys, &mut self.found), (Key::Uid, uids, &mut self.found_uids)]
        {
            if !values.is_empty() {
                let matches = session.lookup(key, values)?;
                found.extend(values.iter().map(|value| (*value).to_owned()).zip(matches));
            }
        }
        Ok(())
    }

    /// Adds a new customer.
    pub(super) fn add(&mut self, hash: u64, key: &str, uid: &str, slot: Slot) {
        self.added.insert(hash, key, slot);
        if let Some(uids) = &mut self.added_uids {
            uids.insert(key_hash(uid), uid, slot);
        }
    }

    /// The customer that the store had with a key. `known` is what the base says about the hash, if
    /// it was looked up already.
    pub(super) fn stored(&self, hash: u64, known: Option<Known>) -> StoredKey {
        let known = match self.base {
            Some(base) => known.unwrap_or_else(|| base.get(hash)),
            None if self.is_store_empty => Known::None,
            None => Known::Several,
        };
        match known {
            Known::None => StoredKey::None,
            Known::One(slot, _) => StoredKey::Likely(slot),
            Known::Several => StoredKey::Ask,
        }
    }

    /// The customers that the store had with a key.
    pub(super) fn look_up(
        &self,
        session: &mut dyn Session,
        key: &str,
    ) -> Result<KeyMatch, StoreError> {
        match self.found.get(key) {
            Some(found) => Ok(*found),
            None => look_up(session, self.key, key),
        }
    }

    /// Whether the store had a customer with a uid, which is not the key.
    pub(super) fn is_stored_uid(
        &self,
        session: &mut dyn Session,
        uid: &str,
    ) -> Result<bool, StoreError> {
        if self.is_store_empty {
            return Ok(false);
        }
        let found = match self.found_uids.get(uid) {
            Some(found) => *found,
            None => look_up(session, Key::Uid, uid)?,
        };
        Ok(found != KeyMatch::None)
    }

    /// Whether a customer has that key, and not only its hash.
    pub(super) fn has_key(&self, stored: &StoredCustomer, key: &str) -> bool {
        match self.key {
            Key::Uid => stored.uid == key,
            Key::Email => {
                stored.customer.email.as_deref().is_some_and(|e| self.key.compared(e) == key)
            }
            Key::Number => stored.customer.number.as_deref() == Some(key),
        }
    }

    /// The uids that no other customer may have if this record is to insert a new customer. The key
    /// must not be a customer's uid either: otherwise a record with the same key but without a uid
    /// would be rejected before this record and accepted after it.
    pub(super) fn uids_of_new<'p>(&self, patch: &Patch<'p>) -> impl Iterator<Item = &'p str> {
        let other_uid = patch.uid.filter(|uid| *uid != patch.key);
        let uids = other_uid.into_iter().chain([patch.key]);
        uids.filter(move |_| self.key != Key::Uid)
    }
}

fn look_up(session: &mut dyn Session, key: Key, value: &str) -> Result<KeyMatch, StoreError> {
    Ok(session.lookup(key, &[value])?.pop().unwrap_or(KeyMatch::None))
}
