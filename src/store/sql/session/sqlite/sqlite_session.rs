//! The transaction of an import, as a session.

use super::customer_count;
use super::detached_index::{SORTING, UidEntries, forget_schema};
use super::new_store::{NewStore, UidIndex};
use crate::customer::Diff;
use crate::mapping::RememberedColumns;
use crate::outcome::Outcome;
use crate::output::FileIdentity;
use crate::store::sql::catalogue::{self, CatalogueBefore};
use crate::store::sql::customers::fingerprints::Plans;
use crate::store::sql::customers::{
    CustomerId, FingerprintChanges, LongCustomers, before_images, load_many,
};
use crate::store::sql::database::Database;
use crate::store::sql::history::{
    ImportState, find_last_report, known_files, pending_outputs, write_line,
};
use crate::store::sql::open::sqlite::{cancel_on_request, connect, has_write_ahead_log};
use crate::store::sql::remembered::remember_columns;
use crate::store::sql::schema::sqlite as schema;
use crate::store::sql::session::insertions::too_many;
use crate::store::sql::{blocked, purge, settings};
use crate::store::{
    Attribute, BlockedUids, ChangeSet, EachKnown, HistoryLine, Interrupt, KeyMatch, Loaded,
    PendingOutput, RejectsWriter, Removal, Session, SessionStart, Slot, StoreError, StoreSettings,
    UndoLog, Wanted,
};
use crate::value::Key;
use rusqlite::{OpenFlags, params};
use std::collections::HashMap;
use std::time::Duration;

/// The approximate bytes that sorting an identifier takes.
const SORTED_BYTES: u64 = 64;

/// The page cache while pages are read or appended, each once.
const SMALL_CACHE: u64 = 8 << 10;

/// The page cache for changes of pages in no order, in KiB, and how much it grows with each
/// customer. The changed pages of a large store are then written to the log once rather than
/// several times.
const LARGE_CACHE: u64 = 64 << 10;
const CACHE_BYTES_PER_CUSTOMER: u64 = 8;

/// The changed customers that are written together: enough that few statements have a single row,
/// and few enough to stay in the cache of the processor.
const BATCH_CUSTOMERS: usize = 512;

/// What a session may do with its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Only read it.
    Read,
    /// Change the store that it holds.
    Change,
    /// Create the store in it, or in a new file that replaces it.
    Create,
}

/// The transaction of an import, or what a dry run reads.
pub(super) struct SqliteSession {
    pub(super) database: Database,
    pub(super) access: Access,
    /// The file of a new store that is not published yet.
    pub(super) new_store: Option<NewStore>,
    /// Distinguishes the file from one that replaces it meanwhile.
    file: Option<FileIdentity>,
    pub(super) start: SessionStart,
    /// How many customers the session has added.
    pub(super) inserted: u32,
    /// How their uids get into the index, in an existing store.
    pub(super) uid_entries: UidEntries,
    pub(super) plans: Plans,
    pub(super) fingerprint_changes: FingerprintChanges,
    catalogue_before: CatalogueBefore,
    undo_log: UndoLog,
    /// The key that the temporary table finds customers by, if there is one.
    pub(super) searchable: Option<Key>,
    pub(super) interrupt: Interrupt,
}

