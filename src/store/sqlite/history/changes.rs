//! What an import has changed, customer by customer: as they were before it, and as it left them.
//!
//! A before-image holds what was otherwise before an import. What an import has left is what the
//! next later one has found, so later images are taken back from what the store holds now.

use crate::customer::Diff;
use crate::store::sqlite::Reader;
use crate::store::sqlite::customers::Departed;
use crate::store::sqlite::customers::{CustomerId, Stored, load};
use crate::store::{StoreError, UndoLog};
use rusqlite::{OptionalExtension, params};
use std::str::FromStr;

/// How an import changes a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// It makes them.
    Insert,
    /// It gives them other values, or brings them back from the archive.
    Update,
    /// It archives them.
    Archive,
    /// It deletes them.
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

/// What an import has made of one customer. At least one of the two is there.
#[derive(Debug, Clone)]
pub struct CustomerChange {
    /// How it changed them.
    pub kind: ChangeKind,
    /// As they were before; `None` where it made them.
    pub before: Option<Stored>,
    /// As it left them; `None` where it deleted them.
    pub after: Option<Stored>,
}

impl CustomerChange {
    /// The customer's identifier.
    pub fn uid(&self) -> &str {
        self.after.as_ref().or(self.before.as_ref()).map_or("", |stored| stored.uid.as_str())
    }
}

/// What the trail keeps of one customer in one import.
pub(crate) struct Image {
    pub(crate) kind: ChangeKind,
    pub(crate) before: Diff,
}

impl Reader {
    /// Hands over what an import has changed: whom it changed, archived and deleted, then whom it
    /// made. With a `uid`, only what it has made of that customer.
    ///
    /// Fails with [`StoreError::NoUndoLog`] where that is not known any more, and with
    /// [`StoreError::NotInHistory`] where there was no such import.
    pub fn changes<E: From<StoreError>>(
        &self,
        import: i64,
        uid: Option<&str>,
        mut each: impl FnMut(&CustomerChange) -> Result<(), E>,
    ) -> Result<(), E> {
        let entry = self.history_entry(import)?;
        if entry.undo_log != Some(UndoLog::Complete) {
            return Err(self.no_undo_log(import, entry.undo_log).into());
        }
        if let Some(uid) = uid {
            for customer in self.customers_of(uid)? {
                let change = match self.image(import, customer)? {
                    Some(image) => Some(self.change(import, customer, image)?),
                    None if self.made_by(import)?.contains(&customer.0) => {
                        self.insertion(import, customer)?
                    }
                    None => None,
                };
                if let Some(change) = change {
                    each(&change)?;
                }
            }
            return Ok(());
        }
        let sqlite = |source| self.sqlite(source);
        let sql = "SELECT customer_id, kind, before FROM changes WHERE import_id = ?1
                   ORDER BY customer_id";
        let mut statement = self.connection.prepare(sql).map_err(sqlite)?;
        let mut rows = statement.query([import]).map_err(sqlite)?;
        while let Some(row) = rows.next().map_err(sqlite)? {
            let customer = CustomerId(row.get(0).map_err(sqlite)?);
            let image = self.image_of(row, 1)?;
            each(&self.change(import, customer, image)?)?;
        }
        // Nobody is in both halves: whoever is deleted has a new number if they come again.
        let sql = "SELECT id FROM customers WHERE id BETWEEN ?1 AND ?2
                   UNION ALL
                   SELECT customer_id FROM changes
                   WHERE customer_id BETWEEN ?1 AND ?2 AND kind = 'delete'
                   ORDER BY 1";
        let made = self.made_by(import)?;
        let mut statement = self.connection.prepare(sql).map_err(sqlite)?;
        let mut rows = statement.query([*made.start(), *made.end()]).map_err(sqlite)?;
        while let Some(row) = rows.next().map_err(sqlite)? {
            let customer = CustomerId(row.get(0).map_err(sqlite)?);
            if let Some(change) = self.insertion(import, customer)? {
                each(&change)?;
            }
        }
        Ok(())
    }

    pub(crate) fn no_undo_log(&self, id: i64, undo_log: Option<UndoLog>) -> StoreError {
        StoreError::NoUndoLog { path: self.path.clone(), id, undo_log }
    }

    fn change(
        &self,
        import: i64,
        customer: CustomerId,
        image: Image,
    ) -> Result<CustomerChange, StoreError> {
        let after = self.left_by(import, customer)?;
        let (kind, before) = (image.kind, self.found_by(&image, after.as_ref())?);
        // It may be long, and its customer is handed on.
        drop(image);
        Ok(CustomerChange { kind, before: Some(before), after })
    }

