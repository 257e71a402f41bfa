//! A set of customers as a bitmap.

use crate::store::sqlite::customers::CustomerId;

/// A set of customers: one bit a row.
#[derive(Debug, Default)]
pub(crate) struct CustomerSet {
    bits: Vec<u64>,
}

impl CustomerSet {
    /// Whether a customer is in it.
    pub(crate) fn contains(&self, customer: CustomerId) -> bool {
        let (word, bit) = (customer.0 as usize / 64, customer.0 % 64);
        self.bits.get(word).is_some_and(|bits| bits & (1 << bit) != 0)
    }

    /// Adds a customer; says whether they were not in it.
    pub(crate) fn insert(&mut self, customer: CustomerId) -> bool {
        let (word, bit) = (customer.0 as usize / 64, customer.0 % 64);
        if word >= self.bits.len() {
            self.bits.resize(word + 1, 0);
        }
        let new = self.bits[word] & (1 << bit) == 0;
        self.bits[word] |= 1 << bit;
        new
    }
}
