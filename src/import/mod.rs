//! The job: a source's records, judged by one plan, brought to the customer store as one change.

mod accepted;
mod columns;
mod error;
mod files;
mod inspection;
mod job;
mod judge;
mod known;
mod meter;
mod options;
mod outcome;
mod pipeline;
mod plan;
mod planning;
mod reconcile;
mod rejects;
mod warnings;
mod writing;

pub use accepted::AcceptedError;
pub use error::ImportError;
pub use files::write_whole;
pub use inspection::{InspectedColumn, Inspection, KeyOrigin, SampleCounts, inspect};
pub use job::import;
pub use meter::Meter;
pub use options::{Bound, ImportOptions, InvalidBound};
pub use outcome::{
    ColumnOutcome, CustomerCounts, DeviceCounts, Guard, Outcome, RecordCounts, RejectGroup,
    Rejects, SourceOutcome, Status, Warning,
};
pub use plan::{Mode, Plan, PlannedAttribute, TypeSource};
pub use rejects::{RejectsError, default_path};
