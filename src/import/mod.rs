//! The job: a source's records, judged by one plan, brought to the customer store as one change.

mod accepted;
mod cells;
mod columns;
mod devices;
mod drift;
mod error;
mod identity;
mod inputs;
mod inspection;
mod job;
mod judge;
mod known;
mod meter;
mod options;
mod outcome;
mod outputs;
mod own_export;
mod pending;
mod pipeline;
mod plan;
mod planning;
mod reconcile;
mod rejects;
mod retyping;
mod saving;
mod snapshot;
mod verdict;
mod warnings;
mod writing;
mod written;

pub use accepted::AcceptedError;
pub use error::ImportError;
pub use inspection::{
    InspectOptions, InspectedColumn, Inspection, KeyOrigin, SampleCounts, inspect,
};
pub use job::{Reports, import};
pub use meter::Meter;
pub use options::{
    AcceptedOutput, Bound, History, ImportOptions, InvalidBound, MissingAction, Snapshot,
};
pub use outcome::{
    ColumnOutcome, CustomerCounts, DeviceCounts, Guard, Outcome, RecordCounts, RejectExample,
    RejectGroup, Rejects, SnapshotOutcome, SourceOutcome, Status, UNREPORTED, Warning,
};
pub use pending::{FinishedOutputs, finish_outputs};
pub use plan::{Mode, Plan, PlannedAttribute, TypeSource};
pub use rejects::{RejectsError, default_path};
pub use retyping::{Retyped, RetypedAttribute, retype};
