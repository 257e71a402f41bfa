//! The errors of `--ca-file` and `HTTPS_PROXY`.

use crate::exit::Exit;
use crate::explain::Explain;
use std::path::PathBuf;

/// An unusable setting that prevents any connection.
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
    /// `HTTPS_PROXY` is not a URL. The message does not repeat it, as it may contain a password.
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
