//! New customers, many in one statement: a statement each spent a third of its time on itself.

use super::customers::CustomerId;
use crate::attribute::{Change, DevicePlatform, Patch};
use rusqlite::{CachedStatement, Connection};
use std::fmt::Write as _;
use std::sync::LazyLock;

/// The customers of one statement.
const ROWS: usize = 32;
/// The values of a customer that differ from row to row.
const COLUMNS: usize = 7;

/// The same for a device.
const DEVICE_COLUMNS: usize = 3;

static MANY: LazyLock<String> = LazyLock::new(|| sql(ROWS));
static ONE: LazyLock<String> = LazyLock::new(|| sql(1));
static MANY_DEVICES: LazyLock<String> = LazyLock::new(|| device_sql(ROWS));
static ONE_DEVICE: LazyLock<String> = LazyLock::new(|| device_sql(1));

/// The statement for so many first devices of customers.
fn device_sql(rows: usize) -> String {
    let mut sql =
        "INSERT OR FAIL INTO devices (rank, customer_id, token, platform) VALUES ".to_owned();
    for row in 0..rows {
        let separator = if row == 0 { "" } else { ", " };
        let first = 1 + row * DEVICE_COLUMNS;
        let _ = write!(sql, "{separator}(1, ?{first}, ?{}, ?{})", first + 1, first + 2);
    }
    sql
}

/// The statement for so many rows: the time and the import are the same in all. Where it fails, so
/// does the import; with `OR FAIL` SQLite keeps no journal to take back a part of it alone.
fn sql(rows: usize) -> String {
    let mut sql =
        "INSERT OR FAIL INTO customers (first_imported_at, last_changed_at, inserted_by, id, uid,
                   first_name, last_name, number, email, attributes) VALUES "
            .to_owned();
    for row in 0..rows {
        let separator = if row == 0 { "" } else { ", " };
        let _ = write!(sql, "{separator}(?1, ?1, ?2");
        for column in 0..COLUMNS {
            let _ = write!(sql, ", ?{}", 3 + row * COLUMNS + column);
        }
        sql.push(')');
    }
    sql
}

/// What waits, statement by statement: as many as fill one, then one by one.
fn statements<T>(waiting: &[T]) -> impl Iterator<Item = &[T]> {
    let many = waiting.chunks_exact(ROWS);
    let rest = many.remainder().chunks(1);
    many.chain(rest)
}

/// A piece of the text of all who wait.
type Piece = std::ops::Range<usize>;

#[derive(Debug)]
struct NewCustomer {
    id: CustomerId,
    uid: Piece,
    first_name: Option<Piece>,
    last_name: Option<Piece>,
    number: Option<Piece>,
    email: Option<Piece>,
    attributes: Piece,
}

#[derive(Debug)]
struct NewDevice {
    customer: CustomerId,
    token: Piece,
    platform: DevicePlatform,
}

/// New customers who wait to be written, and devices of such.
#[derive(Debug, Default)]
pub(super) struct NewCustomers {
    waiting: Vec<NewCustomer>,
    text: String,
    devices: Vec<NewDevice>,
    tokens: String,
    /// When the import began, which is when they were first imported.
    now: String,
}

impl NewCustomers {
    pub(super) fn add(&mut self, id: CustomerId, uid: &str, patch: &Patch<'_>, now: &str) {
        if self.now != now {
            now.clone_into(&mut self.now);
        }
        let mut piece = |text: &str| {
            let start = self.text.len();
            self.text.push_str(text);
            start..self.text.len()
        };
        let mut set = |change: Change<&str>| match change {
            Change::Set(value) => Some(piece(value)),
            Change::Keep | Change::Clear => None,
        };
        let (first_name, last_name) = (set(patch.first_name), set(patch.last_name));
        let (number, email) = (set(patch.number), set(patch.email));
        self.waiting.push(NewCustomer {
            id,
            uid: piece(uid),
            first_name,
            last_name,
            number,
            email,
            attributes: piece(patch.attributes),
        });
        if let Some((token, platform)) = patch.device {
            let start = self.tokens.len();
            self.tokens.push_str(token);
            let token = start..self.tokens.len();
            self.devices.push(NewDevice { customer: id, token, platform });
        }
    }

    /// Whether something of a customer waits.
    pub(super) fn have(&self, customer: CustomerId) -> bool {
        let first = self.waiting.first().map(|waiting| waiting.id);
        let first_device = self.devices.first().map(|device| device.customer);
        first.into_iter().chain(first_device).any(|first| customer >= first)
    }

    /// Writes what fills a statement.
    pub(super) fn write_many(
        &mut self,
        connection: &Connection,
        import: i64,
    ) -> rusqlite::Result<()> {
        if self.waiting.len() >= ROWS {
            self.write_customers(connection, import)?;
        }
        if self.devices.len() >= ROWS {
            self.write_devices(connection)?;
        }
        Ok(())
    }

    /// Writes all of them.
    pub(super) fn write(&mut self, connection: &Connection, import: i64) -> rusqlite::Result<()> {
        self.write_customers(connection, import)?;
        self.write_devices(connection)
    }

    fn write_customers(&mut self, connection: &Connection, import: i64) -> rusqlite::Result<()> {
        for customers in statements(&self.waiting) {
            let sql = if customers.len() == ROWS { &MANY } else { &ONE };
            let mut statement = connection.prepare_cached(sql)?;
            statement.raw_bind_parameter(1, self.now.as_str())?;
            statement.raw_bind_parameter(2, import)?;
            for (row, customer) in customers.iter().enumerate() {
                self.bind(&mut statement, 3 + row * COLUMNS, customer)?;
            }
            statement.raw_execute()?;
        }
        self.waiting.clear();
        self.text.clear();
        Ok(())
    }

    fn write_devices(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        for devices in statements(&self.devices) {
            let sql = if devices.len() == ROWS { &MANY_DEVICES } else { &ONE_DEVICE };
            let mut statement = connection.prepare_cached(sql)?;
            for (row, device) in devices.iter().enumerate() {
                let first = 1 + row * DEVICE_COLUMNS;
                statement.raw_bind_parameter(first, device.customer.0)?;
                statement.raw_bind_parameter(first + 1, &self.tokens[device.token.clone()])?;
                statement.raw_bind_parameter(first + 2, device.platform.as_str())?;
            }
            statement.raw_execute()?;
        }
        self.devices.clear();
        self.tokens.clear();
        Ok(())
    }

    fn bind(
        &self,
        statement: &mut CachedStatement<'_>,
        first: usize,
        customer: &NewCustomer,
    ) -> rusqlite::Result<()> {
        let text = |piece: &Piece| &self.text[piece.clone()];
        statement.raw_bind_parameter(first, customer.id.0)?;
        let NewCustomer { uid, first_name, last_name, number, email, attributes, .. } = customer;
        let values = [
            Some(uid),
            first_name.as_ref(),
            last_name.as_ref(),
            number.as_ref(),
            email.as_ref(),
            Some(attributes),
        ];
        for (index, value) in (first + 1..).zip(values) {
            statement.raw_bind_parameter(index, value.map(text))?;
        }
        Ok(())
    }
}
