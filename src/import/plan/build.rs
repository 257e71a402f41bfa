//! Builds the plan from the header, a sample, the store and the options.

use super::decide::Decision;
use super::import_plan::{Plan, PlannedAttribute, PlannedKey};
use super::numbers::NumberRules;
use crate::import::{ImportError, TypeContradiction};
use crate::input::csv::Record;
use crate::input::encoding::is_read_twice;
use crate::mapping::{
    Column, InferredType, KeyChoice, Mapping, MappingWarning, Origin, RememberedType, Target,
    TypeSource, attribute_name, infer, likely_type, normalised,
};
use crate::own_export::ExportReader;
use crate::settings::{DeclaredType, ValueOptions};
use crate::store::StoreSettings;
use crate::value::typed::{DayOrder, TypeSpec, ValueType};
use crate::value::{BlankContext, Standard, trimmed, unwrapped};
use std::collections::{BTreeMap, HashMap};

/// Builds the plan.
pub(crate) fn build_plan(
    key: KeyChoice,
    decision: Decision,
    sample: &[&Record],
    known: &StoreSettings,
    values: &ValueOptions,
) -> Result<Plan, ImportError> {
    let Decision { mut mapping, own, has_decimal_uids, other_keys, .. } = decision;
    let numbers = NumberRules::decide(&mapping, sample, values, &known.remembered)?;
    numbers.explain(&mut mapping);
    warn_of_damage(&mut mapping, sample);
    let attributes = plan_attributes(&mapping, sample, known, values, own.as_ref())?;
    let key = PlannedKey {
        attribute: key.key,
        uid_columns: mapping.uid_columns(),
        has_decimal_uids,
        other: key.other.map(|column| mapping.columns[column].label()),
        placeholders: key.placeholders,
        other_keys,
    };
    let blank_names = blank_names(&mapping, sample, values);
    let options = values.clone();
    Ok(Plan::new(key, mapping, attributes, options, numbers, own, blank_names))
}

/// Warns of values that were decoded with the wrong encoding before they were exported.
fn warn_of_damage(mapping: &mut Mapping, sample: &[&Record]) {
    let mut values = 0;
    let mut columns = Vec::new();
    for column in mapping.columns.iter().filter(|column| column.target != Target::Skipped) {
        let texts = sample.iter().map(|record| record.field(column.index));
        let damaged = texts.filter(|text| is_read_twice(text)).count() as u64;
        if damaged > 0 {
            values += damaged;
            columns.push(column.label());
        }
    }
    if values > 0 && !mapping.is_own_export() {
        mapping.warnings.push(MappingWarning::ReadTwice { columns, values });
    }
}

/// The words that are too frequent in a column of names to be names, with their columns.
fn blank_names(
    mapping: &Mapping,
    sample: &[&Record],
    values: &ValueOptions,
) -> Vec<(usize, &'static str)> {
    let names = mapping.columns.iter().filter(|column| {
        let names = [Standard::FirstName, Standard::LastName].map(Target::Standard);
        names.contains(&column.target) || column.target == Target::FullName
    });
    names
        .flat_map(|column| {
            let texts = sample.iter().map(|record| trimmed(record.field(column.index)));
            let words = values.blank_words.frequent_in(texts.filter(|text| !text.is_empty()));
            words.into_iter().map(|word| (column.index, word))
        })
        .collect()
}