impl SqliteSession {
    pub(super) fn begin(
        database: Database,
        access: Access,
        new_store: Option<NewStore>,
        interrupt: &Interrupt,
    ) -> Result<Self, StoreError> {
        cancel_on_request(&database, interrupt)?;
        // Ids are not reused: before-images refer to customers that were deleted.
        let last: i64 = database.value(
            "SELECT max(coalesce((SELECT max(id) FROM customers), 0),
                        coalesce((SELECT max(last_customer) FROM imports), 0))",
            [],
        )?;
        let first_new = u32::try_from(last + 1).map_err(|_| too_many(&database))?;
        let customers = customer_count::estimate(&database, first_new - 1)?;
        let import_id = database.value(
            "SELECT 1 + max(coalesce((SELECT max(id) FROM imports), 0),
                            coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'imports'), 0))",
            [],
        )?;
        let plans = Plans::of_others(&database)?;
        database.batch(&format!("PRAGMA cache_size = -{SMALL_CACHE}"))?;
        // Without a log, pages that do not fit in the cache block readers; a new file has none.
        let needs_large_cache = new_store.is_none() && !has_write_ahead_log(&database)?;
        let session = Self {
            file: FileIdentity::of(database.path()),
            database,
            access,
            new_store,
            start: SessionStart {
                import_id,
                customers,
                first_new: Slot(first_new),
                batch: BATCH_CUSTOMERS,
            },
            inserted: 0,
            uid_entries: UidEntries::default(),
            plans,
            fingerprint_changes: FingerprintChanges::default(),
            catalogue_before: CatalogueBefore::new(),
            undo_log: UndoLog::Complete,
            searchable: None,
            interrupt: interrupt.clone(),
        };
        if needs_large_cache {
            session.enlarge_cache()?;
        }
        Ok(session)
    }

    /// The first customer that the session adds.
    pub(super) fn first_new(&self) -> CustomerId {
        CustomerId(self.start.first_new.0)
    }

    /// Ends filling the tables of a new store in bulk, so that SQLite can read and change them.
    pub(super) fn end_bulk_load(&mut self, index: UidIndex) -> Result<(), StoreError> {
        let new_store = self.new_store.as_mut();
        new_store.map_or(Ok(()), |it| it.end_bulk_load(&self.database, index, &self.interrupt))
    }

    /// Makes the page cache large, unless a long text has made it even smaller than the small one.
    pub(super) fn enlarge_cache(&self) -> Result<(), StoreError> {
        let cache = self.database.value::<i64>("PRAGMA cache_size", [])?.unsigned_abs();
        let sorting = if matches!(self.uid_entries, UidEntries::Later(_)) { SORTING } else { 0 };
        let large = LARGE_CACHE + self.start.customers * CACHE_BYTES_PER_CUSTOMER / 1024 - sorting;
        if cache < SMALL_CACHE || cache == large {
            return Ok(());
        }
        self.database.batch(&format!("PRAGMA cache_size = -{large}"))
    }

    /// Completes the index on `uid` of an existing store, so that SQLite can search and change it.
    pub(super) fn attach_uid_index(&mut self) -> Result<(), StoreError> {
        match std::mem::replace(&mut self.uid_entries, UidEntries::AtOnce) {
            UidEntries::Later(index) => index.attach(&self.database, &self.interrupt),
            others => {
                self.uid_entries = others;
                Ok(())
            }
        }
    }

    fn is_new(&self) -> bool {
        self.access == Access::Create
    }

    /// Creates the indexes of a new store.
    fn create_indexes(&self) -> Result<(), StoreError> {
        // Several threads sort the index. Each gets its share when the cache is full, so the cache
        // holds an eighth of all: they begin while the table is still being read.
        let share = u64::from(self.inserted) * SORTED_BYTES / 8 / 1024;
        let share = share.clamp(1 << 10, 12 << 10);
        self.database.batch(&format!("PRAGMA threads = 4; PRAGMA cache_size = -{share}"))?;
        schema::create_indexes(&self.database)
    }

    /// Undoes everything. The file of a new store is removed while it is still locked.
    fn roll_back(&mut self) -> Result<(), StoreError> {
        if let Some(new_store) = self.new_store.take() {
            new_store.remove();
            return Ok(());
        }
        // SQLite rolls back on its own after some errors, such as a full disk.
        if !self.database.with(|connection| Ok(connection.is_autocommit()))? {
            self.database.batch("ROLLBACK")?;
        }
        forget_schema(&self.database)?;
        if self.is_new() {
            // If a commit has failed half-way, reading rolls back the rest of it.
            let _ = self.database.batch("SELECT count(*) FROM sqlite_schema");
        }
        Ok(())
    }
}

impl Session for SqliteSession {
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

    /// The before-images that the import itself needs go to a temporary table of the same name,
    /// which SQLite finds first.
    fn disable_undo(&mut self) -> Result<(), StoreError> {
        self.undo_log = UndoLog::Disabled;
        schema::create_temporary_before_images(&self.database)
    }

    fn set_key(&mut self, key: Key) -> Result<(), StoreError> {
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
        self.attach_uid_index()?;
        self.scan_keys(key, each)
    }

    fn unnamed(
        &mut self,
        key: Key,
        named: &mut dyn FnMut(Slot, &str) -> bool,
        each: &mut dyn FnMut(Slot, &str, bool),
    ) -> Result<u64, StoreError> {
        if self.start.customers == 0 {
            return Ok(0);
        }
        self.attach_uid_index()?;
        self.find_unnamed(key, named, each)
    }

    fn lookup(&mut self, key: Key, values: &[&str]) -> Result<Vec<KeyMatch>, StoreError> {
        let found = self.find_by_key(key, values)?;
        let is_undecided = matches!(self.uid_entries, UidEntries::Undecided);
        if key == Key::Uid && !values.is_empty() && is_undecided {
            self.uid_entries = UidEntries::AtOnce;
        }
        Ok(found)
    }

    fn count_known(&mut self, key: Key, values: &[&str]) -> Result<usize, StoreError> {
        self.count_keys(key, values)
    }

    fn load(&mut self, wanted: &[Wanted]) -> Result<Vec<Loaded>, StoreError> {
        self.end_bulk_load(UidIndex::Later)?;
        load_many(&self.database, wanted, LongCustomers::Load)
    }

