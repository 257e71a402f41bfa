//! The connection of a push: short queries and short transactions, so that it never blocks an
//! import for long.

use super::candidates::{Candidate, CandidateFilter, read_chunk, read_gone, read_one};
use super::destination::{self, Destination, DestinationDigest};
use super::event_lines::{self, EventProgress, LineStatus};
use super::rows::FieldNames;
use crate::store::sql::database::{Database, is_busy};
#[cfg(feature = "postgres")]
use crate::store::sql::open::postgres;
use crate::store::sql::open::sqlite::{begin_writing, connect};
use crate::store::sql::segment_sql::register_functions;
use crate::store::{Delivery, DeliveryStatus, Interrupt, StoreError, StoreLocation, now};
use rusqlite::{OpenFlags, params};
use std::time::Duration;

/// How long a statement waits for another writer before the push pauses.
const BUSY_TIMEOUT: Duration = Duration::from_millis(200);

/// The page cache, in KiB, has a fixed size, so that memory does not grow with the store.
const CACHE: &str =
    "PRAGMA cache_size = -6144; PRAGMA synchronous = NORMAL; PRAGMA temp_store = FILE;";

/// A store from which a push reads, and in which it records what was delivered.
pub struct DeliveryStore {
    database: Database,
    names: FieldNames,
    destination: Destination,
}

/// A version of the store. It differs once another program has changed the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreVersion(i64);

/// What a request has changed at the destination.
#[derive(Debug, Clone)]
pub enum Change {
    /// The destination has accepted this.
    Deliver(Delivery),
    /// The customer is deleted there.
    Delete,
}

impl DeliveryStore {
    /// Opens a store for pushes to a destination, and migrates an older one. Fails with
    /// [`StoreError::Busy`] if another program is writing to it.
    pub fn open(
        store: &StoreLocation,
        url: &str,
        digest: &DestinationDigest,
    ) -> Result<Self, StoreError> {
        let Some(path) = store.file() else {
            #[cfg(feature = "postgres")]
            return Self::open_postgres(store, url, digest);
            #[cfg(not(feature = "postgres"))]
            return Err(StoreError::NoPostgres(store.to_path_buf()));
        };
        let writer = begin_writing(path, BUSY_TIMEOUT, &Interrupt::default())?;
        let destination = destination::begin(&writer, url, digest)?;
        writer.batch("COMMIT")?;
        // It fails while a reader blocks it; the next change tries again.
        let _ = writer.batch("PRAGMA journal_mode = WAL");
        writer.close()?;
        let database = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        database.with(|connection| connection.busy_timeout(BUSY_TIMEOUT))?;
        database.batch(CACHE)?;
        database.with(register_functions)?;
        let names = FieldNames::read(&database)?;
        Ok(Self { database, names, destination })
    }

    #[cfg(feature = "postgres")]
    fn open_postgres(
        store: &StoreLocation,
        url: &str,
        digest: &DestinationDigest,
    ) -> Result<Self, StoreError> {
        let writer = postgres::begin_writing(store, BUSY_TIMEOUT, &Interrupt::default())?;
        // The lock allows one push at a time to a destination, from any machine. It ends with the
        // connection.
        let key = xxhash_rust::xxh3::xxh3_64(digest).cast_signed();
        let sql = "SELECT pg_try_advisory_lock(CAST(?1 AS bigint))";
        if !writer.value(sql, [key])? {
            let path = store.to_path_buf();
            return Err(StoreError::Busy { path, waited: BUSY_TIMEOUT, lock_owner: None });
        }
        let destination = destination::begin(&writer, url, digest)?;
        let names = FieldNames::read(&writer)?;
        let connection = writer.postgres()?;
        connection.end("COMMIT")?;
        // Single statements outside of transactions find the same functions as those within.
        connection.with(|client| client.batch_execute("SET search_path = pg_catalog"))?;
        Ok(Self { database: writer, names, destination })
    }

    /// Fails with [`StoreError::Busy`] while another program is writing to the store.
    pub fn check_unlocked(&self) -> Result<(), StoreError> {
        self.transaction(|_| Ok(()))
    }

    /// The version of the store. Changes of this connection do not change it.
    pub fn version(&self) -> Result<StoreVersion, StoreError> {
        // Every change of customers has a line in the history. A push has one too, but changes no
        // customers.
        let sql = match self.database.is_postgres() {
            true => "SELECT coalesce(max(id), 0) FROM imports WHERE kind <> 'push'",
            false => "PRAGMA data_version",
        };
        self.database.value(sql, []).map(StoreVersion)
    }

    /// The next customers after the row `after`, each with its row. Empty at the end.
    pub fn chunk(
        &mut self,
        filter: &CandidateFilter,
        after: u32,
    ) -> Result<Vec<(u32, Candidate)>, StoreError> {
        read_chunk(&self.database, &mut self.names, &self.destination, filter, after)
    }

    /// The next delivered uids that no customer of the store has, after a uid. Empty at the end.
    pub fn gone_chunk(&mut self, after: &str) -> Result<Vec<Candidate>, StoreError> {
        read_gone(&self.database, &mut self.names, &self.destination, after)
    }

    /// A customer as it is now.
    pub fn candidate(&mut self, uid: &str) -> Result<Candidate, StoreError> {
        read_one(&self.database, &mut self.names, &self.destination, uid)
    }

