//! Merges validated records with the customers of the store.

mod batch_customers;
mod batch_writer;
mod blocked_records;
mod contradictions;
mod device_counts;
mod identity;
mod merge_step;
mod merger;
mod missing_customers;
mod new_keys;
mod prepare;
mod reject_cures;
mod update;

pub(crate) use batch_writer::{BatchWriter, RecordsSummary};
pub(crate) use blocked_records::blocked_warning;
pub(crate) use contradictions::{Contradictions, is_version_date};
pub(crate) use merger::Merger;
pub(crate) use missing_customers::{MissingCustomers, NamedCustomers};
pub(crate) use reject_cures::RejectCures;
