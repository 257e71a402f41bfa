//! The session of an import: one transaction of the store.

mod insertions;
#[cfg(feature = "postgres")]
mod postgres;
mod sqlite;

use crate::store::{Interrupt, Session, StoreError, StoreLocation};
use std::time::Duration;

/// Begins the session of an import, in a new store if it is missing. `name` shows others what holds
/// the lock. Waits up to `wait` for another change, unless interrupted.
pub fn begin_import(
    store: &StoreLocation,
    name: &str,
    wait: Duration,
    interrupt: &Interrupt,
) -> Result<Box<dyn Session>, StoreError> {
    let Some(path) = store.file() else {
        #[cfg(feature = "postgres")]
        return postgres::begin_import(store, name, wait, interrupt);
        #[cfg(not(feature = "postgres"))]
        return Err(not_built_in(store, name));
    };
    sqlite::begin_import(path, wait, interrupt)
}

/// Begins a dry run over a store, or over an empty one in memory if the store is missing. Waits up
/// to `wait` for a first import into it.
pub fn begin_dry_run(
    store: &StoreLocation,
    name: &str,
    wait: Duration,
    interrupt: &Interrupt,
) -> Result<Box<dyn Session>, StoreError> {
    let Some(path) = store.file() else {
        #[cfg(feature = "postgres")]
        return postgres::begin_dry_run(store, name, interrupt);
        #[cfg(not(feature = "postgres"))]
        return Err(not_built_in(store, name));
    };
    sqlite::begin_dry_run(path, wait, interrupt)
}

#[cfg(not(feature = "postgres"))]
fn not_built_in(store: &StoreLocation, _: &str) -> StoreError {
    StoreError::NoPostgres(store.to_path_buf())
}
