//! What an import writes beside the store: rejected and accepted records.

mod accepted;
mod pending;
pub(crate) mod planned;
mod publish;
mod rejects;

pub(crate) use accepted::{AcceptedFile, FinishedAccepted};
pub use pending::{FinishedOutputs, finish_outputs};
pub(crate) use planned::{check_report, planned_outputs};
pub(crate) use publish::Written;
pub use rejects::default_path;
pub(crate) use rejects::{FinishedRejects, RejectCounts, RejectsFile};
