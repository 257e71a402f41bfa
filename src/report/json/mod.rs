//! Reports for programs. Their schemas are promises: `docs/report.md`.

mod customer;
mod import;
mod inspection;
mod parts;
mod stored;

pub use customer::customer_report;
pub use import::{SCHEMA, failure_report, import_report};
pub use inspection::{INSPECTION_SCHEMA, inspection_report};
pub(crate) use stored::{StoredGroup, StoredReport, StoredSource};
