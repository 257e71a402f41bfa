//! The transaction of an import, as a session.

use super::key_index::KeyIndex;
use super::unsent::Unsent;
use crate::customer::Diff;
use crate::mapping::RememberedColumns;
use crate::outcome::Outcome;
use crate::store::sql::catalogue::{self, CatalogueBefore};
use crate::store::sql::customers::FingerprintChanges;
use crate::store::sql::customers::fingerprints::Plans;
use crate::store::sql::customers::postgres::load_many;
use crate::store::sql::database::Database;
use crate::store::sql::history::{
    ImportState, find_last_report, known_files, pending_outputs, write_line,
};
use crate::store::sql::open::postgres::cancel_on_request;
use crate::store::sql::remembered::remember_columns;
use crate::store::sql::schema::postgres as schema;
use crate::store::sql::session::insertions::too_many;
use crate::store::sql::{blocked, settings};
use crate::store::{
    Attribute, BlockedUids, ChangeSet, EachKnown, HistoryLine, Interrupt, KeyMatch, Loaded,
    PendingOutput, RejectsWriter, Removal, Session, SessionStart, Slot, StoreError, StoreLocation,
    StoreSettings, UndoLog, Wanted,
};
use crate::value::Key;
use rusqlite::params;

/// The changed customers that are written together, in one round trip.
const BATCH_CUSTOMERS: usize = 4096;

/// What a session may do with its store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Only read it.
    Read,
    /// Change it.
    Change,
    /// Create it.
    Create,
}

/// The transaction of an import, or what a dry run reads.
pub(super) struct PostgresSession {
    pub(super) database: Database,
    pub(super) location: StoreLocation,
    pub(super) access: Access,
    pub(super) start: SessionStart,
    /// How many customers the session has added.
    pub(super) inserted: u32,
    pub(super) plans: Plans,
    pub(super) fingerprint_changes: FingerprintChanges,
    pub(super) catalogue_before: CatalogueBefore,
    pub(super) undo_log: UndoLog,
    /// Whether the tables have their indexes.
    has_indexes: bool,
    pub(super) unsent: Unsent,
    /// The index of a key, once it was needed.
    pub(super) searchable: Option<KeyIndex>,
    pub(super) interrupt: Interrupt,
}

impl PostgresSession {
    pub(super) fn begin(
        database: Database,
        location: &StoreLocation,
        access: Access,
        interrupt: &Interrupt,
    ) -> Result<Self, StoreError> {
        cancel_on_request(&database, interrupt)?;
        // Ids are not reused: before-images refer to customers that were deleted.
        let sql = "SELECT coalesce((SELECT max(id) FROM customers), 0),
                          coalesce((SELECT max(last_customer) FROM imports), 0),
                          coalesce((SELECT max(id) FROM imports), 0)";
        let (last, last_known, last_import): (i64, i64, i64) =
            database.row(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let first_new = u32::try_from(last.max(last_known) + 1).map_err(|_| too_many(&database))?;
        let customers = database.count("SELECT count(*) FROM customers", [])?;
        let plans = Plans::of_others(&database)?;
        Ok(Self {
            database,
            location: location.clone(),
            access,
            start: SessionStart {
                import_id: last_import + 1,
                customers,
                first_new: Slot(first_new),
                batch: BATCH_CUSTOMERS,
            },
            inserted: 0,
            plans,
            fingerprint_changes: FingerprintChanges::default(),
            catalogue_before: CatalogueBefore::new(),
            undo_log: UndoLog::Complete,
            has_indexes: access != Access::Create,
            unsent: Unsent::default(),
            searchable: None,
            interrupt: interrupt.clone(),
        })
    }

    /// Creates the indexes of a new store, if customers must be found before the import ends.
    pub(super) fn make_indexes(&mut self) -> Result<(), StoreError> {
        if !self.has_indexes {
            self.has_indexes = true;
            schema::create_indexes(&self.database)?;
        }
        Ok(())
    }

    /// The table of the before-images, with its schema.
    pub(super) fn changes_table(&self) -> Result<String, StoreError> {
        match self.undo_log {
            UndoLog::Disabled => Ok("pg_temp.changes_of_import".to_owned()),
            _ => Ok(format!("{}.changes", self.database.postgres()?.schema())),
        }
    }
}

impl Session for PostgresSession {
    fn start(&self) -> SessionStart {
        self.start
    }

    fn settings(&self) -> Result<StoreSettings, StoreError> {
        settings::read(&self.database)
    }

    fn last_report(
        &self,
        is_match: &dyn Fn(&[String]) -> bool,
    ) -> Result<Option<Outcome>, StoreError> {
        find_last_report(&self.database, is_match)
    }

    fn pending_outputs(&self) -> Result<Vec<PendingOutput>, StoreError> {
        pending_outputs::read(&self.database)
    }

    fn clear_pending(&self, imports: &[i64]) -> Result<(), StoreError> {
        pending_outputs::clear(&self.database, imports)
    }

    fn is_known_file(&self, sha256: &str) -> Result<bool, StoreError> {
        known_files::is_known(&self.database, sha256)
    }

    fn rejects_writers(&self, file: &str) -> Result<Vec<RejectsWriter>, StoreError> {
        known_files::writers(&self.database, file)
    }

