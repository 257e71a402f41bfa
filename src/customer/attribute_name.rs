//! The names that custom attributes may have.

use crate::value::{Standard, composed};

/// Names of the store's own columns, which no custom attribute may take.
pub const RESERVED_NAMES: [&str; 4] =
    ["archived_at", "first_imported_at", "last_changed_at", "devices"];

/// The maximum length of an attribute name in characters.
pub(crate) const MAX_NAME_CHARACTERS: usize = 255;

/// The prefix of a custom attribute whose name would otherwise have another meaning:
/// `custom:full_name` is a custom attribute, `full_name` is a whole name to be split.
pub(crate) const CUSTOM_PREFIX: &str = "custom:";

/// Why a custom attribute cannot have this name; `None` for a valid name.
pub(crate) fn invalid_name_reason(name: &str) -> Option<&'static str> {
    if Standard::from_name(name).is_some() {
        return Some("it is a standard attribute");
    }
    if name.trim().is_empty() || name.trim() != name {
        return Some("it is blank, or has spaces around it");
    }
    if name.chars().any(char::is_control) || composed(name).chars().count() > MAX_NAME_CHARACTERS {
        return Some("it has control characters, or more than 255 characters");
    }
    RESERVED_NAMES.contains(&name).then_some("the store uses that name itself")
}
