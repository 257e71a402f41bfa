//! The words of headers, their meanings, and how names are compared.

pub(crate) mod consent;
pub(crate) mod named_role;
pub(crate) mod names;
pub(crate) mod shared_words;
pub(crate) mod table;
pub(crate) mod uid_names;
pub(crate) mod words;
