//! The end of an import: guards, missing customers and the outcome.

use super::job::Job;
use crate::import::ImportError;
use crate::import::apply::{MissingCustomers, NamedCustomers, RecordsSummary};
use crate::import::output::StagedFiles;
use crate::import::plan::{LastReport, Plan, column_outcomes};
use crate::outcome::{Guard, Outcome, RecordCounts, Rejects, SourceOutcome, Status};
use crate::store::sqlite::{Attribute, ImportTransaction};
use crate::value::typed::ValueType;
use std::collections::BTreeMap;

impl Job<'_> {
    /// Finishes an import whose records are all merged: decides whether a guard stops it, removes the
    /// customers that a snapshot misses, and sums everything up.
    pub(crate) fn conclude(
        &self,
        transaction: &mut ImportTransaction,
        plan: &Plan,
        summary: RecordsSummary,
        sources: Vec<SourceOutcome>,
        last: Option<&LastReport>,
    ) -> Result<(Outcome, StagedFiles), ImportError> {
        let missing = self.find_missing(transaction, plan, &summary)?;
        let guard = self.guard(summary.records, missing.as_ref());
        let RecordsSummary { records, mut customers, devices, has_values, files, .. } = summary;
        let mut warnings = summary.warnings.into_list(plan, &sources);
        customers.missing = missing.as_ref().map_or(0, MissingCustomers::count);
        if guard.is_none() {
            if let Some(missing) = &missing {
                let unreadable = self.unreadable(&summary.named);
                warnings.extend(missing.warning(unreadable));
                if unreadable == 0 {
                    let (now, interrupt) = (&self.started_at, self.interrupt);
                    missing.archive_or_delete(transaction, &mut customers, now, interrupt)?;
                }
            }
            let known = transaction.catalogue()?;
            transaction.record_attributes(&imported_attributes(plan, &has_values, &known))?;
            transaction.complete()?;
        }
        let last_records = last.filter(|_| guard.is_some()).map(LastReport::records);
        let (status, exit_code) = self.status(guard.as_ref(), records);
        let is_recorded = guard.is_none() && !self.options.dry_run;
        let mut outcome = Outcome {
            status,
            exit_code,
            guard,
            import_id: is_recorded.then(|| transaction.import_id()),
            store: self.options.store.clone(),
            new_store: transaction.customers() == 0,
            warnings,
            sources,
            key: Some(plan.key),
            mapping: column_outcomes(&plan.mapping, &plan.attributes, &has_values),
            choices: self.options.chosen.choices.clone(),
            records,
            customers,
            snapshot: missing.map(|missing| missing.outcome(last_records)),
            devices,
            rejects: Rejects {
                files: files.rejects_paths(),
                groups: summary.rejects.into_groups(),
                removed: Vec::new(),
            },
            accepted: None,
            saved_mapping: self.options.save_mapping.clone(),
            timing: self.timing(records),
            ..Outcome::new()
        };
        outcome.error = outcome.guard_error();
        Ok((outcome, files))
    }

    /// The customers that a snapshot misses; `None` if the input is no snapshot, or if its records
    /// stop the import anyway.
    fn find_missing(
        &self,
        transaction: &ImportTransaction,
        plan: &Plan,
        summary: &RecordsSummary,
    ) -> Result<Option<MissingCustomers>, ImportError> {
        let Some(snapshot) = self.options.snapshot else { return Ok(None) };
        if self.guard(summary.records, None).is_some() {
            return Ok(None);
        }
        Ok(Some(MissingCustomers::find(transaction, plan.key, &summary.named, snapshot)?))
    }

    /// How many rejected records may name any of the missing customers. With `--max-rejects` such
    /// records are allowed.
    fn unreadable(&self, named: &NamedCustomers) -> u64 {
        if self.options.max_rejects.is_some() { 0 } else { named.unreadable() }
    }

    /// The guard that stops the import before anything is committed.
    fn guard(&self, records: RecordCounts, missing: Option<&MissingCustomers>) -> Option<Guard> {
        if records.read == 0 {
            return Some(Guard::NoRecords);
        }
        if records.rejected == records.read {
            return Some(Guard::AllRejected);
        }
        if let Some(bound) = self.options.max_rejects
            && bound.is_exceeded(records.rejected, records.read)
        {
            return Some(Guard::MaxRejects { bound: bound.to_string() });
        }
        let bound = missing?.exceeded_bound()?;
        Some(Guard::MaxMissing { bound: bound.to_string() })
    }

    fn status(&self, guard: Option<&Guard>, records: RecordCounts) -> (Status, u8) {
        let rejected = records.rejected > 0;
        let status = match guard {
            Some(_) => Status::Stopped,
            None if self.options.dry_run => Status::DryRun,
            None if rejected => Status::Partial,
            None => Status::Imported,
        };
        let exit_code = match status {
            Status::Stopped => 5,
            _ if rejected && self.options.max_rejects.is_none() => 3,
            _ => 0,
        };
        (status, exit_code)
    }
}

/// The attributes of the plan that had a value in this import, and those that the store had: records
/// with a fingerprint are not looked into.
fn imported_attributes(
    plan: &Plan,
    has_values: &[bool],
    known: &BTreeMap<String, ValueType>,
) -> Vec<Attribute> {
    let attributes = plan.attributes.iter().zip(has_values);
    let attributes = attributes.filter_map(|(attribute, has_values)| {
        let name = &attribute.name;
        let kind = if *has_values { attribute.spec.kind } else { *known.get(name)? };
        Some(Attribute { name: name.clone(), kind })
    });
    attributes.collect()
}
