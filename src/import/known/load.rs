//! Reads who is known from the store.

use super::known_customers::{KnownCustomers, SHARDS, key_hash, shard_of};
use crate::store::StoreError;
use crate::store::sqlite::ImportTransaction;
use crate::store::sqlite::customers::CustomerId;
use crate::value::Key;
use std::ops::Range;
use std::panic::resume_unwind;
use std::sync::mpsc::{self, SyncSender};
use std::{array, mem, thread};

/// With fewer records than the store has customers, divided by this, looking each up costs less than
/// reading who is known.
const CUSTOMERS_READ_FOR_A_LOOK_UP: u64 = 40;
/// The shards are filled by two threads, a half each.
const PARTS: usize = 2;
/// How many customers are put where they belong at once.
const AT_ONCE: usize = 1024;
/// How many times so many may wait for it.
const WAITING: usize = 8;

/// Reads who is known into memory, with the proofs of this plan. `None` where looking each record
/// up is cheaper: the store is empty, or the input is small beside it.
pub(crate) fn known_customers(
    transaction: &ImportTransaction,
    key: Key,
    expected_records: Option<u64>,
) -> Result<Option<KnownCustomers>, StoreError> {
    let customers = transaction.customers();
    let few =
        expected_records.is_some_and(|records| records < customers / CUSTOMERS_READ_FOR_A_LOOK_UP);
    if customers == 0 || (key == Key::Uid && few) {
        return Ok(None);
    }
    let known = filled(customers, |filling| {
        if key == Key::Uid {
            // A uid never changes, so its hash may come from the fingerprint.
            let mut unproven = Unproven::new(customers);
            transaction.fingerprints(|customer, key_hash, record_hash| {
                filling.add(key_hash, customer, record_hash);
                unproven.all_before(customer);
            })?;
            unproven.all_before(transaction.first_new_customer());
            let uid = |customer, uid: &str| filling.add(key_hash(uid), customer, 0);
            match unproven.are_few() {
                true => transaction.uids_of(&unproven.gaps, uid),
                false => transaction.keys(key, uid),
            }
        } else {
            // Two customers may share an email or a number, whatever the fingerprints say.
            let mut proofs = KnownProofs::default();
            transaction
                .fingerprints(|customer, _, record_hash| proofs.add(customer.0, record_hash))?;
            transaction.keys(key, |customer, value| {
                filling.add(key_hash(&key.compared(value)), customer, proofs.get(customer.0));
            })
        }
    })?;
    Ok(Some(known))
}

/// A customer with the hash of their key and that of the record that proves them unchanged.
type Entry = (u64, CustomerId, u64);

/// Customers on their way to the threads that put them where they belong.
struct Filling {
    parts: [(Vec<Entry>, SyncSender<Vec<Entry>>); PARTS],
}

impl Filling {
    fn add(&mut self, hash: u64, customer: CustomerId, proof: u64) {
        let (waiting, part) = &mut self.parts[shard_of(hash) * PARTS / SHARDS];
        waiting.push((hash, customer, proof));
        if waiting.len() == AT_ONCE {
            // Only a panic ends the thread before this, and is told when it is joined.
            let _ = part.send(mem::replace(waiting, Vec::with_capacity(AT_ONCE)));
        }
    }

    fn finish(self) {
        for (waiting, part) in self.parts {
            let _ = part.send(waiting);
        }
    }
}

/// A map of what is handed over, about so many customers. Most of the time goes into memory that
/// nobody has touched yet, so that two threads need half as much as one.
fn filled(
    customers: u64,
    read: impl FnOnce(&mut Filling) -> Result<(), StoreError>,
) -> Result<KnownCustomers, StoreError> {
    thread::scope(|scope| {
        let mut threads = Vec::with_capacity(PARTS);
        let parts = array::from_fn(|part| {
            let (sender, receiver) = mpsc::sync_channel::<Vec<Entry>>(WAITING);
            threads.push(scope.spawn(move || {
                let shards = SHARDS / PARTS;
                let mut known = KnownCustomers::of_shards(part * shards, shards, customers);
                for entries in receiver {
                    known.insert_all(&entries);
                }
                known
            }));
            (Vec::with_capacity(AT_ONCE), sender)
        });
        let mut filling = Filling { parts };
        let all_read = read(&mut filling);
        filling.finish();
        let mut known = KnownCustomers::of_shards(0, 0, 0);
        for thread in threads {
            let part = thread.join().unwrap_or_else(|panic| resume_unwind(panic));
            known.shards.extend(part.shards);
        }
        all_read.map(|()| known)
    })
}

/// The customers without a proof: the gaps between those who have one.
struct Unproven {
    gaps: Vec<Range<u32>>,
    /// How many customers they have room for.
    count: u64,
    /// With more of them than this, all customers are read rather than these.
    bound: u64,
    next: u32,
}

impl Unproven {
    fn new(customers: u64) -> Self {
        Self { gaps: Vec::new(), count: 0, bound: customers / 8, next: 1 }
    }

    fn are_few(&self) -> bool {
        self.count <= self.bound
    }

    /// Everybody from the last that was told up to this one has none.
    fn all_before(&mut self, customer: CustomerId) {
        let gap = self.next..customer.0;
        self.next = customer.0 + 1;
        if !gap.is_empty() {
            self.count += gap.len() as u64;
            if self.are_few() {
                self.gaps.push(gap);
            }
        }
    }
}

/// The proofs by row, while the keys are read. Both come in the order of the rows.
#[derive(Default)]
struct KnownProofs {
    rows: Vec<u32>,
    hashes: Vec<u64>,
}

impl KnownProofs {
    fn add(&mut self, row: u32, hash: u64) {
        self.rows.push(row);
        self.hashes.push(hash);
    }

    fn get(&self, row: u32) -> u64 {
        self.rows.binary_search(&row).map_or(0, |at| self.hashes[at])
    }
}

#[cfg(test)]
mod tests {
    use super::super::known_customers::Known;
    use super::*;

    #[test]
    fn what_two_threads_fill_is_what_one_would() {
        let customers: Vec<Entry> = (1..=5000_u32)
            // The last of them share keys with the first.
            .map(|row| (key_hash(&(row % 4900).to_string()), CustomerId(row), u64::from(row)))
            .collect();
        let mut one = KnownCustomers::with_capacity(5000);
        one.insert_all(&customers);
        let two = filled(5000, |filling| {
            for (hash, row, proof) in &customers {
                filling.add(*hash, *row, *proof);
            }
            Ok(())
        })
        .unwrap();
        for (hash, ..) in &customers {
            assert_eq!(two.get(*hash), one.get(*hash));
        }
        let shared = |known: &KnownCustomers| {
            customers.iter().filter(|(hash, ..)| known.get(*hash) == Known::Several).count()
        };
        assert_eq!((shared(&one), shared(&two)), (200, 200));
        assert_eq!(two.get(key_hash("nobody")), Known::Nobody);
    }
}
