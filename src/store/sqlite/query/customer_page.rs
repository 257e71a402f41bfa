//! One customer, with all that the store knows of them.

use crate::segment::Segment;
use crate::store::sqlite::Reader;
use crate::store::sqlite::customers::{CustomerId, Stored, load};
use crate::store::sqlite::history::Origin;
use crate::store::sqlite::history::{ChangeKind, CustomerChange};
use crate::store::sqlite::segment_sql::Predicate;
use crate::store::{StoreError, UndoLog};
use crate::value::Key;
use rusqlite::types::Value;
use rusqlite::{OptionalExtension, params_from_iter};
use std::collections::BTreeMap;

/// A customer with where everything came from, and what became of them.
#[derive(Debug, Clone)]
pub struct CustomerPage {
    /// Attributes and devices.
    pub stored: Stored,
    /// When they first came: UTC, RFC 3339.
    pub first_imported_at: String,
    /// The import that made them.
    pub inserted_by: i64,
    /// Where each thing they have came from, as [`Reader::provenance`] tells it.
    pub origins: BTreeMap<String, Origin>,
    /// What imports have made of them, the newest first; only of those whose trail is kept.
    pub steps: Vec<Step>,
    /// The last import whose trail is not kept, where they were there already: what it and those
    /// before it made of them is not known.
    pub unknown_until: Option<i64>,
}

/// What one import has made of a customer.
#[derive(Debug, Clone)]
pub struct Step {
    /// The import's number in the history.
    pub import: i64,
    /// When it began: UTC, RFC 3339.
    pub at: String,
    /// The customer before and after it.
    pub change: CustomerChange,
}

impl Reader {
    /// All that is known of the customer with this uid; `None` where there is none.
    pub fn customer_page(&self, uid: &str) -> Result<Option<CustomerPage>, StoreError> {
        let sqlite = |source| self.sqlite(source);
        let sql = "SELECT id, first_imported_at, inserted_by FROM customers WHERE uid = ?1";
        let found: Option<(u32, String, i64)> = self
            .connection
            .query_row(sql, [uid], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()
            .map_err(sqlite)?;
        let Some((id, first_imported_at, inserted_by)) = found else { return Ok(None) };
        let customer = CustomerId(id);
        let stored = load(&self.connection, customer).map_err(sqlite)?;
        let (Some(stored), Some(origins)) = (stored, self.provenance(uid)?) else {
            return Ok(None);
        };
        let horizon = self.horizon()?;
        let is_whole = inserted_by > horizon;
        Ok(Some(CustomerPage {
            steps: self.steps(customer, &stored, is_whole.then_some(inserted_by))?,
            stored,
            first_imported_at,
            inserted_by,
            origins,
            unknown_until: (!is_whole).then_some(horizon),
        }))
    }

    /// The uids of the customers with this email, compared in lower case, or this number, in the
    /// order in which they came. Every customer is looked at.
    pub fn uids_with(&self, key: Key, value: &str) -> Result<Vec<String>, StoreError> {
        let sql = match key {
            Key::Uid => "SELECT uid, uid FROM customers WHERE uid = ?1",
            // An email's lower case is Unicode's, which SQLite's own `lower` is not.
            Key::Email => "SELECT uid, email FROM customers WHERE email IS NOT NULL ORDER BY id",
            Key::Number => "SELECT uid, number FROM customers WHERE number = ?1 ORDER BY id",
        };
        let wanted = key.compared(value);
        let read = || -> rusqlite::Result<Vec<String>> {
            let mut statement = self.connection.prepare(sql)?;
            let mut rows = match key {
                Key::Email => statement.query([])?,
                Key::Uid | Key::Number => statement.query([value])?,
            };
            let mut uids = Vec::new();
            while let Some(row) = rows.next()? {
                if key.compared(row.get_ref(1)?.as_str()?) == wanted {
                    uids.push(row.get(0)?);
                }
            }
            Ok(uids)
        };
        read().map_err(|source| self.sqlite(source))
    }

    /// Whether a customer is one of a segment.
    pub fn is_member(&self, segment: &Segment, uid: &str) -> Result<bool, StoreError> {
        let Predicate { sql, mut values } = self.predicate(segment)?;
        values.push(Value::Text(uid.to_owned()));
        let sql = format!("SELECT EXISTS (SELECT 1 FROM customers WHERE ({sql}) AND uid = ?)");
        self.connection
            .query_row(&sql, params_from_iter(values), |row| row.get(0))
            .map_err(|source| self.sqlite(source))
    }

    /// The newest import that has deleted a customer with this uid, as far as the trail tells.
    pub fn deleted_by(&self, uid: &str) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT max(import_id) FROM changes
                   WHERE kind = 'delete' AND json_extract(before, '$.columns.uid') = ?1";
        self.connection.query_row(sql, [uid], |row| row.get(0)).map_err(|error| self.sqlite(error))
    }

    /// The newest import of which no trail is kept, though it may have changed customers; 0 where
    /// there is none.
    pub(crate) fn horizon(&self) -> Result<i64, StoreError> {
        let sql = "SELECT coalesce(max(id), 0) FROM imports WHERE trail NOT IN (?1, ?2)";
        let kept = [UndoLog::Complete.as_str(), UndoLog::Undone.as_str()];
        self.connection.query_row(sql, kept, |row| row.get(0)).map_err(|error| self.sqlite(error))
    }

    fn steps(
        &self,
        customer: CustomerId,
        now: &Stored,
        inserted_by: Option<i64>,
    ) -> Result<Vec<Step>, StoreError> {
        let sqlite = |source| self.sqlite(source);
        let sql = "SELECT import_id, started_at, changes.kind, before FROM changes
                   JOIN imports ON imports.id = import_id
                   WHERE customer_id = ?1 ORDER BY import_id DESC";
        let mut after = now.clone();
        let mut steps = Vec::new();
        let mut statement = self.connection.prepare(sql).map_err(sqlite)?;
        let mut rows = statement.query([customer.0]).map_err(sqlite)?;
        while let Some(row) = rows.next().map_err(sqlite)? {
            let image = self.image_of(row, 2)?;
            let before = self.found_by(&image, Some(&after))?;
            let left = std::mem::replace(&mut after, before.clone());
            steps.push(Step {
                import: row.get(0).map_err(sqlite)?,
                at: row.get(1).map_err(sqlite)?,
                change: CustomerChange {
                    kind: image.kind,
                    before: Some(before),
                    after: Some(left),
                },
            });
        }
        if let Some(import) = inserted_by {
            let sql = "SELECT started_at FROM imports WHERE id = ?1";
            let at = self.connection.query_row(sql, [import], |row| row.get(0)).map_err(sqlite)?;
            let kind = ChangeKind::Insert;
            let change = CustomerChange { kind, before: None, after: Some(after) };
            steps.push(Step { import, at, change });
        }
        Ok(steps)
    }
}