    fn blocked_uids(&self) -> Result<BlockedUids, StoreError> {
        blocked::blocked_uids(&self.database)
    }

    /// The before-images that the import itself needs go to a temporary table.
    fn disable_undo(&mut self) -> Result<(), StoreError> {
        self.undo_log = UndoLog::Disabled;
        if self.access == Access::Read {
            return Ok(());
        }
        self.database.batch(
            "CREATE TEMPORARY TABLE changes_of_import (uid text, import_id bigint,
                 customer_id bigint, kind text, before json) ON COMMIT DROP;
             CREATE INDEX ON pg_temp.changes_of_import (customer_id)",
        )
    }

    fn set_key(&mut self, key: Key) -> Result<(), StoreError> {
        if self.access == Access::Read {
            return Ok(());
        }
        let sql = "INSERT INTO settings (name, value, import_id) VALUES ('key', ?1, ?2)";
        self.database.execute(sql, params![key.as_str(), self.start.import_id]).map(|_| ())
    }

    fn choose_plan(&mut self, digest: &[u8]) -> Result<(), StoreError> {
        self.plans = match self.access {
            Access::Read => Plans::find(&self.database, digest)?,
            _ => Plans::choose(&self.database, digest, self.start.import_id)?,
        };
        Ok(())
    }

    fn scan(&mut self, key: Key, each: &mut EachKnown<'_>) -> Result<(), StoreError> {
        self.scan_keys(key, each)
    }

    fn unnamed(
        &mut self,
        key: Key,
        named: &mut dyn FnMut(Slot, &str) -> bool,
        each: &mut dyn FnMut(Slot, &str, bool),
    ) -> Result<u64, StoreError> {
        self.find_unnamed(key, named, each)
    }

    fn lookup(&mut self, key: Key, values: &[&str]) -> Result<Vec<KeyMatch>, StoreError> {
        self.find_by_key(key, values)
    }

    fn count_known(&mut self, key: Key, values: &[&str]) -> Result<usize, StoreError> {
        self.count_keys(key, values)
    }

    fn load(&mut self, wanted: &[Wanted]) -> Result<Vec<Loaded>, StoreError> {
        self.send_new_customers()?;
        self.make_indexes()?;
        load_many(&self.database, wanted)
    }

    fn before_images(&mut self, changed: &[&Loaded]) -> Result<Vec<Diff>, StoreError> {
        self.images_of(changed)
    }

    fn values_of(
        &mut self,
        attribute: &str,
        each: &mut dyn FnMut(Slot, &str),
    ) -> Result<(), StoreError> {
        self.send_new_customers()?;
        let sql = "SELECT id, attributes -> ?1 FROM customers WHERE jsonb_exists(attributes, ?1)";
        self.database.for_each(sql, [attribute], |row| {
            each(Slot(row.get(0)?), row.text(1)?);
            Ok(())
        })
    }

    fn write(&mut self, changes: &mut ChangeSet) -> Result<(), StoreError> {
        self.write_changes(changes)
    }

    fn remove(&mut self, slots: &[Slot], removal: Removal, now: &str) -> Result<(), StoreError> {
        self.remove_customers(slots, removal, now)
    }

    fn record_attributes(&mut self, seen: &[Attribute]) -> Result<(), StoreError> {
        let import = self.start.import_id;
        catalogue::record(&self.database, import, seen, &mut self.catalogue_before)
    }

    fn remember_columns(
        &mut self,
        columns: &RememberedColumns,
        known: &RememberedColumns,
    ) -> Result<(), StoreError> {
        remember_columns(&self.database, self.start.import_id, columns, known)
    }

    fn complete(&mut self) -> Result<(), StoreError> {
        self.send_new_customers()?;
        self.send_images()?;
        self.fingerprint_changes.write(&self.database, &self.plans)?;
        self.make_indexes()?;
        if self.access == Access::Create { schema::create_keys(&self.database) } else { Ok(()) }
    }

    fn commit(&mut self, line: &HistoryLine) -> Result<(), StoreError> {
        self.interrupt.commit()?;
        let state = ImportState {
            plan: Some(self.plans.own),
            catalogue_before: std::mem::take(&mut self.catalogue_before),
            undo_log: Some(self.undo_log),
            last_customer: Some(self.start.first_new.0 + self.inserted - 1),
        };
        self.commit_with(line, &state)
    }

    fn outputs_done(&self) {
        let _ = pending_outputs::clear(&self.database, &[self.start.import_id]);
    }

    fn abort(self: Box<Self>, line: Option<&HistoryLine>) -> Result<Option<i64>, StoreError> {
        if self.access == Access::Read {
            return Ok(None);
        }
        let connection = self.database.postgres()?;
        connection.end("ROLLBACK")?;
        let Some(line) = line.filter(|_| self.access == Access::Change) else { return Ok(None) };
        connection.begin("ISOLATION LEVEL READ COMMITTED")?;
        let id = write_line(&self.database, None, line, &ImportState::default())?;
        connection.end("COMMIT")?;
        Ok(Some(id))
    }

    fn damaged(&self, what: &str) -> StoreError {
        self.database.damaged(what)
    }
}
