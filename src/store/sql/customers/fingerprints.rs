//! Fingerprints: proof that a record of a plan changes nothing.
//!
//! They are stored in blocks of 1,024 customers, 16 bytes for each: a row for each would slow
//! imports down. See `docs/performance.md`.

use super::stored_customer::CustomerId;
use crate::store::sql::database::Database;
use crate::store::{Proof, StoreError};
use rusqlite::params;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// The customers of a block: those with the ids from `block * BLOCK` on.
const BLOCK: u32 = 1024;
/// The bytes of a customer in a block: the hash of the key and the hash of the record, both little
/// endian; zeros for a customer without a fingerprint.
const ENTRY: usize = 16;
/// The blocks that are read and written together, 16 KiB each.
const BLOCKS_TOGETHER: usize = 64;

/// How many plans keep their fingerprints; the least recently used one is dropped first.
const MAX_PLANS: usize = 4;

/// A fingerprint.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Fingerprint {
    pub(crate) key_hash: u64,
    /// The hash of the record; 0 means no fingerprint.
    pub(crate) record_hash: u64,
}

impl Fingerprint {
    fn read(bytes: &[u8]) -> Self {
        let hash = |bytes: &[u8]| bytes.try_into().map_or(0, u64::from_le_bytes);
        let (key, record) = bytes.split_at(ENTRY / 2);
        Self { key_hash: hash(key), record_hash: hash(record) }
    }

    fn write(self, bytes: &mut [u8]) {
        let (key, record) = bytes.split_at_mut(ENTRY / 2);
        key.copy_from_slice(&self.key_hash.to_le_bytes());
        record.copy_from_slice(&self.record_hash.to_le_bytes());
    }
}

impl From<Proof> for Fingerprint {
    fn from(proof: Proof) -> Self {
        Self { key_hash: proof.key_hash, record_hash: proof.record_hash }
    }
}

/// The plan of an import, and the other plans that have fingerprints.
#[derive(Debug, Default)]
pub(crate) struct Plans {
    /// The chosen plan; 0 if it was not chosen yet.
    pub(crate) own: i64,
    pub(super) others: Vec<i64>,
}

impl Plans {
    /// All plans of a store, before one is chosen.
    pub(crate) fn of_others(database: &Database) -> Result<Self, StoreError> {
        let others = database.rows("SELECT id FROM plans", [], |row| row.get(0))?;
        Ok(Self { own: 0, others })
    }

    /// Whether other plans have fingerprints.
    pub(super) fn has_others(&self) -> bool {
        !self.others.is_empty()
    }

    /// The plan of a digest, without adding it to the store; 0 if it is missing.
    pub(crate) fn find(database: &Database, digest: &[u8]) -> Result<Self, StoreError> {
        let sql = "SELECT id FROM plans WHERE digest = ?1";
        let own = database.optional_row(sql, [digest], |row| row.get(0))?;
        Ok(Self { own: own.unwrap_or_default(), others: Vec::new() })
    }

    /// The plan of a digest, added if it is new. Drops the least recently used plans.
    pub(crate) fn choose(
        database: &Database,
        digest: &[u8],
        import: i64,
    ) -> Result<Self, StoreError> {
        let sql = "INSERT INTO plans (digest, last_import) VALUES (?1, ?2)
                   ON CONFLICT (digest) DO UPDATE SET last_import = ?2 RETURNING id";
        let own: i64 = database.value(sql, params![digest, import])?;
        let sql = "SELECT id FROM plans WHERE id <> ?1 ORDER BY last_import DESC, id DESC";
        let mut others: Vec<i64> = database.rows(sql, [own], |row| row.get(0))?;
        for old in others.split_off(others.len().min(MAX_PLANS - 1)) {
            database.execute("DELETE FROM fingerprints WHERE plan_id = ?1", [old])?;
            database.execute("DELETE FROM plans WHERE id = ?1", [old])?;
        }
        Ok(Self { own, others })
    }

    /// Calls `each` with every stored fingerprint of the chosen plan, in the order of the
    /// customers.
    pub(crate) fn for_each(
        &self,
        database: &Database,
        mut each: impl FnMut(CustomerId, Fingerprint),
    ) -> Result<(), StoreError> {
        let sql = "SELECT block, entries FROM fingerprints WHERE plan_id = ?1 ORDER BY block";
        database.for_each(sql, [self.own], |row| {
            fingerprints(row.get(0)?, row.blob(1)?)
                .for_each(|(customer, found)| each(customer, found));
            Ok(())
        })
    }
}

/// The fingerprints of a block.
fn fingerprints(block: u32, entries: &[u8]) -> impl Iterator<Item = (CustomerId, Fingerprint)> {
    let customers = (block * BLOCK..).map(CustomerId);
    let entries = entries.chunks_exact(ENTRY).map(Fingerprint::read);
    customers.zip(entries).filter(|(_, fingerprint)| fingerprint.record_hash != 0)
}

/// The fingerprints of a block, up to its last customer that has one.
#[derive(Debug, Default)]
pub(crate) struct Block {
    pub(crate) number: u32,
    pub(crate) entries: Vec<u8>,
}

impl Block {
    /// The number of a customer's block.
    pub(crate) fn number_of(customer: CustomerId) -> u32 {
        customer.0 / BLOCK
    }

    /// Sets the fingerprint of a customer of this block.
    pub(crate) fn set(&mut self, customer: CustomerId, fingerprint: Fingerprint) {
        let range = range_of(customer);
        if self.entries.len() < range.end {
            self.entries.resize(range.end, 0);
        }
        fingerprint.write(&mut self.entries[range]);
    }
}

