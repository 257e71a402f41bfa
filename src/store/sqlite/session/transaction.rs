//! The transaction of an import.
//!
//! A dry run is one too, on a connection that cannot write: the customers that it would change go to a
//! temporary file, so that a second record of a customer finds what the first would have stored.

use super::dry_run::DryRunCustomers;
use super::store_file::{FileIdentity, remove_if_empty};
use crate::outcome::Outcome;
use crate::store::sqlite::catalogue::{
    self, Attribute, CatalogueBefore, entries, recreate_profiles,
};
use crate::store::sqlite::customers::fingerprints::Plans;
use crate::store::sqlite::customers::{
    BeforeImageBuffer, CustomerId, FingerprintChanges, NewCustomers, before_images,
};
use crate::store::sqlite::database::Database;
use crate::store::sqlite::history::{
    HistoryLine, ImportState, PendingOutput, find_last_report, pending_outputs, write_line,
};
use crate::store::sqlite::open::cancel_on_request;
use crate::store::sqlite::{purge, schema, settings};
use crate::store::{Interrupt, StoreError, UndoLog};
use crate::value::Key;
use crate::value::typed::ValueType;
use rusqlite::{Params, params};
use std::collections::BTreeMap;
use std::time::Duration;

/// The approximate bytes that sorting an identifier takes.
const SORTED_BYTES: u64 = 64;

/// The page cache of any store, and its growth with each customer: of a large store, the changed pages
/// are then written to the log once rather than several times.
const CACHE_KIBIBYTES: u64 = 64 << 10;
const CACHE_BYTES_PER_CUSTOMER: u64 = 8;

/// The transaction of an import or of a dry run.
pub struct ImportTransaction {
    pub(super) database: Database,
    /// Whether the store is made by this import.
    is_new: bool,
    /// Whether its file was created for this import.
    is_created: bool,
    /// Tells the file from one that takes its name meanwhile.
    file: Option<FileIdentity>,
    pub(super) dry_run: Option<DryRunCustomers>,
    pub(super) import_id: i64,
    pub(super) next_customer: u32,
    first_new_customer: u32,
    customers: u64,
    pub(super) plans: Plans,
    pub(super) fingerprint_changes: FingerprintChanges,
    pub(super) new_customers: NewCustomers,
    pub(super) before_images: BeforeImageBuffer,
    catalogue_before: CatalogueBefore,
    undo_log: UndoLog,
    interrupt: Interrupt,
}

