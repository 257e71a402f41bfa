//! Exports whole customers, one after the other.

use crate::segment::Segment;
use crate::store::StoreError;
use crate::store::sql::Reader;
use crate::store::sql::customers::parse_platform;
use crate::store::sql::database::{Database, Row};
use crate::value::{DevicePlatform, MAX_DEVICES};
use rusqlite::Rows;
use rusqlite::types::Value;

/// The customers to export.
#[derive(Debug, Clone, Default)]
pub struct ExportFilter<'a> {
    /// Only the customers of this segment.
    pub segment: Option<&'a Segment>,
    /// Only customers that were inserted or changed since then.
    pub changed_since: Option<ChangedSince>,
    /// Only customers that are not archived.
    pub without_archived: bool,
}

/// The earliest time of a change.
#[derive(Debug, Clone)]
pub struct ChangedSince {
    /// The time, inclusive: UTC, RFC 3339.
    pub time: String,
    /// The import that began then, if there is one. Customers that it or a later import inserted
    /// count even if engage's own export restored an earlier time for them.
    pub import: Option<i64>,
}

/// A customer as the store has it.
#[derive(Debug, Clone, Copy)]
pub struct ExportedCustomer<'a> {
    /// The identifier.
    pub uid: &'a str,
    /// The first name.
    pub first_name: Option<&'a str>,
    /// The last name.
    pub last_name: Option<&'a str>,
    /// The phone number.
    pub number: Option<&'a str>,
    /// The email.
    pub email: Option<&'a str>,
    /// The custom attributes: a JSON object with sorted names.
    pub attributes: &'a str,
    /// The devices by rank.
    pub devices: &'a ExportedDevices,
    /// When it was archived, if so. UTC, RFC 3339, like all times here.
    pub archived_at: Option<&'a str>,
    /// When it was first imported.
    pub first_imported_at: &'a str,
    /// When it last changed.
    pub last_changed_at: &'a str,
}

/// A customer's devices. The memory is reused from one customer to the next.
#[derive(Debug, Default)]
pub struct ExportedDevices {
    tokens: [String; MAX_DEVICES],
    platforms: Vec<DevicePlatform>,
}

impl ExportedDevices {
    /// Reads the devices from a JSON list of tokens and platforms.
    fn read(&mut self, row: Row<'_>, column: usize) -> Result<(), StoreError> {
        self.platforms.clear();
        let Some(json) = row.optional_text(column)? else { return Ok(()) };
        let damaged = || row.damaged("a device is invalid");
        let list: Vec<(String, String)> = serde_json::from_str(json).map_err(|_| damaged())?;
        for (place, (token, platform)) in self.tokens.iter_mut().zip(list) {
            *place = token;
            self.platforms.push(platform.parse().map_err(|_| damaged())?);
        }
        Ok(())
    }

    /// The device of a rank, from 1.
    pub fn of_rank(&self, rank: usize) -> Option<(&str, DevicePlatform)> {
        let at = rank.checked_sub(1)?;
        Some((self.tokens.get(at)?, *self.platforms.get(at)?))
    }

    /// All devices by rank.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, DevicePlatform)> {
        self.tokens.iter().map(String::as_str).zip(self.platforms.iter().copied())
    }
}

impl Reader {
    /// The largest number of devices of any customer.
    pub fn most_devices(&self) -> Result<usize, StoreError> {
        let most = self.database.count("SELECT coalesce(max(rank), 0) FROM devices", [])?;
        Ok(usize::try_from(most).unwrap_or(MAX_DEVICES).min(MAX_DEVICES))
    }

