//! Opens a store, and locks it for a change.

pub(crate) mod empty_file;
mod lock_owner;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
pub(crate) mod sqlite;

use super::database::Database;
use crate::store::{Interrupt, StoreError, StoreLocation};
use std::time::Duration;

/// Begins a transaction that changes an existing store. Waits up to `wait` for another change.
/// Fails with [`StoreError::Missing`] if the store is missing.
pub(crate) fn begin_writing(
    store: &StoreLocation,
    wait: Duration,
    interrupt: &Interrupt,
) -> Result<Database, StoreError> {
    match store.file() {
        Some(path) => sqlite::begin_writing(path, wait, interrupt),
        #[cfg(feature = "postgres")]
        None => postgres::begin_writing(store, wait, interrupt),
        #[cfg(not(feature = "postgres"))]
        None => Err(StoreError::NoPostgres(store.to_path_buf())),
    }
}
