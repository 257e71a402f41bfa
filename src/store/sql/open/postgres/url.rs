//! Parses the URL of a store in PostgreSQL.

use crate::store::{StoreError, StoreLocation};
use std::path::PathBuf;
use std::time::Duration;

/// The schema if the URL does not name one.
const DEFAULT_SCHEMA: &str = "engage";

/// The maximum length of a name in PostgreSQL, which truncates longer ones.
const MAX_NAME_BYTES: usize = 63;

/// The parameters that a URL may have.
const PARAMETERS: [&str; 13] = [
    "application_name",
    "connect_timeout",
    "dbname",
    "distribute",
    "host",
    "options",
    "password",
    "port",
    "schema",
    "sslmode",
    "sslrootcert",
    "target_session_attrs",
    "user",
];

/// How a connection is encrypted, as in libpq.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SslMode {
    Disable,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

impl SslMode {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "disable" => Self::Disable,
            "allow" | "prefer" => Self::Prefer,
            "require" => Self::Require,
            "verify-ca" => Self::VerifyCa,
            "verify-full" => Self::VerifyFull,
            _ => return None,
        })
    }
}

/// The parts of a URL. Missing parts come from the environment, as with `psql`.
pub(super) struct PostgresUrl {
    /// A host name, or the folder of a Unix socket.
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) user: String,
    pub(super) password: Option<String>,
    pub(super) database: String,
    pub(super) schema: String,
    pub(super) ssl_mode: SslMode,
    pub(super) ssl_root_cert: Option<PathBuf>,
    pub(super) application_name: Option<String>,
    pub(super) connect_timeout: Option<Duration>,
    pub(super) options: Option<String>,
    /// Whether a first import distributes the tables with Citus; by default if it is there.
    pub(super) distribute: Option<bool>,
}

impl PostgresUrl {
    /// Parses the URL of a store's location.
    pub(super) fn of(store: &StoreLocation) -> Result<Self, StoreError> {
        Self::parse(store.url().unwrap_or_default())
            .map_err(|reason| StoreError::InvalidUrl { url: store.to_path_buf(), reason })
    }

    fn parse(url: &str) -> Result<Self, String> {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (user_info, host) = authority.rsplit_once('@').unwrap_or(("", authority));
        let (user, password) = match user_info.split_once(':') {
            Some((user, password)) => (user, Some(password)),
            None => (user_info, None),
        };
        let (host, port) = split_port(host)?;
        let mut given = Given {
            host: decoded(host)?,
            port: port.to_owned(),
            user: decoded(user)?,
            password: password.map(decoded).transpose()?,
            database: decoded(path)?,
            ..Given::default()
        };
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            given.set(&decoded(name)?, decoded(value)?)?;
        }
        given.completed()
    }

    /// Whether the server is on this machine: a Unix socket or a loopback address.
    pub(super) fn is_local(&self) -> bool {
        is_local(&self.host)
    }
}

fn is_local(host: &str) -> bool {
    let is_loopback = |address: std::net::IpAddr| address.is_loopback();
    host.starts_with('/') || host == "localhost" || host.parse().is_ok_and(is_loopback)
}

/// The parts that a URL contains. Missing parts are empty.
#[derive(Default)]
struct Given {
    host: String,
    port: String,
    user: String,
    password: Option<String>,
    database: String,
    schema: Option<String>,
    ssl_mode: Option<SslMode>,
    ssl_root_cert: Option<PathBuf>,
    application_name: Option<String>,
    connect_timeout: Option<Duration>,
    options: Option<String>,
    distribute: Option<bool>,
}

impl Given {
    fn set(&mut self, name: &str, value: String) -> Result<(), String> {
        match name {
            "host" => self.host = value,
            "port" => self.port = value,
            "user" => self.user = value,
            "password" => self.password = Some(value),
            "dbname" => self.database = value,
            "schema" => self.schema = Some(value),
            "sslmode" => {
                let mode = SslMode::parse(&value);
                self.ssl_mode = Some(mode.ok_or_else(|| {
                    "sslmode must be disable, prefer, require, verify-ca or verify-full".to_owned()
                })?);
            }
            "sslrootcert" => self.ssl_root_cert = Some(value.into()),
            "application_name" => self.application_name = Some(value),
            "connect_timeout" => {
                let seconds =
                    value.parse().map_err(|_| "connect_timeout must be a number of seconds")?;
                self.connect_timeout = Some(Duration::from_secs(seconds));
            }
            "options" => self.options = Some(value),
            "distribute" => {
                self.distribute = Some(match value.as_str() {
                    "on" => true,
                    "off" => false,
                    _ => return Err("distribute must be on or off".to_owned()),
                });
            }
            "target_session_attrs"
                if matches!(value.as_str(), "any" | "read-write" | "primary") => {}
            _ => {
                let known = PARAMETERS.join(", ");
                return Err(format!("the parameters are {known}"));
            }
        }
        Ok(())
    }

