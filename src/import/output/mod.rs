//! The files that an import writes next to the store: rejected and accepted records.

mod accepted_file;
mod digest;
mod earlier_rejects;
mod older_rejects;
mod own_outputs;
mod pending;
mod pending_rejects;
mod planned_outputs;
mod publish_result;
mod reject_counts;
mod rejects_file;
mod staged_files;

pub(crate) use accepted_file::AcceptedFile;
pub(crate) use earlier_rejects::RejectsOrigin;
pub(crate) use older_rejects::older_rejects_warnings;
pub use own_outputs::{OwnOutput, leave_out_own_outputs};
pub use pending::{FinishedOutputs, rename_pending_outputs};
pub use pending_rejects::pending_rejects;
pub(crate) use planned_outputs::{
    PlannedOutputs, check_output, check_report, plan_outputs, planned_rejects,
};
pub(crate) use publish_result::PublishResult;
pub(crate) use reject_counts::RejectCounts;
pub use rejects_file::default_path;
pub(crate) use rejects_file::{FinishedRejects, RejectsFile};
pub(crate) use staged_files::StagedFiles;
