//! Loads the customers of a batch.

use crate::customer::Customer;
use crate::store::sql::customers::stored_customer::parse_platform;
use crate::store::sql::database::{Database, Row};
use crate::store::{LOADED_BYTES, Loaded, Slot, StoreError, StoredCustomer, Wanted};
use crate::value::Device;
use std::collections::HashMap;

/// Numbers as a text that PostgreSQL reads as an array.
pub(crate) fn array(numbers: impl Iterator<Item = u32>) -> String {
    let numbers: Vec<String> = numbers.map(|number| number.to_string()).collect();
    format!("{{{}}}", numbers.join(","))
}

/// Loads customers, until they have many bytes. Fails if one of them is gone.
pub(crate) fn load_many(database: &Database, wanted: &[Wanted]) -> Result<Vec<Loaded>, StoreError> {
    let has_devices: HashMap<Slot, bool> =
        wanted.iter().map(|wanted| (wanted.slot, wanted.devices)).collect();
    let sql = "SELECT uid, first_name, last_name, number, email, attributes, archived_at,
                      last_changed_at, id
               FROM customers WHERE id = ANY (CAST(?1 AS bigint[]))";
    let mut loaded = Vec::with_capacity(wanted.len());
    let mut bytes = 0;
    let slots = array(wanted.iter().map(|wanted| wanted.slot.0));
    let ended = database.find_row(sql, [slots], |row| {
        let slot = Slot(row.get(8)?);
        let stored = read_customer(row)?;
        bytes += stored.customer.attributes.len();
        let has_devices = has_devices.get(&slot).copied().unwrap_or_default();
        loaded.push(Loaded { slot, stored, has_devices });
        Ok((bytes >= LOADED_BYTES).then_some(()))
    })?;
    if ended.is_none() && loaded.len() < has_devices.len() {
        return Err(database.damaged("a customer is gone"));
    }
    load_devices(database, &mut loaded)?;
    Ok(loaded)
}

fn read_customer(row: Row<'_>) -> Result<StoredCustomer, StoreError> {
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

fn load_devices(database: &Database, loaded: &mut [Loaded]) -> Result<(), StoreError> {
    let wanted = || loaded.iter().enumerate().filter(|(_, loaded)| loaded.has_devices);
    let places: HashMap<u32, usize> =
        wanted().map(|(place, loaded)| (loaded.slot.0, place)).collect();
    if places.is_empty() {
        return Ok(());
    }
    let slots = array(places.keys().copied());
    let sql = "SELECT customer_id, token, platform FROM devices
               WHERE customer_id = ANY (CAST(?1 AS bigint[])) ORDER BY customer_id, rank";
    database.for_each(sql, [slots], |row| {
        if let Some(place) = places.get(&row.get::<u32>(0)?) {
            let platform = parse_platform(row, 2)?;
            loaded[*place].stored.customer.devices.push(Device { token: row.get(1)?, platform });
        }
        Ok(())
    })
}
