//! The errors that end a push.

use super::http::{ConnectError, CredentialsError};
use crate::exit::Exit;
use crate::explain::Explain;
use crate::store::StoreError;
use std::path::PathBuf;

/// Why a push ends before everything is sent. What was sent by then is recorded.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// The store cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The keys cannot be used.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    /// The API rejects the keys.
    #[error("the API rejects the keys: status {0}")]
    Unauthorised(u16),
    /// No connection was made.
    #[error("{url} cannot be reached: {reason}")]
    Unreachable {
        /// The URL of the API.
        url: String,
        /// What the operating system says.
        reason: String,
    },
    /// The certificate of the server is not trusted.
    #[error("the certificate of {url} is not trusted: {reason}")]
    Certificate {
        /// The URL of the API.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The certificates or the proxy that the user gave cannot be used.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// A signal ended it.
    #[error("interrupted: sent requests are recorded")]
    Interrupted,
    /// Another push to the same destination is running.
    #[error("another push to {url} is running{}", .owner.as_ref().map_or(String::new(), |owner| format!(" ({owner})")))]
    Running {
        /// The URL of the API.
        url: String,
        /// The process, if it is known.
        owner: Option<String>,
    },
    /// The lock file next to the store cannot be used.
    #[error("the lock {} cannot be used: {reason}", .path.display())]
    Lock {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        reason: String,
    },
    /// The store is keyed by an email or a number, so its uids are not those in Engage.
    #[error("the store identifies customers by {key}, and has no uids of its own")]
    NoUids {
        /// The store's key.
        key: String,
    },
    /// `--uid-from` names an attribute that is not the store's key.
    #[error("--uid-from {given} does not fit: the store identifies customers by {key}")]
    OtherUids {
        /// The attribute given with `--uid-from`.
        given: String,
        /// The store's key.
        key: String,
    },
    /// A customer was not deleted at the destination.
    #[error("the customer was not deleted at {url}: {reason}")]
    NotDeleted {
        /// The URL of the API.
        url: String,
        /// Why.
        reason: String,
    },
    /// A file of events cannot be read.
    #[error("the events {} cannot be read: {reason}", .path.display())]
    EventFile {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        reason: String,
    },
    /// A line of a file of events is not what `engage events` writes.
    #[error("line {line} of {} is not an event: {reason}", .path.display())]
    EventLine {
        /// The file.
        path: PathBuf,
        /// The number of the line, from 1.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
}

impl Explain for PushError {
    fn exit(&self) -> Exit {
        match self {
            Self::Store(error) => error.exit(),
            Self::Credentials(error) => error.exit(),
            Self::Connect(error) => error.exit(),
            Self::NoUids { .. } | Self::OtherUids { .. } | Self::EventLine { .. } => Exit::Usage,
            _ => Exit::Failed,
        }
    }

    fn hints(&self) -> Vec<String> {
        let hint = match self {
            Self::Store(error) => return error.hints(),
            Self::Credentials(error) => return error.hints(),
            Self::Connect(error) => return error.hints(),
            Self::Interrupted => "run the same command again to send the rest",
            Self::Unauthorised(_) => {
                "check ENGAGE_API_KEY (public) and ENGAGE_API_SECRET (private) in Engage's settings"
            }
            Self::Unreachable { .. } => {
                "check the URL and the network, then run the same command again to send the rest"
            }
            Self::Certificate { .. } => {
                "--ca-file FILE.pem trusts another certificate, such as a proxy's"
            }
            Self::Running { .. } => "wait longer with --wait 600",
            Self::Lock { .. } => "check the permissions of the store's folder",
            Self::NoUids { key } => {
                return vec![
                    "customers that your app sends to Engage with other uids would be duplicated there"
                        .to_owned(),
                    format!("if their uid in Engage is their {key}: --uid-from {key}"),
                ];
            }
            Self::OtherUids { key, .. } if key == "uid" => "remove --uid-from",
            Self::OtherUids { key, .. } => return vec![format!("--uid-from {key}")],
            Self::NotDeleted { .. } => "nothing was erased here; run the same command again",
            Self::EventFile { .. } => "engage events FILE.csv -o FILE.jsonl writes such a file",
            Self::EventLine { .. } => {
                "nothing was sent; each line is {\"uid\": …, \"body\": {\"event\": …}}, as engage \
                 events writes it"
            }
        };
        vec![hint.to_owned()]
    }
}
