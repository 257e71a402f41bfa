//! Fingerprints: what proves that a record of a plan has nothing to do.
//!
//! They are stored in blocks of a thousand customers, sixteen bytes each. A row for each cost a
//! fifth of a first import, and reading a million rows a third of the next one.

use super::rows::CustomerId;
use crate::store::StoreError;
use crate::store::sqlite::ImportTransaction;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::HashSet;

/// The customers of a block: those whose rows are `block * BLOCK` and up.
const BLOCK: u32 = 1024;
/// The bytes of a customer in a block: the hash of the key and the hash of the record, both little
/// endian; zeros where there is no proof.
const ENTRY: usize = 16;
/// The changes that are held in memory before they are written, a block at a time.
const PENDING: usize = 1 << 20;

/// How many plans keep their fingerprints; the one that was not used for longest goes first.
const MAX_PLANS: usize = 4;

/// A fingerprint.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Entry {
    key_hash: u64,
    record_hash: u64,
}

impl Entry {
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

    fn is_proof(self) -> bool {
        self.record_hash != 0
    }
}

/// What an import changes of the fingerprints and has not written yet.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    /// Those of its own plan, in the order in which they were given; the last one counts.
    own: Vec<(CustomerId, Entry)>,
    /// The customers of whom all other plans have none any more.
    void: Vec<CustomerId>,
}

