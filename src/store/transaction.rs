//! The one transaction that an import is.
//!
//! A rehearsal (a dry run) is one too, over a connection that cannot write: what it would store of a
//! customer goes to a temporary database beside it, so that a second record of the same customer
//! finds what the first would have made of them.

use super::basis;
use super::catalogue::catalogue;
use super::customers::CustomerId;
use super::error::StoreError;
use super::open::{identity, remove_if_empty, translated};
use super::schema;
use crate::attribute::{Key, ValueType};
use rusqlite::{Connection, InterruptHandle, Params, params};
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// An attribute of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// The type of its values.
    pub kind: ValueType,
}

/// The line that an import leaves in the history.
#[derive(Debug, Clone)]
pub struct HistoryLine {
    /// What was done: `import`.
    pub kind: &'static str,
    /// How it ended.
    pub status: &'static str,
    /// With which exit code.
    pub exit_code: u8,
    /// When it began: UTC, RFC 3339.
    pub started_at: String,
    /// When it ended.
    pub finished_at: String,
    /// Who ran it, where that is known.
    pub operator: Option<String>,
    /// The options that it was run with, as JSON.
    pub options: String,
    /// The names of its files, as JSON.
    pub files: String,
    /// What identified a customer.
    pub key: Option<Key>,
    /// The whole report, as JSON.
    pub report: String,
    /// Its rejects files as JSON: where each is to be, and its temporary name.
    pub rejects: Option<String>,
}

/// Ends a statement of a store that is under way, from another thread.
pub struct Interrupter(InterruptHandle);

impl Interrupter {
    /// Ends it. It fails then, and its transaction has to be taken back.
    pub fn interrupt(&self) {
        self.0.interrupt();
    }
}

impl fmt::Debug for Interrupter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Interrupter").finish_non_exhaustive()
    }
}

/// An import's transaction, or a rehearsal of it.
pub struct ImportTransaction {
    pub(super) connection: Connection,
    pub(super) path: PathBuf,
    new: bool,
    created: bool,
    /// What tells the file from one that takes its name meanwhile.
    identity: Option<(u64, u64)>,
    pub(super) rehearsal: Option<Connection>,
    pub(super) import_id: i64,
    pub(super) next_customer: u32,
    first_new_customer: u32,
    pub(super) customers: u64,
    pub(super) other_plans: Vec<i64>,
    pub(super) plan: i64,
    catalogue_before: BTreeMap<String, Option<String>>,
}

