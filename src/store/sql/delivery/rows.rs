//! Deliveries as rows.

use crate::store::sql::database::{Database, Row};
use crate::store::{DeliveredFields, Delivery, DeliveryStatus, Refusal, StoreError};
use std::collections::HashMap;
use std::sync::Arc;

/// The bytes of a field in `deliveries.fields`: the number of its name and the digest of its value,
/// little-endian.
pub(super) const FIELD_BYTES: usize = 12;

/// The columns of a delivery, from `status`.
pub(super) const COLUMNS: &str =
    "d.status, d.fields, d.tokens, d.refused_status, d.refused_text, d.refused_state";

/// The names of delivered fields, which the store numbers.
#[derive(Debug, Default)]
pub(super) struct FieldNames {
    names: HashMap<u32, Arc<str>>,
    numbers: HashMap<Arc<str>, u32>,
}

impl FieldNames {
    pub(super) fn read(database: &Database) -> Result<Self, StoreError> {
        let mut names = Self::default();
        database.for_each("SELECT id, name FROM delivered_names", [], |row| {
            names.add(row.get(0)?, row.text(1)?.into());
            Ok(())
        })?;
        Ok(names)
    }

    fn add(&mut self, number: u32, name: Arc<str>) {
        self.names.insert(number, name.clone());
        self.numbers.insert(name, number);
    }

    /// The name with this number. It is looked up if it is not known: another push may have added
    /// it.
    fn name(&mut self, database: &Database, number: u32) -> Result<Option<Arc<str>>, StoreError> {
        if !self.names.contains_key(&number) {
            let sql = "SELECT name FROM delivered_names WHERE id = ?1";
            if let Some(name) = database.optional_row(sql, [number], |row| row.get(0))? {
                self.add(number, name);
            }
        }
        Ok(self.names.get(&number).cloned())
    }

    /// The number of a name, which is added if it is new.
    fn number(&mut self, database: &Database, name: &Arc<str>) -> Result<u32, StoreError> {
        if let Some(number) = self.numbers.get(name) {
            return Ok(*number);
        }
        let sql = "INSERT INTO delivered_names (name) VALUES (?1) ON CONFLICT (name) DO NOTHING";
        database.execute(sql, [name])?;
        let sql = "SELECT id FROM delivered_names WHERE name = ?1";
        let number = database.value(sql, [name])?;
        self.add(number, name.clone());
        Ok(number)
    }

    pub(super) fn encode(
        &mut self,
        database: &Database,
        fields: &DeliveredFields,
    ) -> Result<Vec<u8>, StoreError> {
        let mut bytes = Vec::with_capacity(fields.len() * FIELD_BYTES);
        for (name, digest) in fields {
            bytes.extend_from_slice(&self.number(database, name)?.to_le_bytes());
            bytes.extend_from_slice(&digest.to_le_bytes());
        }
        Ok(bytes)
    }

    /// The fields of a blob; `None` if engage did not write it.
    pub(super) fn decode(
        &mut self,
        database: &Database,
        bytes: &[u8],
    ) -> Result<Option<DeliveredFields>, StoreError> {
        let mut fields = DeliveredFields::new();
        let (chunks, rest) = bytes.as_chunks::<FIELD_BYTES>();
        for [a, b, c, d, digest @ ..] in chunks {
            let number = u32::from_le_bytes([*a, *b, *c, *d]);
            let Some(name) = self.name(database, number)? else { return Ok(None) };
            fields.insert(name, u64::from_le_bytes(*digest));
        }
        Ok(rest.is_empty().then_some(fields))
    }

    /// The delivery of a row, whose [`COLUMNS`] begin at `column`; a new one if they are NULL.
    pub(super) fn delivery(
        &mut self,
        database: &Database,
        row: Row<'_>,
        column: usize,
    ) -> Result<Delivery, StoreError> {
        let Some(status) = row.optional_text(column)? else { return Ok(Delivery::default()) };
        let damaged = || row.damaged("a delivery is invalid");
        let status = DeliveryStatus::from_name(status).ok_or_else(damaged)?;
        let fields = self.decode(database, row.blob(column + 1)?)?.ok_or_else(damaged)?;
        let tokens = row.optional_text(column + 2)?.map(serde_json::from_str).transpose();
        let tokens = tokens.map_err(|_| damaged())?.unwrap_or_default();
        Ok(Delivery { status, fields, tokens, refusal: refusal(row, column + 3)? })
    }
}

/// The refusal of a row, whose three columns begin at `column`.
pub(super) fn refusal(row: Row<'_>, column: usize) -> Result<Option<Refusal>, StoreError> {
    let Some(status) = row.get(column)? else { return Ok(None) };
    let text = row.optional_text(column + 1)?.unwrap_or_default().to_owned();
    let state = row.get::<Option<i64>>(column + 2)?.unwrap_or_default();
    Ok(Some(Refusal { status, text, state }))
}
