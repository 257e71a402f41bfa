//! Opens a store in PostgreSQL, and locks it for a change.

mod citus;
mod connect;
mod lock;
mod ownership;
mod password;
mod tls;
mod url;

pub(crate) use connect::{Connected, connect};
pub(crate) use lock::{lock, take_lock};
pub(crate) use ownership::{SchemaState, schema_state};

use crate::store::sql::database::Database;
use crate::store::sql::schema;
use crate::store::{Interrupt, StoreError, StoreLocation};
use std::time::Duration;

/// Planner settings of a transaction that changes customers: it finds many by their keys, and never
/// reads a whole table.
pub(crate) const PLANNING: &str =
    "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off;
                                   SET LOCAL jit = off; SET LOCAL work_mem = '32MB'";

/// Opens a store for reading, as a snapshot of this moment. Fails with [`StoreError::Missing`] if
/// it is missing.
pub(crate) fn begin_reading(store: &StoreLocation) -> Result<Database, StoreError> {
    let Connected { database, schema, .. } = connect(store, "engage")?;
    database.postgres()?.begin("ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
    match schema_state(&database, &schema)? {
        SchemaState::Ready => Ok(database),
        SchemaState::Missing | SchemaState::Empty => Err(StoreError::Missing(store.to_path_buf())),
    }
}

/// Begins a transaction that changes an existing store. Waits up to `wait` for another change.
/// Fails with [`StoreError::Missing`] if the store is missing.
pub(crate) fn begin_writing(
    store: &StoreLocation,
    wait: Duration,
    interrupt: &Interrupt,
) -> Result<Database, StoreError> {
    interrupt.begin()?;
    let Connected { database, schema, .. } = connect(store, "engage")?;
    let connection = database.postgres()?;
    connection.begin("ISOLATION LEVEL READ COMMITTED")?;
    lock(&database, &schema, wait, interrupt)?;
    match schema_state(&database, &schema)? {
        SchemaState::Ready => {}
        SchemaState::Missing | SchemaState::Empty => {
            return Err(StoreError::Missing(store.to_path_buf()));
        }
    }
    schema::postgres::check_writable(&database)?;
    database.batch(PLANNING)?;
    cancel_on_request(&database, interrupt)?;
    Ok(database)
}

/// Lets an interruption cancel the statement that a connection is running.
pub(crate) fn cancel_on_request(
    database: &Database,
    interrupt: &Interrupt,
) -> Result<(), StoreError> {
    let canceller = database.postgres()?.canceller();
    interrupt.set_canceller(canceller);
    Ok(())
}
