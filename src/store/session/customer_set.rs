//! A set of customers as a bitmap.

use crate::store::Slot;

/// A set of customers: one bit for each slot.
#[derive(Debug, Default)]
pub(crate) struct CustomerSet {
    bits: Vec<u64>,
}

impl CustomerSet {
    /// Whether a customer is in it.
    pub(crate) fn contains(&self, customer: Slot) -> bool {
        let (word, bit) = (customer.0 as usize / 64, customer.0 % 64);
        self.bits.get(word).is_some_and(|bits| bits & (1 << bit) != 0)
    }

    /// How many customers are in it.
    pub(crate) fn len(&self) -> u64 {
        self.bits.iter().map(|bits| u64::from(bits.count_ones())).sum()
    }

    /// The customers in it, in the order of their slots.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Slot> {
        let words = (0..).zip(&self.bits);
        words.flat_map(|(word, bits): (u32, &u64)| {
            let is_set = move |bit: &u32| bits & (1 << bit) != 0;
            (0..64).filter(is_set).map(move |bit| Slot(word * 64 + bit))
        })
    }

    /// Removes a customer.
    pub(crate) fn remove(&mut self, customer: Slot) {
        if let Some(bits) = self.bits.get_mut(customer.0 as usize / 64) {
            *bits &= !(1 << (customer.0 % 64));
        }
    }

    /// Adds a customer; returns whether it was not in the set.
    pub(crate) fn insert(&mut self, customer: Slot) -> bool {
        let (word, bit) = (customer.0 as usize / 64, customer.0 % 64);
        if word >= self.bits.len() {
            self.bits.resize(word + 1, 0);
        }
        let new = self.bits[word] & (1 << bit) == 0;
        self.bits[word] |= 1 << bit;
        new
    }
}
