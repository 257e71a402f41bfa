//! The report of `engage events`.

use super::counts::RecordCounts;
use super::import::{SourceOutcome, Warning};
use super::rejects::Rejects;
use crate::value::typed::ValueType;
use serde::Serialize;

/// What happened to the records of a file of events.
#[derive(Debug, Clone, Serialize)]
pub struct EventsOutcome {
    /// Where the events are; `None` for standard output.
    pub output: Option<String>,
    /// What each column is.
    pub columns: Vec<EventColumn>,
    /// Name of all events, if no column has it.
    pub event: Option<String>,
    /// Whether a column says when. If not, Engage takes the time at which it gets them.
    pub has_timestamp: bool,
    /// Whether a column has the value.
    pub has_value: bool,
    /// The records; each accepted one is an event.
    pub records: RecordCounts,
    /// Times without an offset, treated as UTC.
    pub without_offset: u64,
    /// Events whose name has 32 characters or more.
    pub long_names: u64,
    /// The first such name.
    #[serde(skip)]
    pub long_name: Option<String>,
    /// The rejected records.
    pub rejects: Rejects,
    /// What a person should know.
    pub warnings: Vec<Warning>,
    /// The file, as it was read.
    pub sources: Vec<SourceOutcome>,
    /// Why the rejects file is not in place, if so.
    #[serde(skip)]
    pub rejects_failure: Option<String>,
}

/// A column of a file of events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EventColumn {
    /// Its name as the file has it.
    pub column: String,
    /// What it says.
    pub role: EventColumnRole,
    /// The name of the property that it becomes.
    pub property: Option<String>,
    /// The type of its values, of a property and the value.
    #[serde(rename = "type")]
    pub kind: Option<ValueType>,
}

/// What a column of a file of events says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EventColumnRole {
    /// The uid of the customer.
    Uid,
    /// Their email.
    Email,
    /// Their number.
    Number,
    /// The name of the event.
    Event,
    /// When it happened.
    Timestamp,
    /// Its value.
    Value,
    /// Something else about it.
    Property,
    /// Nothing: it is left out.
    Skipped,
}

impl EventColumnRole {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Uid => "uid",
            Self::Email => "email",
            Self::Number => "number",
            Self::Event => "event",
            Self::Timestamp => "timestamp",
            Self::Value => "value",
            Self::Property => "property",
            Self::Skipped => "left out",
        }
    }
}
