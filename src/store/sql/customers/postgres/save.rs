//! Saves changed customers: one statement for many, and their devices by `COPY`.

use super::copy::CopyBuffer;
use super::load::array;
use crate::store::sql::database::Database;
use crate::store::{CustomerUpdate, Slot, StoreError};
use postgres::types::{ToSql, Type};

/// The bytes of customers that are sent at once.
const SENT_BYTES: usize = 8 << 20;

/// Writes changed customers, about [`SENT_BYTES`] at a time.
pub(crate) fn save_together(
    database: &Database,
    updates: &[CustomerUpdate],
) -> Result<(), StoreError> {
    let mut rest = updates;
    while !rest.is_empty() {
        let mut bytes = 0;
        let fitting = rest.iter().take_while(|update| {
            let fits = bytes < SENT_BYTES;
            bytes += update.after.customer.attributes.len();
            fits
        });
        let (now, later) = rest.split_at(fitting.count().max(1));
        update(database, now)?;
        rest = later;
    }
    replace_devices(database, updates)
}

fn update(database: &Database, updates: &[CustomerUpdate]) -> Result<(), StoreError> {
    let connection = database.postgres()?;
    if connection.is_distributed() {
        return update_distributed(database, updates);
    }
    let sql = format!(
        "UPDATE {}.customers c SET first_name = n.first_name, last_name = n.last_name,
                number = n.number, email = n.email, attributes = CAST(n.attributes AS jsonb),
                archived_at = n.archived_at, last_changed_at = n.last_changed_at
         FROM unnest($1, $2, $3, $4, $5, $6, $7, $8)
              AS n (id, first_name, last_name, number, email, attributes, archived_at,
                    last_changed_at)
         WHERE c.id = n.id",
        connection.schema()
    );
    let changed = with_columns(updates, &[], |values| {
        connection.with(|client| client.execute_typed(&sql, values))
    })?;
    if changed != updates.len() as u64 {
        return Err(database.damaged("a customer is missing"));
    }
    Ok(())
}

/// The same for distributed customers. An `UPDATE` would send all values to every shard; this
/// statement sends each row to its own.
fn update_distributed(database: &Database, updates: &[CustomerUpdate]) -> Result<(), StoreError> {
    let connection = database.postgres()?;
    // A customer that is missing, and so inserted, is one of no import.
    let sql = format!(
        "INSERT INTO {}.customers (uid, id, first_name, last_name, number, email, attributes,
                archived_at, last_changed_at, first_imported_at, inserted_by)
         SELECT n.uid, n.id, n.first_name, n.last_name, n.number, n.email,
                CAST(n.attributes AS jsonb), n.archived_at, n.last_changed_at, '', 0
         FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)
              AS n (id, first_name, last_name, number, email, attributes, archived_at,
                    last_changed_at, uid)
         ON CONFLICT (uid) DO UPDATE SET first_name = excluded.first_name,
                last_name = excluded.last_name, number = excluded.number,
                email = excluded.email, attributes = excluded.attributes,
                archived_at = excluded.archived_at, last_changed_at = excluded.last_changed_at
         RETURNING inserted_by = 0",
        connection.schema()
    );
    let uids: Vec<&str> = updates.iter().map(|update| update.after.uid.as_str()).collect();
    let rows = with_columns(updates, &[(&uids, Type::TEXT_ARRAY)], |values| {
        connection.with(|client| client.query_typed(&sql, values))
    })?;
    for row in rows {
        if connection.check(row.try_get(0))? {
            return Err(database.damaged("a customer is missing"));
        }
    }
    Ok(())
}

/// A parameter of a statement, and its type.
pub(super) type Parameter<'p> = (&'p (dyn ToSql + Sync), Type);

/// Calls `run` with the ids of changed customers, their columns, and more parameters.
fn with_columns<T>(
    updates: &[CustomerUpdate],
    more: &[Parameter<'_>],
    run: impl FnOnce(&[Parameter<'_>]) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let ids: Vec<i64> = updates.iter().map(|update| update.slot.0.into()).collect();
    let texts = |of: fn(&CustomerUpdate) -> Option<&str>| -> Vec<Option<&str>> {
        updates.iter().map(of).collect()
    };
    let columns = [
        texts(|it| it.after.customer.first_name.as_deref()),
        texts(|it| it.after.customer.last_name.as_deref()),
        texts(|it| it.after.customer.number.as_deref()),
        texts(|it| it.after.customer.email.as_deref()),
        texts(|it| Some(&it.after.customer.attributes)),
        texts(|it| it.after.customer.archived_at.as_deref()),
        texts(|it| Some(&it.after.last_changed_at)),
    ];
    let mut values: Vec<Parameter<'_>> = vec![(&ids, Type::INT8_ARRAY)];
    values.extend(columns.iter().map(|texts| (texts as &(dyn ToSql + Sync), Type::TEXT_ARRAY)));
    values.extend(more.iter().cloned());
    run(&values)
}

fn replace_devices(database: &Database, updates: &[CustomerUpdate]) -> Result<(), StoreError> {
    let changed: Vec<&CustomerUpdate> =
        updates.iter().filter(|update| update.has_new_devices).collect();
    if changed.is_empty() {
        return Ok(());
    }
    let slots = array(changed.iter().map(|update| update.slot.0));
    let sql = "DELETE FROM devices WHERE customer_id = ANY (CAST(?1 AS bigint[]))";
    database.execute(sql, [slots])?;
    let mut devices = CopyBuffer::default();
    for update in changed {
        let stored = &update.after;
        for (rank, device) in (1..).zip(&stored.customer.devices) {
            let platform = device.platform.as_str();
            push_device(&mut devices, &stored.uid, rank, update.slot, &device.token, platform);
        }
    }
    let schema = database.postgres()?.schema();
    devices.send(database, &format!("{schema}.devices"))
}

/// Adds a device to rows that are not sent yet.
pub(crate) fn push_device(
    devices: &mut CopyBuffer,
    uid: &str,
    rank: i16,
    slot: Slot,
    token: &str,
    platform: &str,
) {
    devices.begin_row(5);
    devices.text(uid);
    devices.smallint(rank);
    devices.bigint(slot.0.into());
    devices.text(token);
    devices.text(platform);
}