impl ImportTransaction {
    pub(super) fn begin(
        connection: Connection,
        path: PathBuf,
        new: bool,
        created: bool,
    ) -> Result<Self, StoreError> {
        connection.set_prepared_statement_cache_capacity(64);
        let read = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
        let translate = |source| translated(&path, source);
        let last: i64 = read("SELECT coalesce(max(id), 0) FROM customers").map_err(translate)?;
        let customers: i64 = read("SELECT count(*) FROM customers").map_err(translate)?;
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
            catalogue_before: BTreeMap::new(),
            connection,
            path,
        })
    }

    pub(super) fn rehearse(connection: Connection, path: PathBuf) -> Result<Self, StoreError> {
        let translate = |source| translated(&path, source);
        let overlay = Connection::open("").map_err(translate)?;
        overlay
            .execute_batch(
                "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -16384;
                 CREATE TABLE overlay (id INTEGER PRIMARY KEY, stored TEXT NOT NULL); BEGIN;",
            )
            .map_err(translate)?;
        let mut transaction = Self::begin(connection, path, false, false)?;
        transaction.rehearsal = Some(overlay);
        Ok(transaction)
    }

    pub(super) fn sqlite(&self, source: rusqlite::Error) -> StoreError {
        translated(&self.path, source)
    }

    pub(super) fn damaged(&self, what: &str) -> StoreError {
        StoreError::Damaged { path: self.path.clone(), what: what.to_owned() }
    }

    /// Writes, unless this is a rehearsal.
    pub(super) fn write(&self, sql: &str, values: impl Params) -> Result<(), StoreError> {
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

    /// Whether nothing is written.
    pub fn is_rehearsal(&self) -> bool {
        self.rehearsal.is_some()
    }

    /// What ends a statement that takes long.
    pub fn interrupter(&self) -> Interrupter {
        Interrupter(self.connection.get_interrupt_handle())
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

    /// What identifies the store's customers, where an import has set it.
    pub fn key(&self) -> Result<Option<Key>, StoreError> {
        basis::key(&self.connection, &self.path)
    }

    /// Sets what identifies the store's customers.
    pub fn set_key(&self, key: Key) -> Result<(), StoreError> {
        let sql = "INSERT INTO settings (name, value, import_id) VALUES ('key', ?1, ?2)";
        self.write(sql, params![key.as_str(), self.import_id])
    }

    /// The catalogue: every custom attribute that a customer ever had.
    pub fn catalogue(&self) -> Result<BTreeMap<String, ValueType>, StoreError> {
        catalogue(&self.connection, &self.path)
    }

    /// Enters attributes that the import has seen values of into the catalogue.
    pub fn see_attributes(&mut self, seen: &[Attribute]) -> Result<(), StoreError> {
        if self.rehearsal.is_some() {
            return Ok(());
        }
        let before = self.catalogue()?;
        for attribute in seen {
            let old = before.get(&attribute.name);
            if old != Some(&attribute.kind) {
                let old = old.map(|kind| kind.as_str().to_owned());
                self.catalogue_before.insert(attribute.name.clone(), old);
            }
            let sql = "INSERT INTO attributes (name, type, first_import, last_import)
                       VALUES (?1, ?2, ?3, ?3)
                       ON CONFLICT (name) DO UPDATE SET type = ?2, last_import = ?3";
            self.write(sql, params![attribute.name, attribute.kind.as_str(), self.import_id])?;
        }
        if seen.iter().any(|attribute| !before.contains_key(&attribute.name)) || before.is_empty() {
            let names: Vec<String> = self.catalogue()?.into_keys().collect();
            schema::create_profiles(&self.connection, &names)
                .map_err(|error| self.sqlite(error))?;
        }
        Ok(())
    }

    /// Makes what a first import leaves to its end: the index, and the view where no attribute has
    /// made it yet.
    pub fn complete(&self) -> Result<(), StoreError> {
        if !self.new {
            return Ok(());
        }
        schema::create_indexes(&self.connection).map_err(|error| self.sqlite(error))
    }

    /// Writes the history line and makes all of the import lasting at once. Then a new store turns
    /// to a write-ahead log, so that its readers are not blocked by later imports; a reader in the
    /// way is no failure, the next import tries again. Where it fails, the transaction is still to
    /// be taken back.
    pub fn commit(&mut self, line: &HistoryLine) -> Result<(), StoreError> {
        if self.rehearsal.is_some() {
            return Ok(());
        }
        if identity(&self.path) != self.identity {
            return Err(StoreError::Gone(self.path.clone()));
        }
        let before = serde_json::to_string(&self.catalogue_before).unwrap_or_default();
        write_line(&self.connection, Some(self.import_id), Some(self.plan), line, &before)
            .and_then(|_| self.connection.execute_batch("COMMIT"))
            .map_err(|error| self.sqlite(error))?;
        let _ = self.connection.execute_batch("PRAGMA locking_mode = NORMAL");
        let _ = self.connection.execute_batch("PRAGMA journal_mode = WAL");
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
        write_line(&self.connection, None, None, line, "{}")
            .map(Some)
            .map_err(|error| self.sqlite(error))
    }
}

fn write_line(
    connection: &Connection,
    import_id: Option<i64>,
    plan: Option<i64>,
    line: &HistoryLine,
    catalogue_before: &str,
) -> rusqlite::Result<i64> {
    let sql = "INSERT INTO imports (id, kind, status, exit_code, started_at, finished_at, operator,
               options, files, key, report, plan_id, rejects, catalogue_before)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";
    connection.execute(
        sql,
        params![
            import_id,
            line.kind,
            line.status,
            line.exit_code,
            line.started_at,
            line.finished_at,
            line.operator,
            line.options,
            line.files,
            line.key.map(Key::as_str),
            line.report,
            plan,
            line.rejects,
            catalogue_before,
        ],
    )?;
    Ok(connection.last_insert_rowid())
}

pub(super) fn too_many(path: &Path) -> StoreError {
    let what = "it has more customers than this program can count".to_owned();
    StoreError::Damaged { path: path.to_owned(), what }
}
