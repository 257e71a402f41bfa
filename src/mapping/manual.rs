//! The user's mapping, from the command line or a mapping file.

use super::error::MappingError;
use super::header::names::HeaderIndex;
use super::target::{Assignments, FULL_NAME, Origin, Target};
use crate::customer::{CUSTOM_PREFIX, invalid_name_reason};
use crate::own_export::is_export_header;
use crate::value::{Standard, composed};
use std::collections::HashMap;

/// The columns that are mapped in one place: the command line, or a mapping file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ManualMapping {
    /// Columns and the attributes that they become.
    pub map: Vec<(String, String)>,
    /// Columns that are left out.
    pub skip: Vec<String>,
}

impl ManualMapping {
    /// Removes the columns that are not in a header. Returns them with their attributes; `None` for
    /// skipped columns.
    pub(crate) fn take_gone(&mut self, header: &[String]) -> Vec<(String, Option<String>)> {
        let index = HeaderIndex::new(header);
        let is_there = |name: &str| index.find(name).is_some();
        let are_parts = |name: &str, attribute: &str| {
            attribute == Standard::Uid.as_str()
                && name.contains('+')
                && name.split('+').all(|part| is_there(part.trim()))
        };
        let (map, gone): (Vec<_>, Vec<_>) = std::mem::take(&mut self.map)
            .into_iter()
            .partition(|(name, attribute)| is_there(name) || are_parts(name, attribute));
        let (skip, gone_skip): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.skip).into_iter().partition(|name| is_there(name));
        (self.map, self.skip) = (map, skip);
        let gone = gone.into_iter().map(|(name, attribute)| (name, Some(attribute)));
        gone.chain(gone_skip.into_iter().map(|name| (name, None))).collect()
    }
}

/// The options of a mapping.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MappingOptions {
    /// The mapping of the command line.
    pub command_line: ManualMapping,
    /// The mapping of the mapping file. The command line overrides it.
    pub file: ManualMapping,
    /// Whether every column that is neither standard nor mapped manually is left out.
    pub only_mapped: bool,
}

/// A column that an option names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedColumn {
    /// The name as it was given.
    pub name: String,
    /// Where it was given.
    pub origin: Origin,
}

/// Assigns the targets that the user gave. The command line overrides an entry of the mapping file
/// for the same column or the same attribute.
pub(crate) fn assign(
    header: &[String],
    options: &MappingOptions,
    assignments: &mut Assignments,
) -> Result<(), MappingError> {
    let index = HeaderIndex::new(header);
    let mut manual = ManualAssignments { header, index, assignments, columns: HashMap::new() };
    manual.assign(&options.command_line, Origin::CommandLine)?;
    manual.assign(&options.file, Origin::MappingFile)?;
    manual.check_full_name()
}

/// The manual assignments made so far.
struct ManualAssignments<'a> {
    header: &'a [String],
    index: HeaderIndex<'a>,
    assignments: &'a mut Assignments,
    /// The column that each target was given to, and the origin of this.
    columns: HashMap<Target, (usize, Origin)>,
}

