//! Connects to a server that engage knows.

use super::password::password;
use super::tls;
use super::url::{PostgresUrl, SslMode};
use crate::store::sql::database::{Database, PostgresConnection, server_error};
use crate::store::{StoreError, StoreLocation};
use postgres::error::SqlState;
use postgres::{Client, Config, NoTls};
use std::error::Error as _;
use std::time::Duration;
use tokio_postgres_rustls::MakeRustlsConnect;

/// How long a connection may take, where the URL says nothing.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);

/// The oldest version that engage runs on, as `server_version_num` has it.
const OLDEST_VERSION: i64 = 140_000;

/// Servers that speak PostgreSQL's protocol and are something else, by what their version says.
const OTHER_SERVERS: [(&str, &str, &str); 8] = [
    ("CockroachDB", "CockroachDB", "its advisory locks do not keep imports apart"),
    ("-YB-", "YugabyteDB", "its advisory locks are not on by default"),
    ("Redshift", "Amazon Redshift", "it has neither jsonb nor unique keys"),
    ("Greenplum", "Greenplum", "it has no upsert over several segments"),
    ("Materialize", "Materialize", "it has no tables that can be changed in a transaction"),
    ("CrateDB", "CrateDB", "it has no transactions"),
    ("QuestDB", "QuestDB", "it has no transactions"),
    ("RisingWave", "RisingWave", "it has no transactions"),
];

/// A connection, and what its URL says of the store.
pub(crate) struct Connected {
    pub(crate) database: Database,
    pub(crate) schema: String,
}

/// Connects to the server of a store. `name` says to others what the connection is for.
pub(crate) fn connect(store: &StoreLocation, name: &str) -> Result<Connected, StoreError> {
    let url = PostgresUrl::of(store)?;
    let (mut client, tls) = open(store, &url, name)?;
    check_server(store, &mut client)?;
    let PostgresUrl { schema, .. } = url;
    let connection = PostgresConnection::new(client, tls, store, &schema);
    Ok(Connected { database: Database::of_postgres(connection, store), schema })
}

fn open(
    store: &StoreLocation,
    url: &PostgresUrl,
    name: &str,
) -> Result<(Client, Option<MakeRustlsConnect>), StoreError> {
    let path = || store.to_path_buf();
    let mut config = Config::new();
    config
        .host(&url.host)
        .port(url.port)
        .user(&url.user)
        .dbname(&url.database)
        .application_name(url.application_name.as_deref().unwrap_or(name))
        .connect_timeout(url.connect_timeout.unwrap_or(CONNECT_TIMEOUT))
        .ssl_mode(match url.ssl_mode {
            SslMode::Disable => postgres::config::SslMode::Disable,
            SslMode::Prefer => postgres::config::SslMode::Prefer,
            SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => {
                postgres::config::SslMode::Require
            }
        });
    if let Some(options) = &url.options {
        config.options(options);
    }
    if let Some(password) = password(url) {
        config.password(password);
    }
    if url.host.starts_with('/') {
        // A Unix socket has neither a name to verify nor a network to protect from.
        let client = config.ssl_mode(postgres::config::SslMode::Disable).connect(NoTls);
        return Ok((client.map_err(|error| connect_error(store, url, &error))?, None));
    }
    let connector =
        tls::connector(url).map_err(|reason| StoreError::Unreachable { path: path(), reason })?;
    let client = config.connect(connector.clone());
    Ok((client.map_err(|error| connect_error(store, url, &error))?, Some(connector)))
}

/// Why a connection could not be opened.
fn connect_error(store: &StoreLocation, url: &PostgresUrl, error: &postgres::Error) -> StoreError {
    let path = store.to_path_buf();
    if let Some(server) = error.as_db_error() {
        let what = server.message().to_owned();
        return match server.code() {
            &SqlState::INVALID_PASSWORD | &SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
                StoreError::NotAuthenticated { path, what }
            }
            &SqlState::INVALID_CATALOG_NAME => {
                StoreError::NoDatabase { path, name: url.database.clone() }
            }
            _ => server_error(store, error),
        };
    }
    let mut reason = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        reason = cause.to_string();
        source = cause.source();
    }
    if reason.contains("password missing") || reason.contains("invalid configuration") {
        let what = "the server asks for a password".to_owned();
        return StoreError::NotAuthenticated { path, what };
    }
    if url.is_local() && reason.contains("No such file") {
        reason = format!("no server has its socket in {}", url.host);
    }
    StoreError::Unreachable { path, reason }
}

fn check_server(store: &StoreLocation, client: &mut Client) -> Result<(), StoreError> {
    let failed = |error: &postgres::Error| server_error(store, error);
    let sql = "SELECT pg_catalog.version(), pg_catalog.current_setting('server_version_num')";
    let row = client.query_typed_one(sql, &[]).map_err(|error| failed(&error))?;
    let (version, number): (String, String) = row
        .try_get(0)
        .and_then(|version| Ok((version, row.try_get(1)?)))
        .map_err(|error| failed(&error))?;
    let path = store.to_path_buf();
    let other = OTHER_SERVERS.iter().find(|(mark, ..)| version.contains(mark));
    if let Some((_, name, reason)) = other {
        return Err(StoreError::OtherServer { path, name, reason });
    }
    let number: i64 = number.parse().unwrap_or_default();
    if !version.starts_with("PostgreSQL ") || number < OLDEST_VERSION {
        let version: String = version.chars().take(40).collect();
        return Err(StoreError::OldServer { path, version });
    }
    Ok(())
}
