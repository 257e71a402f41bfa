//! New customers, many in one statement: a statement each spent a third of its time on itself.

use super::customers::{CustomerId, insert_device};
use crate::attribute::{Change, DevicePlatform, Patch};
use rusqlite::{CachedStatement, Connection};
use std::fmt::Write as _;
use std::sync::LazyLock;

/// The customers of one statement.
const ROWS: usize = 32;
/// The values of a customer that differ from row to row.
const COLUMNS: usize = 7;

static MANY: LazyLock<String> = LazyLock::new(|| sql(ROWS));
static ONE: LazyLock<String> = LazyLock::new(|| sql(1));

/// The statement for so many rows: the time and the import are the same in all.
fn sql(rows: usize) -> String {
    let mut sql = "INSERT INTO customers (first_imported_at, last_changed_at, inserted_by, id, uid,
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
    device: Option<(Piece, DevicePlatform)>,
}

/// New customers who wait to be written.
#[derive(Debug, Default)]
pub(super) struct NewCustomers {
    waiting: Vec<NewCustomer>,
    text: String,
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
            device: patch.device.map(|(token, platform)| (piece(token), platform)),
        });
    }

    /// Whether they are as many as one statement takes.
    pub(super) fn are_many(&self) -> bool {
        self.waiting.len() >= ROWS
    }

    /// Whether a customer is among them.
    pub(super) fn have(&self, customer: CustomerId) -> bool {
        self.waiting.first().is_some_and(|first| customer >= first.id)
    }

    /// Writes them all.
    pub(super) fn write(&mut self, connection: &Connection, import: i64) -> rusqlite::Result<()> {
        let rows = if self.are_many() { ROWS } else { 1 };
        for customers in self.waiting.chunks(rows) {
            let mut statement = connection.prepare_cached(if rows == 1 { &ONE } else { &MANY })?;
            statement.raw_bind_parameter(1, self.now.as_str())?;
            statement.raw_bind_parameter(2, import)?;
            for (row, customer) in customers.iter().enumerate() {
                self.bind(&mut statement, 3 + row * COLUMNS, customer)?;
            }
            statement.raw_execute()?;
            for customer in customers {
                if let Some((token, platform)) = &customer.device {
                    insert_device(
                        connection,
                        customer.id,
                        1,
                        &self.text[token.clone()],
                        *platform,
                    )?;
                }
            }
        }
        self.waiting.clear();
        self.text.clear();
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
