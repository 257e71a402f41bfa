//! Inserts new customers, many in one statement, which is faster than a statement for each.

use super::stored_customer::CustomerId;
use crate::store::sql::database::Database;
use crate::store::{ChangeSet, NewCustomer, Slot, StoreError};
use crate::value::DevicePlatform;
use rusqlite::{CachedStatement, Connection};
use std::fmt::Write as _;
use std::sync::LazyLock;

/// The customers of one statement.
const ROWS: usize = 32;
/// The values of a customer that differ from row to row.
const COLUMNS: usize = 7;
/// The same for a customer that engage's own export restores, with its times.
const RESTORED_COLUMNS: usize = 10;

/// The values of a device.
const DEVICE_COLUMNS: usize = 4;

static INSERT_MANY: LazyLock<String> = LazyLock::new(|| customer_sql(ROWS, COLUMNS));
static INSERT_ONE: LazyLock<String> = LazyLock::new(|| customer_sql(1, COLUMNS));
static INSERT_RESTORED: LazyLock<String> = LazyLock::new(|| customer_sql(1, RESTORED_COLUMNS));
static INSERT_MANY_DEVICES: LazyLock<String> = LazyLock::new(|| device_sql(ROWS));
static INSERT_ONE_DEVICE: LazyLock<String> = LazyLock::new(|| device_sql(1));

/// The statement that inserts `rows` devices.
fn device_sql(rows: usize) -> String {
    let mut sql =
        "INSERT OR FAIL INTO devices (customer_id, rank, token, platform) VALUES ".to_owned();
    for row in 0..rows {
        let separator = if row == 0 { "" } else { ", " };
        let first = 1 + row * DEVICE_COLUMNS;
        let [rank, token, platform] = [1, 2, 3].map(|more| first + more);
        let _ = write!(sql, "{separator}(?{first}, ?{rank}, ?{token}, ?{platform})");
    }
    sql
}

/// The statement that inserts `rows` customers. The import is the same in all rows, and so is the
/// time, except for restored customers. If the statement fails, so does the import; with `OR FAIL`
/// SQLite keeps no journal to undo only the statement.
fn customer_sql(rows: usize, columns: usize) -> String {
    let restored = columns == RESTORED_COLUMNS;
    let mut sql =
        "INSERT OR FAIL INTO customers (inserted_by, id, uid, first_name, last_name, number,
                   email, attributes, first_imported_at, last_changed_at"
            .to_owned();
    sql.push_str(if restored { ", archived_at) VALUES " } else { ") VALUES " });
    for row in 0..rows {
        let separator = if row == 0 { "" } else { ", " };
        let _ = write!(sql, "{separator}(?2");
        for column in 0..columns {
            let _ = write!(sql, ", ?{}", 3 + row * columns + column);
        }
        if !restored {
            sql.push_str(", ?1, ?1");
        }
        sql.push(')');
    }
    sql
}

/// Splits rows into those of one statement: as many as fill it, then one by one.
fn statements<T>(rows: &[T]) -> impl Iterator<Item = &[T]> {
    let many = rows.chunks_exact(ROWS);
    let rest = many.remainder().chunks(1);
    many.chain(rest)
}

/// Inserts the new customers of a change set, with their devices.
pub(crate) fn insert_customers(
    database: &Database,
    import: i64,
    changes: &ChangeSet,
) -> Result<(), StoreError> {
    let new: Vec<NewCustomer<'_>> = changes.insertions().collect();
    let devices: Vec<NewDevice<'_>> = new.iter().flat_map(|new| devices_of(*new)).collect();
    for new in &new {
        database.bound_cache(new.attributes.len())?;
    }
    database.with(|connection| {
        for customers in statements(&new) {
            write_customers(connection, import, changes.now(), customers)?;
        }
        statements(&devices).try_for_each(|devices| write_devices(connection, devices))
    })
}

/// A new device of a customer.
struct NewDevice<'c> {
    slot: Slot,
    rank: u8,
    token: &'c str,
    platform: DevicePlatform,
}

fn devices_of(customer: NewCustomer<'_>) -> impl Iterator<Item = NewDevice<'_>> {
    let slot = customer.slot;
    let ranked = (1..).zip(customer.devices());
    ranked.map(move |(rank, (token, platform))| NewDevice { slot, rank, token, platform })
}

fn write_customers(
    connection: &Connection,
    import: i64,
    now: &str,
    customers: &[NewCustomer<'_>],
) -> rusqlite::Result<()> {
    let is_usual = |it: &NewCustomer<'_>| {
        it.archived_at.is_none() && it.first_imported_at == now && it.last_changed_at == now
    };
    if !customers.iter().all(is_usual) {
        return customers.iter().try_for_each(|it| write_restored(connection, import, *it));
    }
    let sql = if customers.len() == ROWS { &INSERT_MANY } else { &INSERT_ONE };
    let mut statement = connection.prepare_cached(sql)?;
    statement.raw_bind_parameter(1, now)?;
    statement.raw_bind_parameter(2, import)?;
    for (row, customer) in customers.iter().enumerate() {
        bind(&mut statement, 3 + row * COLUMNS, *customer)?;
    }
    statement.raw_execute()?;
    Ok(())
}

/// Writes a customer that engage's own export restores.
fn write_restored(
    connection: &Connection,
    import: i64,
    customer: NewCustomer<'_>,
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(&INSERT_RESTORED)?;
    statement.raw_bind_parameter(2, import)?;
    bind(&mut statement, 3, customer)?;
    let NewCustomer { first_imported_at, last_changed_at, archived_at, .. } = customer;
    let times = [Some(first_imported_at), Some(last_changed_at), archived_at];
    for (index, time) in (3 + COLUMNS..).zip(times) {
        statement.raw_bind_parameter(index, time)?;
    }
    statement.raw_execute()?;
    Ok(())
}

fn write_devices(connection: &Connection, devices: &[NewDevice<'_>]) -> rusqlite::Result<()> {
    let sql = if devices.len() == ROWS { &INSERT_MANY_DEVICES } else { &INSERT_ONE_DEVICE };
    let mut statement = connection.prepare_cached(sql)?;
    for (row, device) in devices.iter().enumerate() {
        let first = 1 + row * DEVICE_COLUMNS;
        statement.raw_bind_parameter(first, CustomerId(device.slot.0))?;
        statement.raw_bind_parameter(first + 1, device.rank)?;
        statement.raw_bind_parameter(first + 2, device.token)?;
        statement.raw_bind_parameter(first + 3, device.platform.as_str())?;
    }
    statement.raw_execute()?;
    Ok(())
}

fn bind(
    statement: &mut CachedStatement<'_>,
    first: usize,
    customer: NewCustomer<'_>,
) -> rusqlite::Result<()> {
    statement.raw_bind_parameter(first, CustomerId(customer.slot.0))?;
    let [first_name, last_name, number, email] = customer.columns;
    let values =
        [Some(customer.uid), first_name, last_name, number, email, Some(customer.attributes)];
    for (index, value) in (first + 1..).zip(values) {
        statement.raw_bind_parameter(index, value)?;
    }
    Ok(())
}
