//! Opens a store for changes other than imports.

use super::database::Database;
use super::history::{ImportState, known_files, pending_outputs, write_line};
use super::open::begin_writing;
use super::purge::{self, Purge};
use super::reader::Reader;
use crate::store::{HistoryLine, Interrupt, PendingOutput, StoreError, StoreLocation};
use std::time::Duration;

/// A store that is being changed in one transaction. If it is dropped before it is committed,
/// nothing has changed.
pub struct Writer {
    reader: Reader,
    interrupt: Interrupt,
}

/// Opens a store and begins a transaction. Waits up to `wait` while another program writes to it,
/// unless interrupted. Fails with [`StoreError::Missing`] if the store is missing.
pub fn open_for_writing(
    store: &StoreLocation,
    wait: Duration,
    interrupt: &Interrupt,
) -> Result<Writer, StoreError> {
    let database = begin_writing(store, wait, interrupt)?;
    Ok(Writer { reader: Reader { database }, interrupt: interrupt.clone() })
}

impl Writer {
    /// The store with the changes so far.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    pub(crate) fn database(&self) -> &Database {
        &self.reader.database
    }

    /// The rejects files that earlier imports may not have renamed.
    pub fn pending_outputs(&self) -> Result<Vec<PendingOutput>, StoreError> {
        pending_outputs::read(self.database())
    }

    /// Whether an import wrote a rejects file with this SHA-256, or read it.
    pub fn is_known_file(&self, sha256: &str) -> Result<bool, StoreError> {
        known_files::is_known(self.database(), sha256)
    }

    /// Clears the pending outputs of these imports.
    pub fn clear_pending(&self, imports: &[i64]) -> Result<(), StoreError> {
        pending_outputs::clear(self.database(), imports)
    }

    /// Writes the history line, if there is one, and commits. Then purges the bytes of forgotten
    /// customers, unless readers block it.
    pub fn commit(self, line: Option<&HistoryLine>) -> Result<Purge, StoreError> {
        self.commit_and_wait(line, Duration::ZERO)
    }

    /// The same, but waits up to `wait` for readers that block the purge.
    pub fn commit_and_wait(
        self,
        line: Option<&HistoryLine>,
        wait: Duration,
    ) -> Result<Purge, StoreError> {
        self.interrupt.commit()?;
        if let Some(line) = line {
            write_line(self.database(), None, line, &ImportState::default())?;
        }
        #[cfg(feature = "postgres")]
        if self.database().is_postgres() {
            self.database().postgres()?.end("COMMIT")?;
            self.interrupt.committed();
            return Ok(purge::finish(self.database(), wait, &self.interrupt));
        }
        self.database().batch("COMMIT")?;
        self.interrupt.committed();
        // This fails while a reader blocks it; the next change tries again.
        let _ = self.database().batch("PRAGMA journal_mode = WAL");
        Ok(purge::finish(self.database(), wait, &self.interrupt))
    }
}
