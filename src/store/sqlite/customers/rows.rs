//! Customers in an import's transaction: found, loaded, made and changed.

use crate::customer::{Customer, Diff, Patch};
use crate::store::StoreError;
use crate::store::sqlite::bound_cache;
use crate::store::sqlite::translated;
use crate::store::sqlite::{ImportTransaction, too_many};
use crate::value::{Device, DevicePlatform, Key};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::ops::Range;

/// The attributes of a customer who would be new that a dry run keeps: with those of further records
/// they may be more than is stored of one customer.
const LONG_ATTRIBUTES: usize = 4 << 10;

/// A customer's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CustomerId(pub u32);

/// What the store holds for a value of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// Nobody.
    Nobody,
    /// One customer.
    One(CustomerId),
    /// More than one: the value identifies nobody.
    Several,
}

/// A customer as stored.
#[derive(Debug, Clone)]
pub struct Stored {
    /// The identifier.
    pub uid: String,
    /// Attributes and devices.
    pub customer: Customer,
    /// When they last changed.
    pub last_changed_at: String,
}

impl Stored {
    /// A customer that a dry run would insert, of which only the existence was kept.
    fn placeholder() -> Self {
        let customer = Customer { attributes: "{}".to_owned(), ..Customer::default() };
        Self { uid: String::new(), customer, last_changed_at: String::new() }
    }

    /// Whether a dry run kept neither the uid nor the key of the customer, which it would insert.
    pub(crate) fn is_placeholder(&self) -> bool {
        self.uid.is_empty()
    }

    /// The customer as they were: `before` is what was otherwise. Fails where that was not written
    /// by this program.
    pub fn reverted(&self, before: &Diff) -> serde_json::Result<Self> {
        let last_changed_at = match before.columns.get("last_changed_at") {
            Some(Some(time)) => time.clone(),
            _ => self.last_changed_at.clone(),
        };
        let customer = self.customer.reverted(before)?;
        Ok(Self { uid: self.uid.clone(), customer, last_changed_at })
    }
}

impl ImportTransaction {
    /// Hands over the key's value of every customer that has one.
    pub fn keys(&self, key: Key, mut each: impl FnMut(CustomerId, &str)) -> Result<(), StoreError> {
        let mut read = || -> rusqlite::Result<()> {
            let sql = match key {
                Key::Uid => "SELECT id, uid FROM customers INDEXED BY customers_uid",
                Key::Email => "SELECT id, email FROM customers WHERE email IS NOT NULL",
                Key::Number => "SELECT id, number FROM customers WHERE number IS NOT NULL",
            };
            let mut statement = self.connection.prepare(sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                each(id(row, 0)?, row.get_ref(1)?.as_str()?);
            }
            Ok(())
        };
        if self.customers == 0 {
            return Ok(());
        }
        read().map_err(|error| self.sqlite(error))
    }

    /// Hands over the uids of the customers in ranges of rows; there may be nobody at some.
    pub fn uids_of(
        &self,
        ranges: &[Range<u32>],
        mut each: impl FnMut(CustomerId, &str),
    ) -> Result<(), StoreError> {
        let mut read = || -> rusqlite::Result<()> {
            let sql = "SELECT id, uid FROM customers WHERE id >= ?1 AND id < ?2";
            let mut statement = self.connection.prepare(sql)?;
            for range in ranges {
                let mut rows = statement.query([range.start, range.end])?;
                while let Some(row) = rows.next()? {
                    each(id(row, 0)?, row.get_ref(1)?.as_str()?);
                }
            }
            Ok(())
        };
        read().map_err(|error| self.sqlite(error))
    }

    /// Looks a customer up by the value of a key; an email is compared in lower case.
    pub fn find(&mut self, key: Key, value: &str) -> Result<Found, StoreError> {
        self.write_new()?;
        self.find_stored(key, value)
    }