/// The custom attributes, each with its type: declared, known to the store, named by an own export,
/// or inferred from the sample.
pub(crate) fn plan_attributes(
    mapping: &Mapping,
    sample: &[&Record],
    known: &StoreSettings,
    values: &ValueOptions,
    own: Option<&ExportReader>,
) -> Result<Vec<PlannedAttribute>, ImportError> {
    let mut declared = declared_types(mapping, &values.types)?;
    let mut attributes = mapping
        .custom()
        .map(|(column, name)| {
            let in_column = || {
                let texts = sample.iter().map(|r| unwrapped(trimmed(r.field(column.index))));
                texts.filter(|text| {
                    !text.is_empty() && !values.nulls.iter().any(|null| null == text)
                })
            };
            let is_value = |text: &&str| !values.blank_words.contain(text, BlankContext::Typed);
            let exported = own.and_then(|own| own.attribute_type(column.index));
            let inference = match exported {
                Some(kind) => InferredType::new(kind, "as exported"),
                None => infer(&column.header, in_column().filter(is_value)),
            };
            let (spec, source) = match (declared.remove(name), known.catalogue.get(name)) {
                (Some((spec, source)), _) => (spec, source),
                (None, Some(kind)) => {
                    let remembered = remembered_spec(&column.header, known);
                    let remembered = remembered.filter(|(spec, _)| spec.kind == *kind);
                    remembered.unwrap_or_else(|| (TypeSpec::from(*kind), TypeSource::Catalogue))
                }
                (None, None) => (inference.spec, TypeSource::Inferred),
            };
            if let Some(found) = inference.proof
                && source == TypeSource::Catalogue
                && spec.contradicts(&found)
            {
                let (column, attribute) = (column.label(), name.to_owned());
                let known = spec;
                let contradiction = TypeContradiction { column, attribute, known, found };
                return Err(ImportError::TypeContradicted(Box::new(contradiction)));
            }
            let is_text = spec.kind == ValueType::String;
            let has_values = in_column().any(|text| is_text || is_value(&text));
            let is_undecided = source == TypeSource::Inferred && is_text;
            let likely = (is_undecided && inference.readings.is_empty())
                .then(|| likely_type(&column.header, in_column().filter(is_value)))
                .flatten();
            Ok(PlannedAttribute {
                name: name.to_owned(),
                column: column.index,
                spec,
                source,
                reason: inference.reason,
                readings: inference.readings,
                units: inference.units,
                likely,
                // An export has all attributes of its store, even those that no customer has.
                in_sample: exported.is_some() || has_values,
                prefix: String::new(),
            })
        })
        .collect::<Result<Vec<_>, ImportError>>()?;
    put_likelier_readings_first(&mut attributes);
    Ok(attributes)
}

/// The type and format that the store remembers for a column.
fn remembered_spec(header: &str, known: &StoreSettings) -> Option<(TypeSpec, TypeSource)> {
    let column = known.remembered.find(header)?;
    let spec = column.spec.as_ref()?.parse().ok()?;
    let source = match column.type_origin {
        RememberedType::Inferred => TypeSource::Catalogue,
        RememberedType::Declared => TypeSource::Remembered,
        RememberedType::Retyped => TypeSource::Retyped,
    };
    Some((spec, source))
}

/// If the other date columns of the file have the month first, the ambiguous ones most likely do
/// too.
fn put_likelier_readings_first(attributes: &mut [PlannedAttribute]) {
    let has =
        |order| attributes.iter().any(|a: &PlannedAttribute| a.spec.day_order() == Some(order));
    if has(DayOrder::MonthFirst) && !has(DayOrder::DayFirst) {
        for attribute in attributes {
            attribute.readings.sort_by_key(|spec| spec.day_order() != Some(DayOrder::MonthFirst));
        }
    }
}

/// The declared types by attribute; a declaration may also name the column.
fn declared_types(
    mapping: &Mapping,
    types: &[DeclaredType],
) -> Result<BTreeMap<String, (TypeSpec, TypeSource)>, ImportError> {
    let mut declared = BTreeMap::new();
    // If columns share a name, the first one counts.
    let custom: Vec<(&Column, &str)> = mapping.custom().collect();
    let places = || custom.iter().enumerate().rev();
    let by_name: HashMap<&str, usize> = places().map(|(at, (_, name))| (*name, at)).collect();
    let by_header: HashMap<String, usize> =
        places().map(|(at, (column, _))| (normalised(&column.header), at)).collect();
    for DeclaredType { attribute: given, spec, origin } in types {
        let source = match origin {
            Origin::MappingFile => TypeSource::MappingFile,
            _ => TypeSource::Given,
        };
        let named = [given.as_str(), &attribute_name(given)];
        let named = named.iter().filter_map(|name| by_name.get(name)).min();
        let found = named.or_else(|| by_header.get(&normalised(given)));
        match found.map(|at| custom[*at].1) {
            Some(name) => {
                declared.entry(name.to_owned()).or_insert((spec.clone(), source));
            }
            None if Standard::from_name(given).is_some() => {
                return Err(ImportError::StandardType(given.clone()));
            }
            None => {
                return Err(ImportError::UnknownAttribute {
                    name: given.clone(),
                    kind: spec.kind.to_string(),
                    attributes: mapping.custom().map(|(_, name)| name.to_owned()).collect(),
                });
            }
        }
    }
    Ok(declared)
}