impl ImportTransaction {
    /// Chooses the plan whose fingerprints are read and written: its digest covers all that shapes
    /// a value.
    pub fn choose_plan(&mut self, digest: &[u8]) -> Result<(), StoreError> {
        let sql = "SELECT id FROM plans WHERE digest = ?1";
        let known: Option<i64> = self
            .connection
            .query_row(sql, [digest], |row| row.get(0))
            .optional()
            .map_err(|error| self.sqlite(error))?;
        if self.rehearsal.is_some() {
            self.plan = known.unwrap_or_default();
            return Ok(());
        }
        let choose = || -> rusqlite::Result<(i64, Vec<i64>)> {
            let sql = "INSERT INTO plans (digest, last_import) VALUES (?1, ?2)
                       ON CONFLICT (digest) DO UPDATE SET last_import = ?2 RETURNING id";
            let plan = self
                .connection
                .query_row(sql, params![digest, self.import_id], |row| row.get(0))?;
            let sql = "SELECT id FROM plans WHERE id <> ?1 ORDER BY last_import DESC, id DESC";
            let others: Vec<i64> = self
                .connection
                .prepare(sql)?
                .query_map([plan], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            let kept = (MAX_PLANS - 1).min(others.len());
            for old in &others[kept..] {
                self.connection.execute("DELETE FROM fingerprints WHERE plan_id = ?1", [old])?;
                self.connection.execute("DELETE FROM plans WHERE id = ?1", [old])?;
            }
            Ok((plan, others[..kept].to_vec()))
        };
        (self.plan, self.other_plans) = choose().map_err(|error| self.sqlite(error))?;
        Ok(())
    }

    /// Hands over every fingerprint of the plan, in the order of the customers: customer, hash of the
    /// key, hash of the record. Those that this import has given are not among them.
    pub fn fingerprints(
        &self,
        mut each: impl FnMut(CustomerId, u64, u64),
    ) -> Result<(), StoreError> {
        let mut read = || -> rusqlite::Result<()> {
            let sql = "SELECT block, entries FROM fingerprints WHERE plan_id = ?1 ORDER BY block";
            let mut statement = self.connection.prepare(sql)?;
            let mut rows = statement.query([self.plan])?;
            while let Some(row) = rows.next()? {
                for (customer, entry) in proofs(row.get(0)?, row.get_ref(1)?.as_blob()?) {
                    each(customer, entry.key_hash, entry.record_hash);
                }
            }
            Ok(())
        };
        read().map_err(|error| self.sqlite(error))
    }

    /// Keeps the proof that a record of this plan has nothing to do.
    pub fn keep_fingerprint(
        &mut self,
        customer: CustomerId,
        key_hash: u64,
        record_hash: u64,
    ) -> Result<(), StoreError> {
        self.set_fingerprint(customer, Entry { key_hash, record_hash })
    }

    /// Drops the proof of this plan for a customer.
    pub fn drop_fingerprint(&mut self, customer: CustomerId) -> Result<(), StoreError> {
        self.set_fingerprint(customer, Entry::default())
    }

    /// Drops the proofs of all other plans for a customer who has changed.
    pub fn drop_other_fingerprints(&mut self, customer: CustomerId) -> Result<(), StoreError> {
        if self.rehearsal.is_some() || self.other_plans.is_empty() {
            return Ok(());
        }
        self.pending.void.push(customer);
        self.write_if_many()
    }

    fn set_fingerprint(&mut self, customer: CustomerId, entry: Entry) -> Result<(), StoreError> {
        if self.rehearsal.is_some() {
            return Ok(());
        }
        self.pending.own.push((customer, entry));
        self.write_if_many()
    }

    fn write_if_many(&mut self) -> Result<(), StoreError> {
        match self.pending.own.len().max(self.pending.void.len()) >= PENDING {
            true => self.write_fingerprints(),
            false => Ok(()),
        }
    }

    /// Writes what is pending.
    pub(crate) fn write_fingerprints(&mut self) -> Result<(), StoreError> {
        let Pending { mut own, mut void } = std::mem::take(&mut self.pending);
        own.sort_by_key(|(customer, _)| *customer);
        void.sort_unstable();
        write_own(&self.connection, self.plan, &own)
            .and_then(|()| {
                self.other_plans.iter().try_for_each(|plan| void_in(&self.connection, *plan, &void))
            })
            .map_err(|error| self.sqlite(error))
    }
}

/// The proofs of a block.
fn proofs(block: u32, entries: &[u8]) -> impl Iterator<Item = (CustomerId, Entry)> {
    let customers = (block * BLOCK..).map(CustomerId);
    let entries = entries.chunks_exact(ENTRY).map(Entry::read);
    customers.zip(entries).filter(|(_, entry)| entry.is_proof())
}

fn block_of(customer: CustomerId) -> u32 {
    customer.0 / BLOCK
}

fn place_of(customer: CustomerId) -> std::ops::Range<usize> {
    let place = (customer.0 % BLOCK) as usize * ENTRY;
    place..place + ENTRY
}

/// Writes entries, sorted by customer; of several for one the last counts.
fn write_own(
    connection: &Connection,
    plan: i64,
    own: &[(CustomerId, Entry)],
) -> rusqlite::Result<()> {
    for entries in own.chunk_by(|(one, _), (other, _)| block_of(*one) == block_of(*other)) {
        let block = block_of(entries[0].0);
        let mut bytes = stored(connection, plan, block)?.unwrap_or_default();
        for (customer, entry) in entries {
            let place = place_of(*customer);
            if bytes.len() < place.end {
                bytes.resize(place.end, 0);
            }
            entry.write(&mut bytes[place]);
        }
        store(connection, plan, block, &bytes)?;
    }
    Ok(())
}

/// Drops a plan's proofs of customers, sorted.
fn void_in(connection: &Connection, plan: i64, void: &[CustomerId]) -> rusqlite::Result<()> {
    for customers in void.chunk_by(|one, other| block_of(*one) == block_of(*other)) {
        let block = block_of(customers[0]);
        let Some(mut bytes) = stored(connection, plan, block)? else { continue };
        for customer in customers {
            if let Some(entry) = bytes.get_mut(place_of(*customer)) {
                entry.fill(0);
            }
        }
        store(connection, plan, block, &bytes)?;
    }
    Ok(())
}

fn stored(connection: &Connection, plan: i64, block: u32) -> rusqlite::Result<Option<Vec<u8>>> {
    let sql = "SELECT entries FROM fingerprints WHERE plan_id = ?1 AND block = ?2";
    connection.prepare_cached(sql)?.query_row(params![plan, block], |row| row.get(0)).optional()
}

fn store(connection: &Connection, plan: i64, block: u32, entries: &[u8]) -> rusqlite::Result<()> {
    let sql = "INSERT INTO fingerprints (plan_id, block, entries) VALUES (?1, ?2, ?3)
               ON CONFLICT (plan_id, block) DO UPDATE SET entries = ?3";
    connection.prepare_cached(sql)?.execute(params![plan, block, entries])?;
    Ok(())
}

/// Drops the proofs that any plan has of customers who were changed otherwise than by an import.
pub(crate) fn void_all_of(
    connection: &Connection,
    mut customers: Vec<CustomerId>,
) -> rusqlite::Result<()> {
    customers.sort_unstable();
    let plans: Vec<i64> = connection
        .prepare("SELECT id FROM plans")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    plans.into_iter().try_for_each(|plan| void_in(connection, plan, &customers))
}

/// Drops all proofs of all plans.
pub(crate) fn void_all(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("DELETE FROM fingerprints; DELETE FROM plans;")
}

/// The proofs of nobody: of customers who are not there, or of a plan that is not.
pub(crate) fn strays(connection: &Connection) -> rusqlite::Result<Vec<CustomerId>> {
    let mut strays = Vec::new();
    let sql = "SELECT block, entries, plan_id IN (SELECT id FROM plans) FROM fingerprints";
    let mut blocks = connection.prepare(sql)?;
    let mut blocks = blocks.query([])?;
    let sql = "SELECT id FROM customers WHERE id BETWEEN ?1 AND ?2";
    let mut customers = connection.prepare(sql)?;
    while let Some(row) = blocks.next()? {
        let (block, planned): (u32, bool) = (row.get(0)?, row.get(2)?);
        let first = u64::from(block) * u64::from(BLOCK);
        let ids = customers
            .query_map([first, first + u64::from(BLOCK) - 1].map(u64::cast_signed), |row| {
                row.get(0).map(CustomerId)
            })?;
        let known: HashSet<CustomerId> = ids.collect::<rusqlite::Result<_>>()?;
        let proven = proofs(block, row.get_ref(1)?.as_blob()?).map(|(customer, _)| customer);
        strays.extend(proven.filter(|customer| !planned || !known.contains(customer)));
    }
    Ok(strays)
}
