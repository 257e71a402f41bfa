//! What a store knows about attributes and their types, and about the columns that they came from.

mod attributes;
pub(crate) mod remembered;

pub(crate) use attributes::{
    CatalogueBefore, catalogue, entries, record, recreate_profiles, revert,
};
