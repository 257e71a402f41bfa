//! The one plan of an import, fixed at its start.

mod build;
mod columns;
mod drift;
mod import_plan;

pub(crate) use build::{build_plan, choose_key, find_event_evidence, own_export, plan_attributes};
pub(crate) use columns::{column_outcomes, saved_types};
pub(crate) use drift::{ColumnDrift, LastReport, map_header};
pub use import_plan::{Plan, PlannedAttribute};
pub(crate) use import_plan::{Role, SourceRules};
