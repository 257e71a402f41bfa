//! Loads and saves customers.

use crate::customer::Customer;
use crate::store::sql::database::{Database, Row};
use crate::store::{CustomerUpdate, StoreError, StoredCustomer};
use crate::value::{Device, DevicePlatform};
use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, params};

/// The id of a customer's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct CustomerId(pub(crate) u32);

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

/// A customer as the store has it now.
pub(crate) fn load(
    database: &Database,
    customer: CustomerId,
) -> Result<Option<StoredCustomer>, StoreError> {
    let sql = "SELECT uid, first_name, last_name, number, email, attributes, archived_at,
               last_changed_at FROM customers WHERE id = ?1";
    let stored = database.optional_row(sql, [customer], read_customer)?;
    let Some(mut stored) = stored else { return Ok(None) };
    database.bound_cache(stored.customer.attributes.len())?;
    stored.customer.devices = load_devices(database, customer)?;
    Ok(Some(stored))
}

/// The devices of a customer by rank.
pub(crate) fn load_devices(
    database: &Database,
    customer: CustomerId,
) -> Result<Vec<Device>, StoreError> {
    let sql = "SELECT token, platform FROM devices WHERE customer_id = ?1 ORDER BY rank";
    database.rows(sql, [customer], |row| {
        Ok(Device { token: row.get(0)?, platform: parse_platform(row, 1)? })
    })
}

/// The customer of a row, without its devices.
pub(super) fn read_customer(row: Row<'_>) -> Result<StoredCustomer, StoreError> {
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
}

/// The platform of a device in a row.
pub(crate) fn parse_platform(row: Row<'_>, column: usize) -> Result<DevicePlatform, StoreError> {
    let platform = row.text(column)?.parse();
    platform.map_err(|_| row.damaged("a device has an unknown platform"))
}

/// Saves changed customers.
pub(crate) fn save_all(database: &Database, updates: &[CustomerUpdate]) -> Result<(), StoreError> {
    let mut statement = database.prepare(SAVE)?;
    let mut custom = database.prepare(SAVE_CUSTOM)?;
    for update in updates {
        let customer = CustomerId(update.slot.0);
        let saved = if update.changes_custom_only() {
            save_custom(&mut custom, customer, &update.after)
        } else {
            save_by(&mut statement, customer, &update.after)
        };
        database.check(saved)?;
        if update.has_new_devices {
            save_devices(database, customer, &update.after.customer.devices)?;
        }
    }
    Ok(())
}

/// Saves a changed customer without its devices.
pub(crate) fn save(
    database: &Database,
    customer: CustomerId,
    after: &StoredCustomer,
) -> Result<(), StoreError> {
    let Customer { first_name, last_name, number, email, attributes, archived_at, .. } =
        &after.customer;
    let values = params![
        customer,
        first_name,
        last_name,
        number,
        email,
        attributes,
        archived_at,
        after.last_changed_at
    ];
    database.execute(SAVE, values).map(|_| ())
}

const SAVE: &str = "UPDATE customers SET first_name = ?2, last_name = ?3, number = ?4, email = ?5,
                    attributes = ?6, archived_at = ?7, last_changed_at = ?8 WHERE id = ?1";

/// The same for a customer of which only custom attributes have changed: fewer values are copied.
const SAVE_CUSTOM: &str =
    "UPDATE customers SET attributes = ?2, last_changed_at = ?3 WHERE id = ?1";

fn save_custom(
    statement: &mut CachedStatement<'_>,
    customer: CustomerId,
    after: &StoredCustomer,
) -> rusqlite::Result<()> {
    statement.raw_bind_parameter(1, customer)?;
    statement.raw_bind_parameter(2, after.customer.attributes.as_str())?;
    statement.raw_bind_parameter(3, after.last_changed_at.as_str())?;
    statement.raw_execute().map(|_| ())
}

fn save_by(
    statement: &mut CachedStatement<'_>,
    customer: CustomerId,
    after: &StoredCustomer,
) -> rusqlite::Result<()> {
    let Customer { first_name, last_name, number, email, attributes, archived_at, .. } =
        &after.customer;
    let optional = [first_name, last_name, number, email];
    statement.raw_bind_parameter(1, customer)?;
    for (index, value) in (2..).zip(optional) {
        statement.raw_bind_parameter(index, value.as_deref())?;
    }
    statement.raw_bind_parameter(6, attributes.as_str())?;
    statement.raw_bind_parameter(7, archived_at.as_deref())?;
    statement.raw_bind_parameter(8, after.last_changed_at.as_str())?;
    statement.raw_execute().map(|_| ())
}

/// Replaces the devices of a customer.
pub(crate) fn save_devices(
    database: &Database,
    customer: CustomerId,
    devices: &[Device],
) -> Result<(), StoreError> {
    database.execute("DELETE FROM devices WHERE customer_id = ?1", [customer])?;
    insert_devices(database, customer, devices)
}

/// Inserts the devices of a customer that has none.
pub(crate) fn insert_devices(
    database: &Database,
    customer: CustomerId,
    devices: &[Device],
) -> Result<(), StoreError> {
    let sql = if database.is_postgres() {
        "INSERT INTO devices (uid, customer_id, rank, token, platform)
         SELECT uid, id, CAST(?2 AS smallint), ?3, ?4 FROM customers WHERE id = ?1"
    } else {
        "INSERT INTO devices (customer_id, rank, token, platform) VALUES (?1, ?2, ?3, ?4)"
    };
    (1..).zip(devices).try_for_each(|(rank, Device { token, platform }): (u8, _)| {
        database.execute(sql, params![customer, rank, token, platform.as_str()]).map(|_| ())
    })
}
