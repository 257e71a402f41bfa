//! A customer as the store has it: loaded and saved.

use crate::customer::{Customer, Diff};
use crate::store::StoreError;
use crate::store::sqlite::database::{Database, Row};
use crate::value::{Device, DevicePlatform};
use rusqlite::params;
use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

/// The row of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CustomerId(pub u32);

impl FromSql for CustomerId {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        u32::column_result(value).map(Self)
    }
}

impl ToSql for CustomerId {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}

/// A customer as stored.
#[derive(Debug, Clone)]
pub struct StoredCustomer {
    /// The identifier.
    pub uid: String,
    /// Attributes and devices.
    pub customer: Customer,
    /// When it last changed: UTC, RFC 3339.
    pub last_changed_at: String,
}

impl StoredCustomer {
    /// The customer before a change; `before` has the values that differed. Fails if this program has
    /// not written them.
    pub fn reverted(&self, before: &Diff) -> serde_json::Result<Self> {
        let last_changed_at = match before.columns.get("last_changed_at") {
            Some(Some(time)) => time.clone(),
            _ => self.last_changed_at.clone(),
        };
        let customer = self.customer.reverted(before)?;
        Ok(Self { uid: self.uid.clone(), customer, last_changed_at })
    }
}

/// A customer as the store has it now.
pub(crate) fn load(
    database: &Database,
    customer: CustomerId,
) -> Result<Option<StoredCustomer>, StoreError> {
    let Some(mut stored) = load_without_devices(database, customer)? else { return Ok(None) };
    let sql = "SELECT token, platform FROM devices WHERE customer_id = ?1 ORDER BY rank";
    stored.customer.devices = database.rows(sql, [customer], |row| {
        Ok(Device { token: row.get(0)?, platform: parse_platform(row, 1)? })
    })?;
    Ok(Some(stored))
}

pub(crate) fn load_without_devices(
    database: &Database,
    customer: CustomerId,
) -> Result<Option<StoredCustomer>, StoreError> {
    let sql = "SELECT uid, first_name, last_name, number, email, attributes, archived_at,
               last_changed_at FROM customers WHERE id = ?1";
    let stored = database.optional_row(sql, [customer], |row| {
        Ok(StoredCustomer {
            uid: row.get(0)?,
            customer: Customer {
                first_name: row.get(1)?,
                last_name: row.get(2)?,
                number: row.get(3)?,
                email: row.get(4)?,
                attributes: row.get(5)?,
                archived_at: row.get(6)?,
                devices: Vec::new(),
            },
            last_changed_at: row.get(7)?,
        })
    })?;
    if let Some(stored) = &stored {
        database.bound_cache(stored.customer.attributes.len())?;
    }
    Ok(stored)
}

/// The platform of a device in a row.
pub(crate) fn parse_platform(row: Row<'_>, column: usize) -> Result<DevicePlatform, StoreError> {
    let platform = row.text(column)?.parse();
    platform.map_err(|_| row.damaged("a device has an unknown platform"))
}

/// Saves a changed customer; `devices` are those that the store has of it.
pub(crate) fn save(
    database: &Database,
    customer: CustomerId,
    devices: &[Device],
    after: &StoredCustomer,
) -> Result<(), StoreError> {
    let sql = "UPDATE customers SET first_name = ?2, last_name = ?3, number = ?4,
               email = ?5, attributes = ?6, archived_at = ?7, last_changed_at = ?8
               WHERE id = ?1";
    let values = &after.customer;
    database.execute(
        sql,
        params![
            customer,
            values.first_name,
            values.last_name,
            values.number,
            values.email,
            values.attributes,
            values.archived_at,
            after.last_changed_at,
        ],
    )?;
    if *devices != values.devices {
        database.execute("DELETE FROM devices WHERE customer_id = ?1", [customer])?;
        insert_devices(database, customer, &values.devices)?;
    }
    Ok(())
}

/// Inserts the devices of a customer that has none.
pub(crate) fn insert_devices(
    database: &Database,
    customer: CustomerId,
    devices: &[Device],
) -> Result<(), StoreError> {
    let sql = "INSERT INTO devices (customer_id, rank, token, platform) VALUES (?1, ?2, ?3, ?4)";
    (1..).zip(devices).try_for_each(|(rank, Device { token, platform }): (u8, _)| {
        database.execute(sql, params![customer, rank, token, platform.as_str()]).map(|_| ())
    })
}
