//! The one plan of an import, fixed at its start.

pub(crate) mod build;
mod columns;
pub(crate) mod drift;
mod import_plan;
mod save;

pub(crate) use columns::columns;
pub use import_plan::{Plan, PlannedAttribute};
pub(crate) use import_plan::{Role, SourceRules};
pub(crate) use save::Settled;
