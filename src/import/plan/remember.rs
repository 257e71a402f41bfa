//! What the store remembers about the columns of an import.

use super::import_plan::Plan;
use crate::mapping::{
    Column, Origin, RememberedColumn, RememberedColumns, RememberedType, Target, TypeSource,
    compared,
};
use crate::value::Standard;
use std::collections::BTreeMap;

/// What each column became, for the next file with a column of that name. Columns that were left
/// out, and those of engage's own exports, are not remembered.
pub(crate) fn remembered_columns(plan: &Plan, known: &RememberedColumns) -> RememberedColumns {
    let mut columns = BTreeMap::new();
    if plan.own.is_some() {
        return RememberedColumns::new(columns);
    }
    for column in &plan.mapping.columns {
        let header = compared(&column.header);
        let Some(remembered) = remembered_column(column, plan, known) else { continue };
        if !header.is_empty() {
            columns.entry(header).or_insert(remembered);
        }
    }
    RememberedColumns::new(columns)
}

fn remembered_column(
    column: &Column,
    plan: &Plan,
    known: &RememberedColumns,
) -> Option<RememberedColumn> {
    let part = match column.target {
        Target::UidPart(part) => Some(part),
        _ => None,
    };
    let fallback = match column.target {
        Target::Fallback(_, place) => Some(place),
        _ => None,
    };
    let attribute = match part {
        Some(_) => Standard::Uid.to_string(),
        None => column.target.option_value()?,
    };
    let before = known.find(&column.header);
    let was_given = before.is_some_and(|before| before.given && before.attribute == attribute);
    let is_uid = attribute == Standard::Uid.as_str();
    let planned = plan.attributes.iter().find(|attribute| attribute.column == column.index);
    let planned = planned.filter(|planned| planned.in_sample);
    let (spec, type_origin) = match (planned, before) {
        (Some(planned), _) => (Some(planned.spec.to_string()), remembered_type(planned.source)),
        (None, Some(before)) => (before.spec.clone(), before.type_origin),
        (None, None) => (None, RememberedType::Inferred),
    };
    let region =
        plan.numbers.region.filter(|_| column.target == Target::Standard(Standard::Number));
    Some(RememberedColumn {
        attribute,
        part,
        fallback,
        given: column.origin.is_manual() || (was_given && column.origin == Origin::Remembered),
        spec,
        type_origin,
        placeholders: if is_uid { plan.key_rules.placeholders.clone() } else { Vec::new() },
        phones: region.map(|region| region.to_string()),
    })
}

fn remembered_type(source: TypeSource) -> RememberedType {
    match source {
        TypeSource::Retyped => RememberedType::Retyped,
        source if source.is_declared() => RememberedType::Declared,
        _ => RememberedType::Inferred,
    }
}
