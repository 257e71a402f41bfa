//! The trail of an import: what its customers were before it.

use super::rows::CustomerId;
use crate::customer::Diff;
use crate::store::sqlite::ImportTransaction;
use crate::store::sqlite::history::ChangeKind;
use crate::store::sqlite::translated;
use crate::store::{StoreError, UndoLog};
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::value::RawValue;
use std::fmt::Write as _;
use std::ops::Range;
use std::sync::LazyLock;

/// Drops every before-image: no import so far can be taken back any more.
pub(crate) fn make_final(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM main.changes", [])?;
    let sql = "UPDATE imports SET trail = ?1 WHERE trail = ?2";
    connection.execute(sql, [UndoLog::Final.as_str(), UndoLog::Complete.as_str()])?;
    Ok(())
}

/// The before-images of one statement: a statement each spent a third of its time on itself.
const ROWS: usize = 32;
const COLUMNS: usize = 3;
/// The bytes of before-images at which they are written without waiting for more.
const BYTES: usize = 1 << 20;

static MANY: LazyLock<String> = LazyLock::new(|| sql(ROWS));
static ONE: LazyLock<String> = LazyLock::new(|| sql(1));

/// The statement for so many of them: the import is the same in all.
fn sql(rows: usize) -> String {
    let mut sql =
        "INSERT OR REPLACE INTO changes (import_id, customer_id, kind, before) VALUES ".to_owned();
    for row in 0..rows {
        let separator = if row == 0 { "" } else { ", " };
        let first = 2 + row * COLUMNS;
        let _ = write!(sql, "{separator}(?1, ?{first}, ?{}, ?{})", first + 1, first + 2);
    }
    sql
}

/// Before-images that wait to be written.
#[derive(Debug, Default)]
pub(crate) struct WaitingImages {
    images: Vec<(CustomerId, ChangeKind, Range<usize>)>,
    text: Vec<u8>,
}

impl WaitingImages {
    fn add(
        &mut self,
        customer: CustomerId,
        kind: ChangeKind,
        before: &Diff,
    ) -> serde_json::Result<()> {
        let start = self.text.len();
        let values = before
            .attributes
            .iter()
            .flat_map(|(name, value)| [Some(name.as_str()), value.as_deref().map(RawValue::get)]);
        self.text.reserve(values.flatten().map(|text| text.len() + 8).sum());
        serde_json::to_writer(&mut self.text, before)?;
        self.images.push((customer, kind, start..self.text.len()));
        Ok(())
    }

    fn have(&self, customer: CustomerId) -> bool {
        self.images.iter().any(|(waiting, ..)| *waiting == customer)
    }

    fn write(&mut self, connection: &Connection, import: i64) -> rusqlite::Result<()> {
        let many = self.images.chunks_exact(ROWS);
        let rest = many.remainder().chunks(1);
        for images in many.chain(rest) {
            let sql = if images.len() == ROWS { &MANY } else { &ONE };
            let mut statement = connection.prepare_cached(sql)?;
            statement.raw_bind_parameter(1, import)?;
            for (row, (customer, kind, text)) in images.iter().enumerate() {
                let first = 2 + row * COLUMNS;
                let text = str::from_utf8(&self.text[text.clone()])?;
                statement.raw_bind_parameter(first, customer.0)?;
                statement.raw_bind_parameter(first + 1, kind.as_str())?;
                statement.raw_bind_parameter(first + 2, text)?;
            }
            statement.raw_execute()?;
        }
        self.images.clear();
        self.text.clear();
        self.text.shrink_to(BYTES);
        Ok(())
    }
}

impl ImportTransaction {
    /// Keeps what a customer was before this import, so that it can be explained and taken back.
    pub fn keep_before(
        &mut self,
        customer: CustomerId,
        kind: ChangeKind,
        before: Diff,
    ) -> Result<(), StoreError> {
        if self.rehearsal.is_some() {
            return Ok(());
        }
        let added = self.images.add(customer, kind, &before);
        added.map_err(|_| self.damaged("its attributes are not JSON"))?;
        // A long one is in memory once while it is written.
        drop(before);
        if self.images.images.len() < ROWS && self.images.text.len() < BYTES {
            return Ok(());
        }
        self.write_images()
    }

    /// Writes the before-images that wait for that.
    pub(crate) fn write_images(&mut self) -> Result<(), StoreError> {
        self.images
            .write(&self.connection, self.import_id)
            .map_err(|error| translated(&self.path, error))
    }

    /// What a customer was before this import, where an earlier record of it has changed them.
    pub fn before(&mut self, customer: CustomerId) -> Result<Option<Diff>, StoreError> {
        if self.images.have(customer) {
            self.write_images()?;
        }
        let sql = "SELECT before FROM changes WHERE import_id = ?1 AND customer_id = ?2";
        self.connection
            .prepare_cached(sql)
            .and_then(|mut sql| {
                sql.query_row(params![self.import_id, customer.0], |row| {
                    Ok(serde_json::from_str(row.get_ref(0)?.as_str()?))
                })
                .optional()
            })
            .map_err(|error| self.sqlite(error))?
            .transpose()
            .map_err(|_| self.damaged("a before-image is not JSON"))
    }

    /// Forgets what a customer was: later records have brought them back to just that.
    pub fn drop_before(&mut self, customer: CustomerId) -> Result<(), StoreError> {
        if self.images.have(customer) {
            self.write_images()?;
        }
        let sql = "DELETE FROM changes WHERE import_id = ?1 AND customer_id = ?2";
        self.write(sql, params![self.import_id, customer.0])
    }
}
