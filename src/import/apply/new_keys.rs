//! The keys of the customers that an import has added.

use crate::import::known::{Known, KnownCustomers};
use crate::store::{Slot, key_hash};
use std::collections::HashMap;

/// The added customers by key. Only the few keys that share a hash are kept.
#[derive(Debug)]
pub(crate) struct NewKeys {
    by_hash: KnownCustomers,
    /// The first customer of each hash that several keys share, and the others by key.
    first: HashMap<u64, Slot>,
    others: HashMap<String, Slot>,
}

impl NewKeys {
    /// A table with room for `customers` customers.
    pub(crate) fn with_capacity(customers: u64) -> Self {
        Self {
            by_hash: KnownCustomers::with_capacity(customers),
            first: HashMap::new(),
            others: HashMap::new(),
        }
    }

    /// Loads the entries of these hashes into the CPU cache.
    pub(crate) fn warm(&self, hashes: impl Iterator<Item = u64>) {
        self.by_hash.warm(hashes);
    }

    pub(crate) fn insert(&mut self, hash: u64, key: &str, slot: Slot) {
        match self.by_hash.insert(hash, slot, 0) {
            Known::None => {}
            Known::One(first, _) => {
                self.first.insert(hash, first);
                self.others.insert(key.to_owned(), slot);
            }
            Known::Several => {
                self.others.insert(key.to_owned(), slot);
            }
        }
    }

    /// The only added customer that can have this key. The caller must still compare the keys.
    pub(crate) fn candidate(&self, hash: u64, key: &str) -> Option<Slot> {
        match self.by_hash.get(hash) {
            Known::None => None,
            Known::One(slot, _) => Some(slot),
            Known::Several => self.others.get(key).or_else(|| self.first.get(&hash)).copied(),
        }
    }

    /// Like [`candidate`](Self::candidate), for a key whose hash is not known yet.
    pub(crate) fn candidate_of(&self, key: &str) -> Option<Slot> {
        self.candidate(key_hash(key), key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_share_a_hash_are_distinguished() {
        let mut keys = NewKeys::with_capacity(0);
        for (number, key) in (1..).zip(["a", "b", "c"]) {
            keys.insert(7, key, Slot(number));
        }
        assert_eq!(keys.candidate(7, "b"), Some(Slot(2)));
        assert_eq!(keys.candidate(7, "c"), Some(Slot(3)));
        // The first is the candidate for all others, whose keys are then compared.
        assert_eq!(keys.candidate(7, "a"), Some(Slot(1)));
        assert_eq!(keys.candidate(7, "d"), Some(Slot(1)));
        assert_eq!(keys.candidate(8, "a"), None);
    }
}
