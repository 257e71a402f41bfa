//! The key: what identifies the customers of a file.

pub(crate) mod candidates;
pub(crate) mod choice;
pub(crate) mod hints;
pub(crate) mod row_ids;
pub(crate) mod same_person;
