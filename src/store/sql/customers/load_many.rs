//! Loads the customers of a batch, in the order of their rows.

use super::stored_customer::{parse_platform, read_customer};
use crate::store::sql::database::Database;
use crate::store::{LOADED_BYTES, Loaded, Slot, StoreError, Wanted};
use crate::value::Device;

/// If the next wanted row is at most this far away, reading the rows in between is faster than
/// another search.
const NEAR: u32 = 8;

/// What happens to customers with long attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LongCustomers {
    Load,
    /// Leave them out without reading their attributes, of which SQLite would keep copies.
    LeaveOut,
}

/// Loads customers in the order of their rows, until they have [`LOADED_BYTES`]. Fails if one of
/// them is missing, unless long ones are left out.
pub(crate) fn load_many(
    database: &Database,
    wanted: &[Wanted],
    long: LongCustomers,
) -> Result<Vec<Loaded>, StoreError> {
    let mut wanted = wanted.to_vec();
    wanted.sort_unstable();
    let mut loaded = Vec::with_capacity(wanted.len());
    let condition = match long {
        LongCustomers::Load => "",
        LongCustomers::LeaveOut => "AND octet_length(attributes) < 65536",
    };
    let sql = format!(
        "SELECT uid, first_name, last_name, number, email, attributes, archived_at,
                last_changed_at, id
         FROM customers WHERE id BETWEEN ?1 AND ?2 {condition} ORDER BY id"
    );
    let mut statement = database.prepare(&sql)?;
    let mut bytes = 0;
    for near in wanted.chunk_by(|one, next| next.slot.0 - one.slot.0 <= NEAR) {
        let mut missing = near.iter().peekable();
        let bounds = [near[0].slot.0, near[near.len() - 1].slot.0];
        let mut rows = database.check(statement.query(bounds))?;
        while bytes < LOADED_BYTES
            && let Some(row) = database.next_row(&mut rows)?
        {
            let slot = Slot(row.get(8)?);
            if long == LongCustomers::LeaveOut {
                while missing.next_if(|wanted| wanted.slot < slot).is_some() {}
            }
            let Some(wanted) = missing.next_if(|wanted| wanted.slot == slot) else { continue };
            let stored = read_customer(row)?;
            bytes += stored.customer.attributes.len();
            loaded.push(Loaded { slot, stored, has_devices: wanted.devices });
        }
        if bytes >= LOADED_BYTES {
            break;
        }
        if long == LongCustomers::Load && missing.next().is_some() {
            return Err(database.damaged("a customer is missing"));
        }
    }
    for loaded in &loaded {
        database.bound_cache(loaded.stored.customer.attributes.len())?;
    }
    load_devices(database, &mut loaded)?;
    Ok(loaded)
}

fn load_devices(database: &Database, loaded: &mut [Loaded]) -> Result<(), StoreError> {
    let mut wanted: Vec<&mut Loaded> =
        loaded.iter_mut().filter(|loaded| loaded.has_devices).collect();
    let sql = "SELECT customer_id, token, platform FROM devices
               WHERE customer_id BETWEEN ?1 AND ?2 ORDER BY customer_id, rank";
    let mut statement = database.prepare(sql)?;
    for near in wanted.chunk_by_mut(|one, next| next.slot.0 - one.slot.0 <= NEAR) {
        let bounds = [near[0].slot.0, near[near.len() - 1].slot.0];
        let mut rows = database.check(statement.query(bounds))?;
        let mut at = 0;
        while let Some(row) = database.next_row(&mut rows)? {
            let slot = Slot(row.get(0)?);
            at += near[at..].partition_point(|loaded| loaded.slot < slot);
            if let Some(loaded) = near.get_mut(at).filter(|loaded| loaded.slot == slot) {
                let platform = parse_platform(row, 2)?;
                loaded.stored.customer.devices.push(Device { token: row.get(1)?, platform });
            }
        }
    }
    Ok(())
}
