//! Takes the newest import back.

use super::changes::ChangeKind;
use crate::outcome::{UndoCounts, UndoOutcome};
use crate::store::sqlite::Reader;
use crate::store::sqlite::Writer;
use crate::store::sqlite::customers::Departed;
use crate::store::sqlite::customers::fingerprints;
use crate::store::sqlite::customers::{CustomerId, load, save};
use crate::store::sqlite::{CatalogueBefore, catalogue};
use crate::store::{StoreError, UndoLog};
use rusqlite::{Connection, params};

impl Reader {
    /// What taking back the newest import would come to; or that one, if it is the newest.
    ///
    /// Fails with [`StoreError::NothingToUndo`], [`StoreError::NotNewest`] or
    /// [`StoreError::NoUndoLog`] where it cannot be.
    pub fn undoable(&self, import: Option<i64>) -> Result<UndoOutcome, StoreError> {
        let import = self.newest_import(import)?;
        let made = self.made_by(import)?;
        let count = |sql: &str, values: &[&dyn rusqlite::ToSql]| -> rusqlite::Result<u64> {
            let count: i64 = self.connection.query_row(sql, values, |row| row.get(0))?;
            Ok(count.try_into().unwrap_or_default())
        };
        let changes = |kind: ChangeKind| {
            let sql = "SELECT count(*) FROM changes WHERE import_id = ?1 AND kind = ?2";
            count(sql, &[&import, &kind.as_str()])
        };
        let read = || -> rusqlite::Result<UndoOutcome> {
            let sql = "SELECT count(*) FROM customers WHERE id BETWEEN ?1 AND ?2";
            let deleted = count(sql, &[made.start(), made.end()])?;
            let unarchived = changes(ChangeKind::Archive)?;
            let customers = UndoCounts {
                inserted: changes(ChangeKind::Delete)?,
                updated: changes(ChangeKind::Update)? + unarchived,
                deleted,
                unarchived,
            };
            Ok(UndoOutcome { import, customers, attributes: Vec::new() })
        };
        let mut undone = read().map_err(|source| self.sqlite(source))?;
        let before = self.catalogue_before(import)?;
        undone.attributes =
            before.into_iter().filter(|(_, entry)| entry.is_none()).map(|(name, _)| name).collect();
        Ok(undone)
    }

    fn newest_import(&self, wanted: Option<i64>) -> Result<i64, StoreError> {
        let read = || -> rusqlite::Result<Vec<(i64, String)>> {
            let sql = "SELECT id, trail FROM imports WHERE trail <> ?1 AND id >= ?2
                       ORDER BY id DESC";
            self.connection
                .prepare(sql)?
                .query_map(params![UndoLog::Undone.as_str(), wanted.unwrap_or_default()], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })?
                .collect()
        };
        let lines = read().map_err(|source| self.sqlite(source))?;
        if let Some(wanted) = wanted {
            let entry = self.history_entry(wanted)?;
            if entry.undo_log != Some(UndoLog::Complete) {
                return Err(self.no_undo_log(wanted, entry.undo_log));
            }
        }
        match lines.first() {
            None => Err(StoreError::NothingToUndo(self.path.clone())),
            Some((newest, trail)) => match wanted {
                Some(id) if id != *newest => {
                    let first = lines.iter().map(|(id, _)| *id).filter(|newer| *newer != id);
                    let (path, first) = (self.path.clone(), first.collect());
                    Err(StoreError::NotNewest { path, id, first })
                }
                _ if trail != UndoLog::Complete.as_str() => {
                    Err(self.no_undo_log(*newest, trail.parse().ok()))
                }
                _ => Ok(*newest),
            },
        }
    }

    fn catalogue_before(&self, import: i64) -> Result<CatalogueBefore, StoreError> {
        let sql = "SELECT catalogue_before FROM imports WHERE id = ?1";
        let text: String = self
            .connection
            .query_row(sql, [import], |row| row.get(0))
            .map_err(|source| self.sqlite(source))?;
        serde_json::from_str(&text)
            .map_err(|_| self.damaged("a line of the history has no catalogue"))
    }
}

impl Writer {
    /// Takes back the newest import, or that one if it is the newest: customers, devices, archive
    /// marks and the catalogue are as they were before it. Fails as [`Reader::undoable`] does.
    pub fn undo(&self, import: Option<i64>) -> Result<UndoOutcome, StoreError> {
        let undone = self.reader().undoable(import)?;
        let import = undone.import;
        let made = self.reader().made_by(import)?;
        let (from, to) = (*made.start(), *made.end());
        let mut concerned = self.reader().changed_by(import)?;
        concerned.extend(made.map(CustomerId));
        fingerprints::void_all_of(&self.reader().connection, concerned)
            .map_err(|source| self.reader().sqlite(source))?;
        self.execute("DELETE FROM devices WHERE customer_id BETWEEN ?1 AND ?2", [from, to])?;
        self.execute("DELETE FROM customers WHERE id BETWEEN ?1 AND ?2", [from, to])?;
        self.restore(import)?;
        let before = self.reader().catalogue_before(import)?;
        let connection = &self.reader().connection;
        catalogue::take_back(connection, &before).map_err(|source| self.reader().sqlite(source))?;
        self.execute("DELETE FROM settings WHERE name = 'key' AND import_id = ?1", [import])?;
        self.execute("DELETE FROM changes WHERE import_id = ?1", [import])?;
        let sql = "UPDATE imports SET trail = ?2 WHERE id = ?1";
        self.execute(sql, params![import, UndoLog::Undone.as_str()])?;
        Ok(undone)
    }

    fn restore(&self, import: i64) -> Result<(), StoreError> {
        let reader = self.reader();
        let connection: &Connection = &reader.connection;
        let sqlite = |source| reader.sqlite(source);
        let damaged = || reader.damaged("a before-image has no customer");
        let sql = "SELECT customer_id, kind, before FROM changes WHERE import_id = ?1
                   ORDER BY customer_id";
        let mut statement = connection.prepare(sql).map_err(sqlite)?;
        let mut rows = statement.query([import]).map_err(sqlite)?;
        while let Some(row) = rows.next().map_err(sqlite)? {
            let customer = CustomerId(row.get(0).map_err(sqlite)?);
            let image = reader.image_of(row, 1)?;
            if image.kind == ChangeKind::Delete {
                let departed = Departed::from_image(&image.before).ok_or_else(damaged)?;
                departed.restore(connection, customer).map_err(sqlite)?;
                continue;
            }
            let stored = load(connection, customer).map_err(sqlite)?.ok_or_else(damaged)?;
            let before = reader.found_by(&image, Some(&stored))?;
            let devices = stored.customer.devices.clone();
            // The attributes may be long.
            drop((image, stored));
            save(connection, customer, &devices, &before).map_err(sqlite)?;
        }
        Ok(())
    }
}
