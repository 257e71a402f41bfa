//! The job: a source's records, judged by one plan, brought to the customer store as one change.

pub(crate) mod apply;
mod error;
mod inputs;
mod inspect;
mod job;
mod meter;
mod options;
pub mod output;
mod own_export;
mod pipeline;
pub mod plan;
mod retype;
pub(crate) mod validate;
mod warnings;

pub use error::ImportError;
pub(crate) use inputs::Layout;
pub use inspect::{InspectOptions, InspectedColumn, Inspection, KeyOrigin, SampleCounts, inspect};
pub use job::import;
pub use meter::Meter;
pub use options::{AcceptedOutput, Bound, History, ImportOptions, InvalidBound, Snapshot};
pub(crate) use own_export::{Marked, OwnExport};
pub(crate) use pipeline::Batch;
pub use retype::retype;
pub(crate) use warnings::Warnings;
