//! Where a store is: the path of a file, or the URL of a PostgreSQL database.

use std::ffi::OsStr;
use std::fmt;
use std::ops::Deref;
use std::path::{Path, PathBuf};

/// The default store.
pub const DEFAULT_PATH: &str = "engage.db";

/// Where a store is: the path of a file, or the URL of a PostgreSQL database. As a [`Path`] it is
/// safe to show and to put in reports: a URL has no password.
#[derive(Clone, PartialEq, Eq)]
pub struct StoreLocation {
    name: PathBuf,
    /// The URL as it was given.
    url: Option<String>,
}

impl StoreLocation {
    /// The URL as it was given, with its password; `None` for a file.
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    /// The store's file; `None` for a URL.
    pub fn file(&self) -> Option<&Path> {
        self.url.is_none().then_some(self.name.as_path())
    }
}

impl From<PathBuf> for StoreLocation {
    fn from(path: PathBuf) -> Self {
        match path.to_str().filter(|text| is_url(text)).map(str::to_owned) {
            Some(url) => Self { name: without_password(&url).into(), url: Some(url) },
            None => Self { name: path, url: None },
        }
    }
}

impl From<&Path> for StoreLocation {
    fn from(path: &Path) -> Self {
        path.to_owned().into()
    }
}

impl From<&OsStr> for StoreLocation {
    fn from(text: &OsStr) -> Self {
        PathBuf::from(text).into()
    }
}

impl Deref for StoreLocation {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.name
    }
}

impl AsRef<Path> for StoreLocation {
    fn as_ref(&self) -> &Path {
        &self.name
    }
}

impl fmt::Debug for StoreLocation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name.fmt(formatter)
    }
}

/// Whether a text is the URL of a PostgreSQL database rather than a path.
fn is_url(text: &str) -> bool {
    crate::output::is_store_url(Path::new(text))
}

/// Removes the password from a URL, from both the authority and the query.
fn without_password(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let (rest, query) =
        rest.split_once('?').map_or((rest, None), |(rest, query)| (rest, Some(query)));
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let authority = match authority.rsplit_once('@') {
        Some((user, host)) => {
            let user = user.split(':').next().unwrap_or_default();
            if user.is_empty() { host.to_owned() } else { format!("{user}@{host}") }
        }
        None => authority.to_owned(),
    };
    let is_secret = |pair: &&str| pair.split('=').next() == Some("password");
    let query: Vec<&str> =
        query.iter().flat_map(|query| query.split('&')).filter(|pair| !is_secret(pair)).collect();
    let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
    format!("{scheme}://{authority}{path}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        for (given, shown) in [
            ("postgres://u:s3cret@h/db", "postgres://u@h/db"),
            ("postgresql://u:p@ss:w@h:5433/db?schema=x", "postgresql://u@h:5433/db?schema=x"),
            ("postgres:///db?host=/run&password=s3cret", "postgres:///db?host=/run"),
            ("postgres://:s3cret@h", "postgres://h"),
            ("postgres://h/db", "postgres://h/db"),
        ] {
            let location = StoreLocation::from(Path::new(given));
            assert_eq!(location.display().to_string(), shown);
            assert_eq!(format!("{location:?}"), format!("{shown:?}"));
            assert_eq!((location.url(), location.file()), (Some(given), None));
        }
        let file = StoreLocation::from(Path::new("data/engage.db"));
        assert_eq!((file.url(), file.file()), (None, Some(Path::new("data/engage.db"))));
    }
}
