//! Fingerprints: proof that a record of a plan changes nothing.
//!
//! They are stored in blocks of 1,024 customers, 16 bytes for each: a row for each would slow
//! imports down. See `docs/performance.md`.

use super::stored_customer::CustomerId;
use crate::store::sql::database::Database;
use crate::store::{Proof, ProofChange, StoreError};
use rusqlite::params;
use std::collections::HashSet;
use std::ops::Range;

/// The customers of a block: those with the ids from `block * BLOCK` on.
const BLOCK: u32 = 1024;
/// The bytes of a customer in a block: the hash of the key and the hash of the record, both little
/// endian; zeros for a customer without a fingerprint.
const ENTRY: usize = 16;
/// The changes that are buffered before they are written, a block at a time.
const MAX_BUFFERED: usize = 1 << 18;

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
    others: Vec<i64>,
}

impl Plans {
    /// All plans of a store, before one is chosen.
    pub(crate) fn of_others(database: &Database) -> Result<Self, StoreError> {
        let others = database.rows("SELECT id FROM plans", [], |row| row.get(0))?;
        Ok(Self { own: 0, others })
    }

    /// Whether other plans have fingerprints.
    fn has_others(&self) -> bool {
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

/// Changes of fingerprints that are not written yet.
#[derive(Debug, Default)]
pub(crate) struct FingerprintChanges {
    /// Changes in the chosen plan, oldest first; the last one of a customer counts.
    own: Vec<(CustomerId, Fingerprint)>,
    /// The customers whose fingerprints in all other plans are dropped.
    dropped: Vec<CustomerId>,
}

impl FingerprintChanges {
    /// Adds the proofs of a batch. A customer that changed loses its fingerprints in other plans.
    pub(crate) fn record(&mut self, proofs: &[ProofChange], plans: &Plans) {
        for change in proofs {
            let customer = CustomerId(change.slot.0);
            let fingerprint = change.proof.map_or(Fingerprint::default(), Fingerprint::from);
            self.own.push((customer, fingerprint));
            if change.changed && plans.has_others() {
                self.dropped.push(customer);
            }
        }
    }

    /// Drops a removed customer's fingerprints in all plans.
    pub(crate) fn drop_all(&mut self, customer: CustomerId) {
        self.own.push((customer, Fingerprint::default()));
        self.dropped.push(customer);
    }

    /// Writes the changes once there are many.
    pub(crate) fn write_if_full(
        &mut self,
        database: &Database,
        plans: &Plans,
    ) -> Result<(), StoreError> {
        let is_full = self.own.len().max(self.dropped.len()) >= MAX_BUFFERED;
        if is_full { self.write(database, plans) } else { Ok(()) }
    }

    pub(crate) fn write(&mut self, database: &Database, plans: &Plans) -> Result<(), StoreError> {
        let Self { mut own, mut dropped } = std::mem::take(self);
        own.sort_by_key(|(customer, _)| *customer);
        dropped.sort_unstable();
        if plans.own != 0 {
            write_sorted(database, plans.own, &own)?;
        }
        plans.others.iter().try_for_each(|plan| drop_sorted(database, *plan, &dropped))
    }
}

/// The fingerprints of a block.
fn fingerprints(block: u32, entries: &[u8]) -> impl Iterator<Item = (CustomerId, Fingerprint)> {
    let customers = (block * BLOCK..).map(CustomerId);
    let entries = entries.chunks_exact(ENTRY).map(Fingerprint::read);
    customers.zip(entries).filter(|(_, fingerprint)| fingerprint.record_hash != 0)
}

fn block_of(customer: CustomerId) -> u32 {
    customer.0 / BLOCK
}

fn range_of(customer: CustomerId) -> Range<usize> {
    let start = (customer.0 % BLOCK) as usize * ENTRY;
    start..start + ENTRY
}

/// Writes fingerprints, which are sorted by customer; the last one of a customer counts.
fn write_sorted(
    database: &Database,
    plan: i64,
    own: &[(CustomerId, Fingerprint)],
) -> Result<(), StoreError> {
    for changes in own.chunk_by(|(one, _), (other, _)| block_of(*one) == block_of(*other)) {
        let block = block_of(changes[0].0);
        let mut entries = read_block(database, plan, block)?.unwrap_or_default();
        for (customer, fingerprint) in changes {
            let range = range_of(*customer);
            if entries.len() < range.end {
                entries.resize(range.end, 0);
            }
            fingerprint.write(&mut entries[range]);
        }
        write_block(database, plan, block, &entries)?;
    }
    Ok(())
}

/// Drops a plan's fingerprints of customers, which are sorted.
fn drop_sorted(database: &Database, plan: i64, customers: &[CustomerId]) -> Result<(), StoreError> {
    for customers in customers.chunk_by(|one, other| block_of(*one) == block_of(*other)) {
        let block = block_of(customers[0]);
        let Some(mut entries) = read_block(database, plan, block)? else { continue };
        for customer in customers {
            if let Some(entry) = entries.get_mut(range_of(*customer)) {
                entry.fill(0);
            }
        }
        write_block(database, plan, block, &entries)?;
    }
    Ok(())
}

fn read_block(database: &Database, plan: i64, block: u32) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "SELECT entries FROM fingerprints WHERE plan_id = ?1 AND block = ?2";
    database.optional_row(sql, params![plan, block], |row| row.get(0))
}

fn write_block(
    database: &Database,
    plan: i64,
    block: u32,
    entries: &[u8],
) -> Result<(), StoreError> {
    let sql = "INSERT INTO fingerprints (plan_id, block, entries) VALUES (?1, ?2, ?3)
               ON CONFLICT (plan_id, block) DO UPDATE SET entries = ?3";
    database.execute(sql, params![plan, block, entries])?;
    Ok(())
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