    /// The same, but for new customers who wait to be written.
    pub fn find_stored(&self, key: Key, value: &str) -> Result<Found, StoreError> {
        let read = || -> rusqlite::Result<Found> {
            // An email's lower case is Unicode's, which SQLite's own `lower` is not.
            let sql = match key {
                Key::Uid => "SELECT id, uid FROM customers WHERE uid = ?1",
                Key::Email => "SELECT id, email FROM customers WHERE email IS NOT NULL",
                Key::Number => "SELECT id, number FROM customers WHERE number = ?1",
            };
            let mut statement = self.connection.prepare_cached(sql)?;
            let mut rows = match key {
                Key::Email => statement.query([])?,
                Key::Uid | Key::Number => statement.query([value])?,
            };
            let mut found = Found::Nobody;
            while let Some(row) = rows.next()? {
                let stored = row.get_ref(1)?.as_str()?;
                if key.compared(stored) != value {
                    continue;
                }
                found = match found {
                    Found::Nobody => Found::One(id(row, 0)?),
                    _ => return Ok(Found::Several),
                };
            }
            Ok(found)
        };
        read().map_err(|error| self.sqlite(error))
    }

    /// A customer as they are now, by this import's earlier records too. In a dry run a customer
    /// that the import would insert has what was kept of earlier records.
    pub fn load(&mut self, customer: CustomerId) -> Result<Option<Stored>, StoreError> {
        if self.new_customers.have(customer) {
            self.write_new()?;
        }
        if let Some(overlay) = &self.rehearsal {
            if let Some(stored) = overlay.get(customer).map_err(StoreError::DryRunFile)? {
                return Ok(Some(stored));
            }
            if customer >= self.first_new_customer() {
                return Ok(Some(Stored::placeholder()));
            }
        }
        self.load_stored(customer)
    }

    /// A customer as they were before this import; `current` is what [`Self::load`] gives.
    pub fn original(
        &mut self,
        customer: CustomerId,
        current: &Stored,
    ) -> Result<Stored, StoreError> {
        if self.rehearsal.is_some() {
            let stored = self.load_stored(customer)?;
            return stored.ok_or_else(|| self.damaged("a customer is gone"));
        }
        match self.before(customer)? {
            Some(differences) => current
                .reverted(&differences)
                .map_err(|_| self.damaged("attributes that are not JSON")),
            None => Ok(current.clone()),
        }
    }

    /// Whether the store has a customer as archived.
    pub fn is_archived(&self, customer: CustomerId) -> Result<bool, StoreError> {
        let sql = "SELECT archived_at IS NOT NULL FROM customers WHERE id = ?1";
        self.connection
            .prepare_cached(sql)
            .and_then(|mut sql| sql.query_row([customer.0], |row| row.get(0)))
            .map_err(|error| self.sqlite(error))
    }

    /// A customer as the store has them.
    pub fn load_stored(&self, customer: CustomerId) -> Result<Option<Stored>, StoreError> {
        load(&self.connection, customer).map_err(|error| self.sqlite(error))
    }

    /// A customer as they are now without their devices, if no record of this import has named them.
    pub fn load_without_devices(
        &mut self,
        customer: CustomerId,
    ) -> Result<Option<Stored>, StoreError> {
        if self.rehearsal.is_some() {
            // Whoever updates the customer keeps a copy of it, which must be whole.
            return self.load(customer);
        }
        load_without_devices(&self.connection, customer).map_err(|error| self.sqlite(error))
    }

    /// Makes a customer of a first record.
    pub fn insert(
        &mut self,
        uid: &str,
        patch: &Patch<'_>,
        now: &str,
    ) -> Result<CustomerId, StoreError> {
        let customer = CustomerId(self.next_customer);
        self.next_customer =
            self.next_customer.checked_add(1).ok_or_else(|| too_many(&self.path))?;
        if let Some(overlay) = &mut self.rehearsal {
            // Of a customer who would be new only the devices matter to what is reported, what they
            // are known by, and how long their attributes are. A uid that is not given is the key,
            // which the import has.
            let is_long = patch.attributes.len() >= LONG_ATTRIBUTES;
            if patch.has_devices() || patch.uid.is_some() || is_long {
                let attributes = if is_long { patch.attributes } else { "{}" };
                let stored = Stored {
                    uid: uid.to_owned(),
                    customer: Customer::from_patch(&Patch { attributes, ..patch.clone() }),
                    last_changed_at: String::new(),
                };
                overlay.keep(customer, &stored).map_err(StoreError::DryRunFile)?;
            }
            return Ok(customer);
        }
        bound_cache(&self.connection, patch.attributes.len())
            .and_then(|()| {
                let (connection, import) = (&self.connection, self.import_id);
                self.new_customers.insert(connection, import, customer, uid, patch, now)
            })
            .map_err(|error| translated(&self.path, error))?;
        Ok(customer)
    }