    fn completed(self) -> Result<PostgresUrl, String> {
        let Self { host, port, user, database, schema, .. } = self;
        let or_environment = |value: String, name: &str| {
            if value.is_empty() { std::env::var(name).unwrap_or_default() } else { value }
        };
        let host = or_environment(host, "PGHOST");
        let host = if host.is_empty() { default_socket() } else { host };
        if host.contains(',') {
            return Err("it must have one host".to_owned());
        }
        let port = or_environment(port, "PGPORT");
        let port = if port.is_empty() { Ok(5432) } else { port.parse() };
        let user = or_environment(or_environment(user, "PGUSER"), "USER");
        let user = or_environment(user, "LOGNAME");
        if user.is_empty() {
            return Err("it has no user, as in postgres://USER@HOST/DATABASE".to_owned());
        }
        let database = or_environment(database, "PGDATABASE");
        let schema = schema.unwrap_or_else(|| DEFAULT_SCHEMA.to_owned());
        if schema.is_empty() || schema.len() > MAX_NAME_BYTES || schema.starts_with("pg_") {
            return Err(format!(
                "the schema name must have 1 to {MAX_NAME_BYTES} bytes and not begin with pg_"
            ));
        }
        let mode = if is_local(&host) { SslMode::Prefer } else { SslMode::VerifyFull };
        let ssl_mode = match std::env::var("PGSSLMODE") {
            Ok(text) if self.ssl_mode.is_none() && !text.is_empty() => SslMode::parse(&text)
                .ok_or("PGSSLMODE must be disable, prefer, require, verify-ca or verify-full")?,
            _ => self.ssl_mode.unwrap_or(mode),
        };
        Ok(PostgresUrl {
            port: port.map_err(|_| "the port must be a number up to 65535")?,
            database: if database.is_empty() { user.clone() } else { database },
            host,
            user,
            password: self.password,
            schema,
            ssl_mode,
            ssl_root_cert: self.ssl_root_cert,
            application_name: self.application_name,
            connect_timeout: self.connect_timeout,
            options: self.options,
            distribute: self.distribute,
        })
    }
}

/// Splits the port off a host, which may be an IPv6 address in brackets.
fn split_port(host: &str) -> Result<(&str, &str), String> {
    if let Some(rest) = host.strip_prefix('[') {
        let (address, port) =
            rest.split_once(']').ok_or("an address that begins with [ must end with ]")?;
        return Ok((address, port.strip_prefix(':').unwrap_or_default()));
    }
    Ok(host.rsplit_once(':').unwrap_or((host, "")))
}

/// The folder with the Unix socket of the local server.
fn default_socket() -> String {
    let folders = ["/var/run/postgresql", "/run/postgresql", "/tmp"];
    let has_socket =
        |folder: &&str| std::fs::exists(format!("{folder}/.s.PGSQL.5432")).unwrap_or(false);
    folders.into_iter().find(has_socket).unwrap_or(folders[0]).to_owned()
}

/// Decodes percent-encoding.
fn decoded(text: &str) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(byte.ok_or("a % must be followed by two hexadecimal digits")?);
        rest = &after[2..];
    }
    String::from_utf8(bytes).map_err(|_| "it is not text in UTF-8".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_parsed_as_in_psql() {
        let url = PostgresUrl::parse("postgres://ada:p%40ss@db.example:6000/crm?schema=s").unwrap();
        assert_eq!((url.host.as_str(), url.port, url.user.as_str()), ("db.example", 6000, "ada"));
        assert_eq!((url.password.as_deref(), url.database.as_str()), (Some("p@ss"), "crm"));
        assert_eq!((url.schema.as_str(), url.ssl_mode), ("s", SslMode::VerifyFull));
        let url = PostgresUrl::parse("postgres://u@[::1]/d").unwrap();
        assert_eq!((url.host.as_str(), url.ssl_mode), ("::1", SslMode::Prefer));
        let url = PostgresUrl::parse("postgresql://u@/d?host=/run/pg&sslmode=disable").unwrap();
        assert_eq!((url.host.as_str(), url.ssl_mode), ("/run/pg", SslMode::Disable));
        assert!(url.is_local());
    }

    #[test]
    fn an_invalid_url_is_refused_with_a_reason() {
        let reason = |url: &str| PostgresUrl::parse(url).err().unwrap();
        assert!(reason("postgres://u@h/d?sslmod=x").starts_with("the parameters are"));
        assert!(reason("postgres://u@h:x/d").contains("port"));
        assert!(reason("postgres://u@h/d?sslmode=x").contains("verify-full"));
        assert_eq!(reason("postgres://u@h/d?distribute=yes"), "distribute must be on or off");
        assert!(reason(&format!("postgres://u@h/d?schema={}", "x".repeat(64))).contains("63"));
        assert!(reason("postgres://u%zz@h/d").contains('%'));
        assert!(reason("postgres://u@a,b/d").contains("one host"));
    }
}
