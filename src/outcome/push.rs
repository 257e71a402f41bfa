//! The report of `engage push`.

use super::import::ErrorReport;
use serde::{Deserialize, Serialize};

/// What a push sent, or would send. It counts customers, each once, or the lines of a file of
/// events.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PushOutcome {
    /// The URL of the API.
    pub destination: String,
    /// Accepted, each with its own response.
    pub delivered: u64,
    /// Accepted in a batch, before validation.
    pub queued: u64,
    /// Refused in this push, or refused earlier and not sent again because they have not changed.
    pub refused: u64,
    /// Left for the next push. In a dry run, those that would be sent.
    pub pending: u64,
    /// Not sent: the destination is up to date, or does not need them.
    pub unchanged: u64,
    /// Not sent because of `--limit`.
    pub beyond_limit: u64,
    /// The part of `refused` that was not sent again.
    pub refused_before: u64,
    /// The requests that were sent. In a dry run, those that would be.
    pub requests: RequestCounts,
    /// Requests that were sent again. They count in `requests` too.
    pub retries: u64,
    /// Events that were sent again because the answer was lost. The destination may have them
    /// twice.
    pub lost_answers: u64,
    /// The HTTP statuses of requests that were refused in this push.
    pub refused_statuses: Vec<RefusedStatus>,
    /// Standard attributes that were cleared with `null`.
    pub cleared_with_null: u64,
    /// Customers whose `created_at` is not a date.
    pub invalid_created_at: u64,
    /// The seconds that the requests take at least, at the given rate.
    pub expected_seconds: Option<f64>,
    /// The seconds that the push took.
    pub seconds: f64,
    /// The SHA-256 of the file of events.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events_sha256: Option<String>,
    /// The first refused lines of the file of events.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refused_lines: Vec<RefusedLine>,
    /// Why it ended early, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorReport>,
    /// Refused customers with the API's message, only with `--show-values`; never stored.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refusals: Vec<RefusalExample>,
    /// The first requests of a dry run, only with `--show-values`; never stored.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub first_requests: Vec<RequestExample>,
}

/// Counts of requests by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RequestCounts {
    /// All of them.
    pub total: u64,
    /// `PUT` of attributes.
    pub put: u64,
    /// `PUT` of a device.
    pub devices: u64,
    /// `DELETE` of a custom attribute.
    pub attributes_deleted: u64,
    /// `DELETE` of a device token.
    pub tokens_deleted: u64,
    /// `POST` to archive a customer.
    pub archived: u64,
    /// `DELETE` of a customer.
    pub deleted: u64,
    /// `POST` of a batch.
    pub batches: u64,
    /// `POST` of an event.
    pub events: u64,
}

/// An HTTP status of refused requests, and its count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedStatus {
    /// The HTTP status.
    pub status: u16,
    /// How many customers or lines were refused with it.
    pub count: u64,
}

/// A refused line of a file of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedLine {
    /// The line, from 1.
    pub line: u64,
    /// The HTTP status.
    pub status: u16,
}

/// A refused customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusalExample {
    /// The uid.
    pub uid: String,
    /// The HTTP status.
    pub status: u16,
    /// The API's message.
    pub text: String,
}

/// A request as it would be sent, without its API keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestExample {
    /// The method.
    pub method: String,
    /// The URL.
    pub url: String,
    /// The body.
    pub body: Option<String>,
}

impl PushOutcome {
    /// The same without what only `--show-values` shows.
    #[must_use]
    pub fn without_values(&self) -> Self {
        Self { refusals: Vec::new(), first_requests: Vec::new(), ..self.clone() }
    }
}
