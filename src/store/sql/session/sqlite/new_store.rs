//! A new store, under a temporary name until it is committed.
//!
//! The file with the store's own name stays empty and locked meanwhile, so that other imports wait,
//! and readers report that the first import is running. The commit renames the new file over it.

use super::bulk_load::{BulkLoad, not_written};
use crate::output::{COMPANIONS, PrivateFile, Purpose, TemporaryFiles, companion, folder_of};
use crate::store::sql::database::Database;
use crate::store::sql::open::empty_file::EmptyFile;
use crate::store::sql::open::sqlite::connect_unlocked;
use crate::store::sql::schema::sqlite as schema;
use crate::store::{Interrupt, StoreError};
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

/// The bytes in the header of an SQLite file that say that it uses a write-ahead log: two versions
/// of the format, for writing and for reading.
const FORMAT_VERSIONS: u64 = 18;
const WRITE_AHEAD_LOG: [u8; 2] = [2, 2];

/// The file of a new store.
pub(super) struct NewStore {
    file: PrivateFile,
    filling: Filling,
    /// The file with the store's name, locked.
    empty: EmptyFile,
}

/// What becomes of the index on `uid` when the tables are no longer filled in bulk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UidIndex {
    /// It is written: no customers follow.
    Complete,
    /// SQLite creates it at the end of the import.
    Later,
}

/// How the tables are filled.
enum Filling {
    /// They are empty.
    Empty,
    /// Page by page.
    InBulk(Box<BulkLoad>),
    /// By SQLite; the index on `uid` is complete or not.
    BySqlite { has_index: bool },
}

impl NewStore {
    /// Copies the empty store to a file that will replace the empty file. If that fails, both are
    /// removed.
    pub(super) fn create(path: &Path, empty: EmptyFile) -> Result<(Self, Database), StoreError> {
        let files = TemporaryFiles::of_store(path);
        let file =
            files.create(Purpose::Import, path).map_err(|error| StoreError::unusable(path, &error));
        let created = file.and_then(|file| Ok((Self::open_empty(path, &file)?, file)));
        match created {
            Ok((database, file)) => Ok((Self { file, filling: Filling::Empty, empty }, database)),
            Err(error) => {
                empty.remove();
                Err(error)
            }
        }
    }

    fn open_empty(path: &Path, file: &PrivateFile) -> Result<Database, StoreError> {
        let written = file.file().and_then(|file| file.write_all_at(schema::EMPTY_STORE, 0));
        written.map_err(|source| StoreError::NotWritten { path: path.to_owned(), source })?;
        let database = connect_unlocked(file.path())?.with_path(path);
        // It is removed if it is not completed, so it needs neither a journal nor syncs.
        database.batch(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF;
             BEGIN IMMEDIATE",
        )?;
        Ok(database)
    }

    /// Begins to fill the tables in bulk, unless they were filled otherwise. Ends the transaction.
    pub(super) fn bulk_load(
        &mut self,
        database: &Database,
        import: i64,
        plan: i64,
    ) -> Result<Option<&mut BulkLoad>, StoreError> {
        if let Filling::Empty = self.filling {
            database.batch("COMMIT")?;
            let file = self.file.file().and_then(File::try_clone);
            let file = file.map_err(|error| not_written(database, error))?;
            let folder = folder_of(self.file.path());
            let bulk = BulkLoad::begin(database, file, folder, import, plan)?;
            self.filling = Filling::InBulk(Box::new(bulk));
        }
        Ok(match &mut self.filling {
            Filling::InBulk(bulk) => Some(bulk),
            _ => None,
        })
    }

    /// Ends filling the tables in bulk, and begins a transaction. Does nothing if it has ended, or
    /// not begun.
    pub(super) fn end_bulk_load(
        &mut self,
        database: &Database,
        index: UidIndex,
        interrupt: &Interrupt,
    ) -> Result<(), StoreError> {
        let has_index = index == UidIndex::Complete;
        let bulk = match std::mem::replace(&mut self.filling, Filling::BySqlite { has_index }) {
            Filling::InBulk(bulk) => bulk,
            filling => {
                self.filling = filling;
                return Ok(());
            }
        };
        let finished = match index {
            UidIndex::Complete => bulk.finish_with_index(|| interrupt.is_requested()),
            UidIndex::Later => bulk.finish(),
        };
        interrupt.check()?;
        finished.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => database.damaged("two customers have the same uid"),
            _ => not_written(database, error),
        })?;
        database.batch("BEGIN IMMEDIATE")?;
        // SQLite would maintain it while customers are added.
        if has_index { Ok(()) } else { database.batch("DROP INDEX customers_uid") }
    }

    /// Whether the store's name still belongs to the empty file.
    pub(super) fn has_its_name(&self) -> bool {
        self.empty.is_unchanged()
    }

    /// Whether the index on `uid` has all customers.
    pub(super) fn has_index(&self) -> bool {
        !matches!(self.filling, Filling::BySqlite { has_index: false })
    }

    /// Gives the committed store its name, durably. If that fails, nothing is left of it.
    pub(super) fn publish(self, database: &Database) -> Result<(), StoreError> {
        let Self { file, empty, .. } = self;
        let path = database.path();
        let publish = || -> io::Result<()> {
            // What another store has left here would become the log or the journal of this one.
            for ending in COMPANIONS {
                let _ = fs::remove_file(companion(path, ending));
            }
            file.file()?.write_all_at(&WRITE_AHEAD_LOG, FORMAT_VERSIONS)?;
            file.file()?.sync_all()?;
            file.persist(path).map_err(|failed| failed.error)
        };
        if let Err(error) = publish() {
            empty.remove();
            return Err(not_written(database, error));
        }
        // The store is complete. If its name is lost with the power, all is as before the import.
        let _ = File::open(folder_of(path)).and_then(|folder| folder.sync_all());
        Ok(())
    }

    /// Removes the store, and the empty file that has its name.
    pub(super) fn remove(self) {
        let Self { file, filling, empty } = self;
        drop((filling, file));
        empty.remove();
    }
}
