//! Who is known: from the hash of a key to a customer, and to the proof that a record of theirs has
//! nothing to do.
//!
//! Twenty bytes an entry, in shards that grow one by one and by half: a table that doubles as a
//! whole would hold more than 50 bytes a customer at ten million while it moves.

use crate::store::CustomerId;

const SHARDS: usize = 1024;
const SHARD_BITS: u32 = 10;

/// What is known for the hash of a key. Two keys may have one hash, so who is found is compared
/// with the key itself before anything is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    Nobody,
    /// One customer, and the hash of the record that proves them unchanged; 0 where there is none.
    One(CustomerId, u64),
    /// Several customers share the key, or its hash.
    Several,
}

/// The customers by the hash of their key.
#[derive(Debug)]
pub(super) struct KnownCustomers {
    shards: Vec<Shard>,
}

#[derive(Debug, Default, Clone)]
struct Shard {
    /// Key hash, proof, and row; a row of 0 is a free place.
    hashes: Vec<u64>,
    proofs: Vec<u64>,
    rows: Vec<u32>,
    used: usize,
}

const SEVERAL: u32 = u32::MAX;

/// The hash of a key's value.
pub(super) fn key_hash(key: &str) -> u64 {
    xxhash_rust::xxh3::xxh3_64(key.as_bytes())
}

impl KnownCustomers {
    pub(super) fn new() -> Self {
        Self { shards: vec![Shard::default(); SHARDS] }
    }

    pub(super) fn get(&self, hash: u64) -> Known {
        let shard = &self.shards[shard_of(hash)];
        match shard.place(hash).filter(|place| shard.rows[*place] != 0) {
            None => Known::Nobody,
            Some(place) if shard.rows[place] == SEVERAL => Known::Several,
            Some(place) => Known::One(CustomerId(shard.rows[place]), shard.proofs[place]),
        }
    }

    /// Adds a customer; one more with a hash that is there already makes it ambiguous.
    pub(super) fn insert(&mut self, hash: u64, customer: CustomerId, proof: u64) {
        let shard = &mut self.shards[shard_of(hash)];
        if (shard.used + 1) * 8 > shard.rows.len() * 7 {
            shard.grow();
        }
        let Some(place) = shard.place(hash) else { return };
        if shard.rows[place] == 0 {
            shard.used += 1;
            shard.hashes[place] = hash;
            shard.proofs[place] = proof;
            shard.rows[place] = customer.0;
        } else if shard.rows[place] != customer.0 {
            shard.rows[place] = SEVERAL;
        }
    }
}

fn shard_of(hash: u64) -> usize {
    usize::try_from(hash >> (64 - SHARD_BITS)).unwrap_or_default()
}

impl Shard {
    /// Where the hash is, or where it would go; `None` where there is no place at all.
    fn place(&self, hash: u64) -> Option<usize> {
        let length = self.rows.len();
        if length == 0 {
            return None;
        }
        let low = u64::from(u32::try_from(hash & 0xffff_ffff).unwrap_or_default());
        let mut place = usize::try_from((low * length as u64) >> 32).unwrap_or_default();
        while self.rows[place] != 0 && self.hashes[place] != hash {
            place = if place + 1 == length { 0 } else { place + 1 };
        }
        Some(place)
    }

    fn grow(&mut self) {
        let length = (self.rows.len() * 3 / 2).max(16);
        let mut larger = Self {
            hashes: vec![0; length],
            proofs: vec![0; length],
            rows: vec![0; length],
            used: self.used,
        };
        for old in (0..self.rows.len()).filter(|old| self.rows[*old] != 0) {
            if let Some(place) = larger.place(self.hashes[old]) {
                larger.hashes[place] = self.hashes[old];
                larger.proofs[place] = self.proofs[old];
                larger.rows[place] = self.rows[old];
            }
        }
        *self = larger;
    }
}

/// A set of customers: one bit a row.
#[derive(Debug, Default)]
pub(super) struct CustomerSet {
    bits: Vec<u64>,
}

impl CustomerSet {
    /// Whether a customer is in it.
    pub(super) fn contains(&self, customer: CustomerId) -> bool {
        let (word, bit) = (customer.0 as usize / 64, customer.0 % 64);
        self.bits.get(word).is_some_and(|bits| bits & (1 << bit) != 0)
    }

    /// Adds a customer; says whether they were not in it.
    pub(super) fn insert(&mut self, customer: CustomerId) -> bool {
        let (word, bit) = (customer.0 as usize / 64, customer.0 % 64);
        if word >= self.bits.len() {
            self.bits.resize(word + 1, 0);
        }
        let new = self.bits[word] & (1 << bit) == 0;
        self.bits[word] |= 1 << bit;
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;
    use std::collections::hash_map::Entry;

    proptest! {
        #[test]
        fn it_knows_what_a_plain_map_knows(keys in proptest::collection::vec(0_u32..500, 0..2000)) {
            let mut known = KnownCustomers::new();
            let mut plain: HashMap<u64, CustomerId> = HashMap::new();
            for (row, key) in keys.iter().enumerate() {
                // All in a few shards, so that they grow.
                let hash = key_hash(&key.to_string()) & 0x003f_ffff_ffff_ffff;
                let customer = CustomerId(u32::try_from(row).unwrap() + 1);
                if let Entry::Vacant(free) = plain.entry(hash) {
                    known.insert(hash, customer, hash);
                    free.insert(customer);
                }
            }
            for key in 0_u32..600 {
                let hash = key_hash(&key.to_string()) & 0x003f_ffff_ffff_ffff;
                let expected = plain.get(&hash).map_or(Known::Nobody, |c| Known::One(*c, hash));
                prop_assert_eq!(known.get(hash), expected);
            }
        }
    }

    #[test]
    fn a_key_of_two_customers_identifies_nobody() {
        let mut known = KnownCustomers::new();
        known.insert(7, CustomerId(1), 0);
        known.insert(7, CustomerId(1), 0);
        assert_eq!(known.get(7), Known::One(CustomerId(1), 0));
        known.insert(7, CustomerId(2), 0);
        assert_eq!(known.get(7), Known::Several);
    }
}