    fn before_images(&mut self, changed: &[&Loaded]) -> Result<Vec<Diff>, StoreError> {
        let mut wanted: Vec<_> = changed.iter().map(|changed| CustomerId(changed.slot.0)).collect();
        wanted.sort_unstable();
        let mut images = HashMap::with_capacity(wanted.len());
        before_images::each_with(&self.database, self.start.import_id, &wanted, |group, found| {
            images.extend(found.iter().map(|customer| (*customer, group.image(*customer))));
            Ok(())
        })?;
        let missing = || self.database.damaged("a before-image is missing or invalid");
        let image = |changed: &&Loaded| images.remove(&CustomerId(changed.slot.0)).flatten();
        changed.iter().map(image).map(|image| Ok(image.ok_or_else(missing)?.before)).collect()
    }

    fn values_of(
        &mut self,
        attribute: &str,
        each: &mut dyn FnMut(Slot, &str),
    ) -> Result<(), StoreError> {
        self.end_bulk_load(UidIndex::Later)?;
        self.each_value_of(attribute, each)
    }

    fn write(&mut self, changes: &mut ChangeSet) -> Result<(), StoreError> {
        self.write_changes(changes)
    }

    fn remove(&mut self, slots: &[Slot], removal: Removal, now: &str) -> Result<(), StoreError> {
        if slots.is_empty() {
            return Ok(());
        }
        self.end_bulk_load(UidIndex::Later)?;
        self.attach_uid_index()?;
        self.enlarge_cache()?;
        self.remove_customers(slots, removal, now)
    }

    fn record_attributes(&mut self, seen: &[Attribute]) -> Result<(), StoreError> {
        self.end_bulk_load(UidIndex::Complete)?;
        let import = self.start.import_id;
        catalogue::record(&self.database, import, seen, &mut self.catalogue_before)
    }

    fn remember_columns(
        &mut self,
        columns: &RememberedColumns,
        known: &RememberedColumns,
    ) -> Result<(), StoreError> {
        self.end_bulk_load(UidIndex::Complete)?;
        remember_columns(&self.database, self.start.import_id, columns, known)
    }

    fn complete(&mut self) -> Result<(), StoreError> {
        self.end_bulk_load(UidIndex::Complete)?;
        self.attach_uid_index()?;
        self.fingerprint_changes.write(&self.database, &self.plans)?;
        let has_index = self.new_store.as_ref().map_or(!self.is_new(), NewStore::has_index);
        if has_index { Ok(()) } else { self.create_indexes() }
    }

    /// A new store that SQLite has filled then gets a write-ahead log, so that later imports do not
    /// block its readers; if a reader blocks it, the next import tries again.
    fn commit(&mut self, line: &HistoryLine) -> Result<(), StoreError> {
        self.attach_uid_index()?;
        self.interrupt.commit()?;
        let has_its_name = self.new_store.as_ref().is_none_or(NewStore::has_its_name);
        if !has_its_name || FileIdentity::of(self.database.path()) != self.file {
            return Err(StoreError::Replaced(self.database.path().to_owned()));
        }
        let state = ImportState {
            plan: Some(self.plans.own),
            catalogue_before: std::mem::take(&mut self.catalogue_before),
            undo_log: Some(self.undo_log),
            last_customer: Some(self.start.first_new.0 + self.inserted - 1),
        };
        if self.undo_log == UndoLog::Disabled {
            before_images::make_final(&self.database)?;
        }
        write_line(&self.database, Some(self.start.import_id), line, &state)?;
        self.database.batch("COMMIT")?;
        if let Some(new_store) = self.new_store.take() {
            new_store.publish(&self.database)?;
            self.interrupt.committed();
            return Ok(());
        }
        self.interrupt.committed();
        let _ = self.database.batch("PRAGMA locking_mode = NORMAL");
        let _ = self.database.batch("PRAGMA journal_mode = WAL");
        // If bytes of forgotten customers cannot be purged yet, the import is still complete.
        purge::finish(&self.database, Duration::ZERO, &self.interrupt);
        Ok(())
    }

    fn outputs_done(&self) {
        let imports = [self.start.import_id];
        if self.is_new() {
            // The open connection may have another name for the file.
            let opened = connect(self.database.path(), OpenFlags::SQLITE_OPEN_READ_WRITE);
            let _ = opened.and_then(|database| pending_outputs::clear(&database, &imports));
        } else {
            let _ = pending_outputs::clear(&self.database, &imports);
        }
    }

    fn abort(mut self: Box<Self>, line: Option<&HistoryLine>) -> Result<Option<i64>, StoreError> {
        if self.access == Access::Read {
            return Ok(None);
        }
        self.roll_back()?;
        match line {
            Some(line) if !self.is_new() => {
                write_line(&self.database, None, line, &ImportState::default()).map(Some)
            }
            _ => Ok(None),
        }
    }

    fn damaged(&self, what: &str) -> StoreError {
        self.database.damaged(what)
    }
}
