//! What was said by hand of columns: on the command line, or in a mapping file.

use super::columns::{CUSTOM_PREFIX, ColumnChoices, FULL_NAME, How, MappingOptions, Target};
use super::error::MappingError;
use super::header::{HeaderIndex, MAX_NAME_CHARACTERS, RESERVED_NAMES};
use super::own_header::is_own_header;
use crate::value::{Standard, composed};
use std::collections::HashMap;

/// Sets the targets that were said by hand. A line of the mapping file about a column that the
/// command line speaks of, or about an attribute that it gives to another column, is overruled.
pub(crate) fn by_hand(
    header: &[String],
    options: &MappingOptions,
    targets: &mut [Option<(Target, How)>],
) -> Result<(), MappingError> {
    let mut taken = HashMap::new();
    let index = HeaderIndex::new(header);
    said(header, &index, &options.given, How::Given, &mut taken, targets)?;
    said(header, &index, &options.file, How::MappingFile, &mut taken, targets)?;
    let full_name = taken.keys().any(|target| *target == Target::FullName);
    let part = [Standard::FirstName, Standard::LastName]
        .into_iter()
        .find(|part| taken.contains_key(&Target::Standard(*part)));
    match part.filter(|_| full_name) {
        Some(part) => Err(MappingError::FullNameAndPart(part)),
        None => Ok(()),
    }
}

/// Sets what was said in one place. `taken` has the attributes that are given away, to which column
/// and where that was said.
fn said(
    header: &[String],
    index: &HeaderIndex<'_>,
    choices: &ColumnChoices,
    how: How,
    taken: &mut HashMap<Target, (usize, How)>,
    targets: &mut [Option<(Target, How)>],
) -> Result<(), MappingError> {
    let mut gone = Vec::new();
    let overruled = |at: &Option<(Target, How)>| at.as_ref().is_some_and(|(_, by)| *by != how);
    for (name, attribute) in &choices.map {
        let target = match named_target(attribute)? {
            // The names of an own export are those of its store, to the letter.
            Target::Custom(name) if !is_own_header(header) => {
                Target::Custom(composed(&name).into_owned())
            }
            target => target,
        };
        let Some(column) = index.find(name) else {
            gone.push(name.clone());
            continue;
        };
        if overruled(&targets[column]) || is_overruled(&target, how, taken) {
            continue;
        }
        if targets[column].is_some() {
            return Err(MappingError::TwoTargets(name.clone()));
        }
        if let Some((first, _)) = taken.insert(target.clone(), (column, how)) {
            return Err(MappingError::TwoColumns {
                attribute: attribute.clone(),
                first: header[first].clone(),
                second: header[column].clone(),
            });
        }
        targets[column] = Some((target, how));
    }
    for name in &choices.skip {
        let Some(column) = index.find(name) else {
            gone.push(name.clone());
            continue;
        };
        if overruled(&targets[column]) {
            continue;
        }
        if matches!(targets[column], Some((ref target, _)) if *target != Target::Skipped) {
            return Err(MappingError::TwoTargets(name.clone()));
        }
        targets[column] = Some((Target::Skipped, how));
    }
    match gone.is_empty() {
        true => Ok(()),
        false => Err(MappingError::absent(&gone, how, header)),
    }
}

/// Whether the attribute, or a part of it, was given away elsewhere before.
fn is_overruled(target: &Target, how: How, taken: &HashMap<Target, (usize, How)>) -> bool {
    let is_taken = |target: &Target| taken.get(target).is_some_and(|(_, by)| *by != how);
    let parts = [Standard::FirstName, Standard::LastName].map(Target::Standard);
    is_taken(target)
        || (parts.contains(target) && is_taken(&Target::FullName))
        || (*target == Target::FullName && parts.iter().any(is_taken))
}

/// The target of a name that somebody gave.
pub(crate) fn named_target(name: &str) -> Result<Target, MappingError> {
    let invalid = |reason| Err(MappingError::InvalidName { name: name.to_owned(), reason });
    let is_custom = name.starts_with(CUSTOM_PREFIX);
    let name = name.strip_prefix(CUSTOM_PREFIX).unwrap_or(name);
    match Standard::from_name(name) {
        Some(_) if is_custom => return invalid("it is a standard attribute"),
        Some(standard) => return Ok(Target::Standard(standard)),
        None if name == FULL_NAME && !is_custom => return Ok(Target::FullName),
        None => {}
    }
    if name.trim().is_empty() || name.trim() != name {
        return invalid("it is blank, or has space around it");
    }
    if name.chars().any(char::is_control) || composed(name).chars().count() > MAX_NAME_CHARACTERS {
        return invalid("it has control characters, or more than 255 characters");
    }
    if RESERVED_NAMES.contains(&name) {
        return invalid("the store has that name for its own");
    }
    Ok(Target::Custom(name.to_owned()))
}

/// Whether a custom attribute can have that name.
pub fn is_attribute_name(name: &str) -> bool {
    named_target(&format!("{CUSTOM_PREFIX}{name}")).is_ok()
}
