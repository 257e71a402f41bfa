//! Another type for an attribute: what is stored is read again, as an import of it would.

use crate::exit::Exit;
use crate::outcome::{
    CommandReport, Report, RetypeOutcome, RetypedAttribute, Status, UpdatedCount,
};
use crate::store::sqlite::customers::{ChangeKind, CustomerId};
use crate::store::sqlite::history::{HistoryKind, HistoryLine, now};
use crate::store::sqlite::{Attribute, ImportTransaction, begin_import};
use crate::store::{Interrupt, StoreError};
use crate::value::typed::TypeSpec;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

/// Gives attributes other types and converts their values where they fit, as one change that can be
/// taken back like an import. Names that the catalogue does not have are left alone.
pub fn retype(
    store: &Path,
    types: &BTreeMap<String, TypeSpec>,
    wait: Duration,
    interrupt: &Interrupt,
    as_given: &[String],
) -> Result<CommandReport<RetypeOutcome>, StoreError> {
    let started_at = now();
    let mut transaction = begin_import(store, wait, interrupt)?;
    let kind = HistoryKind::Attributes;
    let done = convert(&mut transaction, types, &started_at).and_then(|retyped| {
        transaction.complete()?;
        let status = Status::Converted;
        let report = CommandReport::new("attributes", status, Exit::Done, retyped);
        let stored = Report::Retype(report.clone());
        let line = HistoryLine::done(kind.clone(), status, &started_at, as_given, stored);
        transaction.commit(&line)?;
        Ok(report)
    });
    done.map_err(|error| {
        // The first error says more than one of the history line would.
        let _ = transaction.roll_back(&HistoryLine::failed(kind, &started_at, as_given));
        if interrupt.is_requested() { StoreError::Interrupted } else { error }
    })
}

fn convert(
    transaction: &mut ImportTransaction,
    types: &BTreeMap<String, TypeSpec>,
    now: &str,
) -> Result<RetypeOutcome, StoreError> {
    let catalogue = transaction.catalogue()?;
    let mut attributes = Vec::new();
    let mut changed: BTreeSet<CustomerId> = BTreeSet::new();
    for (name, spec) in types {
        let Some(before) = catalogue.get(name) else { continue };
        let mut retyped = RetypedAttribute {
            name: name.clone(),
            before: *before,
            after: spec.kind,
            converted: 0,
            unchanged: 0,
            strays: 0,
            stray: None,
        };
        transaction.values_of(name, |customer, json| match spec.converted(json) {
            None => {
                retyped.strays += 1;
                retyped.stray.get_or_insert_with(|| json.to_owned());
            }
            Some(converted) if converted == json => retyped.unchanged += 1,
            Some(_) => {
                retyped.converted += 1;
                changed.insert(customer);
            }
        })?;
        attributes.push(retyped);
    }
    for customer in &changed {
        change(transaction, *customer, types, now)?;
    }
    transaction.drop_fingerprints_of(changed.iter().copied())?;
    let seen: Vec<Attribute> = attributes
        .iter()
        .map(|retyped| Attribute { name: retyped.name.clone(), kind: retyped.after })
        .collect();
    transaction.record_attributes(&seen)?;
    let customers = UpdatedCount { updated: changed.len() as u64 };
    Ok(RetypeOutcome { import_id: transaction.import_id(), customers, attributes })
}

fn change(
    transaction: &mut ImportTransaction,
    customer: CustomerId,
    types: &BTreeMap<String, TypeSpec>,
    now: &str,
) -> Result<(), StoreError> {
    let not_json = |_| transaction.damaged("attributes that are not JSON");
    let before = transaction.load_stored(customer)?;
    let before = before.ok_or_else(|| transaction.damaged("a customer is gone"))?;
    let mut after = before.clone();
    after.customer.convert(types).map_err(not_json)?;
    now.clone_into(&mut after.last_changed_at);
    let mut differences = before.customer.diff(&after.customer).map_err(not_json)?;
    let last_changed_at = Some(before.last_changed_at);
    differences.columns.insert("last_changed_at".to_owned(), last_changed_at);
    transaction.record_before_image(customer, ChangeKind::Update, differences)?;
    transaction.save(customer, &before.customer.devices, &after)
}
