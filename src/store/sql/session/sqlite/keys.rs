//! Finds customers by their keys.

use super::sqlite_session::{Access, SqliteSession};
use crate::store::sql::customers::CustomerId;
use crate::store::{EachKnown, KeyMatch, Slot, StoreError, key_hash};
use crate::value::Key;
use rusqlite::params;
use std::collections::HashSet;
use std::ops::Range;

/// If more than one in this many customers has no fingerprint, the uids of all customers are read.
const MAX_GAP_DIVISOR: u64 = 8;

impl SqliteSession {
    pub(super) fn scan_keys(&self, key: Key, each: &mut EachKnown<'_>) -> Result<(), StoreError> {
        if key != Key::Uid {
            // Several customers may share an email or a number, so the keys are read even with
            // fingerprints.
            let mut fingerprints = Fingerprints::default();
            self.plans.for_each(&self.database, |customer, fingerprint| {
                fingerprints.add(customer.0, fingerprint.record_hash);
            })?;
            return self.each_key(key, |customer, value| {
                let hash = key_hash(&key.compared(value));
                each(hash, Slot(customer.0), fingerprints.get(customer.0));
                Ok(())
            });
        }
        // A uid never changes, so its hash may come from the fingerprint.
        let mut gaps = FingerprintGaps::new(self.start.customers);
        self.plans.for_each(&self.database, |customer, fingerprint| {
            each(fingerprint.key_hash, Slot(customer.0), fingerprint.record_hash);
            gaps.add_gap_before(customer);
        })?;
        gaps.add_gap_before(self.first_new());
        let uid = |customer: CustomerId, uid: &str| {
            each(key_hash(uid), Slot(customer.0), 0);
            Ok(())
        };
        if gaps.are_few() { self.each_uid_in(&gaps.ranges, uid) } else { self.each_key(key, uid) }
    }

    /// Calls `each` with the key of every customer that has one.
    fn each_key(
        &self,
        key: Key,
        mut each: impl FnMut(CustomerId, &str) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        if self.start.customers == 0 {
            return Ok(());
        }
        let sql = match key {
            Key::Uid => "SELECT id, uid FROM customers INDEXED BY customers_uid",
            Key::Email => "SELECT id, email FROM customers WHERE email IS NOT NULL",
            Key::Number => "SELECT id, number FROM customers WHERE number IS NOT NULL",
        };
        self.database.for_each(sql, [], |row| each(row.get(0)?, row.text(1)?))
    }

    /// Calls `each` with the uids of the customers in ranges of rows, which may have gaps.
    fn each_uid_in(
        &self,
        ranges: &[Range<u32>],
        mut each: impl FnMut(CustomerId, &str) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let sql = "SELECT id, uid FROM customers WHERE id >= ?1 AND id < ?2";
        for range in ranges {
            let bounds = [range.start, range.end];
            self.database.for_each(sql, bounds, |row| each(row.get(0)?, row.text(1)?))?;
        }
        Ok(())
    }

    pub(super) fn find_unnamed(
        &self,
        key: Key,
        named: &mut dyn FnMut(Slot, &str) -> bool,
        each: &mut dyn FnMut(Slot, &str, bool),
    ) -> Result<u64, StoreError> {
        let (first_new, mut count) = (self.first_new(), 0);
        self.each_key(key, |customer, value| {
            if customer >= first_new {
                return Ok(());
            }
            count += 1;
            if !named(Slot(customer.0), value) {
                let sql = "SELECT archived_at IS NOT NULL FROM customers WHERE id = ?1";
                each(Slot(customer.0), value, self.database.value(sql, [customer])?);
            }
            Ok(())
        })?;
        Ok(count)
    }

