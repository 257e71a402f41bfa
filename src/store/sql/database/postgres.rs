//! A connection to PostgreSQL that runs the shared queries.
//!
//! The queries are written for SQLite: `?1` for a value, tables without a schema. They are
//! translated here, and values are sent as text whose type the server infers, so that one query
//! serves both stores.

use super::cell::{Bound, Cell};
use crate::store::StoreError;
use postgres::error::SqlState;
use postgres::types::{ToSql as PostgresToSql, Type};
use postgres::{Client, NoTls, Row};
use rusqlite::ToSql;
use rusqlite::types::Value;
use std::cell::{Cell as Flag, RefCell};
use std::collections::HashMap;
use std::error::Error as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio_postgres_rustls::MakeRustlsConnect;

/// The tables of a store, to whose names the schema is added.
pub(crate) const TABLES: [&str; 17] = [
    "customers",
    "devices",
    "attributes",
    "imports",
    "changes",
    "segments",
    "settings",
    "plans",
    "fingerprints",
    "remembered",
    "blocked",
    "destinations",
    "delivered_names",
    "deliveries",
    "event_files",
    "event_lines",
    "customer_profiles",
];

/// The keywords that a table name follows.
const BEFORE_TABLES: [&str; 6] = ["FROM", "JOIN", "INTO", "UPDATE", "TABLE", "ON"];

/// How the queries join a customer with its devices. Citus has to be told that their uids, by which
/// it distributes them, are the same; elsewhere the shorter numbers are faster.
const DEVICES_OF_CUSTOMER: &str = "d.customer_id = customers.id";
const SAME_SHARD: &str = "d.uid = customers.uid AND ";

/// The rows of the first fetch of a cursor, and of the largest.
const FIRST_FETCH: usize = 64;
const LARGEST_FETCH: usize = 4096;

/// If the values of a fetch have more bytes than this, the next fetch is smaller.
const FETCH_BYTES: usize = 1 << 20;

/// How a store uses Citus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Citus {
    /// The database does not have the extension.
    Absent,
    /// The database has it, and the tables of the store are not distributed.
    Idle,
    /// The tables of the store that grow with customers are distributed.
    Distributed,
}

/// A connection, the schema of the store, and the statements translated so far.
pub(crate) struct PostgresConnection {
    client: RefCell<Client>,
    /// `None` through a Unix socket.
    tls: Option<MakeRustlsConnect>,
    store: PathBuf,
    schema_name: String,
    /// The same as an SQL identifier.
    schema: String,
    translations: RefCell<HashMap<String, Arc<str>>>,
    cursors: Flag<u64>,
    is_in_transaction: Flag<bool>,
    citus: Flag<Citus>,
}

impl PostgresConnection {
    pub(crate) fn new(
        client: Client,
        tls: Option<MakeRustlsConnect>,
        store: &Path,
        schema: &str,
        citus: Citus,
    ) -> Self {
        Self {
            client: RefCell::new(client),
            tls,
            store: store.to_owned(),
            schema_name: schema.to_owned(),
            schema: super::identifier(schema),
            translations: RefCell::default(),
            cursors: Flag::new(0),
            is_in_transaction: Flag::new(false),
            citus: Flag::new(citus),
        }
    }

    /// The schema by its name.
    pub(crate) fn schema_name(&self) -> &str {
        &self.schema_name
    }

    /// The schema as an SQL identifier.
    pub(crate) fn schema(&self) -> &str {
        &self.schema
    }

    /// Whether the database has the extension Citus.
    pub(crate) fn has_citus(&self) -> bool {
        self.citus.get() != Citus::Absent
    }

    /// Whether the tables that grow with customers are distributed.
    pub(crate) fn is_distributed(&self) -> bool {
        self.citus.get() == Citus::Distributed
    }

    /// Records that these tables are distributed from now on.
    pub(crate) fn set_distributed(&self) {
        self.citus.set(Citus::Distributed);
    }

