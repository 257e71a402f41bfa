//! Finds customers by their keys.

use super::key_index::KeyIndex;
use super::postgres_session::PostgresSession;
use crate::store::sql::customers::CustomerId;
use crate::store::{CustomerSet, EachKnown, KeyMatch, Slot, StoreError, key_hash};
use crate::value::Key;
use rusqlite::params;
use std::collections::{HashMap, HashSet};

/// The column of a key.
fn column(key: Key) -> &'static str {
    match key {
        Key::Uid => "uid",
        Key::Email => "email",
        Key::Number => "number",
    }
}

impl PostgresSession {
    pub(super) fn scan_keys(&self, key: Key, each: &mut EachKnown<'_>) -> Result<(), StoreError> {
        let mut proofs: HashMap<u32, u64> = HashMap::new();
        if key != Key::Uid {
            // Several customers may share an email or a number, so the keys are read even with
            // fingerprints.
            self.plans.for_each(&self.database, |customer, fingerprint| {
                proofs.insert(customer.0, fingerprint.record_hash);
            })?;
            return self.each_key(key, |slot, value, _| {
                let proof = proofs.get(&slot.0).copied().unwrap_or_default();
                each(key_hash(&key.compared(value)), slot, proof);
                Ok(())
            });
        }
        // A uid never changes, so its hash may come from the fingerprint.
        let mut proven = CustomerSet::default();
        self.plans.for_each(&self.database, |customer, fingerprint| {
            each(fingerprint.key_hash, Slot(customer.0), fingerprint.record_hash);
            proven.insert(Slot(customer.0));
        })?;
        if proven.len() == self.start.customers {
            return Ok(());
        }
        self.each_key(key, |slot, uid, _| {
            if !proven.contains(slot) {
                each(key_hash(uid), slot, 0);
            }
            Ok(())
        })
    }

    /// Calls `each` with the key of every customer that has one, and whether the customer is
    /// archived.
    fn each_key(
        &self,
        key: Key,
        mut each: impl FnMut(Slot, &str, bool) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        if self.start.customers == 0 {
            return Ok(());
        }
        let column = column(key);
        let sql = format!(
            "SELECT id, {column}, archived_at IS NOT NULL FROM customers
             WHERE {column} IS NOT NULL AND id < ?1"
        );
        self.database.for_each(&sql, [self.first_new()], |row| {
            each(Slot(row.get(0)?), row.text(1)?, row.get(2)?)
        })
    }

    pub(super) fn find_unnamed(
        &self,
        key: Key,
        named: &mut dyn FnMut(Slot, &str) -> bool,
        each: &mut dyn FnMut(Slot, &str, bool),
    ) -> Result<u64, StoreError> {
        let mut count = 0;
        self.each_key(key, |slot, value, is_archived| {
            count += 1;
            if !named(slot, value) {
                each(slot, value, is_archived);
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
        if key != Key::Uid {
            let index = self.key_index(key)?;
            return Ok(values.iter().map(|value| index.find(value)).collect());
        }
        let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
        for (place, value) in values.iter().enumerate() {
            places.entry(value).or_default().push(place);
        }
        let list = serde_json::Value::from(values).to_string();
        let sql = "SELECT id, uid FROM customers WHERE id < ?2 AND uid = ANY (ARRAY(
                   SELECT jsonb_array_elements_text(CAST(?1 AS jsonb)) COLLATE \"C\"))";
        self.database.for_each(sql, params![list, self.first_new()], |row| {
            for place in places.get(row.text(1)?).into_iter().flatten() {
                found[*place] = KeyMatch::One(Slot(row.get(0)?));
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// The index of a key, which is built once.
    fn key_index(&mut self, key: Key) -> Result<&KeyIndex, StoreError> {
        if self.searchable.as_ref().is_none_or(|index| index.key != key) {
            let mut entries = Vec::new();
            self.each_key(key, |slot, value, _| {
                entries.push(KeyIndex::entry(&key.compared(value), slot));
                Ok(())
            })?;
            entries.sort_unstable();
            self.searchable = Some(KeyIndex { key, entries });
        }
        self.searchable.as_ref().ok_or_else(|| self.database.damaged("its keys cannot be read"))
    }

    pub(super) fn count_keys(&mut self, key: Key, values: &[&str]) -> Result<usize, StoreError> {
        if key == Key::Uid {
            let found = self.find_by_key(key, values)?;
            return Ok(found.iter().filter(|found| **found != KeyMatch::None).count());
        }
        let wanted: HashSet<&str> = values.iter().copied().collect();
        let mut known: HashSet<&str> = HashSet::new();
        self.each_key(key, |_, value, _| {
            known.extend(wanted.get(key.compared(value).as_ref()));
            Ok(())
        })?;
        Ok(known.len())
    }

    /// The first customer that the session adds.
    pub(super) fn first_new(&self) -> CustomerId {
        CustomerId(self.start.first_new.0)
    }
}
