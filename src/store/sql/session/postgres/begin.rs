//! Begins an import, in a new store if it is missing, or a dry run.

use super::postgres_session::{Access, PostgresSession};
use crate::store::sql::customers::postgres::load_many;
use crate::store::sql::open::postgres::{
    Connected, PLANNING, SchemaState, connect, lock, schema_state,
};
use crate::store::sql::schema::postgres as schema;
use crate::store::sql::session::sqlite;
use crate::store::{
    DryRun, Interrupt, LoadBefore, Session, StoreError, StoreLocation, Wanted, WriteBehind,
};
use std::time::Duration;

/// Begins the session of an import, in a new store if it is missing. Waits up to `wait` for another
/// change, unless interrupted.
pub(in crate::store::sql::session) fn begin_import(
    store: &StoreLocation,
    name: &str,
    wait: Duration,
    interrupt: &Interrupt,
) -> Result<Box<dyn Session>, StoreError> {
    interrupt.begin()?;
    let Connected { database, schema: name_of_schema, distribute } =
        connect(store, &format!("engage {name}"))?;
    database.postgres()?.begin("ISOLATION LEVEL READ COMMITTED")?;
    schema::check_writable(&database)?;
    lock(&database, &name_of_schema, wait, interrupt)?;
    let state = schema_state(&database, &name_of_schema)?;
    database.batch(PLANNING)?;
    let (access, load_before) = if state == SchemaState::Ready {
        (Access::Change, Some(load_before(store, name)?))
    } else {
        if distribute {
            // Two transactions that distribute tables in one database would block each other. No
            // schema has this name, so the lock is that of the database.
            lock(&database, "", wait, interrupt)?;
        }
        schema::create_tables(&database, state == SchemaState::Empty, distribute)?;
        (Access::Create, None)
    };
    let session = PostgresSession::begin(database, store, access, interrupt)?;
    Ok(Box::new(WriteBehind::new(Box::new(session), load_before)))
}

/// Loads customers through another connection, which sees them as they were before the import.
fn load_before(store: &StoreLocation, name: &str) -> Result<LoadBefore, StoreError> {
    let Connected { database, .. } = connect(store, &format!("engage {name} (reads)"))?;
    database.postgres()?.begin("ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
    // The snapshot is taken now, while no other change can run.
    database.batch("SELECT count(*) FROM settings")?;
    Ok(Box::new(move |wanted: &[Wanted]| load_many(&database, wanted)))
}

/// Begins a dry run over a store, or over an empty one in memory if the store is missing.
pub(in crate::store::sql::session) fn begin_dry_run(
    store: &StoreLocation,
    name: &str,
    interrupt: &Interrupt,
) -> Result<Box<dyn Session>, StoreError> {
    interrupt.begin()?;
    let Connected { database, schema, .. } = connect(store, &format!("engage {name}"))?;
    database.postgres()?.begin("ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
    if schema_state(&database, &schema)? == SchemaState::Ready {
        database.batch(PLANNING)?;
        let session = PostgresSession::begin(database, store, Access::Read, interrupt)?;
        return Ok(Box::new(DryRun::new(Box::new(session), interrupt)?));
    }
    sqlite::begin_empty_dry_run(store, interrupt)
}
