//! An import: the records of CSV files, validated by one plan, merged into the customer store as
//! one change.

pub(crate) mod apply;
mod conclusion;
mod error;
mod event_lines;
mod inputs;
mod inspect;
mod job;
pub(crate) mod known;
mod meter;
mod options;
pub mod output;
mod pipeline;
pub mod plan;
mod retype;
pub(crate) mod validate;
mod warnings;

pub use crate::settings::{Bound, InvalidBound};
pub use error::{
    AcceptedError, FileRole, ImportError, NewMapping, RejectsError, TypeContradiction,
};
pub use event_lines::{EventOptions, convert_events};
pub(crate) use inputs::Layout;
pub use inspect::{InspectOptions, InspectedColumn, Inspection, KeyOrigin, SampleCounts, inspect};
pub use job::{import, import_into};
pub use meter::Meter;
pub use options::{AcceptedOutput, History, ImportOptions, Mode, Snapshot};
pub(crate) use pipeline::Batch;
pub use retype::retype;
pub(crate) use warnings::Warnings;
