//! What each column becomes in the plan, for reports and mapping files.

use super::import_plan::PlannedAttribute;
use crate::mapping::{Mapping, Target, TypeSource};
use crate::outcome::ColumnOutcome;
use crate::settings::file::SavedType;
use crate::value::typed::ValueType;
use std::collections::HashMap;

/// What each column became. `has_values` says for each attribute whether it had a value.
pub(crate) fn column_outcomes(
    mapping: &Mapping,
    attributes: &[PlannedAttribute],
    has_values: &[bool],
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
            let planned = planned.map(|at| (&attributes[at], has_values[at]));
            let is_standard = matches!(
                column.target,
                Target::Standard(_) | Target::Fallback(..) | Target::FullName | Target::UidPart(_)
            );
            ColumnOutcome {
                column: column.label(),
                index: column.index,
                attribute: column.target.attribute().map(str::to_owned),
                standard: is_standard,
                kind: planned.map_or(ValueType::String, |(a, _)| a.spec.kind),
                how: column.origin,
                evidence: column.evidence.clone(),
                type_source: planned.map(|(attribute, _)| attribute.source),
                type_reason: planned.map(|(attribute, _)| match attribute.source {
                    TypeSource::Given => "given".to_owned(),
                    TypeSource::MappingFile => "mapping file".to_owned(),
                    TypeSource::Remembered => "as declared before".to_owned(),
                    TypeSource::Retyped | TypeSource::Catalogue => "as in the store".to_owned(),
                    TypeSource::Inferred => attribute.reason.clone(),
                }),
                type_readings: planned
                    .filter(|(a, _)| !a.source.is_declared())
                    .map_or(Vec::new(), |(attribute, _)| attribute.readings.clone()),
                likely_type: planned.and_then(|(attribute, _)| attribute.likely.clone()),
                has_values: planned.is_none_or(|(_, has_values)| has_values),
            }
        })
        .collect()
}

/// The types of the custom attributes, for a mapping file.
pub(crate) fn saved_types(attributes: &[PlannedAttribute]) -> Vec<SavedType<'_>> {
    let saved = attributes.iter().map(|attribute| SavedType {
        attribute: &attribute.name,
        spec: attribute.spec.to_string(),
        declared: attribute.source.is_declared(),
        reason: match attribute.source {
            TypeSource::Given | TypeSource::MappingFile => "declared",
            TypeSource::Remembered => "as declared before",
            TypeSource::Retyped | TypeSource::Catalogue => "as in the store",
            TypeSource::Inferred => &attribute.reason,
        },
    });
    saved.collect()
}
