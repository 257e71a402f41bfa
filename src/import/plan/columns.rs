//! What became of each column.

use super::PlannedAttribute;
use crate::mapping::{Mapping, Target};
use crate::outcome::{ColumnOutcome, TypeSource};
use crate::value::typed::ValueType;
use std::collections::HashMap;

/// What became of each column. `seen` says of each attribute whether it had a value.
pub(crate) fn columns(
    mapping: &Mapping,
    attributes: &[PlannedAttribute],
    seen: &[bool],
) -> Vec<ColumnOutcome> {
    let places: HashMap<&str, usize> =
        attributes.iter().enumerate().map(|(at, a)| (a.name.as_str(), at)).collect();
    mapping
        .columns
        .iter()
        .map(|column| {
            let planned = match &column.target {
                Target::Custom(name) => places.get(name.as_str()).copied(),
                _ => None,
            };
            let planned = planned.map(|at| (&attributes[at], seen[at]));
            let is_standard = matches!(column.target, Target::Standard(_) | Target::FullName);
            ColumnOutcome {
                column: column.label(),
                index: column.index,
                attribute: column.target.attribute().map(str::to_owned),
                standard: is_standard,
                kind: planned.map_or(ValueType::String, |(a, _)| a.spec.kind),
                how: column.how,
                type_source: planned.map(|(attribute, _)| attribute.source),
                type_reason: planned.map(|(attribute, _)| match attribute.source {
                    TypeSource::Given => "as you said".to_owned(),
                    TypeSource::MappingFile => "mapping file".to_owned(),
                    TypeSource::Catalogue => "as in the store".to_owned(),
                    TypeSource::Inferred => attribute.reason.clone(),
                }),
                type_hint: planned
                    .filter(|(a, _)| !a.source.is_declared())
                    .and_then(|(attribute, _)| attribute.hint.clone()),
                has_values: planned.is_none_or(|(_, seen)| seen),
            }
        })
        .collect()
}
