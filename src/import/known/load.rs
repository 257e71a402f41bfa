//! Reads the known customers from the store.

use super::known_customers::{KnownCustomers, SHARDS, shard_of};
use crate::store::{Session, Slot, StoreError};
use crate::value::Key;
use std::panic::resume_unwind;
use std::sync::mpsc::{self, SyncSender};
use std::{array, mem, thread};

/// Reading this many customers costs as much as one lookup. If the input has fewer records than the
/// store has customers, divided by this, each record is looked up.
const CUSTOMERS_READ_FOR_A_LOOKUP: u64 = 40;
/// The table is filled by two threads, half of the shards each.
const PARTS: usize = 2;
/// How many customers are sent to a thread at once.
const CHUNK: usize = 1024;
/// How many chunks may wait for a thread.
const QUEUED_CHUNKS: usize = 8;

/// Reads the known customers into memory, with their proofs for this plan. `None` if looking up
/// each record is cheaper: the store is empty, or the input is small next to it.
pub(crate) fn known_customers(
    session: &mut dyn Session,
    key: Key,
    expected_records: Option<u64>,
) -> Result<Option<KnownCustomers>, StoreError> {
    let customers = session.start().customers;
    let few =
        expected_records.is_some_and(|records| records < customers / CUSTOMERS_READ_FOR_A_LOOKUP);
    if customers == 0 || (key == Key::Uid && few) {
        return Ok(None);
    }
    let known = fill_table(customers, |filling| {
        session.scan(key, &mut |hash, slot, proof| filling.add(hash, slot, proof))
    })?;
    Ok(Some(known))
}

/// The hash of a key, the customer, and its proof.
type Entry = (u64, Slot, u64);

/// Sends customers to the threads that fill the table.
struct TableFiller {
    parts: [(Vec<Entry>, SyncSender<Vec<Entry>>); PARTS],
}

impl TableFiller {
    fn add(&mut self, hash: u64, customer: Slot, proof: u64) {
        let (waiting, part) = &mut self.parts[shard_of(hash) * PARTS / SHARDS];
        waiting.push((hash, customer, proof));
        if waiting.len() == CHUNK {
            // Only a panic ends the thread early; joining it passes the panic on.
            let _ = part.send(mem::replace(waiting, Vec::with_capacity(CHUNK)));
        }
    }

    fn finish(self) {
        for (waiting, part) in self.parts {
            let _ = part.send(waiting);
        }
    }
}

/// Fills a table for about `customers` customers. Most of the time is spent on page faults of fresh
/// memory, so two threads take half the time of one.
fn fill_table(
    customers: u64,
    read: impl FnOnce(&mut TableFiller) -> Result<(), StoreError>,
) -> Result<KnownCustomers, StoreError> {
    thread::scope(|scope| {
        let mut threads = Vec::with_capacity(PARTS);
        let parts = array::from_fn(|part| {
            let (sender, receiver) = mpsc::sync_channel::<Vec<Entry>>(QUEUED_CHUNKS);
            threads.push(scope.spawn(move || {
                let shards = SHARDS / PARTS;
                let mut known = KnownCustomers::of_shards(part * shards, shards, customers);
                for entries in receiver {
                    known.insert_all(&entries);
                }
                known
            }));
            (Vec::with_capacity(CHUNK), sender)
        });
        let mut filling = TableFiller { parts };
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

#[cfg(test)]
mod tests {
    use super::super::known_customers::Known;
    use super::*;
    use crate::store::key_hash;

    #[test]
    fn two_threads_fill_the_same_table_as_one() {
        let customers: Vec<Entry> = (1..=5000_u32)
            // The last of them share keys with the first.
            .map(|row| (key_hash(&(row % 4900).to_string()), Slot(row), u64::from(row)))
            .collect();
        let mut one = KnownCustomers::with_capacity(5000);
        one.insert_all(&customers);
        let two = fill_table(5000, |filling| {
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
        assert_eq!(two.get(key_hash("missing")), Known::None);
    }
}
