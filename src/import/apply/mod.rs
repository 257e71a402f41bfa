//! Validated records are merged with the customers of the store.

mod batches;
mod identity;
mod merge;
mod snapshot;

pub(crate) use batches::{Done, Writing};
pub(crate) use merge::Reconciler;
pub(crate) use snapshot::Missing;
