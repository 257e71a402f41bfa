//! An import: the records of CSV files, validated by one plan, merged into the customer store as one
//! change.

pub(crate) mod apply;
mod conclusion;
mod error;
mod inputs;
mod inspect;
mod job;
pub(crate) mod known;
mod meter;
mod options;
mod outcome;
pub mod output;
mod pipeline;
pub mod plan;
mod retype;
pub(crate) mod validate;
mod warnings;

pub use error::{AcceptedError, ImportError, RejectsError};
pub(crate) use inputs::Layout;
pub use inspect::{InspectOptions, InspectedColumn, Inspection, KeyOrigin, SampleCounts, inspect};
pub use job::{Reports, import};
pub use meter::Meter;
pub use options::{
    AcceptedOutput, Bound, History, ImportOptions, InvalidBound, MissingAction, Mode, Snapshot,
};
pub use outcome::{
    ColumnOutcome, CustomerCounts, DeviceCounts, Guard, Outcome, RecordCounts, RejectExample,
    RejectGroup, Rejects, SnapshotOutcome, SourceOutcome, Status, UNREPORTED, Warning,
};
pub(crate) use pipeline::Batch;
pub use retype::{Retyped, RetypedAttribute, retype};
pub(crate) use warnings::Warnings;
