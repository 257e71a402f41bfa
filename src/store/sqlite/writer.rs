//! Opens a store to change it otherwise than by an import.

use super::open::{begin_writing, translated};
use super::reader::Reader;
use crate::store::Interrupt;
use crate::store::StoreError;
use crate::store::sqlite::history::{Footing, HistoryLine, write_line};
use crate::store::sqlite::maintenance::{Erasure, purge};
use std::path::Path;
use std::time::Duration;

/// A store that is being changed, by one transaction. Dropped before it is committed, it is as it
/// was.
pub struct Writer {
    reader: Reader,
    interrupt: Interrupt,
}

/// Opens a store and begins one atomic change. Waits that long for another program that writes to it,
/// unless it is interrupted. Fails with [`StoreError::Missing`] where there is none.
pub fn open_for_writing(
    path: &Path,
    wait: Duration,
    interrupt: &Interrupt,
) -> Result<Writer, StoreError> {
    let connection = begin_writing(path, wait, interrupt)?;
    connection.set_prepared_statement_cache_capacity(64);
    let reader = Reader { connection, path: path.to_owned() };
    Ok(Writer { reader, interrupt: interrupt.clone() })
}

impl Writer {
    /// The store as it is within the change.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    pub(crate) fn execute(
        &self,
        sql: &str,
        values: impl rusqlite::Params,
    ) -> Result<u64, StoreError> {
        let connection = &self.reader.connection;
        let executed = connection.prepare_cached(sql).and_then(|mut sql| sql.execute(values));
        executed.map(|rows| rows as u64).map_err(|source| self.reader.sqlite(source))
    }

    /// Writes the history line, where there is one, and makes the change lasting. Then erases what
    /// bytes of forgotten customers are left, as far as that can be done at once.
    pub fn commit(self, line: Option<&HistoryLine>) -> Result<Erasure, StoreError> {
        self.commit_and_wait(line, Duration::ZERO)
    }

    /// The same, waiting that long for readers who are in the way of the erasing.
    pub fn commit_and_wait(
        self,
        line: Option<&HistoryLine>,
        wait: Duration,
    ) -> Result<Erasure, StoreError> {
        self.interrupt.commit()?;
        let Reader { connection, path } = &self.reader;
        let commit = || -> rusqlite::Result<()> {
            if let Some(line) = line {
                write_line(connection, None, line, &Footing::default())?;
            }
            connection.execute_batch("COMMIT")
        };
        commit().map_err(|source| translated(path, source))?;
        self.interrupt.committed();
        // A reader was in the way when the store was new; perhaps there is none now.
        let _ = connection.execute_batch("PRAGMA journal_mode = WAL");
        Ok(purge::finish(connection, path, wait, &self.interrupt))
    }
}
