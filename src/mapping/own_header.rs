//! The columns of engage's own export: standard attributes under their names, custom attributes
//! under theirs, and what the store keeps besides.

use super::columns::{CUSTOM_PREFIX, How, Mapping, Target};
use crate::input::MARK_COLUMN;
use crate::value::{MAX_DEVICES, Standard};
use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

/// A column of engage's own export that is no attribute's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StoreColumn {
    /// The token of a device of this rank, from 2.
    DeviceToken(usize),
    /// Its platform.
    DevicePlatform(usize),
    /// When the customer was archived.
    ArchivedAt,
    /// When they were first imported.
    FirstImportedAt,
    /// When they last changed.
    LastChangedAt,
    /// What the row's cells are.
    Mark,
}

impl StoreColumn {
    /// All of them, in the order in which an export has them, custom attributes aside.
    pub fn all() -> impl Iterator<Item = Self> {
        let devices = (2..=MAX_DEVICES)
            .flat_map(|rank| [Self::DeviceToken(rank), Self::DevicePlatform(rank)]);
        devices.chain([Self::ArchivedAt, Self::FirstImportedAt, Self::LastChangedAt, Self::Mark])
    }

    /// The column's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::DeviceToken(2) => "device_token_2",
            Self::DeviceToken(3) => "device_token_3",
            Self::DeviceToken(4) => "device_token_4",
            Self::DeviceToken(_) => "device_token_5",
            Self::DevicePlatform(2) => "device_platform_2",
            Self::DevicePlatform(3) => "device_platform_3",
            Self::DevicePlatform(4) => "device_platform_4",
            Self::DevicePlatform(_) => "device_platform_5",
            Self::ArchivedAt => "archived_at",
            Self::FirstImportedAt => "first_imported_at",
            Self::LastChangedAt => "last_changed_at",
            Self::Mark => MARK_COLUMN,
        }
    }
}

impl fmt::Display for StoreColumn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// The header under which a custom attribute stands in an export: its name. One that is another
/// column's, or that a spreadsheet would take for a formula, is written `custom:…`.
pub fn custom_header(name: &str) -> Cow<'_, str> {
    let is_plain = name.starts_with(|c: char| c.is_alphanumeric())
        && !name.starts_with(CUSTOM_PREFIX)
        && Standard::from_name(name).is_none()
        && StoreColumn::all().all(|column| column.name() != name);
    match is_plain {
        true => Cow::Borrowed(name),
        false => Cow::Owned(format!("{CUSTOM_PREFIX}{name}")),
    }
}

/// Whether a header is that of engage's own export.
pub(crate) fn is_own_header(header: &[String]) -> bool {
    header.last().is_some_and(|name| name == MARK_COLUMN)
}

/// The custom attributes of an own export and their columns, sorted by name: as they were exported,
/// whatever is made of them by hand.
pub fn custom_names(mapping: &Mapping) -> Vec<(String, usize)> {
    let mut names: Vec<(String, usize)> = mapping
        .columns
        .iter()
        .filter_map(|column| match own_target(&column.header) {
            Target::Custom(name) => Some((name, column.index)),
            _ => None,
        })
        .collect();
    names.sort();
    names
}

/// Sets the targets of an own export's columns. A name that is there twice, which no export has, is
/// left to be a custom attribute's; so are those that are only there where they are mapped.
pub(crate) fn by_own_header(
    header: &[String],
    only_mapped: bool,
    targets: &mut [Option<(Target, How)>],
) {
    let mut taken: HashSet<Target> =
        targets.iter().flatten().map(|(target, _)| target.clone()).collect();
    for (header, place) in header.iter().zip(targets) {
        let target = own_target(header);
        let how = if matches!(target, Target::Custom(_)) { How::Custom } else { How::Alias };
        let is_left_out = only_mapped && how == How::Custom;
        if place.is_none() && !is_left_out && taken.insert(target.clone()) {
            *place = Some((target, how));
        }
    }
}

/// What a column of an export is, by its header to the letter.
pub(crate) fn own_target(header: &str) -> Target {
    let header = header.trim_start_matches('\u{feff}');
    if let Some(name) = header.strip_prefix(CUSTOM_PREFIX) {
        return Target::Custom(name.to_owned());
    }
    match (Standard::from_name(header), StoreColumn::all().find(|c| c.name() == header)) {
        (Some(standard), _) => Target::Standard(standard),
        (None, Some(column)) => Target::Store(column),
        (None, None) => Target::Custom(header.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_is_known_by_its_header() {
        for standard in Standard::ALL {
            assert_eq!(own_target(standard.as_str()), Target::Standard(standard));
        }
        for column in StoreColumn::all() {
            assert_eq!(own_target(column.name()), Target::Store(column));
        }
        for name in ["plan", "größe", "device_token_2", "_engage", "custom:x", "=1+1", "-", "'a"]
        {
            let header = custom_header(name);
            assert_eq!(own_target(&header), Target::Custom(name.to_owned()), "{header}");
        }
        assert_eq!(custom_header("plan"), "plan");
        assert_eq!(custom_header("=1+1"), "custom:=1+1");
    }
}