impl ManualAssignments<'_> {
    fn assign(&mut self, mapping: &ManualMapping, origin: Origin) -> Result<(), MappingError> {
        let mut missing = Vec::new();
        for (name, attribute) in &mapping.map {
            let target = self.target(attribute)?;
            let Some(column) = self.index.find(name) else {
                match self.parts_of_uid(name, &target) {
                    Some(parts) => self.map_parts(&parts, name, origin)?,
                    None => missing.push(name.clone()),
                }
                continue;
            };
            if let Some(first) = self.map(column, name, target, origin)? {
                return Err(MappingError::TwoColumns {
                    attribute: attribute.clone(),
                    first: self.header[first].clone(),
                    second: self.header[column].clone(),
                });
            }
        }
        for name in &mapping.skip {
            match self.index.find(name) {
                Some(column) => self.skip(column, name, origin)?,
                None => missing.push(name.clone()),
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        Err(MappingError::missing_columns(&missing, origin, self.header))
    }

    /// The columns that together make the uid, as in `branch+customer_no`.
    fn parts_of_uid(&self, name: &str, target: &Target) -> Option<Vec<usize>> {
        let is_several = *target == Target::Standard(Standard::Uid) && name.contains('+');
        is_several.then(|| name.split('+').map(|part| self.index.find(part.trim())).collect())?
    }

    fn map_parts(
        &mut self,
        parts: &[usize],
        name: &str,
        origin: Origin,
    ) -> Result<(), MappingError> {
        let uid = Target::Standard(Standard::Uid);
        if self.is_target_overridden(&uid, origin) {
            return Ok(());
        }
        for (place, column) in parts.iter().enumerate() {
            self.map(*column, name, Target::UidPart(place), origin)?;
        }
        match self.columns.insert(uid, (parts[0], origin)) {
            Some((first, _)) => Err(MappingError::TwoColumns {
                attribute: Standard::Uid.to_string(),
                first: self.header[first].clone(),
                second: name.to_owned(),
            }),
            None => Ok(()),
        }
    }

    fn target(&self, attribute: &str) -> Result<Target, MappingError> {
        let target = parse_target(attribute)?;
        match target {
            // Names in engage's own export are exactly those of its store.
            Target::Custom(name) if !is_export_header(self.header) => {
                Ok(Target::Custom(composed(&name).into_owned()))
            }
            target => Ok(target),
        }
    }

    /// Maps a column. Returns the column that already has the target, if only one may have it.
    fn map(
        &mut self,
        column: usize,
        name: &str,
        target: Target,
        origin: Origin,
    ) -> Result<Option<usize>, MappingError> {
        if self.is_column_overridden(column, origin) || self.is_target_overridden(&target, origin) {
            return Ok(None);
        }
        if self.assignments[column].is_some() {
            return Err(MappingError::TwoTargets(name.to_owned()));
        }
        if let Some((first, _)) = self.columns.get(&target) {
            let Some(fallback) = self.fallback(&target) else { return Ok(Some(*first)) };
            self.assignments[column] = Some((fallback, origin));
            return Ok(None);
        }
        self.columns.insert(target.clone(), (column, origin));
        self.assignments[column] = Some((target, origin));
        Ok(None)
    }

    /// The target of a further column, if several columns may give the attribute.
    fn fallback(&self, target: &Target) -> Option<Target> {
        let Target::Standard(standard) = *target else { return None };
        let targets = self.assignments.iter().flatten().map(|(target, _)| target);
        let places = targets.filter(|it| matches!(it, Target::Fallback(of, _) if *of == standard));
        may_have_several(standard).then(|| Target::Fallback(standard, places.count() + 1))
    }

    fn skip(&mut self, column: usize, name: &str, origin: Origin) -> Result<(), MappingError> {
        if self.is_column_overridden(column, origin) {
            return Ok(());
        }
        let assigned = self.assignments[column].as_ref();
        if assigned.is_some_and(|(target, _)| *target != Target::Skipped) {
            return Err(MappingError::TwoTargets(name.to_owned()));
        }
        self.assignments[column] = Some((Target::Skipped, origin));
        Ok(())
    }

    fn is_column_overridden(&self, column: usize, origin: Origin) -> bool {
        self.assignments[column].as_ref().is_some_and(|(_, by)| *by != origin)
    }

    /// Whether another origin gave the target, or one that overlaps with it, to a column.
    fn is_target_overridden(&self, target: &Target, origin: Origin) -> bool {
        let is_given =
            |target: &Target| self.columns.get(target).is_some_and(|(_, by)| *by != origin);
        let parts = [Standard::FirstName, Standard::LastName].map(Target::Standard);
        is_given(target)
            || (parts.contains(target) && is_given(&Target::FullName))
            || (*target == Target::FullName && parts.iter().any(is_given))
    }

    /// Fails if a full name and one of its parts are both mapped.
    fn check_full_name(&self) -> Result<(), MappingError> {
        if !self.columns.contains_key(&Target::FullName) {
            return Ok(());
        }
        let mut parts = [Standard::FirstName, Standard::LastName].into_iter();
        match parts.find(|part| self.columns.contains_key(&Target::Standard(*part))) {
            Some(part) => Err(MappingError::FullNameAndPart(part)),
            None => Ok(()),
        }
    }
}

/// Whether several columns may give a standard attribute. The first valid value is used.
fn may_have_several(standard: Standard) -> bool {
    matches!(standard, Standard::Email | Standard::Number | Standard::DeviceToken)
}

/// Parses the name of a target that the user gave.
pub(crate) fn parse_target(name: &str) -> Result<Target, MappingError> {
    let invalid = |reason| MappingError::InvalidName { name: name.to_owned(), reason };
    if let Some(custom) = name.strip_prefix(CUSTOM_PREFIX) {
        return match invalid_name_reason(custom) {
            Some(reason) => Err(invalid(reason)),
            None => Ok(Target::Custom(custom.to_owned())),
        };
    }
    if let Some(standard) = Standard::from_name(name) {
        return Ok(Target::Standard(standard));
    }
    if name == FULL_NAME {
        return Ok(Target::FullName);
    }
    match invalid_name_reason(name) {
        Some(reason) => Err(invalid(reason)),
        None => Ok(Target::Custom(name.to_owned())),
    }
}
