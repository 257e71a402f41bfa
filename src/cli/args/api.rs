//! The options of commands that connect to Engage.

use crate::cli::error::CommandError;
use crate::push::{ApiUrl, Credentials, DEFAULT_URL, PushError};
use std::path::PathBuf;

/// The heading of these options in `--help`.
const WHERE: &str = "Destination";

/// Where requests go, and with which keys.
#[derive(Debug, clap::Args)]
pub(crate) struct ApiArgs {
    /// URL of the API [default: that of engage.so]
    #[arg(long, value_name = "URL", env = "ENGAGE_API_URL", hide_env_values = true, help_heading = WHERE)]
    api_url: Option<String>,
    /// A file with `ENGAGE_API_KEY` and `ENGAGE_API_SECRET`, readable only by its owner (mode 0600)
    #[arg(long, value_name = "FILE", help_heading = WHERE)]
    credentials: Option<PathBuf>,
    /// Certificates (PEM) to trust in addition to the system's
    #[arg(long, value_name = "FILE", help_heading = WHERE)]
    pub(crate) ca_file: Option<PathBuf>,
}

impl ApiArgs {
    /// The URL of the API. An error does not repeat the given URL, which may contain a password.
    pub(crate) fn url(&self) -> Result<ApiUrl, CommandError> {
        ApiUrl::parse(self.api_url.as_deref().unwrap_or(DEFAULT_URL)).map_err(|error| {
            CommandError::usage(format!("--api-url or ENGAGE_API_URL is {error}"))
                .hint("write it like this: --api-url https://api.engage.so/v1")
        })
    }

    /// The keys from the file, or else from the environment.
    pub(crate) fn credentials(&self) -> Result<Credentials, CommandError> {
        Ok(Credentials::read(self.credentials.as_deref()).map_err(PushError::from)?)
    }

    /// Only the public key, if there is one.
    pub(crate) fn public_key(&self) -> Result<Option<String>, CommandError> {
        Ok(Credentials::read_public(self.credentials.as_deref()).map_err(PushError::from)?)
    }
}
