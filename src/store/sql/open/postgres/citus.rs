//! Citus, an extension of PostgreSQL that distributes tables over several servers.

use super::url::PostgresUrl;
use crate::store::sql::database::{Citus, server_error};
use crate::store::{StoreError, StoreLocation};
use postgres::Client;
use postgres::types::Type;

/// The oldest supported version.
const OLDEST_VERSION: u32 = 12;

/// Finds out whether the store is distributed, or can be. `version` is that of the extension, if
/// the database has it.
pub(super) fn find(
    store: &StoreLocation,
    url: &PostgresUrl,
    client: &mut Client,
    version: Option<&str>,
) -> Result<Citus, StoreError> {
    let invalid = |reason: &str| StoreError::InvalidUrl {
        url: store.to_path_buf(),
        reason: reason.to_owned(),
    };
    let Some(version) = version else {
        if url.distribute == Some(true) {
            return Err(invalid(
                "distribute=on needs Citus, and this database does not have the extension: \
                 create it (CREATE EXTENSION citus), or leave distribute out",
            ));
        }
        return Ok(Citus::Absent);
    };
    let failed = |error: &postgres::Error| server_error(store, error);
    let sql = "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_dist_partition p
                   JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) p.logicalrelid
                   JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
                   WHERE n.nspname OPERATOR(pg_catalog.=) $1
                     AND c.relname OPERATOR(pg_catalog.=) 'customers')";
    let row = client.query_typed_one(sql, &[(&url.schema, Type::TEXT)]);
    let row = row.map_err(|error| failed(&error))?;
    let is_distributed: bool = row.try_get(0).map_err(|error| failed(&error))?;
    if !is_distributed && url.distribute == Some(false) {
        return Ok(Citus::Idle);
    }
    let major = version.split('.').next().and_then(|major| major.parse().ok());
    if major.is_none_or(|major: u32| major < OLDEST_VERSION) {
        let path = store.to_path_buf();
        return Err(StoreError::OldCitus { path, version: version.to_owned() });
    }
    // A coordinator is in group 0, also one without workers.
    let sql = "SELECT 1 FROM pg_catalog.pg_dist_local_group
               WHERE groupid OPERATOR(pg_catalog.<>) 0";
    let worker = client.query_typed_opt(sql, &[]).map_err(|error| failed(&error))?;
    if worker.is_some() {
        return Err(invalid("the server is a worker of Citus: connect to its coordinator"));
    }
    Ok(if is_distributed { Citus::Distributed } else { Citus::Idle })
}
