//! Before-images: what customers were before an import changed them.

use super::deleted_customer::DeletedCustomer;
use super::stored_customer::CustomerId;
use crate::customer::Diff;
use crate::store::sql::database::{Database, Row};
use crate::store::{StoreError, StoredCustomer, UndoLog};
use rusqlite::{Connection, params};
use serde_json::value::RawValue;
use std::fmt::Write as _;
use std::ops::Range;
use std::str::FromStr;
use std::sync::LazyLock;

/// The before-image of a customer that is archived.
pub(crate) fn before_archiving(last_changed_at: String) -> Diff {
    let mut before = Diff::default();
    before.columns.insert("archived_at", None);
    before.columns.insert("last_changed_at", Some(last_changed_at));
    before
}

/// How an import changes a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// It inserts the customer.
    Insert,
    /// It changes values, or brings the customer back from the archive.
    Update,
    /// It archives the customer.
    Archive,
    /// It deletes the customer.
    Delete,
}

impl ChangeKind {
    const ALL: [Self; 4] = [Self::Insert, Self::Update, Self::Archive, Self::Delete];

    /// The word in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Archive => "archive",
            Self::Delete => "delete",
        }
    }
}

impl FromStr for ChangeKind {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(())
    }
}

/// What one import changed about one customer.
#[derive(Debug)]
pub(crate) struct BeforeImage {
    pub(crate) kind: ChangeKind,
    /// The values that differed before the import.
    pub(crate) before: Diff,
}

impl BeforeImage {
    /// Reads the columns `kind` and `before` of a row; `kind` is at `column`, and `before` follows
    /// it.
    pub(crate) fn read(row: Row<'_>, column: usize) -> Result<Self, StoreError> {
        let text = |at| row.text(at).ok();
        let kind = text(column).and_then(|kind| kind.parse().ok());
        let before = text(column + 1).and_then(|before| serde_json::from_str(before).ok());
        match (kind, before) {
            (Some(kind), Some(before)) => Ok(Self { kind, before }),
            _ => Err(row.damaged("a before-image is invalid")),
        }
    }

    /// The customer before the import; `after` is the customer after it, if it was not deleted.
    /// `None` if the two do not fit together.
    pub(crate) fn customer_before(&self, after: Option<&StoredCustomer>) -> Option<StoredCustomer> {
        match self.kind {
            ChangeKind::Delete => {
                DeletedCustomer::from_diff(&self.before).map(|deleted| deleted.stored)
            }
            _ => after?.reverted(&self.before).ok(),
        }
    }
}

/// The earlier values of a customer that an import has changed.
pub(crate) fn read(
    database: &Database,
    import: i64,
    customer: CustomerId,
) -> Result<Diff, StoreError> {
    let sql = "SELECT before FROM changes WHERE import_id = ?1 AND customer_id = ?2";
    database.row(sql, params![import, customer], |row| {
        serde_json::from_str(row.text(0)?).map_err(|_| row.damaged("a before-image is not JSON"))
    })
}

/// Drops every before-image: no import so far can be undone.
pub(crate) fn make_final(database: &Database) -> Result<(), StoreError> {
    // In SQLite, `changes` may be a temporary table, which hides the stored one.
    let sql =
        if database.is_postgres() { "DELETE FROM changes" } else { "DELETE FROM main.changes" };
    database.execute(sql, [])?;
    let sql = "UPDATE imports SET trail = ?1 WHERE trail = ?2";
    database.execute(sql, [UndoLog::Final.as_str(), UndoLog::Complete.as_str()])?;
    Ok(())
}

/// The before-images of one statement, which is faster than a statement for each.
const ROWS: usize = 32;
const COLUMNS: usize = 3;
/// Before-images with this many bytes are written without waiting for more.
const MAX_BUFFERED_BYTES: usize = 1 << 20;

static INSERT_MANY: LazyLock<String> = LazyLock::new(|| insert_sql(ROWS));
static INSERT_ONE: LazyLock<String> = LazyLock::new(|| insert_sql(1));

/// The statement that inserts `rows` before-images of one import.
fn insert_sql(rows: usize) -> String {
    let mut sql =
        "INSERT OR FAIL INTO changes (import_id, customer_id, kind, before) VALUES ".to_owned();
    for row in 0..rows {
        let separator = if row == 0 { "" } else { ", " };
        let first = 2 + row * COLUMNS;
        let _ = write!(sql, "{separator}(?1, ?{first}, ?{}, ?{})", first + 1, first + 2);
    }
    sql
}

/// Before-images that are not written yet.
#[derive(Debug, Default)]
pub(crate) struct BeforeImageBuffer {
    images: Vec<(CustomerId, ChangeKind, Range<usize>)>,
    json: Vec<u8>,
}

impl BeforeImageBuffer {
    /// Adds a before-image, and writes the buffer if it is full.
    pub(crate) fn add(
        &mut self,
        database: &Database,
        import: i64,
        customer: CustomerId,
        kind: ChangeKind,
        before: Diff,
    ) -> Result<(), StoreError> {
        let start = self.json.len();
        let values = before
            .attributes
            .iter()
            .flat_map(|(name, value)| [Some(name), value.as_deref().map(RawValue::get)]);
        self.json.reserve(values.flatten().map(|text| text.len() + 8).sum());
        serde_json::to_writer(&mut self.json, &before)
            .map_err(|_| database.damaged("its attributes are not JSON"))?;
        drop(before);
        self.images.push((customer, kind, start..self.json.len()));
        if self.images.len() >= ROWS || self.json.len() >= MAX_BUFFERED_BYTES {
            self.write(database, import)?;
        }
        Ok(())
    }

    /// Writes the buffered before-images.
    pub(crate) fn write(&mut self, database: &Database, import: i64) -> Result<(), StoreError> {
        database.with(|connection| self.write_to(connection, import))?;
        self.images.clear();
        self.json.clear();
        self.json.shrink_to(MAX_BUFFERED_BYTES);
        Ok(())
    }

    fn write_to(&self, connection: &Connection, import: i64) -> rusqlite::Result<()> {
        let many = self.images.chunks_exact(ROWS);
        let rest = many.remainder().chunks(1);
        for images in many.chain(rest) {
            let sql = if images.len() == ROWS { &INSERT_MANY } else { &INSERT_ONE };
            let mut statement = connection.prepare_cached(sql)?;
            statement.raw_bind_parameter(1, import)?;
            for (row, (customer, kind, json)) in images.iter().enumerate() {
                let first = 2 + row * COLUMNS;
                let json = str::from_utf8(&self.json[json.clone()])?;
                statement.raw_bind_parameter(first, customer)?;
                statement.raw_bind_parameter(first + 1, kind.as_str())?;
                statement.raw_bind_parameter(first + 2, json)?;
            }
            statement.raw_execute()?;
        }
        Ok(())
    }
}
