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
    let mut values: Vec<(&(dyn ToSql + Sync), Type)> = vec![(&ids, Type::INT8_ARRAY)];
    values.extend(columns.iter().map(|texts| (texts as &(dyn ToSql + Sync), Type::TEXT_ARRAY)));
    let changed = connection.with(|client| client.execute_typed(&sql, &values))?;
    if changed != updates.len() as u64 {
        return Err(database.damaged("a customer is missing"));
    }
    Ok(())
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