    /// Writes the new customers who wait for that.
    pub(crate) fn write_new(&mut self) -> Result<(), StoreError> {
        self.new_customers
            .write(&self.connection, self.import_id)
            .map_err(|error| translated(&self.path, error))
    }

    /// Stores a customer that was changed; `devices` are those that the store has of them.
    pub fn save(
        &mut self,
        customer: CustomerId,
        devices: &[Device],
        after: &Stored,
    ) -> Result<(), StoreError> {
        if let Some(overlay) = &mut self.rehearsal {
            return overlay.keep(customer, after).map_err(StoreError::DryRunFile);
        }
        save(&self.connection, customer, devices, after).map_err(|error| self.sqlite(error))
    }
}

/// A customer as the store has them now.
pub(crate) fn load(
    connection: &Connection,
    customer: CustomerId,
) -> rusqlite::Result<Option<Stored>> {
    let mut stored = load_without_devices(connection, customer)?;
    if let Some(stored) = &mut stored {
        stored.customer.devices = devices(connection, customer)?;
    }
    Ok(stored)
}

fn load_without_devices(
    connection: &Connection,
    customer: CustomerId,
) -> rusqlite::Result<Option<Stored>> {
    let sql = "SELECT uid, first_name, last_name, number, email, attributes, archived_at,
               last_changed_at FROM customers WHERE id = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let stored: Option<Stored> = statement
        .query_row([customer.0], |row| {
            Ok(Stored {
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
        })
        .optional()?;
    if let Some(stored) = &stored {
        bound_cache(connection, stored.customer.attributes.len())?;
    }
    Ok(stored)
}

/// A customer's devices by rank.
fn devices(connection: &Connection, customer: CustomerId) -> rusqlite::Result<Vec<Device>> {
    let mut devices = Vec::new();
    let sql = "SELECT token, platform FROM devices WHERE customer_id = ?1 ORDER BY rank";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([customer.0])?;
    while let Some(row) = rows.next()? {
        let platform: DevicePlatform =
            row.get_ref(1)?.as_str()?.parse().map_err(|_| rusqlite::Error::InvalidQuery)?;
        devices.push(Device { token: row.get(0)?, platform });
    }
    Ok(devices)
}

/// Stores a customer that was changed; `devices` are those that the store has of them.
pub(crate) fn save(
    connection: &Connection,
    customer: CustomerId,
    devices: &[Device],
    after: &Stored,
) -> rusqlite::Result<()> {
    let sql = "UPDATE customers SET first_name = ?2, last_name = ?3, number = ?4,
               email = ?5, attributes = ?6, archived_at = ?7, last_changed_at = ?8
               WHERE id = ?1";
    let values = &after.customer;
    connection.prepare_cached(sql)?.execute(params![
        customer.0,
        values.first_name,
        values.last_name,
        values.number,
        values.email,
        values.attributes,
        values.archived_at,
        after.last_changed_at,
    ])?;
    if *devices != values.devices {
        let sql = "DELETE FROM devices WHERE customer_id = ?1";
        connection.prepare_cached(sql)?.execute([customer.0])?;
        insert_devices(connection, customer, &values.devices)?;
    }
    Ok(())
}

/// Stores a customer's devices, where there are none.
pub(crate) fn insert_devices(
    connection: &Connection,
    customer: CustomerId,
    devices: &[Device],
) -> rusqlite::Result<()> {
    (1..).zip(devices).try_for_each(|(rank, device)| {
        insert_device(connection, customer, rank, &device.token, device.platform)
    })
}

fn insert_device(
    connection: &Connection,
    customer: CustomerId,
    rank: u8,
    token: &str,
    platform: DevicePlatform,
) -> rusqlite::Result<()> {
    let sql = "INSERT INTO devices (customer_id, rank, token, platform) VALUES (?1, ?2, ?3, ?4)";
    connection.prepare_cached(sql)?.execute(params![customer.0, rank, token, platform.as_str()])?;
    Ok(())
}

pub(crate) fn id(row: &Row<'_>, column: usize) -> rusqlite::Result<CustomerId> {
    row.get(column).map(CustomerId)
}