    /// Calls `each` with the customers that a filter selects, in the order of their insertion.
    pub fn export<E: From<StoreError>>(
        &self,
        filter: &ExportFilter<'_>,
        mut each: impl FnMut(&ExportedCustomer<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let (condition, values) = self.condition(filter)?;
        let sql = format!(
            "SELECT id, uid, first_name, last_name, number, email, attributes, archived_at,
                    first_imported_at, last_changed_at
             FROM customers WHERE {condition} ORDER BY id"
        );
        let database = &self.database;
        if database.is_postgres() {
            return self.export_in_one_query(&condition, values, each);
        }
        let mut statement = database.prepare(
            "SELECT customer_id, token, platform FROM devices ORDER BY customer_id, rank",
        )?;
        let rows = database.check(statement.query([]))?;
        let mut device_reader = DeviceReader::begin(database, rows)?;
        let mut devices = ExportedDevices::default();
        database.try_for_each(&sql, values, |row| {
            device_reader.read(row.get(0)?, &mut devices)?;
            each(&exported(row, &devices)?)
        })
    }

    /// The same for PostgreSQL, whose connection runs one query at a time: the devices are a column
    /// of the customers.
    fn export_in_one_query<E: From<StoreError>>(
        &self,
        condition: &str,
        values: Vec<Value>,
        mut each: impl FnMut(&ExportedCustomer<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let devices = match self.most_devices()? {
            0 => "NULL",
            _ => {
                "(SELECT CAST(json_agg(json_build_array(d.token, d.platform) ORDER BY d.rank) AS text)
                  FROM devices d WHERE d.customer_id = customers.id)"
            }
        };
        let sql = format!(
            "SELECT id, uid, first_name, last_name, number, email, attributes, archived_at,
                    first_imported_at, last_changed_at, {devices}
             FROM customers WHERE {condition} ORDER BY id"
        );
        let mut devices = ExportedDevices::default();
        self.database.try_for_each(&sql, values, |row| {
            devices.read(row, 10)?;
            each(&exported(row, &devices)?)
        })
    }

    fn condition(&self, filter: &ExportFilter<'_>) -> Result<(String, Vec<Value>), StoreError> {
        let mut conditions = vec!["1 = 1".to_owned()];
        let mut values = Vec::new();
        if let Some(segment) = filter.segment {
            let predicate = self.predicate(segment)?;
            conditions.push(format!("({})", predicate.sql));
            values.extend(predicate.values);
        }
        if let Some(ChangedSince { time, import }) = &filter.changed_since {
            conditions.push("(last_changed_at >= ? OR inserted_by >= ?)".to_owned());
            values.push(Value::Text(time.clone()));
            values.push(import.map_or(Value::Null, Value::Integer));
        }
        if filter.without_archived {
            conditions.push("archived_at IS NULL".to_owned());
        }
        Ok((conditions.join(" AND "), values))
    }
}

fn exported<'r>(
    row: Row<'r>,
    devices: &'r ExportedDevices,
) -> Result<ExportedCustomer<'r>, StoreError> {
    Ok(ExportedCustomer {
        uid: row.text(1)?,
        first_name: row.optional_text(2)?,
        last_name: row.optional_text(3)?,
        number: row.optional_text(4)?,
        email: row.optional_text(5)?,
        attributes: row.text(6)?,
        devices,
        archived_at: row.optional_text(7)?,
        first_imported_at: row.text(8)?,
        last_changed_at: row.text(9)?,
    })
}

/// The devices of all customers, read in step with the customers.
struct DeviceReader<'d> {
    database: &'d Database,
    rows: Rows<'d>,
    /// The customer of the current row; `None` after the last row.
    customer: Option<i64>,
    token: String,
    platform: DevicePlatform,
}

impl<'d> DeviceReader<'d> {
    fn begin(database: &'d Database, rows: Rows<'d>) -> Result<Self, StoreError> {
        let (token, platform) = (String::new(), DevicePlatform::Ios);
        let mut reader = Self { database, rows, customer: None, token, platform };
        reader.advance()?;
        Ok(reader)
    }

    fn advance(&mut self) -> Result<(), StoreError> {
        let Some(row) = self.database.next_row(&mut self.rows)? else {
            self.customer = None;
            return Ok(());
        };
        self.customer = Some(row.get(0)?);
        row.text(1)?.clone_into(&mut self.token);
        self.platform = parse_platform(row, 2)?;
        Ok(())
    }

    /// Reads the devices of a customer, and skips those of customers before it.
    fn read(&mut self, customer: i64, devices: &mut ExportedDevices) -> Result<(), StoreError> {
        devices.platforms.clear();
        while self.customer.is_some_and(|current| current <= customer) {
            if self.customer == Some(customer)
                && let Some(token) = devices.tokens.get_mut(devices.platforms.len())
            {
                std::mem::swap(&mut self.token, token);
                devices.platforms.push(self.platform);
            }
            self.advance()?;
        }
        Ok(())
    }
}
