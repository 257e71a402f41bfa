//! The keys of an account. They come from the environment or a private file, and are never shown.

use crate::exit::Exit;
use crate::explain::Explain;
use crate::input::read_small_file;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// The name of the public key in the environment and in a file of credentials.
const PUBLIC_KEY: &str = "ENGAGE_API_KEY";
/// The name of the private key in the environment and in a file of credentials.
pub(crate) const PRIVATE_KEY: &str = "ENGAGE_API_SECRET";

/// The maximum size of a file of credentials, in MiB.
const MAX_MIB: u64 = 1;

/// The keys of an account.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    public: String,
    private: String,
}

/// Why keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// A key is neither in the environment nor in the file.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A key has a character that is not allowed in keys.
    #[error("{0} contains white space or a control character")]
    Invalid(&'static str),
    /// The file cannot be read.
    #[error("the credentials {} cannot be read: {reason}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The reason.
        reason: String,
    },
    /// Other users can read the file.
    #[error("other users can read the credentials {} (mode {mode:04o})", .path.display())]
    NotPrivate {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
}

impl Explain for CredentialsError {
    fn exit(&self) -> Exit {
        Exit::Usage
    }

    fn hints(&self) -> Vec<String> {
        let hint = match self {
            Self::Missing(_) => {
                "set ENGAGE_API_KEY (public) and ENGAGE_API_SECRET (private), or write both as lines \
                 KEY=VALUE into a file of mode 0600 and name it with --credentials"
            }
            Self::Invalid(_) => "copy the key again from Engage's settings",
            Self::Unreadable { .. } => "--credentials names a file with two lines KEY=VALUE",
            Self::NotPrivate { .. } => "chmod 600 makes it private",
        };
        vec![hint.to_owned()]
    }
}

impl Credentials {
    /// Reads both keys from a file, or from the environment if no file is given.
    pub fn read(file: Option<&Path>) -> Result<Self, CredentialsError> {
        let (public, private) = Self::find(file)?;
        let public = public.ok_or(CredentialsError::Missing(PUBLIC_KEY))?;
        let private = private.ok_or(CredentialsError::Missing(PRIVATE_KEY))?;
        Ok(Self { public: checked(PUBLIC_KEY, &public)?, private: checked(PRIVATE_KEY, &private)? })
    }

    /// Reads only the public key; `None` if it is missing.
    pub fn read_public(file: Option<&Path>) -> Result<Option<String>, CredentialsError> {
        let (public, _) = Self::find(file)?;
        public.map(|key| checked(PUBLIC_KEY, &key)).transpose()
    }

    fn find(file: Option<&Path>) -> Result<(Option<String>, Option<String>), CredentialsError> {
        let filled = |key: Option<String>| key.filter(|key| !key.trim().is_empty());
        if let Some(file) = file {
            let text = read_private(file)?;
            return Ok((filled(line(&text, PUBLIC_KEY)), filled(line(&text, PRIVATE_KEY))));
        }
        let variable = |name| filled(std::env::var(name).ok());
        Ok((variable(PUBLIC_KEY), variable(PRIVATE_KEY)))
    }

    /// The public key.
    pub fn public(&self) -> &str {
        &self.public
    }

    /// The value of the header `Authorization`.
    pub(crate) fn authorization(&self) -> String {
        let pair = format!("{}:{}", self.public, self.private);
        format!("Basic {}", STANDARD.encode(pair))
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Credentials(hidden)")
    }
}

fn checked(name: &'static str, key: &str) -> Result<String, CredentialsError> {
    let key = key.trim();
    if key.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(CredentialsError::Invalid(name));
    }
    Ok(key.to_owned())
}

/// The last value of a name in a file with lines `NAME=VALUE`. A line may begin with `export`, and
/// the value may be quoted.
fn line(text: &str, name: &str) -> Option<String> {
    let lines = text.lines().map(|line| line.trim().trim_start_matches("export ").trim_start());
    let mut values = lines.filter_map(|line| {
        let (found, value) = line.split_once('=')?;
        (found.trim() == name).then(|| value.trim())
    });
    let value = values.next_back()?;
    let unquoted = ['"', '\'']
        .into_iter()
        .find_map(|quote| value.strip_prefix(quote).and_then(|value| value.strip_suffix(quote)));
    Some(unquoted.unwrap_or(value).to_owned())
}

fn read_private(path: &Path) -> Result<String, CredentialsError> {
    let unreadable =
        |reason: String| CredentialsError::Unreadable { path: path.to_owned(), reason };
    let metadata = fs::metadata(path).map_err(|error| unreadable(error.to_string()))?;
    let mode = mode(&metadata);
    if mode & 0o077 != 0 {
        return Err(CredentialsError::NotPrivate { path: path.to_owned(), mode });
    }
    read_small_file(path, MAX_MIB).map_err(|error| unreadable(error.to_string()))
}

fn mode(metadata: &fs::Metadata) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o7777
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_may_have_exports_quotes_and_comments() {
        let text = "# keys\nexport ENGAGE_API_KEY=\"pub\"\r\n ENGAGE_API_SECRET = 'pri=v' \n";
        assert_eq!(line(text, PUBLIC_KEY).unwrap(), "pub");
        assert_eq!(line(text, PRIVATE_KEY).unwrap(), "pri=v");
        assert_eq!(line("ENGAGE_API_KEYS=x", PUBLIC_KEY), None);
    }

    #[test]
    fn keys_are_not_shown() {
        let keys = Credentials { public: "pub".to_owned(), private: "secret".to_owned() };
        assert_eq!(keys.authorization(), "Basic cHViOnNlY3JldA==");
        assert_eq!(format!("{keys:?}"), "Credentials(hidden)");
    }
}
