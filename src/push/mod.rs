//! `engage push`: sends customers, or the events of a file, to Engage's API. Only this module sends
//! HTTP requests.
//!
//! One thread reads the store and decides what to send. Several threads send, each over its own
//! connection, and record every answer before their next request. All requests for one customer are
//! sent by one thread, in order.

mod batch;
mod control;
mod customers;
mod error;
mod event_file;
mod events;
mod http;
mod job;
mod lock;
mod options;
mod plan;
mod queue;
mod remote_forget;
mod running_push;
mod sender;
mod tally;

pub use error::PushError;
pub use events::{dry_run_events, push_events};
pub use http::{ApiUrl, ConnectError, Credentials, CredentialsError, DEFAULT_URL, InvalidUrl};
pub use job::{dry_run, push};
pub use options::{DEFAULT_MAX_REFUSED, DEFAULT_RATE, PushOptions};
pub use remote_forget::delete_remotely;
pub use running_push::PushResult;
pub use sender::MAX_EXHAUSTED_IN_A_ROW;
pub use tally::PushMeter;
