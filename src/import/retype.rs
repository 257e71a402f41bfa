//! Changes the types of attributes: stored values are read again, as an import would read them.

use crate::exit::Exit;
use crate::mapping::{RememberedColumn, RememberedColumns, RememberedType, Target};
use crate::outcome::{
    CommandReport, Report, RetypeOutcome, RetypedAttribute, Status, UpdatedCount,
};
use crate::store::{
    Attribute, BeforeImage, ChangeSet, CustomerUpdate, HistoryKind, HistoryLine, Interrupt, Loaded,
    ProofChange, Session, Slot, StoreError, StoreLocation, Wanted, begin_import, now,
};
use crate::value::typed::{TypeSpec, ValueType};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// The customers that are changed together.
const BATCH_CUSTOMERS: usize = 512;

/// Changes the types of attributes and converts the values that fit, as one change that can be
/// undone like an import. Names that are not in the catalogue are ignored.
pub fn retype(
    store: &StoreLocation,
    types: &BTreeMap<String, TypeSpec>,
    wait: Duration,
    interrupt: &Interrupt,
    as_given: &[String],
) -> Result<CommandReport<RetypeOutcome>, StoreError> {
    let started_at = now();
    let mut session = begin_import(store, "attributes", wait, interrupt)?;
    let kind = HistoryKind::Attributes;
    let done = convert(&mut *session, types, &started_at).and_then(|retyped| {
        session.complete()?;
        let status = Status::Converted;
        let report = CommandReport::new("retype", status, Exit::Done, retyped);
        let stored = Report::Retype(report.clone());
        let line = HistoryLine::done(kind.clone(), status, &started_at, as_given, stored);
        session.commit(&line)?;
        Ok(report)
    });
    done.map_err(|error| {
        // If the history line cannot be written either, the first error says more.
        let _ = session.abort(Some(&HistoryLine::failed(kind, &started_at, as_given)));
        if interrupt.is_requested() { StoreError::Interrupted } else { error }
    })
}

fn convert(
    session: &mut dyn Session,
    types: &BTreeMap<String, TypeSpec>,
    now: &str,
) -> Result<RetypeOutcome, StoreError> {
    let settings = session.settings()?;
    let catalogue = &settings.catalogue;
    let mut attributes = Vec::new();
    let mut changed: BTreeSet<Slot> = BTreeSet::new();
    for (name, spec) in types {
        let Some(before) = catalogue.get(name) else { continue };
        let mut retyped = RetypedAttribute {
            name: name.clone(),
            before: *before,
            after: spec.kind,
            spec_before: remembered_spec(&settings.remembered, name, *before),
            spec_after: Some(spec.to_string()),
            converted: 0,
            unchanged: 0,
            strays: 0,
            stray: None,
        };
        session.values_of(name, &mut |slot, json| match spec.converted(json) {
            None => {
                retyped.strays += 1;
                retyped.stray.get_or_insert_with(|| json.to_owned());
            }
            Some(converted) if converted == json => retyped.unchanged += 1,
            Some(_) => {
                retyped.converted += 1;
                changed.insert(slot);
            }
        })?;
        attributes.push(retyped);
    }
    let seen: Vec<Attribute> = attributes
        .iter()
        .map(|retyped| Attribute { name: retyped.name.clone(), kind: retyped.after })
        .collect();
    let customers = UpdatedCount { updated: changed.len() as u64 };
    change(session, changed, types, now)?;
    session.record_attributes(&seen)?;
    session
        .remember_columns(&retyped_columns(&settings.remembered, types), &settings.remembered)?;
    Ok(RetypeOutcome { import_id: session.start().import_id, customers, attributes })
}

/// The type and format of the values of an attribute, if a column of it is remembered.
fn remembered_spec(known: &RememberedColumns, name: &str, kind: ValueType) -> Option<String> {
    let specs = known.iter().filter_map(|(_, column)| match column.target()? {
        Target::Custom(attribute) if attribute == name => column.spec.clone(),
        _ => None,
    });
    let mut specs = specs.filter(|spec| spec.parse().is_ok_and(|spec: TypeSpec| spec.kind == kind));
    specs.next()
}

/// The remembered columns of these attributes, whose values are read as the new types from now on.
fn retyped_columns(
    known: &RememberedColumns,
    types: &BTreeMap<String, TypeSpec>,
) -> RememberedColumns {
    let retyped = known.iter().filter_map(|(header, column)| {
        let Some(Target::Custom(name)) = column.target() else { return None };
        let spec = Some(types.get(&name)?.to_string());
        Some((
            header.to_owned(),
            RememberedColumn { spec, type_origin: RememberedType::Retyped, ..column.clone() },
        ))
    });
    RememberedColumns::new(retyped.collect())
}

/// Converts the values of customers, one batch at a time.
fn change(
    session: &mut dyn Session,
    mut customers: BTreeSet<Slot>,
    types: &BTreeMap<String, TypeSpec>,
    now: &str,
) -> Result<(), StoreError> {
    let mut changes = ChangeSet::new(now, session.start().first_new);
    while !customers.is_empty() {
        let batch = customers.iter().take(BATCH_CUSTOMERS);
        let wanted: Vec<Wanted> =
            batch.map(|slot| Wanted { slot: *slot, devices: false }).collect();
        for loaded in session.load(&wanted)? {
            customers.remove(&loaded.slot);
            changes.proofs.push(ProofChange { slot: loaded.slot, proof: None, changed: true });
            let update = converted(loaded, types, now);
            changes
                .updates
                .push(update.map_err(|_| session.damaged("attributes that are not JSON"))?);
        }
        session.write(&mut changes)?;
    }
    Ok(())
}

fn converted(
    loaded: Loaded,
    types: &BTreeMap<String, TypeSpec>,
    now: &str,
) -> serde_json::Result<CustomerUpdate> {
    let Loaded { slot, stored, .. } = loaded;
    let mut after = stored.clone();
    after.customer.convert(types)?;
    now.clone_into(&mut after.last_changed_at);
    let mut before = stored.customer.diff(&after.customer)?;
    before.columns.insert("last_changed_at", Some(stored.last_changed_at));
    Ok(CustomerUpdate { slot, after, has_new_devices: false, before: BeforeImage::Record(before) })
}
