//! The job: a source's records, judged by one plan, brought to the customer store as one change.

pub(crate) mod apply;
mod error;
mod inputs;
mod inspect;
mod job;
mod meter;
mod options;
mod outcome;
pub mod output;
mod pipeline;
pub mod plan;
mod retype;
pub(crate) mod validate;
mod warnings;

pub use error::ImportError;
pub(crate) use inputs::Layout;
pub use inspect::{InspectOptions, InspectedColumn, Inspection, KeyOrigin, SampleCounts, inspect};
pub use job::{Reports, import};
pub use meter::Meter;
pub use options::{
    AcceptedOutput, Bound, History, ImportOptions, InvalidBound, MissingAction, Snapshot,
};
pub use outcome::{
    ColumnOutcome, CustomerCounts, DeviceCounts, Guard, Outcome, RecordCounts, RejectExample,
    RejectGroup, Rejects, SnapshotOutcome, SourceOutcome, Status, UNREPORTED, Warning,
};
pub(crate) use pipeline::Batch;
pub use retype::{Retyped, RetypedAttribute, retype};
pub(crate) use warnings::Warnings;
