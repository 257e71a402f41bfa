//! What a store knows of attributes and their types, and of the columns that they came from.

mod attributes;
pub(crate) mod remembered;

pub(crate) use attributes::{
    CatalogueBefore, catalogue, entries, record, recreate_profiles, revert,
};
