//! Why no connection can be made with what was given.

use crate::exit::Exit;
use crate::explain::Explain;
use std::path::PathBuf;

/// Why no connection can be made with what was given.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The file of certificates cannot be used.
    #[error("the certificates {} cannot be read: {reason}", .path.display())]
    CertificateFile {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The variable that names a proxy cannot be understood. It is not repeated: it may hold a password.
    #[error("HTTPS_PROXY is not the URL of a proxy")]
    Proxy,
}

impl Explain for ConnectError {
    fn exit(&self) -> Exit {
        Exit::Usage
    }

    fn hints(&self) -> Vec<String> {
        let hint = match self {
            Self::CertificateFile { .. } => "--ca-file names a file of PEM certificates",
            Self::Proxy => "write it like this: HTTPS_PROXY=http://proxy.example.org:3128",
        };
        vec![hint.to_owned()]
    }
}
