//! Rows in the binary format of `COPY`.

use crate::store::StoreError;
use crate::store::sql::database::Database;
use std::io::Write as _;

/// The header of a binary copy: its signature, no flags, no extension.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// The trailer of a binary copy.
const TRAILER: [u8; 2] = (-1_i16).to_be_bytes();

/// Rows that are not sent yet.
pub(crate) struct CopyBuffer {
    bytes: Vec<u8>,
    rows: u64,
}

impl Default for CopyBuffer {
    fn default() -> Self {
        Self { bytes: HEADER.to_vec(), rows: 0 }
    }
}

impl CopyBuffer {
    /// Begins a row with that many columns.
    pub(crate) fn begin_row(&mut self, columns: i16) {
        self.bytes.extend_from_slice(&columns.to_be_bytes());
        self.rows += 1;
    }

    /// The number of bytes so far.
    pub(crate) fn length(&self) -> usize {
        self.bytes.len()
    }

    fn value(&mut self, bytes: &[u8]) {
        // No value of a record is as long as two gigabytes.
        let length = i32::try_from(bytes.len()).unwrap_or(i32::MAX);
        self.bytes.extend_from_slice(&length.to_be_bytes());
        self.bytes.extend_from_slice(bytes);
    }

    /// A text, or JSON that the server keeps as text.
    pub(crate) fn text(&mut self, text: &str) {
        self.value(text.as_bytes());
    }

    pub(crate) fn optional_text(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.text(text),
            None => self.bytes.extend_from_slice(&(-1_i32).to_be_bytes()),
        }
    }

    pub(crate) fn jsonb(&mut self, json: &str) {
        let length = i32::try_from(json.len() + 1).unwrap_or(i32::MAX);
        self.bytes.extend_from_slice(&length.to_be_bytes());
        self.bytes.push(1);
        self.bytes.extend_from_slice(json.as_bytes());
    }

    pub(crate) fn bigint(&mut self, number: i64) {
        self.value(&number.to_be_bytes());
    }

    pub(crate) fn smallint(&mut self, number: i16) {
        self.value(&number.to_be_bytes());
    }

    /// Sends the rows to a table, if there are any.
    pub(crate) fn send(self, database: &Database, table: &str) -> Result<(), StoreError> {
        self.send_with(database, table, "")
    }

    /// The same to a table that this transaction created: its rows are frozen, so that no vacuum
    /// has to visit them.
    pub(crate) fn send_frozen(self, database: &Database, table: &str) -> Result<(), StoreError> {
        self.send_with(database, table, ", FREEZE")
    }

    fn send_with(
        mut self,
        database: &Database,
        table: &str,
        options: &str,
    ) -> Result<(), StoreError> {
        if self.rows == 0 {
            return Ok(());
        }
        self.bytes.extend_from_slice(&TRAILER);
        let connection = database.postgres()?;
        let sql = format!("COPY {table} FROM STDIN (FORMAT binary{options})");
        let mut failed = None;
        connection.with(|client| {
            let mut writer = client.copy_in(&sql)?;
            match writer.write_all(&self.bytes) {
                Ok(()) => writer.finish().map(|_| ()),
                Err(error) => {
                    failed = Some(error);
                    Ok(())
                }
            }
        })?;
        match failed {
            None => Ok(()),
            // The client wraps the server's answer in a write error.
            Some(error) => Err(connection.copy_error(error)),
        }
    }
}
