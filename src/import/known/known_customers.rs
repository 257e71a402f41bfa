//! A hash table from the key of a customer to its slot and its proof.
//!
//! An entry takes 20 bytes. The table is split into shards that grow separately, by half: doubling
//! the whole table would need more than twice its memory while it is copied.

use crate::store::Slot;

pub(crate) const SHARDS: usize = 1024;
const SHARD_BITS: u32 = 10;

/// The customers whose key has a given hash. Two keys may share a hash, so the key itself is
/// compared before a customer is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    None,
    /// One customer, and its proof: the hash of the record that leaves it unchanged, or 0.
    One(Slot, u64),
    /// Several customers share the key, or its hash.
    Several,
}

/// The customers by the hash of their key.
#[derive(Debug)]
pub(crate) struct KnownCustomers {
    /// The number of the first shard; not 0 while the table is filled in parts.
    first: usize,
    pub(crate) shards: Vec<Shard>,
}

/// Key hash, proof and slot side by side, so that a lookup touches one cache line. The 32-bit words
/// need no padding. A slot of 0 marks a free entry.
#[derive(Debug, Default, Clone, Copy)]
struct Entry {
    hash: [u32; 2],
    proof: [u32; 2],
    slot: u32,
}

#[derive(Debug, Default, Clone)]
pub(crate) struct Shard {
    entries: Vec<Entry>,
    used: usize,
}

const SEVERAL: u32 = u32::MAX;

impl KnownCustomers {
    /// A table with room for `customers` customers, so that few shards have to grow.
    pub(crate) fn with_capacity(customers: u64) -> Self {
        Self::of_shards(0, SHARDS, customers)
    }

    /// `shards` shards from number `first` on, with room for their share of `customers` customers.
    pub(crate) fn of_shards(first: usize, shards: usize, customers: u64) -> Self {
        let each = usize::try_from(customers / SHARDS as u64).unwrap_or_default();
        let entries = match customers {
            0 => 0,
            // The mean of a shard plus four standard deviations, at a load of seven eighths.
            _ => (each + 4 * each.isqrt()) * 8 / 7 + 1,
        };
        let shard = || Shard { entries: vec![Entry::default(); entries], used: 0 };
        Self { first, shards: (0..shards).map(|_| shard()).collect() }
    }

    fn shard(&self, hash: u64) -> &Shard {
        &self.shards[shard_of(hash) - self.first]
    }

    pub(crate) fn get(&self, hash: u64) -> Known {
        let shard = self.shard(hash);
        shard.place(hash).map_or(Known::None, |place| shard.entries[place].known())
    }

    /// Loads the entries of these hashes into the CPU cache, all at once: separate lookups
    /// would wait for memory each time.
    pub(crate) fn warm(&self, hashes: impl Iterator<Item = u64>) {
        let rows = hashes.map(|hash| {
            let shard = self.shard(hash);
            shard.start(hash).map_or(0, |place| shard.entries[place].slot)
        });
        // Otherwise the compiler would remove the reads.
        std::hint::black_box(rows.fold(0, u32::wrapping_add));
    }

    /// Adds customers by hash, with their proofs.
    pub(crate) fn insert_all(&mut self, customers: &[(u64, Slot, u64)]) {
        self.warm(customers.iter().map(|(hash, ..)| *hash));
        for (hash, customer, proof) in customers {
            self.insert(*hash, *customer, *proof);
        }
    }

    /// Adds a customer, and returns what was known for the hash before. A second customer with the
    /// same hash makes it ambiguous.
    pub(crate) fn insert(&mut self, hash: u64, customer: Slot, proof: u64) -> Known {
        let shard = &mut self.shards[shard_of(hash) - self.first];
        if (shard.used + 1) * 8 > shard.entries.len() * 7 {
            shard.grow();
        }
        let Some(place) = shard.place(hash) else { return Known::None };
        let entry = &mut shard.entries[place];
        let before = entry.known();
        match before {
            Known::None => {
                shard.used += 1;
                *entry = Entry { hash: halves(hash), proof: halves(proof), slot: customer.0 };
            }
            Known::One(other, _) if other == customer => {}
            Known::One(..) | Known::Several => entry.slot = SEVERAL,
        }
        before
    }
}

impl Entry {
    fn known(self) -> Known {
        match self.slot {
            0 => Known::None,
            SEVERAL => Known::Several,
            slot => Known::One(Slot(slot), whole(self.proof)),
        }
    }
}

pub(crate) fn shard_of(hash: u64) -> usize {
    usize::try_from(hash >> (64 - SHARD_BITS)).unwrap_or_default()
}

/// The lower and the upper half of a hash.
#[expect(clippy::cast_possible_truncation)]
fn halves(hash: u64) -> [u32; 2] {
    [hash as u32, (hash >> 32) as u32]
}

fn whole([low, high]: [u32; 2]) -> u64 {
    u64::from(high) << 32 | u64::from(low)
}

impl Shard {
    /// The entry at which the search for a hash begins; `None` if the shard is empty.
    fn start(&self, hash: u64) -> Option<usize> {
        let length = self.entries.len();
        let place = usize::try_from((u64::from(halves(hash)[0]) * length as u64) >> 32);
        place.ok().filter(|_| length > 0)
    }

    /// The entry of a hash, or the free one where it belongs; `None` if the shard has no entries.
    fn place(&self, hash: u64) -> Option<usize> {
        let mut place = self.start(hash)?;
        let hash = halves(hash);
        while self.entries[place].slot != 0 && self.entries[place].hash != hash {
            place = if place + 1 == self.entries.len() { 0 } else { place + 1 };
        }
        Some(place)
    }

    fn grow(&mut self) {
        let length = (self.entries.len() * 3 / 2).max(16);
        let mut larger = Self { entries: vec![Entry::default(); length], used: self.used };
        for entry in self.entries.iter().filter(|entry| entry.slot != 0) {
            if let Some(place) = larger.place(whole(entry.hash)) {
                larger.entries[place] = *entry;
            }
        }
        *self = larger;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::key_hash;
    use proptest::prelude::*;
    use std::collections::HashMap;
    use std::collections::hash_map::Entry;

    proptest! {
        #[test]
        fn it_has_the_same_customers_as_a_plain_map(keys in proptest::collection::vec(0_u32..500, 0..2000)) {
            let mut known = KnownCustomers::with_capacity(0);
            let mut plain: HashMap<u64, Slot> = HashMap::new();
            for (row, key) in keys.iter().enumerate() {
                // All in a few shards, so that they grow.
                let hash = key_hash(&key.to_string()) & 0x003f_ffff_ffff_ffff;
                let customer = Slot(u32::try_from(row).unwrap() + 1);
                if let Entry::Vacant(free) = plain.entry(hash) {
                    known.insert(hash, customer, hash);
                    free.insert(customer);
                }
            }
            for key in 0_u32..600 {
                let hash = key_hash(&key.to_string()) & 0x003f_ffff_ffff_ffff;
                let expected = plain.get(&hash).map_or(Known::None, |c| Known::One(*c, hash));
                prop_assert_eq!(known.get(hash), expected);
            }
        }
    }

    #[test]
    fn a_key_of_two_customers_identifies_neither() {
        let mut known = KnownCustomers::with_capacity(0);
        known.insert(7, Slot(1), 0);
        known.insert(7, Slot(1), 0);
        assert_eq!(known.get(7), Known::One(Slot(1), 0));
        known.insert(7, Slot(2), 0);
        assert_eq!(known.get(7), Known::Several);
    }
}
