//! The one transaction that an import is.
//!
//! A rehearsal (a dry run) is one too, over a connection that cannot write: what it would store of a
//! customer goes to a temporary file, so that a second record of the same customer finds what the
//! first would have made of them.

use super::catalogue::CatalogueBefore;
use super::dry_run::Overlay;
use super::open::{identity, remove_if_empty, translated};
use super::schema;
use super::settings;
use crate::store::Interrupt;
use crate::store::sqlite::customers::CustomerId;
use crate::store::sqlite::customers::NewCustomers;
use crate::store::sqlite::customers::Pending;
use crate::store::sqlite::customers::{WaitingImages, before_images};
use crate::store::sqlite::history::{Footing, HistoryLine, write_line};
use crate::store::sqlite::maintenance::purge;
use crate::store::{StoreError, UndoLog};
use crate::value::Key;
use rusqlite::{Connection, Params, params};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The bytes that sorting an identifier takes, more or less.
const SORTED_BYTES: u64 = 64;

/// What SQLite keeps in memory of any store, and of each customer besides: of a large one the changed
/// pages go to the log once rather than several times.
const CACHE_KIBIBYTES: i64 = 64 << 10;
const CACHE_BYTES_A_CUSTOMER: i64 = 8;

/// An import's transaction, or a rehearsal of it.
pub struct ImportTransaction {
    pub(crate) connection: Connection,
    pub(crate) path: PathBuf,
    new: bool,
    created: bool,
    /// What tells the file from one that takes its name meanwhile.
    identity: Option<(u64, u64)>,
    pub(crate) rehearsal: Option<Overlay>,
    pub(crate) import_id: i64,
    pub(crate) next_customer: u32,
    first_new_customer: u32,
    pub(crate) customers: u64,
    pub(crate) other_plans: Vec<i64>,
    pub(crate) plan: i64,
    pub(crate) pending: Pending,
    pub(crate) new_customers: NewCustomers,
    pub(crate) images: WaitingImages,
    pub(crate) catalogue_before: CatalogueBefore,
    undo_log: UndoLog,
    interrupt: Interrupt,
}

