//! The report of `engage events`.

use super::counts::RecordCounts;
use super::import::{SourceOutcome, Warning};
use super::rejects::Rejects;
use crate::value::typed::ValueType;
use serde::Serialize;

/// What happened to the records of a file of events.
#[derive(Debug, Clone, Serialize)]
pub struct EventsOutcome {
    /// The file with the events; `None` for standard output.
    pub output: Option<String>,
    /// The role of each column.
    pub columns: Vec<EventColumn>,
    /// The name of all events, if no column has it.
    pub event: Option<String>,
    /// Whether a column has the time of the event. If not, Engage uses the time at which it
    /// receives the event.
    pub has_timestamp: bool,
    /// Whether a column has the value of the event.
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
    /// The warnings.
    pub warnings: Vec<Warning>,
    /// The file, as it was read.
    pub sources: Vec<SourceOutcome>,
    /// Why the rejects file could not be put in place, if that failed.
    #[serde(skip)]
    pub rejects_failure: Option<String>,
}

/// A column of a file of events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EventColumn {
    /// Its name as the file has it.
    pub column: String,
    /// Its role.
    pub role: EventColumnRole,
    /// The name of the property that it becomes.
    pub property: Option<String>,
    /// The type of its values, for a property or the value.
    #[serde(rename = "type")]
    pub kind: Option<ValueType>,
}

/// The role of a column in a file of events.
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
    /// A property of the event.
    Property,
    /// The column is left out.
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