    /// Records changes in one transaction. Fails with [`StoreError::Busy`], like
    /// [`Self::check_unlocked`], and then has recorded nothing.
    pub fn record<'a>(
        &mut self,
        changes: impl IntoIterator<Item = (&'a str, &'a Change)>,
    ) -> Result<(), StoreError> {
        self.begin()?;
        let recorded = changes.into_iter().try_for_each(|(uid, change)| self.save(uid, change));
        self.end(recorded)
    }

    fn save(&mut self, uid: &str, change: &Change) -> Result<(), StoreError> {
        let Change::Deliver(delivery) = change else {
            let sql = "DELETE FROM deliveries WHERE destination_id = ?1 AND uid = ?2";
            return self.database.execute(sql, params![self.destination.id, uid]).map(|_| ());
        };
        let fields = self.names.encode(&self.database, &delivery.fields)?;
        let tokens = (!delivery.tokens.is_empty())
            .then(|| serde_json::Value::from(delivery.tokens.clone()).to_string());
        let refusal = delivery.refusal.as_ref();
        let sql = "INSERT INTO deliveries (destination_id, uid, status, fields, tokens,
                   changed_at, refused_status, refused_text, refused_state)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
                   ON CONFLICT (destination_id, uid) DO UPDATE SET status = ?3, fields = ?4,
                   tokens = ?5, changed_at = ?6, refused_status = ?7, refused_text = ?8,
                   refused_state = ?9";
        self.database.execute(
            sql,
            params![
                self.destination.id,
                uid,
                delivery.status.as_str(),
                fields,
                tokens,
                now(),
                refusal.map(|refusal| refusal.status),
                refusal.map(|refusal| refusal.text.as_str()),
                refusal.map(|refusal| refusal.state),
            ],
        )?;
        Ok(())
    }

    /// Drops the deliveries of customers that are gone and were never delivered.
    pub fn drop_undelivered_gone(&mut self) -> Result<(), StoreError> {
        self.transaction(|database| {
            let sql = "DELETE FROM deliveries WHERE destination_id = ?1 AND status = ?2
                       AND NOT EXISTS (SELECT 1 FROM customers c WHERE c.uid = deliveries.uid)";
            let new = DeliveryStatus::New.as_str();
            database.execute(sql, params![self.destination.id, new]).map(|_| ())
        })
    }

    /// How far an event file was sent.
    pub fn event_progress(&self, file: &[u8]) -> Result<EventProgress, StoreError> {
        event_lines::progress(&self.database, &self.destination, file)
    }

    /// The status of a line of an event file.
    pub fn line_status(&self, file: &[u8], line: u64) -> Result<LineStatus, StoreError> {
        event_lines::status(&self.database, &self.destination, file, line)
    }

    /// Forgets which lines of an event file were sent.
    pub fn restart_event_file(&self, file: &[u8]) -> Result<(), StoreError> {
        self.transaction(|database| event_lines::restart(database, &self.destination, file))
    }

    /// Records the answer to a line of an event file: `refused` is the HTTP status of a refusal,
    /// `None` if the line was accepted. Fails like [`Self::record`].
    pub fn record_line(
        &self,
        file: &[u8],
        line: u64,
        refused: Option<u16>,
    ) -> Result<(), StoreError> {
        self.transaction(|database| {
            event_lines::record(database, &self.destination, file, line, refused)
        })
    }

    fn transaction(
        &self,
        work: impl FnOnce(&Database) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.begin()?;
        self.end(work(&self.database))
    }

    fn begin(&self) -> Result<(), StoreError> {
        #[cfg(feature = "postgres")]
        if self.database.is_postgres() {
            return self.begin_in_postgres();
        }
        self.database.batch("BEGIN IMMEDIATE").map_err(|error| self.or_busy(error))
    }

    #[cfg(feature = "postgres")]
    fn begin_in_postgres(&self) -> Result<(), StoreError> {
        let connection = self.database.postgres()?;
        connection.begin("ISOLATION LEVEL READ COMMITTED")?;
        if postgres::take_lock(&self.database, connection.schema_name())? {
            return Ok(());
        }
        connection.end("ROLLBACK")?;
        let path = self.database.path().to_owned();
        Err(StoreError::Busy { path, waited: BUSY_TIMEOUT, lock_owner: None })
    }

    /// Ends the transaction: commits if the work succeeded, or rolls back.
    fn end(&self, result: Result<(), StoreError>) -> Result<(), StoreError> {
        #[cfg(feature = "postgres")]
        if self.database.is_postgres() {
            let connection = self.database.postgres()?;
            return result.and_then(|()| connection.end("COMMIT")).inspect_err(|_| {
                // A lost connection has ended its transaction.
                let _ = connection.end("ROLLBACK");
            });
        }
        let committed = result.and_then(|()| self.database.batch("COMMIT"));
        committed.map_err(|error| {
            // SQLite may have rolled back already: then this fails, which is harmless.
            let _ = self.database.batch("ROLLBACK");
            self.or_busy(error)
        })
    }

    fn or_busy(&self, error: StoreError) -> StoreError {
        if !is_busy(&error) {
            return error;
        }
        // Looking for the owner of the lock would close a file of the store, and so release the
        // locks of this connection.
        let path = self.database.path().to_owned();
        StoreError::Busy { path, waited: BUSY_TIMEOUT, lock_owner: None }
    }
}