impl ImportTransaction {
    pub(crate) fn begin(
        connection: Connection,
        path: PathBuf,
        new: bool,
        created: bool,
        interrupt: &Interrupt,
    ) -> Result<Self, StoreError> {
        let handle = connection.get_interrupt_handle();
        interrupt.set_canceller(move || handle.interrupt());
        connection.set_prepared_statement_cache_capacity(64);
        let read = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
        let translate = |source| translated(&path, source);
        // A number is never given twice: what the trail keeps of whoever had it would be another's.
        let last: i64 = read(
            "SELECT max(coalesce((SELECT max(id) FROM customers), 0),
                        coalesce((SELECT max(last_customer) FROM imports), 0))",
        )
        .map_err(translate)?;
        let customers: i64 = read("SELECT count(*) FROM customers").map_err(translate)?;
        let cache = CACHE_KIBIBYTES + customers * CACHE_BYTES_A_CUSTOMER / 1024;
        connection.execute_batch(&format!("PRAGMA cache_size = -{cache}")).map_err(translate)?;
        let import_id: i64 = read(
            "SELECT 1 + max(coalesce((SELECT max(id) FROM imports), 0),
                            coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'imports'), 0))",
        )
        .map_err(translate)?;
        let first_new_customer = u32::try_from(last + 1).map_err(|_| too_many(&path))?;
        Ok(Self {
            new,
            created,
            identity: identity(&path),
            rehearsal: None,
            import_id,
            next_customer: first_new_customer,
            first_new_customer,
            customers: customers.try_into().unwrap_or_default(),
            other_plans: Vec::new(),
            plan: 0,
            pending: Pending::default(),
            new_customers: NewCustomers::default(),
            images: WaitingImages::default(),
            catalogue_before: CatalogueBefore::new(),
            undo_log: UndoLog::Complete,
            interrupt: interrupt.clone(),
            connection,
            path,
        })
    }

    pub(crate) fn rehearse(
        connection: Connection,
        path: PathBuf,
        interrupt: &Interrupt,
    ) -> Result<Self, StoreError> {
        let mut transaction = Self::begin(connection, path, false, false, interrupt)?;
        transaction.rehearsal = Some(Overlay::new().map_err(StoreError::DryRunFile)?);
        Ok(transaction)
    }

    pub(crate) fn sqlite(&self, source: rusqlite::Error) -> StoreError {
        translated(&self.path, source)
    }

    pub(crate) fn damaged(&self, what: &str) -> StoreError {
        StoreError::Damaged { path: self.path.clone(), what: what.to_owned() }
    }

    /// Writes, unless this is a rehearsal.
    pub(crate) fn write(&self, sql: &str, values: impl Params) -> Result<(), StoreError> {
        if self.rehearsal.is_some() {
            return Ok(());
        }
        self.connection
            .prepare_cached(sql)
            .and_then(|mut sql| sql.execute(values))
            .map_err(|error| self.sqlite(error))?;
        Ok(())
    }

    /// The store's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The number that the import has in the history.
    pub fn import_id(&self) -> i64 {
        self.import_id
    }

    /// How many customers there were before the import, archived ones included.
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// The first customer that this import makes.
    pub fn first_new_customer(&self) -> CustomerId {
        CustomerId(self.first_new_customer)
    }

    /// Keeps nothing of what customers were: this import and all before it are final. What is needed
    /// of it meanwhile goes to a temporary table of the same name, which SQLite finds first.
    pub fn keep_no_trail(&mut self) -> Result<(), StoreError> {
        self.undo_log = UndoLog::Disabled;
        if self.rehearsal.is_some() {
            return Ok(());
        }
        schema::create_temporary_changes(&self.connection).map_err(|error| self.sqlite(error))
    }

    /// What identifies the store's customers, where an import has set it.
    pub fn key(&self) -> Result<Option<Key>, StoreError> {
        settings::key(&self.connection, &self.path)
    }

    /// Sets what identifies the store's customers.
    pub fn set_key(&self, key: Key) -> Result<(), StoreError> {
        let sql = "INSERT INTO settings (name, value, import_id) VALUES ('key', ?1, ?2)";
        self.write(sql, params![key.as_str(), self.import_id])
    }

    /// Writes what is still held in memory, and makes what a first import leaves to its end.
    pub fn complete(&mut self) -> Result<(), StoreError> {
        self.write_new()?;
        self.write_images()?;
        self.write_fingerprints()?;
        if !self.new {
            return Ok(());
        }
        // The index's sorting takes the cores that nobody needs any more. It hands them what fills
        // the cache: an eighth of all, so that they begin while the table is still being read.
        let made = u64::from(self.next_customer - self.first_new_customer);
        let share = (made * SORTED_BYTES / 8 / 1024).clamp(1 << 10, 12 << 10);
        self.connection
            .execute_batch(&format!("PRAGMA threads = 4; PRAGMA cache_size = -{share}"))
            .and_then(|()| schema::create_indexes(&self.connection))
            .map_err(|error| self.sqlite(error))
    }

    /// Writes the history line and makes all of the import lasting at once. Then a new store turns
    /// to a write-ahead log, so that its readers are not blocked by later imports; a reader in the
    /// way is no failure, the next import tries again. Where it fails, the transaction is still to
    /// be taken back.
    pub fn commit(&mut self, line: &HistoryLine) -> Result<(), StoreError> {
        self.interrupt.commit()?;
        if self.rehearsal.is_some() {
            return Ok(());
        }
        if identity(&self.path) != self.identity {
            return Err(StoreError::Replaced(self.path.clone()));
        }
        let footing = Footing {
            plan: Some(self.plan),
            catalogue_before: serde_json::to_string(&self.catalogue_before).ok(),
            undo_log: Some(self.undo_log),
            last_customer: Some(self.next_customer - 1),
        };
        let write = || -> rusqlite::Result<()> {
            if self.undo_log == UndoLog::Disabled {
                before_images::make_final(&self.connection)?;
            }
            write_line(&self.connection, Some(self.import_id), line, &footing)?;
            self.connection.execute_batch("COMMIT")
        };
        write().map_err(|error| self.sqlite(error))?;
        self.interrupt.committed();
        let _ = self.connection.execute_batch("PRAGMA locking_mode = NORMAL");
        let _ = self.connection.execute_batch("PRAGMA journal_mode = WAL");
        // Bytes of somebody forgotten that are still there are not this import's failure.
        purge::finish(&self.connection, &self.path, Duration::ZERO, &self.interrupt);
        Ok(())
    }

    /// Takes everything back. A file that was made for this import goes, while it is still locked;
    /// an existing store gets a history line, and its number is told.
    pub fn roll_back(self, line: &HistoryLine) -> Result<Option<i64>, StoreError> {
        if self.rehearsal.is_some() {
            return Ok(None);
        }
        // What SQLite gives up by itself, on a full disk for one, is taken back already.
        if !self.connection.is_autocommit() {
            self.connection.execute_batch("ROLLBACK").map_err(|error| self.sqlite(error))?;
        }
        if self.new {
            // Where a commit has failed half-way, reading is what takes the rest of it back.
            let _ = self.connection.execute_batch("SELECT count(*) FROM sqlite_schema");
            remove_if_empty(&self.path, self.created);
            return Ok(None);
        }
        write_line(&self.connection, None, line, &Footing::default())
            .map(Some)
            .map_err(|error| self.sqlite(error))
    }
}

pub(crate) fn too_many(path: &Path) -> StoreError {
    let what = "it has more customers than this program can count".to_owned();
    StoreError::Damaged { path: path.to_owned(), what }
}
