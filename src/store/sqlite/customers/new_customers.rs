//! New customers, many in one statement, which costs less than a statement for each.

use super::stored_customer::CustomerId;
use crate::customer::{Patch, RestoredState};
use crate::value::DevicePlatform;
use rusqlite::{CachedStatement, Connection};
use std::fmt::Write as _;
use std::sync::LazyLock;

/// Attributes of this many bytes are written at once rather than copied into the buffer.
const LONG_ATTRIBUTES: usize = 64 << 10;

/// The customers of one statement.
const ROWS: usize = 32;
/// The values of a customer that differ from row to row.
const COLUMNS: usize = 7;
/// The same with the times of a customer that an own export restores.
const RESTORED_COLUMNS: usize = 10;

/// The same for a device.
const DEVICE_COLUMNS: usize = 4;

static INSERT_MANY: LazyLock<String> = LazyLock::new(|| customer_sql(ROWS, COLUMNS));
static INSERT_ONE: LazyLock<String> = LazyLock::new(|| customer_sql(1, COLUMNS));
static INSERT_RESTORED: LazyLock<String> = LazyLock::new(|| customer_sql(1, RESTORED_COLUMNS));
static INSERT_MANY_DEVICES: LazyLock<String> = LazyLock::new(|| device_sql(ROWS));
static INSERT_ONE_DEVICE: LazyLock<String> = LazyLock::new(|| device_sql(1));

/// The statement for so many devices of customers.
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

/// The statement for so many customers. The import and, except of restored customers, the time are the
/// same in all rows. If the statement fails, so does the import; with `OR FAIL` SQLite keeps no journal
/// to undo the statement alone.
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

/// Buffered rows by statement: as many as fill one, then one by one.
fn statements<T>(rows: &[T]) -> impl Iterator<Item = &[T]> {
    let many = rows.chunks_exact(ROWS);
    let rest = many.remainder().chunks(1);
    many.chain(rest)
}

/// A piece of the buffer's text.
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
    /// The times of a restored customer: first imported, last changed, archived.
    restored: Option<Box<[Option<Piece>; 3]>>,
}

#[derive(Debug)]
struct NewDevice {
    customer: CustomerId,
    rank: u8,
    token: Piece,
    platform: DevicePlatform,
}

/// New customers and their devices that are not written yet.
#[derive(Debug, Default)]
pub(crate) struct NewCustomers {
    customers: Vec<NewCustomer>,
    text: String,
    devices: Vec<NewDevice>,
    tokens: String,
    /// When the import began: the time at which they are first imported.
    now: String,
}

impl NewCustomers {
    /// Adds a customer, and writes the rows that fill a statement.
    pub(crate) fn insert(
        &mut self,
        connection: &Connection,
        import: i64,
        id: CustomerId,
        uid: &str,
        patch: &Patch<'_>,
        now: &str,
    ) -> rusqlite::Result<()> {
        if patch.attributes.len() < LONG_ATTRIBUTES {
            self.add(id, uid, patch, now);
            return self.write_many(connection, import);
        }
        self.write_customers(connection, import)?;
        write_long(connection, import, id, uid, patch, now)?;
        self.add_devices(id, patch);
        self.write_devices(connection)
    }

    fn add(&mut self, id: CustomerId, uid: &str, patch: &Patch<'_>, now: &str) {
        if self.now != now {
            now.clone_into(&mut self.now);
        }
        let mut piece = |text: &str| {
            let start = self.text.len();
            self.text.push_str(text);
            start..self.text.len()
        };
        let [first_name, last_name, number, email, _] = patch.first_values();
        let [first_name, last_name, number, email] =
            [first_name, last_name, number, email].map(|value| value.map(&mut piece));
        let (uid, attributes) = (piece(uid), piece(patch.attributes));
        let times = patch.restored.as_ref().map(|restored| times(restored, now));
        let restored = times.map(|times| Box::new(times.map(|time| time.map(&mut piece))));
        self.customers.push(NewCustomer {
            id,
            uid,
            first_name,
            last_name,
            number,
            email,
            attributes,
            restored,
        });
        self.add_devices(id, patch);
    }

    fn add_devices(&mut self, id: CustomerId, patch: &Patch<'_>) {
        for (rank, (token, platform)) in (1..).zip(patch.devices()) {
            let start = self.tokens.len();
            self.tokens.push_str(token);
            let token = start..self.tokens.len();
            self.devices.push(NewDevice { customer: id, rank, token, platform });
        }
    }

    /// Whether a customer or its devices are buffered.
    pub(crate) fn contains(&self, customer: CustomerId) -> bool {
        let first = self.customers.first().map(|customer| customer.id);
        let first_device = self.devices.first().map(|device| device.customer);
        first.into_iter().chain(first_device).any(|first| customer >= first)
    }

    /// Writes the rows that fill a statement.
    fn write_many(&mut self, connection: &Connection, import: i64) -> rusqlite::Result<()> {
        if self.customers.len() >= ROWS {
            self.write_customers(connection, import)?;
        }
        if self.devices.len() >= ROWS {
            self.write_devices(connection)?;
        }
        Ok(())
    }

