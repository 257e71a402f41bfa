//! Fingerprints: what proves that a record of a plan has nothing to do.

use super::customers::{CustomerId, id};
use super::error::StoreError;
use super::transaction::ImportTransaction;
use rusqlite::{OptionalExtension, Row, params};

/// How many plans keep their fingerprints; the one that was not used for longest goes first.
const MAX_PLANS: usize = 4;

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

    /// Hands over every fingerprint of the plan: customer, hash of the key, hash of the record.
    pub fn fingerprints(
        &self,
        mut each: impl FnMut(CustomerId, u64, u64),
    ) -> Result<(), StoreError> {
        let mut read = || -> rusqlite::Result<()> {
            let sql = "SELECT customer_id, key_hash, record_hash FROM fingerprints
                       WHERE plan_id = ?1";
            let mut statement = self.connection.prepare(sql)?;
            let mut rows = statement.query([self.plan])?;
            while let Some(row) = rows.next()? {
                each(id(row, 0)?, hash(row, 1)?, hash(row, 2)?);
            }
            Ok(())
        };
        read().map_err(|error| self.sqlite(error))
    }

    /// Keeps the proof that a record of this plan has nothing to do.
    pub fn keep_fingerprint(
        &self,
        customer: CustomerId,
        key_hash: u64,
        record_hash: u64,
    ) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO fingerprints
                   (plan_id, customer_id, key_hash, record_hash) VALUES (?1, ?2, ?3, ?4)";
        let hashes = (key_hash.cast_signed(), record_hash.cast_signed());
        self.write(sql, params![self.plan, customer.0, hashes.0, hashes.1])
    }

    /// Drops the proof of this plan for a customer.
    pub fn drop_fingerprint(&self, customer: CustomerId) -> Result<(), StoreError> {
        self.delete_fingerprint(self.plan, customer)
    }

    /// Drops the proofs of all other plans for a customer who has changed.
    pub fn drop_other_fingerprints(&self, customer: CustomerId) -> Result<(), StoreError> {
        self.other_plans.iter().try_for_each(|plan| self.delete_fingerprint(*plan, customer))
    }

    fn delete_fingerprint(&self, plan: i64, customer: CustomerId) -> Result<(), StoreError> {
        let sql = "DELETE FROM fingerprints WHERE plan_id = ?1 AND customer_id = ?2";
        self.write(sql, params![plan, customer.0])
    }
}

fn hash(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(i64::cast_unsigned)
}
