//! Fills the tables of a new store page by page, without SQLite: a first import takes half the time.
//!
//! The customers of a first import arrive in the order of their rows. So each page of the tables is
//! written when it is full, after all others, and needs no search, no cache and no journal. The uids
//! are sorted meanwhile, and their index is written last. The file has a temporary name until it is
//! complete: see `new_store`.
//!
//! Only new customers can be added like this. If an import has to find or change a customer that it
//! has written, the trees are completed, and SQLite does the rest.

mod early_sync;
mod fingerprint_blocks;
mod page_file;
mod record;
mod tree;

use super::uid_sorter::{CHECKED_TOGETHER, UidSorter};
use crate::store::sql::customers::{CustomerId, fingerprints::Fingerprint};
use crate::store::sql::database::Database;
use crate::store::{ChangeSet, NewCustomer, ProofChange, StoreError};
use fingerprint_blocks::FingerprintBlocks;
use page_file::{PageFile, PageNumber};
use record::{Value, write_record};
use std::fs::File;
use std::io;
use std::path::Path;
use tree::{KEPT_BYTES, TreeKind, TreeWriter};

/// The runs of uids in memory, 4 MiB each: SQLite has no pages in memory meanwhile.
const RUNS_IN_MEMORY: usize = 12;

/// The tables of a new store while they are filled.
pub(super) struct BulkLoad {
    file: PageFile,
    customers: TreeWriter,
    devices: TreeWriter,
    fingerprints: FingerprintBlocks,
    uids: UidSorter,
    uid_index: PageNumber,
    import: i64,
    record: Vec<u8>,
}

/// The error for a file that cannot be written.
pub(super) fn not_written(database: &Database, source: io::Error) -> StoreError {
    StoreError::NotWritten { path: database.path().to_owned(), source }
}

/// The root page of a table or an index.
fn root(database: &Database, name: &str) -> Result<PageNumber, StoreError> {
    database.value("SELECT rootpage FROM sqlite_schema WHERE name = ?1", [name])
}

impl BulkLoad {
    /// Begins to fill the empty tables of a database that no transaction uses. `plan` is the plan of
    /// the fingerprints, and `folder` is where a temporary file may be created.
    pub(super) fn begin(
        database: &Database,
        file: File,
        folder: &Path,
        import: i64,
        plan: i64,
    ) -> Result<Self, StoreError> {
        let tree = |kind, name| Ok(TreeWriter::new(kind, root(database, name)?));
        Ok(Self {
            customers: tree(TreeKind::Table, "customers")?,
            devices: tree(TreeKind::Index, "devices")?,
            fingerprints: FingerprintBlocks::new(
                plan,
                tree(TreeKind::Table, "fingerprints")?,
                tree(TreeKind::Index, "sqlite_autoindex_fingerprints_1")?,
            ),
            uid_index: root(database, "customers_uid")?,
            file: PageFile::append_to(file).map_err(|error| not_written(database, error))?,
            uids: UidSorter::new(folder, RUNS_IN_MEMORY),
            import,
            record: Vec::new(),
        })
    }

    /// Adds the new customers of a change set, with their devices and proofs. Returns the proofs that
    /// are left: those of customers whose fingerprints are written already.
    pub(super) fn add(&mut self, changes: &ChangeSet) -> io::Result<Vec<ProofChange>> {
        for new in changes.insertions() {
            self.add_customer(new)?;
        }
        let mut left = Vec::new();
        for change in &changes.proofs {
            let fingerprint = change.proof.map_or(Fingerprint::default(), Fingerprint::from);
            let customer = CustomerId(change.slot.0);
            if !self.fingerprints.set(customer, fingerprint, &mut self.file)? {
                left.push(*change);
            }
        }
        Ok(left)
    }

    fn add_customer(&mut self, new: NewCustomer<'_>) -> io::Result<()> {
        let row = new.slot.0;
        let [first_name, last_name, number, email] = new.columns.map(Value::from);
        let values = [
            // The row's number stands for its id.
            Value::Null,
            Value::Text(new.uid),
            first_name,
            last_name,
            number,
            email,
            Value::Text(new.attributes),
            Value::Text(new.first_imported_at),
            Value::Text(new.last_changed_at),
            new.archived_at.into(),
            Value::Integer(self.import),
        ];
        write_record(&values, &mut self.record);
        self.customers.add_row(row.into(), &self.record, &mut self.file)?;
        for (rank, (token, platform)) in (1..).zip(new.devices()) {
            let values = [
                Value::Integer(row.into()),
                Value::Integer(rank),
                Value::Text(token),
                Value::Text(platform.as_str()),
            ];
            write_record(&values, &mut self.record);
            self.devices.add_entry(&self.record, &mut self.file)?;
        }
        self.record.shrink_to(KEPT_BYTES);
        self.uids.push(new.uid, row)
    }

    /// Completes the tables. The index on `uid` stays empty, for SQLite to create.
    pub(super) fn finish(self) -> io::Result<()> {
        let (file, ..) = self.finish_tables()?;
        file.finish()
    }

    /// Completes the tables. Returns their file, and what their index is made of: the uids, and its
    /// root.
    fn finish_tables(self) -> io::Result<(PageFile, UidSorter, PageNumber)> {
        let Self { mut file, customers, devices, fingerprints, uids, uid_index, .. } = self;
        customers.finish(&mut file)?;
        devices.finish(&mut file)?;
        fingerprints.finish(&mut file)?;
        Ok((file, uids, uid_index))
    }

    /// Completes the tables and their index. Stops with [`io::ErrorKind::Interrupted`] once
    /// `is_cancelled` returns `true`. Fails with [`io::ErrorKind::AlreadyExists`] if two customers
    /// have the same uid, which the import does not allow.
    pub(super) fn finish_with_index(self, is_cancelled: impl Fn() -> bool) -> io::Result<()> {
        let (mut file, uids, uid_index) = self.finish_tables()?;
        let mut index = TreeWriter::new(TreeKind::Index, uid_index);
        let (mut record, mut added, mut last) = (Vec::new(), 0_u32, String::new());
        let mut sorted = uids.finish()?;
        while let Some((uid, row)) = sorted.next()? {
            if added % CHECKED_TOGETHER == 0 && is_cancelled() {
                return Err(io::ErrorKind::Interrupted.into());
            }
            if added > 0 && uid == last {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            uid.clone_into(&mut last);
            added += 1;
            write_record(&[Value::Text(uid), Value::Integer(row.into())], &mut record);
            index.add_entry(&record, &mut file)?;
        }
        index.finish(&mut file)?;
        file.finish()
    }
}

#[cfg(test)]
mod tests;