    fn insertion(
        &self,
        import: i64,
        customer: CustomerId,
    ) -> Result<Option<CustomerChange>, StoreError> {
        let after = self.left_by(import, customer)?;
        let kind = ChangeKind::Insert;
        Ok(after.map(|after| CustomerChange { kind, before: None, after: Some(after) }))
    }

    /// A customer as an import has left them; `None` where they were not there then.
    fn left_by(&self, import: i64, customer: CustomerId) -> Result<Option<Stored>, StoreError> {
        let mut stored = load(&self.connection, customer).map_err(|source| self.sqlite(source))?;
        let sql = "SELECT kind, before FROM changes WHERE customer_id = ?1 AND import_id > ?2
                   ORDER BY import_id DESC";
        let sqlite = |source| self.sqlite(source);
        let mut statement = self.connection.prepare_cached(sql).map_err(sqlite)?;
        let mut rows = statement.query(params![customer.0, import]).map_err(sqlite)?;
        while let Some(row) = rows.next().map_err(sqlite)? {
            let image = self.image_of(row, 0)?;
            stored = Some(self.found_by(&image, stored.as_ref())?);
        }
        Ok(stored)
    }

    /// The customer as an import has found them, whom it has left so.
    pub(crate) fn found_by(
        &self,
        image: &Image,
        left: Option<&Stored>,
    ) -> Result<Stored, StoreError> {
        let found = match (image.kind, left) {
            (ChangeKind::Delete, _) => {
                Departed::from_image(&image.before).map(|departed| departed.stored)
            }
            (_, Some(left)) => left.reverted(&image.before).ok(),
            (_, None) => None,
        };
        found.ok_or_else(|| self.damaged("a before-image has no customer"))
    }

    /// A before-image in a row: its kind, and in the next column what was otherwise.
    pub(crate) fn image_of(
        &self,
        row: &rusqlite::Row<'_>,
        column: usize,
    ) -> Result<Image, StoreError> {
        let text = |at: usize| row.get_ref(at).ok().and_then(|value| value.as_str().ok());
        let kind = text(column).and_then(|kind| kind.parse().ok());
        let before = text(column + 1).and_then(|before| serde_json::from_str(before).ok());
        match (kind, before) {
            (Some(kind), Some(before)) => Ok(Image { kind, before }),
            _ => Err(self.damaged("a before-image is not what this program writes")),
        }
    }

    fn image(&self, import: i64, customer: CustomerId) -> Result<Option<Image>, StoreError> {
        let sql = "SELECT kind, before FROM changes WHERE import_id = ?1 AND customer_id = ?2";
        let sqlite = |source| self.sqlite(source);
        let mut statement = self.connection.prepare_cached(sql).map_err(sqlite)?;
        let mut rows = statement.query(params![import, customer.0]).map_err(sqlite)?;
        rows.next().map_err(sqlite)?.map(|row| self.image_of(row, 0)).transpose()
    }

    /// The numbers of the customers that an import has made.
    pub(crate) fn made_by(&self, import: i64) -> Result<std::ops::RangeInclusive<u32>, StoreError> {
        let sql = "SELECT coalesce((SELECT max(last_customer) FROM imports WHERE id < ?1), 0) + 1,
                          coalesce((SELECT last_customer FROM imports WHERE id = ?1), 0)";
        self.connection
            .query_row(sql, [import], |row| Ok(row.get(0)?..=row.get(1)?))
            .map_err(|source| self.sqlite(source))
    }

    /// The customers of whom an import has kept what they were.
    pub(crate) fn changed_by(&self, import: i64) -> Result<Vec<CustomerId>, StoreError> {
        let read = || -> rusqlite::Result<Vec<CustomerId>> {
            self.connection
                .prepare("SELECT customer_id FROM changes WHERE import_id = ?1")?
                .query_map([import], |row| row.get(0).map(CustomerId))?
                .collect()
        };
        read().map_err(|source| self.sqlite(source))
    }

    /// The customers that have this uid, or had it when they were deleted.
    pub(crate) fn customers_of(&self, uid: &str) -> Result<Vec<CustomerId>, StoreError> {
        let read = || -> rusqlite::Result<Vec<CustomerId>> {
            let sql = "SELECT customer_id FROM changes
                       WHERE kind = 'delete' AND json_extract(before, '$.columns.uid') = ?1
                       ORDER BY customer_id";
            let mut found: Vec<CustomerId> = self
                .connection
                .prepare(sql)?
                .query_map([uid], |row| row.get(0).map(CustomerId))?
                .collect::<rusqlite::Result<_>>()?;
            let sql = "SELECT id FROM customers WHERE uid = ?1";
            let stored = self.connection.query_row(sql, [uid], |row| row.get(0)).optional()?;
            found.extend(stored.map(CustomerId));
            Ok(found)
        };
        read().map_err(|source| self.sqlite(source))
    }
}
