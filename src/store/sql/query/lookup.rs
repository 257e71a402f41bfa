//! Finds many customers by email or number.

use crate::store::sql::{Reader, open_for_reading};
use crate::store::{StoreError, StoreLocation};
use crate::value::Key;
use std::collections::HashMap;
use xxhash_rust::xxh3::xxh3_64;

/// The customers of a store by email or number.
pub struct CustomerLookup {
    reader: Reader,
    key: Key,
    /// The customer's row for the hash of each value; `None` if several customers have the value.
    rows: HashMap<u64, Option<u32>>,
}

/// The customers that have a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FoundCustomer {
    /// No customer.
    None,
    /// The customer with this uid.
    One(String),
    /// More than one.
    Several,
}

impl CustomerLookup {
    /// Reads the emails or numbers of a store. Fails like [`open_for_reading`].
    pub fn open(store: &StoreLocation, key: Key) -> Result<Self, StoreError> {
        let reader = open_for_reading(store)?;
        let sql = match key {
            Key::Uid => "SELECT id, uid FROM customers",
            Key::Email => "SELECT id, email FROM customers WHERE email IS NOT NULL",
            Key::Number => "SELECT id, number FROM customers WHERE number IS NOT NULL",
        };
        let mut rows: HashMap<u64, Option<u32>> = HashMap::new();
        reader.database.for_each(sql, [], |row| {
            let id = row.get(0)?;
            let hash = xxh3_64(key.compared(row.text(1)?).as_bytes());
            rows.entry(hash).and_modify(|row| *row = None).or_insert(Some(id));
            Ok(())
        })?;
        Ok(Self { reader, key, rows })
    }

    /// The customer with a value, compared as in imports.
    pub fn find(&self, value: &str) -> Result<FoundCustomer, StoreError> {
        match self.rows.get(&xxh3_64(self.key.compared(value).as_bytes())) {
            None => Ok(FoundCustomer::None),
            Some(None) => Ok(FoundCustomer::Several),
            Some(Some(id)) => {
                let sql = "SELECT uid FROM customers WHERE id = ?1";
                self.reader.database.value(sql, [id]).map(FoundCustomer::One)
            }
        }
    }
}
