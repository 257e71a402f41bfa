//! Which import each value of a customer came with, as far as the trail tells.

use crate::store::StoreError;
use crate::store::sqlite::Reader;
use rusqlite::OptionalExtension;
use std::collections::BTreeMap;

/// Where a value came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// This import.
    Import(i64),
    /// This import or an earlier one: the trail does not go back further.
    NoLaterThan(i64),
}

impl Reader {
    /// The origin of everything that a customer has: by the name of the attribute, `devices` for
    /// their ranking, `archived_at` for the mark. `None` where there is no such customer.
    ///
    /// A value that an undone import had changed has the origin that it had before.
    pub fn provenance(&self, uid: &str) -> Result<Option<BTreeMap<String, Origin>>, StoreError> {
        let sqlite = |source| self.sqlite(source);
        let sql = "SELECT id, inserted_by FROM customers WHERE uid = ?1";
        let found: Option<(u32, i64)> = self
            .connection
            .query_row(sql, [uid], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()
            .map_err(sqlite)?;
        let Some((id, inserted_by)) = found else { return Ok(None) };
        let horizon = self.horizon()?;
        let unchanged = match inserted_by > horizon {
            true => Origin::Import(inserted_by),
            false => Origin::NoLaterThan(horizon),
        };
        let mut changed = BTreeMap::new();
        let sql = "SELECT import_id, kind, before FROM changes WHERE customer_id = ?1
                   ORDER BY import_id";
        let mut statement = self.connection.prepare_cached(sql).map_err(sqlite)?;
        let mut rows = statement.query([id]).map_err(sqlite)?;
        while let Some(row) = rows.next().map_err(sqlite)? {
            let origin = Origin::Import(row.get(0).map_err(sqlite)?);
            let before = self.image_of(row, 1)?.before;
            let devices = before.devices.map(|_| "devices".to_owned());
            let names = before.columns.into_keys().chain(before.attributes.into_keys());
            changed.extend(names.chain(devices).map(|name| (name, origin)));
        }
        let customer = crate::store::sqlite::customers::CustomerId(id);
        let stored =
            crate::store::sqlite::customers::load(&self.connection, customer).map_err(sqlite)?;
        let Some(stored) = stored else { return Ok(None) };
        let names = stored
            .customer
            .names()
            .map_err(|_| self.damaged("a customer's attributes are not JSON"))?;
        let origins = names.into_iter().map(|name| {
            let origin = changed.get(&name).copied().unwrap_or(unchanged);
            (name, origin)
        });
        Ok(Some(origins.collect()))
    }
}
