//! Loads the customers of a batch.

use crate::store::sql::customers::stored_customer::{parse_platform, read_customer};
use crate::store::sql::database::{Database, Row};
use crate::store::{LOADED_BYTES, Loaded, Slot, StoreError, Wanted};
use crate::value::Device;
use std::collections::HashMap;

/// Numbers as the text of a PostgreSQL array.
pub(crate) fn array(numbers: impl Iterator<Item = u32>) -> String {
    let numbers: Vec<String> = numbers.map(|number| number.to_string()).collect();
    format!("{{{}}}", numbers.join(","))
}

/// The most customers that are loaded together.
const MOST_CUSTOMERS: usize = 4096;

/// A customer, or a token, with at most this many bytes is loaded together with all others.
const SHORT_BYTES: usize = 1000;

/// The columns of a customer, as [`read_customer`] reads them.
const COLUMNS: &str = "uid, first_name, last_name, number, email, attributes, archived_at,
                       last_changed_at, id";

/// Loads customers in any order: all short ones in one round trip, or, if there are none, long ones
/// up to [`LOADED_BYTES`]. At least one is loaded. Fails if all of them are missing.
pub(crate) fn load_many(database: &Database, wanted: &[Wanted]) -> Result<Vec<Loaded>, StoreError> {
    let wanted = wanted.iter().take(MOST_CUSTOMERS);
    let has_devices: HashMap<Slot, bool> =
        wanted.map(|wanted| (wanted.slot, wanted.devices)).collect();
    let mut loaded = load_short(database, &has_devices)?;
    if loaded.is_empty() {
        loaded = load_long(database, &has_devices)?;
    }
    load_devices(database, &mut loaded)?;
    Ok(loaded)
}

/// Loads the customers without long values. Sizes are taken from the rows, so that a long value is
/// not even decompressed.
fn load_short(
    database: &Database,
    has_devices: &HashMap<Slot, bool>,
) -> Result<Vec<Loaded>, StoreError> {
    let slots = || has_devices.keys().map(|slot| slot.0);
    let (Some(first), Some(last)) = (slots().min(), slots().max()) else { return Ok(Vec::new()) };
    let is_short = format!(
        "pg_column_compression(attributes) IS NULL AND
         pg_column_size(attributes) + coalesce(octet_length(first_name), 0) +
         coalesce(octet_length(last_name), 0) <= {SHORT_BYTES}"
    );
    // If most customers of a range are wanted, reading the range is faster than finding each of
    // them.
    let is_range = (last - first) as usize / 2 < has_devices.len();
    let place = if is_range { "BETWEEN ?1 AND ?2" } else { "= ANY (CAST(?1 AS bigint[]))" };
    let sql = format!("SELECT {COLUMNS} FROM customers WHERE id {place} AND {is_short}");
    let mut loaded = Vec::with_capacity(has_devices.len());
    let read = |row: Row<'_>| {
        let slot = Slot(row.get(8)?);
        if let Some(has_devices) = has_devices.get(&slot).copied() {
            loaded.push(Loaded { slot, stored: read_customer(row)?, has_devices });
        }
        Ok(())
    };
    if is_range {
        database.rows::<(), Vec<()>>(&sql, [i64::from(first), i64::from(last)], read)?;
    } else {
        database.rows::<(), Vec<()>>(&sql, [array(slots())], read)?;
    }
    Ok(loaded)
}

fn load_long(
    database: &Database,
    has_devices: &HashMap<Slot, bool>,
) -> Result<Vec<Loaded>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM customers WHERE id = ANY (CAST(?1 AS bigint[]))");
    let mut loaded = Vec::new();
    let mut bytes = 0;
    let slots = array(has_devices.keys().map(|slot| slot.0));
    database.find_row(&sql, [slots], |row| {
        let slot = Slot(row.get(8)?);
        let stored = read_customer(row)?;
        bytes += stored.customer.attributes.len();
        let has_devices = has_devices.get(&slot).copied().unwrap_or_default();
        loaded.push(Loaded { slot, stored, has_devices });
        Ok((bytes >= LOADED_BYTES).then_some(()))
    })?;
    if loaded.is_empty() && !has_devices.is_empty() {
        return Err(database.damaged("a customer is missing"));
    }
    Ok(loaded)
}

fn load_devices(database: &Database, loaded: &mut [Loaded]) -> Result<(), StoreError> {
    let wanted = || loaded.iter().enumerate().filter(|(_, loaded)| loaded.has_devices);
    let places: HashMap<u32, usize> =
        wanted().map(|(place, loaded)| (loaded.slot.0, place)).collect();
    if places.is_empty() {
        return Ok(());
    }
    let slots = array(places.keys().copied());
    let sql = |token: &str| {
        format!(
            "SELECT customer_id, {token}, platform FROM devices
             WHERE customer_id = ANY (CAST(?1 AS bigint[])) ORDER BY customer_id, rank"
        )
    };
    let short = format!("CASE WHEN octet_length(token) <= {SHORT_BYTES} THEN token END");
    let mut is_short = true;
    database.rows::<(), Vec<()>>(&sql(&short), [&slots], |row| match row.get(1)? {
        Some(token) if is_short => add_device(row, token, &places, loaded),
        _ => {
            is_short = false;
            Ok(())
        }
    })?;
    if is_short {
        return Ok(());
    }
    // Some tokens are long, so rows are read again, a few at a time.
    for loaded in loaded.iter_mut() {
        loaded.stored.customer.devices.clear();
    }
    database.for_each(&sql("token"), [slots], |row| add_device(row, row.get(1)?, &places, loaded))
}

/// Adds a device to its customer, whose slot is the first column of the row.
fn add_device(
    row: Row<'_>,
    token: String,
    places: &HashMap<u32, usize>,
    loaded: &mut [Loaded],
) -> Result<(), StoreError> {
    if let Some(place) = places.get(&row.get::<u32>(0)?) {
        let platform = parse_platform(row, 2)?;
        loaded[*place].stored.customer.devices.push(Device { token, platform });
    }
    Ok(())
}
