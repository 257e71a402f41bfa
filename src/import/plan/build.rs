//! Builds the plan from the header, a sample, the store and the options.

use super::decide::Decision;
use super::import_plan::{Plan, PlannedAttribute, PlannedKey};
use crate::import::ImportError;
use crate::input::csv::Record;
use crate::mapping::{
    Column, InferredType, KeyChoice, Mapping, Origin, TypeSource, attribute_name, infer, normalised,
};
use crate::own_export::ExportReader;
use crate::settings::{DeclaredType, ValueOptions};
use crate::store::sqlite::StoreSettings;
use crate::value::typed::TypeSpec;
use crate::value::{Standard, trimmed};
use std::collections::{BTreeMap, HashMap};

/// Builds the plan.
pub(crate) fn build_plan(
    key: KeyChoice,
    decision: Decision,
    sample: &[&Record],
    known: &StoreSettings,
    values: &ValueOptions,
) -> Result<Plan, ImportError> {
    let Decision { mapping, own, has_decimal_uids, other_keys, .. } = decision;
    let region_column = match &values.region_column {
        Some(named) => Some(mapping.column(named)?.index),
        None => None,
    };
    let attributes = plan_attributes(&mapping, sample, known, values, own.as_ref())?;
    let key = PlannedKey {
        attribute: key.key,
        uid_columns: mapping.uid_columns(),
        has_decimal_uids,
        other: key.other.map(|column| mapping.columns[column].label()),
        placeholders: key.placeholders,
        other_keys,
    };
    Ok(Plan::new(key, mapping, attributes, values.clone(), region_column, own))
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
    let attributes = mapping
        .custom()
        .map(|(column, name)| {
            let in_column = || {
                sample.iter().map(|record| trimmed(record.field(column.index))).filter(|text| {
                    !text.is_empty() && !values.nulls.iter().any(|null| null == text)
                })
            };
            let exported = own.and_then(|own| own.attribute_type(column.index));
            let inference = match exported {
                Some(kind) => InferredType { kind, reason: "as exported".to_owned(), hint: None },
                None => infer(&column.header, in_column()),
            };
            let (spec, source) = match (declared.remove(name), known.catalogue.get(name)) {
                (Some((spec, source)), _) => (spec, source),
                (None, Some(kind)) => {
                    let remembered = remembered_spec(&column.header, known);
                    let spec = remembered.filter(|spec| spec.kind == *kind);
                    (spec.unwrap_or_else(|| TypeSpec::from(*kind)), TypeSource::Catalogue)
                }
                (None, None) => (TypeSpec::from(inference.kind), TypeSource::Inferred),
            };
            PlannedAttribute {
                name: name.to_owned(),
                column: column.index,
                spec,
                source,
                reason: inference.reason,
                hint: inference.hint,
                // An export has all attributes of its store, also those that no customer has.
                in_sample: exported.is_some() || in_column().next().is_some(),
                prefix: String::new(),
            }
        })
        .collect();
    Ok(attributes)
}

/// The type and format that the store remembers of a column.
fn remembered_spec(header: &str, known: &StoreSettings) -> Option<TypeSpec> {
    known.remembered.find(header)?.spec.as_ref()?.parse().ok()
}

/// The declared types by attribute; a declaration may also name the column.
fn declared_types(
    mapping: &Mapping,
    types: &[DeclaredType],
) -> Result<BTreeMap<String, (TypeSpec, TypeSource)>, ImportError> {
    let mut declared = BTreeMap::new();
    // Of columns with one name the first counts.
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
