//! Builds the plan from the header, a sample, the store and the options.

use super::import_plan::{Plan, PlannedAttribute};
use crate::events::{ColumnForEvidence, EventEvidence, Sample, event_evidence};
use crate::import::ImportError;
use crate::input::csv::Record;
use crate::mapping::{
    Column, InferredType, Mapping, Origin, TypeSource, attribute_name, infer, normalised,
};
use crate::own_export::ExportReader;
use crate::settings::{DeclaredType, ValueOptions};
use crate::value::typed::{TypeSpec, ValueType};
use crate::value::{Key, Standard, trimmed};
use std::collections::{BTreeMap, HashMap};

/// Chooses what identifies a customer: the key that was given, else the key of the store, else the
/// first of uid, email and number that the file has. The default for an own export is the uid,
/// whatever the key of the store.
pub(crate) fn choose_key(
    name: &str,
    mapping: &Mapping,
    given: Option<Key>,
    stored: Option<Key>,
) -> Result<Key, ImportError> {
    let has = |key: Key| mapping.standard(key.attribute()).is_some();
    let given = given.or((mapping.is_own_export() && has(Key::Uid)).then_some(Key::Uid));
    let no_key = |wanted| ImportError::NoKey {
        name: name.to_owned(),
        wanted,
        of_store: given.is_none() && stored.is_some(),
        columns: mapping.columns.iter().map(Column::label).collect(),
    };
    match given.or(stored) {
        Some(key) if has(key) => Ok(key),
        Some(key) => Err(no_key(Some(key))),
        None => Key::ALL.into_iter().find(|key| has(*key)).ok_or_else(|| no_key(None)),
    }
}

/// The reader of an own export, if the inputs are one.
pub(crate) fn own_export(
    name: &str,
    mapping: &Mapping,
    sample: &[&Record],
) -> Result<Option<ExportReader>, ImportError> {
    let header = mapping.columns.iter().map(|column| column.header.as_str());
    ExportReader::new(header, |column| mapping.store_column(column), sample)
        .map_err(|fault| ImportError::OwnExport { name: name.to_owned(), fault })
}

/// The evidence that the inputs are event data. A column that was mapped or skipped by hand does not
/// count.
pub(crate) fn find_event_evidence(
    mapping: &Mapping,
    sample: &[&Record],
    key: Option<Key>,
) -> Option<EventEvidence> {
    if mapping.is_own_export() {
        return None;
    }
    let key = match key {
        Some(key) => mapping.standard(key.attribute()),
        None => Key::ALL.into_iter().find_map(|key| mapping.standard(key.attribute())),
    };
    let columns: Vec<ColumnForEvidence<'_>> = mapping
        .columns
        .iter()
        .map(|column| ColumnForEvidence {
            index: column.index,
            header: &column.header,
            excused: column.origin.is_manual(),
            is_key: key.is_some_and(|key| key.index == column.index),
        })
        .collect();
    let cell = |record: usize, column: usize| sample[record].field(column);
    event_evidence(&columns, &Sample::new(sample.len(), &cell))
}

/// Builds the plan.
pub(crate) fn build_plan(
    key: Key,
    mapping: Mapping,
    sample: &[&Record],
    catalogue: &BTreeMap<String, ValueType>,
    values: &ValueOptions,
    own: Option<ExportReader>,
) -> Result<Plan, ImportError> {
    let region_column = match &values.region_column {
        Some(named) => Some(mapping.column(named)?.index),
        None => None,
    };
    let attributes = plan_attributes(&mapping, sample, catalogue, values, own.as_ref())?;
    Ok(Plan::new(key, mapping, attributes, values.clone(), region_column, own))
}

/// The custom attributes, each with its type: declared, known to the store, named by an own export,
/// or inferred from the sample.
pub(crate) fn plan_attributes(
    mapping: &Mapping,
    sample: &[&Record],
    catalogue: &BTreeMap<String, ValueType>,
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
            let (spec, source) = match (declared.remove(name), catalogue.get(name)) {
                (Some((spec, source)), _) => (spec, source),
                (None, Some(kind)) => (TypeSpec::from(*kind), TypeSource::Catalogue),
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
    for DeclaredType { attribute: given, spec, how } in types {
        let source = match how {
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
