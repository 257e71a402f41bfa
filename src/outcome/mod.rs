//! The reports of commands, one type for each command. The command counts its results in it, the
//! history stores it as JSON, programs read it, and the terminal and pages show it.
//!
//! Values from an imported file are never serialised: fields that hold one are marked
//! `#[serde(skip)]` and exist only until the command ends.

mod column;
mod commands;
mod contradictions;
mod counts;
mod events;
mod guard;
mod guard_error;
mod import;
mod push;
mod rejects;
mod report;
mod status;

pub use column::ColumnOutcome;
pub use commands::{
    BackupOutcome, CheckOutcome, CommandReport, DeletedCount, EvictedCount, Finding, ForgetOutcome,
    LastImport, NextUndo, PendingRejects, PruneOutcome, RestoreOutcome, RetypeOutcome,
    RetypedAttribute, StatusOutcome, UndoCounts, UndoOutcome, UndoneKind, UpdatedCount,
};
pub use contradictions::{ContradictionCounts, ContradictionExample};
pub use counts::{CustomerCounts, DeviceCounts, RecordCounts, counted, grouped};
pub use events::{EventColumn, EventColumnRole, EventsOutcome};
pub use guard::{Guard, MissingAction, SnapshotOutcome};
pub use import::{ErrorReport, Outcome, SourceOutcome, Timing, Warning};
pub use push::{
    PushOutcome, RefusalExample, RefusedLine, RefusedStatus, RequestCounts, RequestExample,
};
pub use rejects::{RejectExample, RejectGroup, Rejects};
pub use report::Report;
pub(crate) use status::to_json;
pub use status::{SCHEMA, Status};