fn range_of(customer: CustomerId) -> Range<usize> {
    let start = (customer.0 % BLOCK) as usize * ENTRY;
    start..start + ENTRY
}

/// Writes fingerprints, which are sorted by customer; the last one of a customer counts.
pub(super) fn write_sorted(
    database: &Database,
    plan: i64,
    own: &[(CustomerId, Fingerprint)],
) -> Result<(), StoreError> {
    let change = |number, stored: Option<Vec<u8>>, own: &[(CustomerId, Fingerprint)]| {
        let mut block = Block { number, entries: stored.unwrap_or_default() };
        for (customer, fingerprint) in own {
            block.set(*customer, *fingerprint);
        }
        Some(block)
    };
    change_blocks(database, plan, own, |(customer, _)| *customer, change)
}

/// Drops a plan's fingerprints of customers, which are sorted.
pub(super) fn drop_sorted(
    database: &Database,
    plan: i64,
    customers: &[CustomerId],
) -> Result<(), StoreError> {
    let change = |number, stored: Option<Vec<u8>>, customers: &[CustomerId]| {
        let mut entries = stored?;
        for customer in customers {
            if let Some(entry) = entries.get_mut(range_of(*customer)) {
                entry.fill(0);
            }
        }
        Some(Block { number, entries })
    };
    change_blocks(database, plan, customers, |customer| *customer, change)
}

/// Replaces the blocks of a plan that have changes, which are sorted by customer. `change` gets the
/// number of a block, its stored entries, and its changes.
fn change_blocks<C>(
    database: &Database,
    plan: i64,
    changes: &[C],
    customer: impl Fn(&C) -> CustomerId,
    change: impl Fn(u32, Option<Vec<u8>>, &[C]) -> Option<Block>,
) -> Result<(), StoreError> {
    let number = |change: &C| Block::number_of(customer(change));
    let changes: Vec<&[C]> = changes.chunk_by(|one, other| number(one) == number(other)).collect();
    for changes in changes.chunks(BLOCKS_TOGETHER) {
        let numbers: Vec<u32> = changes.iter().map(|changes| number(&changes[0])).collect();
        let mut stored = read_blocks(database, plan, &numbers)?;
        let blocks = numbers.into_iter().zip(changes);
        let blocks =
            blocks.filter_map(|(number, changes)| change(number, stored.remove(&number), changes));
        write_blocks(database, plan, &blocks.collect::<Vec<_>>())?;
    }
    Ok(())
}

/// The entries of a plan's blocks with these numbers; of those that exist.
fn read_blocks(
    database: &Database,
    plan: i64,
    numbers: &[u32],
) -> Result<HashMap<u32, Vec<u8>>, StoreError> {
    #[cfg(feature = "postgres")]
    if database.is_postgres() {
        return super::postgres::read_blocks(database, plan, numbers);
    }
    let sql = "SELECT entries FROM fingerprints WHERE plan_id = ?1 AND block = ?2";
    let mut blocks = HashMap::new();
    for number in numbers {
        let entries = database.optional_row(sql, params![plan, number], |row| row.get(0))?;
        blocks.extend(entries.map(|entries| (*number, entries)));
    }
    Ok(blocks)
}

fn write_blocks(database: &Database, plan: i64, blocks: &[Block]) -> Result<(), StoreError> {
    #[cfg(feature = "postgres")]
    if database.is_postgres() {
        return super::postgres::write_blocks(database, plan, blocks);
    }
    let sql = "INSERT INTO fingerprints (plan_id, block, entries) VALUES (?1, ?2, ?3)
               ON CONFLICT (plan_id, block) DO UPDATE SET entries = ?3";
    blocks.iter().try_for_each(|Block { number, entries }| {
        database.execute(sql, params![plan, number, entries]).map(|_| ())
    })
}

/// Drops the fingerprints, in all plans, of customers that changed other than by an import.
pub(crate) fn drop_all_of(
    database: &Database,
    mut customers: Vec<CustomerId>,
) -> Result<(), StoreError> {
    customers.sort_unstable();
    let plans: Vec<i64> = database.rows("SELECT id FROM plans", [], |row| row.get(0))?;
    plans.into_iter().try_for_each(|plan| drop_sorted(database, plan, &customers))
}

/// Drops all fingerprints of all plans.
pub(crate) fn drop_all(database: &Database) -> Result<(), StoreError> {
    database.batch("DELETE FROM fingerprints; DELETE FROM plans;")
}

/// The customers of fingerprints whose customer or plan does not exist.
pub(crate) fn orphans(database: &Database) -> Result<Vec<CustomerId>, StoreError> {
    let mut orphans = Vec::new();
    let sql = "SELECT block, entries, plan_id IN (SELECT id FROM plans) FROM fingerprints";
    database.for_each(sql, [], |row| {
        let (block, has_plan): (u32, bool) = (row.get(0)?, row.get(2)?);
        let first = u64::from(block) * u64::from(BLOCK);
        let bounds = [first, first + u64::from(BLOCK) - 1].map(u64::cast_signed);
        let sql = "SELECT id FROM customers WHERE id BETWEEN ?1 AND ?2";
        let known: HashSet<CustomerId> = database.rows(sql, bounds, |row| row.get(0))?;
        let customers = fingerprints(block, row.blob(1)?).map(|(customer, _)| customer);
        orphans.extend(customers.filter(|customer| !has_plan || !known.contains(customer)));
        Ok(())
    })?;
    Ok(orphans)
}