    /// Writes all of them.
    pub(crate) fn write(&mut self, connection: &Connection, import: i64) -> rusqlite::Result<()> {
        self.write_customers(connection, import)?;
        self.write_devices(connection)
    }

    fn write_customers(&mut self, connection: &Connection, import: i64) -> rusqlite::Result<()> {
        for customers in statements(&self.customers) {
            if customers.iter().any(|customer| customer.restored.is_some()) {
                self.write_restored(customers, connection, import)?;
                continue;
            }
            let sql = if customers.len() == ROWS { &INSERT_MANY } else { &INSERT_ONE };
            let mut statement = connection.prepare_cached(sql)?;
            statement.raw_bind_parameter(1, self.now.as_str())?;
            statement.raw_bind_parameter(2, import)?;
            for (row, customer) in customers.iter().enumerate() {
                bind(&mut statement, 3 + row * COLUMNS, customer.id, self.values(customer))?;
            }
            statement.raw_execute()?;
        }
        self.customers.clear();
        self.text.clear();
        Ok(())
    }

    fn write_restored(
        &self,
        customers: &[NewCustomer],
        connection: &Connection,
        import: i64,
    ) -> rusqlite::Result<()> {
        for customer in customers {
            let mut statement = connection.prepare_cached(&INSERT_RESTORED)?;
            statement.raw_bind_parameter(2, import)?;
            bind(&mut statement, 3, customer.id, self.values(customer))?;
            let times = customer.restored.as_deref().into_iter().flatten();
            for (index, time) in (3 + COLUMNS..).zip(times) {
                statement
                    .raw_bind_parameter(index, time.as_ref().map(|t| &self.text[t.clone()]))?;
            }
            statement.raw_execute()?;
        }
        Ok(())
    }

    fn write_devices(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        for devices in statements(&self.devices) {
            let sql = if devices.len() == ROWS { &INSERT_MANY_DEVICES } else { &INSERT_ONE_DEVICE };
            let mut statement = connection.prepare_cached(sql)?;
            for (row, device) in devices.iter().enumerate() {
                let first = 1 + row * DEVICE_COLUMNS;
                statement.raw_bind_parameter(first, device.customer)?;
                statement.raw_bind_parameter(first + 1, device.rank)?;
                statement.raw_bind_parameter(first + 2, &self.tokens[device.token.clone()])?;
                statement.raw_bind_parameter(first + 3, device.platform.as_str())?;
            }
            statement.raw_execute()?;
        }
        self.devices.clear();
        self.tokens.clear();
        Ok(())
    }

    fn values(&self, customer: &NewCustomer) -> Values<'_> {
        let text = |piece: &Piece| &self.text[piece.clone()];
        let NewCustomer { uid, first_name, last_name, number, email, attributes, .. } = customer;
        let optional = [first_name, last_name, number, email].map(|p| p.as_ref().map(text));
        let [first_name, last_name, number, email] = optional;
        [Some(text(uid)), first_name, last_name, number, email, Some(text(attributes))]
    }
}

/// The uid, the standard attributes and the custom ones, in the order of their columns.
type Values<'v> = [Option<&'v str>; COLUMNS - 1];

fn bind(
    statement: &mut CachedStatement<'_>,
    first: usize,
    id: CustomerId,
    values: Values<'_>,
) -> rusqlite::Result<()> {
    statement.raw_bind_parameter(first, id)?;
    for (index, value) in (first + 1..).zip(values) {
        statement.raw_bind_parameter(index, value)?;
    }
    Ok(())
}

/// When a restored customer was first imported, last changed and archived.
fn times<'r>(restored: &RestoredState<'r>, now: &'r str) -> [Option<&'r str>; 3] {
    let RestoredState { first_imported_at, last_changed_at, archived_at, .. } = restored;
    [Some(first_imported_at.unwrap_or(now)), Some(last_changed_at.unwrap_or(now)), *archived_at]
}

/// Writes one customer without copying its attributes.
fn write_long(
    connection: &Connection,
    import: i64,
    id: CustomerId,
    uid: &str,
    patch: &Patch<'_>,
    now: &str,
) -> rusqlite::Result<()> {
    let [first_name, last_name, number, email, _] = patch.first_values();
    let values = [Some(uid), first_name, last_name, number, email, Some(patch.attributes)];
    let times = patch.restored.as_ref().map(|restored| times(restored, now));
    let sql = if times.is_some() { &INSERT_RESTORED } else { &INSERT_ONE };
    let mut statement = connection.prepare_cached(sql)?;
    statement.raw_bind_parameter(2, import)?;
    bind(&mut statement, 3, id, values)?;
    match times {
        None => statement.raw_bind_parameter(1, now)?,
        Some(times) => {
            for (index, time) in (3 + COLUMNS..).zip(times) {
                statement.raw_bind_parameter(index, time)?;
            }
        }
    }
    statement.raw_execute()?;
    Ok(())
}
