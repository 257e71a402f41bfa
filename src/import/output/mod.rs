//! The files that an import writes beside the store: rejected and accepted records.

mod accepted_file;
mod pending;
mod planned_outputs;
mod publish_result;
mod rejects_file;
mod staged_files;

pub(crate) use accepted_file::AcceptedFile;
pub use pending::{FinishedOutputs, finish_outputs};
pub(crate) use planned_outputs::{PlannedOutputs, check_output, check_report, plan_outputs};
pub use rejects_file::default_path;
pub(crate) use rejects_file::{FinishedRejects, RejectCounts, RejectsFile};
pub(crate) use staged_files::StagedFiles;
