//! One file per command.

pub(crate) mod attributes;
pub(crate) mod backup;
pub(crate) mod changes;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod events;
pub(crate) mod export;
pub(crate) mod forget;
pub(crate) mod history;
pub(crate) mod import;
pub(crate) mod index;
pub(crate) mod inspect;
pub(crate) mod man;
pub(crate) mod prune;
#[cfg(feature = "push")]
pub(crate) mod push;
pub(crate) mod report;
pub(crate) mod restore;
pub(crate) mod retype;
pub(crate) mod segment;
pub(crate) mod segments;
pub(crate) mod show;
pub(crate) mod status;
pub(crate) mod undo;
