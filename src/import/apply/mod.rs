//! Validated records are merged with the customers of the store.

mod batches;
mod devices;
mod identity;
pub(crate) mod known;
mod merge;
mod snapshot;
mod update;

pub(crate) use batches::{Done, Writing};
pub(crate) use merge::Reconciler;
pub(crate) use snapshot::Missing;
