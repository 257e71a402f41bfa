//! Every customer out again, one after the other, whole.

use crate::segment::Segment;
use crate::store::StoreError;
use crate::store::sqlite::Reader;
use crate::store::sqlite::segment_sql::Predicate;
use crate::store::sqlite::settings;
use crate::value::{DevicePlatform, Key, MAX_DEVICES};
use rusqlite::types::Value;
use rusqlite::{Row, Rows, params_from_iter};

/// Whom an export has.
#[derive(Debug, Clone, Default)]
pub struct Wanted<'a> {
    /// Only the customers of this segment.
    pub segment: Option<&'a Segment>,
    /// Only those who came or changed since then.
    pub changed_since: Option<Since>,
    /// Only those who are not archived.
    pub without_archived: bool,
}

/// A moment that changes are counted from, itself included.
#[derive(Debug, Clone)]
pub struct Since {
    /// The time: UTC, RFC 3339.
    pub time: String,
    /// The import that began then, if it is one. Whom it or a later one made are wanted even where
    /// they keep an earlier time, which engage's own export brings along.
    pub import: Option<i64>,
}

/// One customer as the store has them.
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
    /// The custom attributes: a JSON object, its names sorted.
    pub attributes: &'a str,
    /// The devices by rank.
    pub devices: &'a ExportedDevices,
    /// When they were archived, if so. UTC, RFC 3339, as all times here.
    pub archived_at: Option<&'a str>,
    /// When they were first imported.
    pub first_imported_at: &'a str,
    /// When they last changed.
    pub last_changed_at: &'a str,
}

/// A customer's devices. They are read into the same memory for one customer after the other.
#[derive(Debug, Default)]
pub struct ExportedDevices {
    tokens: [String; MAX_DEVICES],
    platforms: Vec<DevicePlatform>,
}

impl ExportedDevices {
    /// The device of a rank, from 1.
    pub fn of_rank(&self, rank: usize) -> Option<(&str, DevicePlatform)> {
        let at = rank.checked_sub(1)?;
        Some((self.tokens.get(at)?, *self.platforms.get(at)?))
    }

    /// All of them, by rank.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, DevicePlatform)> {
        self.tokens.iter().map(String::as_str).zip(self.platforms.iter().copied())
    }
}

impl Reader {
    /// What identifies the store's customers, where an import has set it.
    pub fn key(&self) -> Result<Option<Key>, StoreError> {
        settings::key(&self.connection, &self.path)
    }

    /// How many devices a customer has at the most.
    pub fn most_devices(&self) -> Result<usize, StoreError> {
        let sql = "SELECT coalesce(max(rank), 0) FROM devices";
        let most = self.connection.query_row(sql, [], |row| row.get::<_, i64>(0));
        let most = most.map_err(|source| self.sqlite(source))?;
        Ok(usize::try_from(most).unwrap_or_default().min(MAX_DEVICES))
    }

    /// Hands over the customers that are wanted, in the order in which they came.
    pub fn export<E: From<StoreError>>(
        &self,
        wanted: &Wanted<'_>,
        mut each: impl FnMut(&ExportedCustomer<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let sqlite = |source| self.sqlite(source);
        let (condition, values) = self.condition(wanted)?;
        let sql = format!(
            "SELECT id, uid, first_name, last_name, number, email, attributes, archived_at,
                    first_imported_at, last_changed_at
             FROM customers WHERE {condition} ORDER BY id"
        );
        let mut customers = self.connection.prepare(&sql).map_err(sqlite)?;
        let mut customers = customers.query(params_from_iter(values)).map_err(sqlite)?;
        let sql = "SELECT customer_id, token, platform FROM devices ORDER BY customer_id, rank";
        let mut devices = self.connection.prepare(sql).map_err(sqlite)?;
        let mut devices =
            DeviceReader::begin(devices.query([]).map_err(sqlite)?).map_err(sqlite)?;
        let mut theirs = ExportedDevices::default();
        while let Some(row) = customers.next().map_err(sqlite)? {
            let customer = row.get(0).map_err(sqlite)?;
            devices.read(customer, &mut theirs).map_err(sqlite)?;
            each(&exported(row, &theirs).map_err(sqlite)?)?;
        }
        Ok(())
    }

    fn condition(&self, wanted: &Wanted<'_>) -> Result<(String, Vec<Value>), StoreError> {
        let mut conditions = vec!["1".to_owned()];
        let mut values = Vec::new();
        if let Some(segment) = wanted.segment {
            let predicate: Predicate = self.predicate(segment)?;
            conditions.push(format!("({})", predicate.sql));
            values.extend(predicate.values);
        }
        if let Some(Since { time, import }) = &wanted.changed_since {
            conditions.push("(last_changed_at >= ? OR inserted_by >= ?)".to_owned());
            values.push(Value::Text(time.clone()));
            values.push(import.map_or(Value::Null, Value::Integer));
        }
        if wanted.without_archived {
            conditions.push("archived_at IS NULL".to_owned());
        }
        Ok((conditions.join(" AND "), values))
    }
}

fn exported<'r>(
    row: &'r Row<'_>,
    devices: &'r ExportedDevices,
) -> rusqlite::Result<ExportedCustomer<'r>> {
    let text = |column| -> rusqlite::Result<&'r str> { Ok(row.get_ref(column)?.as_str()?) };
    let optional = |column| -> rusqlite::Result<Option<&'r str>> {
        Ok(row.get_ref(column)?.as_str_or_null()?)
    };
    Ok(ExportedCustomer {
        uid: text(1)?,
        first_name: optional(2)?,
        last_name: optional(3)?,
        number: optional(4)?,
        email: optional(5)?,
        attributes: text(6)?,
        devices,
        archived_at: optional(7)?,
        first_imported_at: text(8)?,
        last_changed_at: text(9)?,
    })
}

/// The devices of all customers, read in step with the customers.
struct DeviceReader<'s> {
    rows: Rows<'s>,
    /// Whose device the current row is; `None` behind the last.
    customer: Option<i64>,
    token: String,
    platform: DevicePlatform,
}

impl<'s> DeviceReader<'s> {
    fn begin(rows: Rows<'s>) -> rusqlite::Result<Self> {
        let platform = DevicePlatform::Ios;
        let mut reader = Self { rows, customer: None, token: String::new(), platform };
        reader.advance()?;
        Ok(reader)
    }

    fn advance(&mut self) -> rusqlite::Result<()> {
        let Some(row) = self.rows.next()? else {
            self.customer = None;
            return Ok(());
        };
        self.customer = Some(row.get(0)?);
        row.get_ref(1)?.as_str()?.clone_into(&mut self.token);
        let platform = row.get_ref(2)?.as_str()?.parse();
        self.platform = platform.map_err(|_| rusqlite::Error::InvalidQuery)?;
        Ok(())
    }

    /// Reads the devices of a customer, and passes over those of customers before them.
    fn read(&mut self, customer: i64, devices: &mut ExportedDevices) -> rusqlite::Result<()> {
        devices.platforms.clear();
        while self.customer.is_some_and(|of| of <= customer) {
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