    /// A function that cancels the running statement.
    pub(crate) fn canceller(&self) -> impl Fn() + Send + 'static {
        let (token, tls) = (self.client.borrow().cancel_token(), self.tls.clone());
        move || {
            // If this fails, the change is rolled back when the connection ends.
            let _ = match &tls {
                Some(tls) => token.cancel_query(tls.clone()),
                None => token.cancel_query(NoTls),
            };
        }
    }

    /// Converts an error of sending rows, which may contain the server's answer.
    pub(crate) fn copy_error(&self, error: std::io::Error) -> StoreError {
        let path = self.store.clone();
        let Some(inner) = error.into_inner() else {
            return StoreError::Disconnected { path, reason: "rows could not be sent".to_owned() };
        };
        match inner.downcast::<postgres::Error>() {
            Ok(error) => server_error(&self.store, &error),
            Err(error) => StoreError::Disconnected { path, reason: error.to_string() },
        }
    }

    /// Converts an error of the client to one of the store.
    pub(crate) fn check<T>(&self, result: Result<T, postgres::Error>) -> Result<T, StoreError> {
        result.map_err(|error| server_error(&self.store, &error))
    }

    /// Calls the client directly.
    pub(crate) fn with<T>(
        &self,
        call: impl FnOnce(&mut Client) -> Result<T, postgres::Error>,
    ) -> Result<T, StoreError> {
        let result = call(&mut self.client.borrow_mut());
        self.check(result)
    }

    /// Begins a transaction with the settings that the statements rely on.
    pub(crate) fn begin(&self, mode: &str) -> Result<(), StoreError> {
        self.with(|client| {
            client.batch_execute(&format!(
                "BEGIN {mode};
                 SET LOCAL search_path = pg_catalog; SET LOCAL TimeZone = 'UTC';
                 SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL standard_conforming_strings = on;
                 SET LOCAL bytea_output = 'hex'; SET LOCAL client_min_messages = error;
                 SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0;
                 SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL row_security = off;
                 SET LOCAL xmloption = content"
            ))
        })?;
        self.is_in_transaction.set(true);
        Ok(())
    }

    /// Ends a transaction with `COMMIT` or `ROLLBACK`.
    pub(crate) fn end(&self, how: &str) -> Result<(), StoreError> {
        self.is_in_transaction.set(false);
        self.with(|client| client.batch_execute(how))
    }

    /// Whether a transaction was begun and not ended.
    pub(crate) fn is_in_transaction(&self) -> bool {
        self.is_in_transaction.get()
    }

    /// Runs statements without parameters.
    pub(crate) fn batch(&self, sql: &str) -> Result<(), StoreError> {
        let sql = self.translated(sql);
        self.with(|client| client.batch_execute(&sql))
    }

    /// Runs a statement; returns the number of changed rows.
    pub(crate) fn execute(&self, sql: &str, values: &[&dyn ToSql]) -> Result<u64, StoreError> {
        let (sql, values) = (self.translated(sql), self.bound(values)?);
        self.with(|client| client.execute_typed(&sql, &typed(&values)))
    }

    /// Calls `each` with the rows of a query until it returns true. With `is_small`, all rows fit
    /// in memory.
    pub(crate) fn query(
        &self,
        sql: &str,
        values: &[&dyn ToSql],
        is_small: bool,
        each: &mut dyn FnMut(&[Value]) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        let (sql, values) = (self.translated(sql), self.bound(values)?);
        if is_small || !self.is_in_transaction() {
            let rows = self.with(|client| client.query_typed(&sql, &typed(&values)))?;
            return self.each_row(&rows, each).map(|_| ());
        }
        let number = self.cursors.get() + 1;
        self.cursors.set(number);
        let declare = format!("DECLARE rows_{number} NO SCROLL CURSOR FOR {sql}");
        self.with(|client| client.execute_typed(&declare, &typed(&values)))?;
        let mut count = FIRST_FETCH;
        loop {
            let fetch = format!("FETCH FORWARD {count} FROM rows_{number}");
            let rows = self.with(|client| client.query_typed(&fetch, &[]))?;
            let is_last = rows.len() < count;
            let (is_ended, bytes) = self.each_row(&rows, each)?;
            if is_ended || is_last {
                return self.with(|client| client.batch_execute(&format!("CLOSE rows_{number}")));
            }
            count = if bytes > FETCH_BYTES { (count / 2).max(1) } else { count * 2 };
            count = count.min(LARGEST_FETCH);
        }
    }

    /// Calls `each` with rows until it returns true; returns whether it did, and the bytes of the
    /// rows.
    fn each_row(
        &self,
        rows: &[Row],
        each: &mut dyn FnMut(&[Value]) -> Result<bool, StoreError>,
    ) -> Result<(bool, usize), StoreError> {
        let mut bytes = 0;
        let mut values: Vec<Value> = Vec::new();
        for row in rows {
            values.clear();
            for column in 0..row.len() {
                let Cell(value) = self.check(row.try_get(column))?;
                bytes += match &value {
                    Value::Text(text) => text.len(),
                    Value::Blob(blob) => blob.len(),
                    _ => 8,
                };
                values.push(value);
            }
            if each(&values)? {
                return Ok((true, bytes));
            }
        }
        Ok((false, bytes))
    }

    fn bound(&self, values: &[&dyn ToSql]) -> Result<Vec<Bound>, StoreError> {
        let damaged = |error: rusqlite::Error| StoreError::Damaged {
            path: self.store.clone(),
            what: error.to_string(),
        };
        values.iter().map(|value| Bound::new(*value).map_err(damaged)).collect()
    }

    /// A shared statement, translated for PostgreSQL.
    pub(crate) fn translated(&self, sql: &str) -> Arc<str> {
        if let Some(known) = self.translations.borrow().get(sql) {
            return known.clone();
        }
        let translated: Arc<str> = translate(sql, &self.schema, self.is_distributed()).into();
        self.translations.borrow_mut().insert(sql.to_owned(), translated.clone());
        translated
    }
}

