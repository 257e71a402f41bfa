//! HTTP requests: the URL, the keys, the connection, the answers and when to retry.

mod api_url;
mod client;
mod connect_error;
mod credentials;
mod proxy;
mod retry;

pub(crate) use api_url::path_segment;
pub use api_url::{ApiUrl, DEFAULT_URL, InvalidUrl};
pub(crate) use client::{Answer, Client, Connector, Failure, Method, Request};
pub use connect_error::ConnectError;
pub(crate) use credentials::PRIVATE_KEY;
pub use credentials::{Credentials, CredentialsError};
pub(crate) use retry::{LONGEST_WAIT, MAX_ATTEMPTS, backoff, requested_wait};