impl ImportTransaction {
    pub(super) fn begin(
        database: Database,
        is_new: bool,
        is_created: bool,
        interrupt: &Interrupt,
    ) -> Result<Self, StoreError> {
        cancel_on_request(&database, interrupt)?;
        // Numbers are not reused: before-images refer to customers that were deleted.
        let last: i64 = database.value(
            "SELECT max(coalesce((SELECT max(id) FROM customers), 0),
                        coalesce((SELECT max(last_customer) FROM imports), 0))",
            [],
        )?;
        let first_new_customer = u32::try_from(last + 1).map_err(|_| too_many(&database))?;
        let customers = database.count("SELECT count(*) FROM customers", [])?;
        let cache = CACHE_KIBIBYTES + customers * CACHE_BYTES_PER_CUSTOMER / 1024;
        database.batch(&format!("PRAGMA cache_size = -{cache}"))?;
        let import_id = database.value(
            "SELECT 1 + max(coalesce((SELECT max(id) FROM imports), 0),
                            coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'imports'), 0))",
            [],
        )?;
        Ok(Self {
            is_new,
            is_created,
            file: FileIdentity::of(database.path()),
            database,
            dry_run: None,
            import_id,
            next_customer: first_new_customer,
            first_new_customer,
            customers,
            plans: Plans::default(),
            fingerprint_changes: FingerprintChanges::default(),
            new_customers: NewCustomers::default(),
            before_images: BeforeImageBuffer::default(),
            catalogue_before: CatalogueBefore::new(),
            undo_log: UndoLog::Complete,
            interrupt: interrupt.clone(),
        })
    }

    pub(super) fn begin_dry_run(
        database: Database,
        interrupt: &Interrupt,
    ) -> Result<Self, StoreError> {
        let mut transaction = Self::begin(database, false, false, interrupt)?;
        transaction.dry_run = Some(DryRunCustomers::new().map_err(StoreError::DryRunFile)?);
        Ok(transaction)
    }

    pub(super) fn is_dry_run(&self) -> bool {
        self.dry_run.is_some()
    }

    /// Runs a statement, unless this is a dry run.
    pub(super) fn write(&self, sql: &str, values: impl Params) -> Result<(), StoreError> {
        if !self.is_dry_run() {
            self.database.execute(sql, values)?;
        }
        Ok(())
    }

    /// The error of a store that holds something that this program does not write.
    pub(crate) fn damaged(&self, what: &str) -> StoreError {
        self.database.damaged(what)
    }

    /// The number that the import has in the history.
    pub fn import_id(&self) -> i64 {
        self.import_id
    }

    /// How many customers there were before the import, archived ones included.
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// The first customer that this import inserts.
    pub fn first_new_customer(&self) -> CustomerId {
        CustomerId(self.first_new_customer)
    }

    /// Keeps no before-images: this import and all before it cannot be undone. Those that the import
    /// itself needs go to a temporary table of the same name, which SQLite finds first.
    pub fn disable_undo(&mut self) -> Result<(), StoreError> {
        self.undo_log = UndoLog::Disabled;
        if self.is_dry_run() {
            return Ok(());
        }
        schema::create_temporary_changes(&self.database)
    }

    /// What identifies the store's customers, once an import has set it.
    pub fn key(&self) -> Result<Option<Key>, StoreError> {
        settings::key(&self.database)
    }

    /// Sets what identifies the store's customers.
    pub fn set_key(&self, key: Key) -> Result<(), StoreError> {
        let sql = "INSERT INTO settings (name, value, import_id) VALUES ('key', ?1, ?2)";
        self.write(sql, params![key.as_str(), self.import_id])
    }

    /// The type of each custom attribute that an import has seen a value of.
    pub fn catalogue(&self) -> Result<BTreeMap<String, ValueType>, StoreError> {
        catalogue::catalogue(&self.database)
    }

    /// Adds attributes that the import has seen values of to the catalogue.
    pub fn record_attributes(&mut self, seen: &[Attribute]) -> Result<(), StoreError> {
        if self.is_dry_run() {
            return Ok(());
        }
        let mut known = entries(&self.database)?;
        let mut is_profile_outdated = known.is_empty();
        for attribute in seen {
            let before = known.remove(&attribute.name);
            is_profile_outdated |= before.is_none();
            self.catalogue_before.insert(attribute.name.clone(), before);
            let sql = "INSERT INTO attributes (name, type, first_import, last_import)
                       VALUES (?1, ?2, ?3, ?3)
                       ON CONFLICT (name) DO UPDATE SET type = ?2, last_import = ?3";
            self.write(sql, params![attribute.name, attribute.kind.as_str(), self.import_id])?;
        }
        if is_profile_outdated {
            recreate_profiles(&self.database)?;
        }
        Ok(())
    }

    /// The report of the newest import whose files `is_match`, as of
    /// [`last_report`](crate::store::sqlite::history::last_report).
    pub fn last_report(
        &self,
        is_match: impl Fn(&[String]) -> bool,
    ) -> Result<Option<Outcome>, StoreError> {
        find_last_report(&self.database, is_match)
    }

    /// The rejects files that earlier imports may not have renamed.
    pub fn pending_outputs(&self) -> Result<Vec<PendingOutput>, StoreError> {
        pending_outputs::read(&self.database)
    }

    /// Clears the pending outputs of these imports.
    pub fn clear_pending(&self, imports: &[i64]) -> Result<(), StoreError> {
        if self.is_dry_run() {
            return Ok(());
        }
        pending_outputs::clear(&self.database, imports)
    }

    /// Clears the pending outputs of this import, after its commit. If that fails, the next change
    /// does it.
    pub fn outputs_done(&self) {
        let _ = pending_outputs::clear(&self.database, &[self.import_id]);
    }

    /// Writes what is still buffered, and creates the indexes of a new store.
    pub fn complete(&mut self) -> Result<(), StoreError> {
        self.write_new_customers()?;
        self.write_before_images()?;
        self.write_fingerprints()?;
        if !self.is_new {
            return Ok(());
        }
        // All cores are free to sort the index. They are handed what fills the cache: an eighth of
        // all, so that they begin while the table is still being read.
        let inserted = u64::from(self.next_customer - self.first_new_customer);
        let share = (inserted * SORTED_BYTES / 8 / 1024).clamp(1 << 10, 12 << 10);
        self.database.batch(&format!("PRAGMA threads = 4; PRAGMA cache_size = -{share}"))?;
        schema::create_indexes(&self.database)
    }

    /// Writes the history line and commits. A new store then gets a write-ahead log, so that later
    /// imports do not block its readers; if a reader is in the way, the next import tries again. If it
    /// fails, the transaction is still to be rolled back.
    pub fn commit(&mut self, line: &HistoryLine) -> Result<(), StoreError> {
        self.interrupt.commit()?;
        if self.is_dry_run() {
            return Ok(());
        }
        if FileIdentity::of(self.database.path()) != self.file {
            return Err(StoreError::Replaced(self.database.path().to_owned()));
        }
        let state = ImportState {
            plan: Some(self.plans.own),
            catalogue_before: std::mem::take(&mut self.catalogue_before),
            undo_log: Some(self.undo_log),
            last_customer: Some(self.next_customer - 1),
        };
        if self.undo_log == UndoLog::Disabled {
            before_images::make_final(&self.database)?;
        }
        write_line(&self.database, Some(self.import_id), line, &state)?;
        self.database.batch("COMMIT")?;
        self.interrupt.committed();
        let _ = self.database.batch("PRAGMA locking_mode = NORMAL");
        let _ = self.database.batch("PRAGMA journal_mode = WAL");
        // If bytes of forgotten customers cannot be purged yet, the import is done all the same.
        purge::finish(&self.database, Duration::ZERO, &self.interrupt);
        Ok(())
    }

    /// Gives up an import that has written nothing. A file that was created for it is removed.
    pub fn discard(self) {
        if self.is_dry_run() {
            return;
        }
        // A transaction that cannot be rolled back ends with the connection.
        let _ = self.database.batch("ROLLBACK");
        if self.is_new {
            remove_if_empty(self.database.path(), self.is_created);
        }
    }

    /// Undoes everything. A file that was created for this import is removed while it is still locked;
    /// an existing store gets a history line, whose number is returned.
    pub fn roll_back(self, line: &HistoryLine) -> Result<Option<i64>, StoreError> {
        if self.is_dry_run() {
            return Ok(None);
        }
        // SQLite rolls back by itself after some errors, such as a full disk.
        if !self.database.with(|connection| Ok(connection.is_autocommit()))? {
            self.database.batch("ROLLBACK")?;
        }
        if self.is_new {
            // If a commit has failed half-way, reading rolls back the rest of it.
            let _ = self.database.batch("SELECT count(*) FROM sqlite_schema");
            remove_if_empty(self.database.path(), self.is_created);
            return Ok(None);
        }
        write_line(&self.database, None, line, &ImportState::default()).map(Some)
    }
}

pub(super) fn too_many(database: &Database) -> StoreError {
    database.damaged("it has more customers than this program can count")
}