    pub(super) fn find_by_key(
        &mut self,
        key: Key,
        values: &[&str],
    ) -> Result<Vec<KeyMatch>, StoreError> {
        let mut found = vec![KeyMatch::None; values.len()];
        if self.start.customers == 0 || values.is_empty() {
            return Ok(found);
        }
        let sql = if key == Key::Uid {
            self.attach_uid_index()?;
            "SELECT id FROM customers WHERE uid = ?1 AND id < ?2"
        } else {
            self.make_searchable(key)?;
            "SELECT customer FROM temp.customers_by_key WHERE value = ?1 AND customer < ?2"
        };
        // Values are looked up in the order of the index.
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_unstable_by_key(|place| values[*place]);
        let mut statement = self.database.prepare(sql)?;
        for place in order {
            let values = params![values[place], self.first_new()];
            let mut rows = self.database.check(statement.query(values))?;
            while let Some(row) = self.database.next_row(&mut rows)? {
                found[place] = match found[place] {
                    KeyMatch::None => KeyMatch::One(Slot(row.get(0)?)),
                    KeyMatch::One(_) | KeyMatch::Several => KeyMatch::Several,
                };
                if found[place] == KeyMatch::Several {
                    break;
                }
            }
        }
        Ok(found)
    }

    /// Creates a temporary table with an index on a key, since emails and numbers have none.
    fn make_searchable(&mut self, key: Key) -> Result<(), StoreError> {
        if self.searchable == Some(key) {
            return Ok(());
        }
        // In a dry run, `query_only` is off while the temporary table is written.
        self.database.batch(
            "PRAGMA query_only = OFF;
             DROP TABLE IF EXISTS temp.customers_by_key;
             CREATE TEMPORARY TABLE customers_by_key (value TEXT NOT NULL, customer INTEGER NOT NULL)",
        )?;
        let sql = "INSERT INTO temp.customers_by_key (value, customer) VALUES (?1, ?2)";
        let mut insert = self.database.prepare(sql)?;
        self.each_key(key, |customer, value| {
            let values = params![key.compared(value), customer];
            self.database.check(insert.execute(values)).map(|_| ())
        })?;
        drop(insert);
        self.database
            .batch("CREATE INDEX temp.key_values ON customers_by_key (value, customer)")?;
        if self.access == Access::Read {
            self.database.batch("PRAGMA query_only = ON")?;
        }
        self.searchable = Some(key);
        Ok(())
    }

    pub(super) fn count_keys(&mut self, key: Key, values: &[&str]) -> Result<usize, StoreError> {
        if key == Key::Uid {
            let found = self.find_by_key(key, values)?;
            return Ok(found.iter().filter(|found| **found != KeyMatch::None).count());
        }
        let wanted: HashSet<&str> = values.iter().copied().collect();
        let mut known: HashSet<&str> = HashSet::new();
        self.each_key(key, |_, value| {
            known.extend(wanted.get(key.compared(value).as_ref()));
            Ok(())
        })?;
        Ok(known.len())
    }
}

/// The customers without a fingerprint: the gaps between those that have one.
struct FingerprintGaps {
    ranges: Vec<Range<u32>>,
    /// How many rows the gaps have.
    count: u64,
    /// If there are more, reading all customers is cheaper.
    bound: u64,
    next: u32,
}

impl FingerprintGaps {
    fn new(customers: u64) -> Self {
        Self { ranges: Vec::new(), count: 0, bound: customers / MAX_GAP_DIVISOR, next: 1 }
    }

    fn are_few(&self) -> bool {
        self.count <= self.bound
    }

    /// Adds the gap between the last customer and this one.
    fn add_gap_before(&mut self, customer: CustomerId) {
        let gap = self.next..customer.0;
        self.next = customer.0 + 1;
        if !gap.is_empty() {
            self.count += gap.len() as u64;
            if self.are_few() {
                self.ranges.push(gap);
            }
        }
    }
}

/// The fingerprints by row, which are added in the order of the rows.
#[derive(Default)]
struct Fingerprints {
    rows: Vec<u32>,
    hashes: Vec<u64>,
}

impl Fingerprints {
    fn add(&mut self, row: u32, hash: u64) {
        self.rows.push(row);
        self.hashes.push(hash);
    }

    fn get(&self, row: u32) -> u64 {
        self.rows.binary_search(&row).map_or(0, |at| self.hashes[at])
    }
}
