//! Commits an import. If the connection is lost meanwhile, the outcome is looked up.

use super::postgres_session::PostgresSession;
use crate::store::sql::customers::before_images;
use crate::store::sql::history::{ImportState, write_line};
use crate::store::sql::open::postgres::{Connected, connect};
use crate::store::{HistoryLine, StoreError, UndoLog};
use std::thread;
use std::time::Duration;

/// How often, and in which interval, the server is asked about a lost transaction.
const ATTEMPTS: u32 = 20;
const INTERVAL: Duration = Duration::from_millis(250);

impl PostgresSession {
    pub(super) fn commit_with(
        &self,
        line: &HistoryLine,
        state: &ImportState,
    ) -> Result<(), StoreError> {
        if self.undo_log == UndoLog::Disabled {
            before_images::make_final(&self.database)?;
        }
        write_line(&self.database, Some(self.start.import_id), line, state)?;
        let transaction: String =
            self.database.value("SELECT CAST(pg_current_xact_id() AS text)", [])?;
        match self.database.postgres()?.end("COMMIT") {
            Ok(()) => {}
            Err(lost @ StoreError::Disconnected { .. }) => {
                self.look_up(&transaction, lost)?;
            }
            Err(error) => return Err(error),
        }
        self.interrupt.committed();
        Ok(())
    }

    /// Asks the server over another connection whether the transaction was committed.
    fn look_up(&self, transaction: &str, lost: StoreError) -> Result<(), StoreError> {
        for _ in 0..ATTEMPTS {
            if let Ok(status) = self.status_of(transaction) {
                match status.as_deref() {
                    Some("committed") => return Ok(()),
                    Some("aborted") => return Err(lost),
                    _ => {}
                }
            }
            thread::sleep(INTERVAL);
        }
        Err(StoreError::CommitUnknown {
            path: self.location.to_path_buf(),
            import: self.start.import_id,
        })
    }

    fn status_of(&self, transaction: &str) -> Result<Option<String>, StoreError> {
        let Connected { database, .. } = connect(&self.location, "engage")?;
        database.value("SELECT pg_xact_status(CAST(?1 AS xid8))", [transaction])
    }
}
