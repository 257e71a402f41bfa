//! JSON for programs that is not the report of a command: a customer, and what an import would make of
//! a file.

mod customer;
mod inspection;

pub use customer::customer_report;
pub use inspection::{INSPECTION_SCHEMA, inspection_report};
