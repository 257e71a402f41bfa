//! The plan of an import, fixed at its start.

mod build;
mod columns;
mod decide;
mod drift;
mod identity_check;
mod import_plan;
mod numbers;
mod remember;
mod telling_names;

pub(crate) use build::{build_plan, plan_attributes};
pub(crate) use columns::{column_outcomes, saved_types};
pub(crate) use decide::{
    Decision, OtherKey, OtherKeyOption, SampledInput, decide, is_decimal_uid, whole_records,
};
pub(crate) use drift::{ColumnDrift, LastReport};
pub use import_plan::{Plan, PlannedAttribute};
pub(crate) use import_plan::{Role, SourceRules};
pub(crate) use remember::remembered_columns;
pub(crate) use telling_names::{is_sign_up_name, retyped_warnings, secrets_warning, sign_up_hint};
