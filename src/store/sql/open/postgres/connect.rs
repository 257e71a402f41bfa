//! Connects to a server, and checks that engage supports it.

use super::citus;
use super::password::password;
use super::tls;
use super::url::{PostgresUrl, SslMode};
use crate::store::sql::database::{Citus, Database, PostgresConnection, server_error};
use crate::store::{StoreError, StoreLocation};
use postgres::error::SqlState;
use postgres::{Client, Config, NoTls};
use std::error::Error as _;
use std::time::Duration;
use tokio_postgres_rustls::MakeRustlsConnect;

/// How long connecting may take, if the URL has no timeout.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);

/// The oldest supported version, in the form of `server_version_num`.
const OLDEST_VERSION: i64 = 140_000;

/// Servers that speak PostgreSQL's protocol but are not supported: a part of their version in lower
/// case, their name, and the reason.
const OTHER_SERVERS: [(&str, &str, &str); 8] = [
    ("cockroachdb", "CockroachDB", "its advisory locks do not prevent concurrent imports"),
    ("-yb-", "YugabyteDB", "its advisory locks are not on by default"),
    ("redshift", "Amazon Redshift", "it has neither jsonb nor unique keys"),
    ("greenplum", "Greenplum", "it has no upsert over several segments"),
    ("materialize", "Materialize", "it has no tables that can be changed in a transaction"),
    ("cratedb", "CrateDB", "it has no transactions"),
    ("questdb", "QuestDB", "it has no transactions"),
    ("risingwave", "RisingWave", "it has no transactions"),
];

/// A connection, and the schema of the store.
pub(crate) struct Connected {
    pub(crate) database: Database,
    pub(crate) schema: String,
    /// Whether a first import distributes the tables.
    pub(crate) distribute: bool,
}

/// Connects to the server of a store. `name` shows others what the connection is for.
pub(crate) fn connect(store: &StoreLocation, name: &str) -> Result<Connected, StoreError> {
    let url = PostgresUrl::of(store)?;
    let (mut client, tls) = open(store, &url, name)?;
    let extension = check_server(store, &mut client)?;
    let citus = citus::find(store, &url, &mut client, extension.as_deref())?;
    let distribute = citus == Citus::Idle && url.distribute != Some(false);
    let PostgresUrl { schema, .. } = url;
    let connection = PostgresConnection::new(client, tls, store, &schema, citus);
    Ok(Connected { database: Database::of_postgres(connection, store), schema, distribute })
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
        reason = format!("there is no server socket in {}", url.host);
    }
    if let Some(explained) = tls::explained(&reason) {
        explained.clone_into(&mut reason);
    }
    StoreError::Unreachable { path, reason }
}

/// Refuses a server that is not supported. Returns the version of its extension Citus, if the
/// database has it.
fn check_server(store: &StoreLocation, client: &mut Client) -> Result<Option<String>, StoreError> {
    let failed = |error: &postgres::Error| server_error(store, error);
    let sql = "SELECT pg_catalog.version(), pg_catalog.current_setting('server_version_num')";
    let row = client.query_typed_one(sql, &[]).map_err(|error| failed(&error))?;
    let (version, number): (String, String) = row
        .try_get(0)
        .and_then(|version| Ok((version, row.try_get(1)?)))
        .map_err(|error| failed(&error))?;
    check_version(store, &version, &number)?;
    // Other servers do not have this table.
    let sql = "SELECT extversion FROM pg_catalog.pg_extension
               WHERE extname OPERATOR(pg_catalog.=) 'citus'";
    let row = client.query_typed_opt(sql, &[]).map_err(|error| failed(&error))?;
    row.map(|row| row.try_get(0)).transpose().map_err(|error| failed(&error))
}

/// Refuses a server that is not PostgreSQL, or is too old. `number` is `server_version_num`.
fn check_version(store: &StoreLocation, version: &str, number: &str) -> Result<(), StoreError> {
    let path = store.to_path_buf();
    let lower = version.to_lowercase();
    let other = OTHER_SERVERS.iter().find(|(mark, ..)| lower.contains(mark));
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn refusal(version: &str, number: &str) -> Option<String> {
        let store = StoreLocation::from(Path::new("postgres://u@h/d"));
        check_version(&store, version, number).err().map(|error| error.to_string())
    }

    #[test]
    fn postgresql_from_14_on_is_accepted() {
        for (version, number) in [
            ("PostgreSQL 14.0 on x86_64-pc-linux-gnu, compiled by gcc", "140000"),
            ("PostgreSQL 15.20 (Debian 15.20-0+deb12u1) on x86_64-pc-linux-gnu", "150020"),
            ("PostgreSQL 18beta1 on aarch64-apple-darwin", "180000"),
        ] {
            assert_eq!(refusal(version, number), None, "{version}");
        }
        let old = refusal("PostgreSQL 13.14 on x86_64-pc-linux-gnu", "130014").unwrap();
        assert!(old.contains("PostgreSQL 13.14"), "{old}");
    }

    #[test]
    fn other_servers_are_refused_by_name_with_the_reason() {
        for (version, number, name) in [
            ("CockroachDB CCL v24.1.0 (x86_64-pc-linux-gnu)", "130000", "CockroachDB"),
            ("PostgreSQL 15.12-YB-2025.1.0.0-b0 on x86_64-pc-linux-gnu", "150012", "YugabyteDB"),
            ("PostgreSQL 8.0.2 on i686-pc-linux-gnu, Redshift 1.0.12103", "80002", "Redshift"),
            ("PostgreSQL 12.12 (Greenplum Database 7.1.0)", "120012", "Greenplum"),
            ("PostgreSQL 9.5.0 on x86_64-linux (materialize v0.99.0)", "90500", "Materialize"),
            ("CrateDB 5.7.1 (built 6b2a, Linux amd64)", "140000", "CrateDB"),
            ("PostgreSQL 12.3, compiled by Visual C++, 64-bit, QuestDB", "120003", "QuestDB"),
            ("PostgreSQL 13.14.0-RisingWave-2.0.1", "130014", "RisingWave"),
        ] {
            let error = refusal(version, number).unwrap();
            let (_, _, reason) = OTHER_SERVERS.iter().find(|(_, it, _)| it.contains(name)).unwrap();
            assert!(error.contains(name) && error.contains(reason), "{version}: {error}");
        }
        assert!(refusal("Something 1.0 that speaks the protocol", "160000").is_some());
    }
}