fn typed(values: &[Bound]) -> Vec<(&(dyn PostgresToSql + Sync), Type)> {
    values.iter().map(|value| (value as &(dyn PostgresToSql + Sync), Type::UNKNOWN)).collect()
}

/// Writes `?1` as `$1`, and adds the schema to the names of tables; if they are distributed, also
/// the condition by which Citus joins them.
fn translate(sql: &str, schema: &str, is_distributed: bool) -> String {
    let mut translated = String::with_capacity(sql.len() + 64);
    let mut rest = sql;
    let mut last_word = String::new();
    let mut next_value: u32 = 1;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' | '"' => quoted_length(rest, first),
            '?' => {
                let digits =
                    rest[1..].find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len() - 1);
                let number = &rest[1..=digits];
                translated.push('$');
                if number.is_empty() {
                    translated.push_str(&next_value.to_string());
                    next_value += 1;
                } else {
                    translated.push_str(number);
                    next_value = next_value.max(number.parse().unwrap_or(0) + 1);
                }
                rest = &rest[1 + digits..];
                continue;
            }
            c if c.is_ascii_alphabetic() || c == '_' => {
                let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
                let length = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
                let word = &rest[..length];
                if is_distributed && rest.starts_with(DEVICES_OF_CUSTOMER) {
                    translated.push_str(SAME_SHARD);
                }
                if BEFORE_TABLES.contains(&last_word.as_str()) && TABLES.contains(&word) {
                    translated.push_str(schema);
                    translated.push('.');
                }
                word.clone_into(&mut last_word);
                length
            }
            c => {
                if !c.is_whitespace() {
                    last_word.clear();
                }
                c.len_utf8()
            }
        };
        translated.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    translated
}

/// The length of the quoted text that the SQL begins with.
fn quoted_length(sql: &str, quote: char) -> usize {
    sql[1..].find(quote).map_or(sql.len(), |end| end + 2)
}

/// Converts an error of the server to one that tells users what they can do.
pub(crate) fn server_error(store: &Path, error: &postgres::Error) -> StoreError {
    let path = store.to_owned();
    let Some(server) = error.as_db_error() else {
        if error.is_closed() {
            return StoreError::Disconnected { path, reason: "the server closed it".to_owned() };
        }
        // The cause says more than the client's own message.
        let reason = error.source().map_or_else(|| error.to_string(), ToString::to_string);
        return StoreError::Disconnected { path, reason };
    };
    let what = server.message().to_owned();
    match server.code() {
        &SqlState::QUERY_CANCELED => StoreError::Interrupted,
        &SqlState::LOCK_NOT_AVAILABLE => StoreError::Locked { path, lock_owner: None },
        &SqlState::INSUFFICIENT_PRIVILEGE => StoreError::NotAllowed { path, what },
        &SqlState::READ_ONLY_SQL_TRANSACTION => StoreError::ReadOnlyServer(path),
        &SqlState::UNDEFINED_TABLE | &SqlState::UNDEFINED_COLUMN => {
            StoreError::Damaged { path, what }
        }
        &SqlState::ADMIN_SHUTDOWN | &SqlState::CRASH_SHUTDOWN | &SqlState::CANNOT_CONNECT_NOW => {
            StoreError::Disconnected { path, reason: what }
        }
        _ => {
            let detail = server.detail().map_or(String::new(), |detail| format!(" ({detail})"));
            StoreError::Server { path, what: format!("{what}{detail}") }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_statement_is_translated() {
        let translated = |sql| translate(sql, "\"e\"", false);
        assert_eq!(
            translated(
                "SELECT '?1 FROM customers', id FROM customers c WHERE uid = ?2 AND id > ?1"
            ),
            "SELECT '?1 FROM customers', id FROM \"e\".customers c WHERE uid = $2 AND id > $1"
        );
        assert_eq!(
            translated("INSERT INTO settings (name) VALUES (?, ?)"),
            "INSERT INTO \"e\".settings (name) VALUES ($1, $2)"
        );
        assert_eq!(
            translated("SELECT 1 FROM devices JOIN customers ON customers.uid = devices.uid"),
            "SELECT 1 FROM \"e\".devices JOIN \"e\".customers ON customers.uid = devices.uid"
        );
    }

    #[test]
    fn distributed_customers_are_joined_by_uid() {
        let sql = "SELECT 'd.customer_id = customers.id' FROM devices d
                   WHERE d.customer_id = customers.id AND d.rank = 1";
        assert_eq!(
            translate(sql, "e", true),
            "SELECT 'd.customer_id = customers.id' FROM e.devices d
                   WHERE d.uid = customers.uid AND d.customer_id = customers.id AND d.rank = 1"
        );
    }
}
