//! An in-memory index of customers by email or number.

use crate::store::{KeyMatch, Slot};
use crate::value::Key;

/// The emails or numbers of all customers, sorted, in 16 bytes each: 96 bits of a hash, so that
/// collisions are negligible, and the slot of the customer in the low 32 bits.
pub(super) struct KeyIndex {
    pub(super) key: Key,
    pub(super) entries: Vec<(u64, u64)>,
}

impl KeyIndex {
    pub(super) fn entry(value: &str, slot: Slot) -> (u64, u64) {
        let hash = xxhash_rust::xxh3::xxh3_128(value.as_bytes());
        let [high, low] = [hash >> 64, hash & u128::from(u64::MAX)];
        let [high, low] = [high, low].map(|half| u64::try_from(half).unwrap_or_default());
        (high, (low & !u64::from(u32::MAX)) | u64::from(slot.0))
    }

    pub(super) fn find(&self, value: &str) -> KeyMatch {
        let least = Self::entry(value, Slot(0));
        let first = self.entries.partition_point(|entry| *entry < least);
        let is_same =
            |entry: &&(u64, u64)| entry.0 == least.0 && entry.1 & !u64::from(u32::MAX) == least.1;
        let mut found = self.entries[first..].iter().take_while(is_same);
        match (found.next(), found.next()) {
            (None, _) => KeyMatch::None,
            (Some((_, entry)), None) => {
                KeyMatch::One(Slot(u32::try_from(entry & u64::from(u32::MAX)).unwrap_or_default()))
            }
            _ => KeyMatch::Several,
        }
    }
}
