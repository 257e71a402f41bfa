//! One import from beginning to end.

use super::accepted::AcceptedFile;
use super::error::ImportError;
use super::inputs::Inputs;
use super::meter::Meter;
use super::options::ImportOptions;
use super::outcome::{ColumnOutcome, Guard, Outcome, RecordCounts, Rejects, SourceOutcome, Status};
use super::outputs::rejects_files;
use super::pipeline;
use super::plan::{Plan, TypeSource};
use super::planning;
use super::reconcile::Reconciler;
use super::rejects::{FinishedRejects, RejectsFile};
use super::writing::{Done, Writing};
use crate::attribute::{PhoneNumber, Standard, ValueType};
use crate::mapping::{Mapping, Target};
use crate::store::{self, Attribute, HistoryLine, ImportTransaction};
use std::thread;
use std::time::Instant;

/// Imports the inputs into a store, or says what an import would do.
///
/// `render` makes the report that the history keeps. An error says that no customer was changed;
/// so does a [`Guard`] in the outcome.
pub fn import(
    options: &ImportOptions,
    meter: &Meter,
    render: impl Fn(&Outcome) -> String,
) -> Result<Outcome, ImportError> {
    let job = Job { options, meter, started: Instant::now(), started_at: now() };
    let limit = options.limit.unwrap_or(u64::MAX);
    let inputs = Inputs::open(&options.inputs, &options.read, limit, meter)?;
    let mapping = Mapping::new(inputs.header(), &options.mapping)?;
    let rejects = rejects_files(options, inputs.layouts())?;
    if let Some(evidence) = planning::evidence(&mapping, &inputs.sample(), options.key) {
        let name = inputs.name().to_owned();
        return Err(ImportError::EventData { name, evidence: Box::new(evidence) });
    }
    let mut transaction = match options.dry_run {
        true => store::begin_rehearsal(&options.store)?,
        false => store::begin_import(&options.store, options.wait)?,
    };
    let run = job.prepare(&mut transaction, mapping, &inputs).and_then(|plan| {
        let (done, inputs) = job.run(&mut transaction, &plan, inputs, rejects)?;
        Ok((plan, done, inputs.finish()?))
    });
    match run {
        Ok((plan, done, sources)) => job.conclude(transaction, &plan, done, sources, &render),
        Err(error) => {
            transaction.roll_back(None)?;
            Err(error)
        }
    }
}

/// The time, as it is stored: UTC, RFC 3339, to the second.
fn now() -> String {
    let now = jiff::Timestamp::now();
    jiff::Timestamp::from_second(now.as_second()).unwrap_or(now).to_string()
}

struct Job<'a> {
    options: &'a ImportOptions,
    meter: &'a Meter,
    started: Instant,
    started_at: String,
}

impl Job<'_> {
    fn prepare(
        &self,
        transaction: &mut ImportTransaction,
        mapping: Mapping,
        inputs: &Inputs,
    ) -> Result<Plan, ImportError> {
        let stored = transaction.key()?;
        let key = planning::choose_key(inputs.name(), &mapping, self.options.key, stored)?;
        if stored.is_none() {
            transaction.set_key(key)?;
        }
        let catalogue = transaction.catalogue()?;
        let plan = planning::plan(key, mapping, &inputs.sample(), &catalogue, self.options)?;
        transaction.choose_plan(&plan.digest)?;
        Ok(plan)
    }

    fn run(
        &self,
        transaction: &mut ImportTransaction,
        plan: &Plan,
        inputs: Inputs,
        rejects: Vec<RejectsFile>,
    ) -> Result<(Done, Inputs), ImportError> {
        thread::scope(|scope| {
            if let Some(column) = plan.mapping.standard(Standard::Number)
                && inputs
                    .sample()
                    .iter()
                    .any(|record| !record.field(column.index).trim().is_empty())
            {
                // It takes a while, and who is known is read meanwhile.
                scope.spawn(PhoneNumber::load_metadata);
            }
            let known = planning::known_customers(transaction, plan.key, inputs.length())?;
            let known = known.as_ref();
            let (key, mode) = (plan.key, self.options.mode);
            let reconciler = Reconciler::new(transaction, key, mode, &self.started_at, known);
            let accepted = match &self.options.accepted {
                Some(path) => Some(AcceptedFile::create(path.clone(), plan)?),
                None => None,
            };
            // Who wants every accepted record has none passed over.
            let trusted = known.filter(|_| accepted.is_none());
            let mut writing = Writing::new(plan, reconciler, rejects, accepted);
            let inputs = pipeline::run(inputs, plan, trusted, self.options.threads, |batch| {
                let before = writing.rejected();
                writing.write(batch)?;
                self.meter.count(batch.length as u64, writing.rejected() - before);
                Ok(())
            })?;
            Ok((writing.finish()?, inputs))
        })
    }

    fn conclude(
        &self,
        mut transaction: ImportTransaction,
        plan: &Plan,
        done: Done,
        sources: Vec<SourceOutcome>,
        render: &impl Fn(&Outcome) -> String,
    ) -> Result<Outcome, ImportError> {
        let Done { records, customers, devices, seen, counts, warnings, rejects, accepted } = done;
        let named: Vec<_> = rejects.iter().filter_map(FinishedRejects::names).collect();
        let guard = self.guard(records);
        let stopped = guard.is_some();
        let (status, exit_code) = self.status(guard.as_ref(), records);
        let mut outcome = Outcome {
            status,
            exit_code,
            guard,
            import_id: (!stopped && !self.options.dry_run).then(|| transaction.import_id()),
            store: self.options.store.clone(),
            new_store: transaction.customers() == 0,
            warnings: warnings.into_list(plan, &sources),
            sources,
            key: plan.key,
            mapping: columns(plan, &seen),
            records,
            customers,
            devices,
            rejects: Rejects {
                files: named.iter().map(|(_, path)| (*path).to_owned()).collect(),
                groups: counts.into_groups(),
                removed: Vec::new(),
            },
            accepted: None,
            seconds: self.started.elapsed().as_secs_f64(),
        };
        let pending = (!named.is_empty()).then(|| serde_json::json!(named).to_string());
        if stopped {
            let line = self.line(&outcome, pending, render);
            outcome.import_id = transaction.roll_back(Some(&line))?;
        } else {
            let attributes: Vec<Attribute> = plan
                .attributes
                .iter()
                .zip(&seen)
                .filter(|(_, seen)| **seen)
                .map(|(a, _)| Attribute { name: a.name.clone(), kind: a.spec.kind })
                .collect();
            let completed =
                transaction.see_attributes(&attributes).and_then(|()| transaction.complete());
            if let Err(error) = completed {
                transaction.roll_back(None)?;
                return Err(error.into());
            }
            transaction.commit(&self.line(&outcome, pending, render))?;
        }
        for file in rejects {
            outcome.rejects.removed.extend(file.place()?);
        }
        if let Some(accepted) = accepted.filter(|_| !stopped) {
            outcome.accepted = Some(accepted.place()?);
        }
        outcome.seconds = self.started.elapsed().as_secs_f64();
        Ok(outcome)
    }

    fn guard(&self, records: RecordCounts) -> Option<Guard> {
        if records.read == 0 {
            return Some(Guard::NoRecords);
        }
        if records.rejected == records.read {
            return Some(Guard::AllRejected);
        }
        let bound = self.options.max_rejects?;
        bound
            .is_exceeded(records.rejected, records.read)
            .then(|| Guard::MaxRejects { bound: bound.to_string() })
    }

    fn status(&self, guard: Option<&Guard>, records: RecordCounts) -> (Status, u8) {
        let rejected = records.rejected > 0;
        let status = match guard {
            Some(_) => return (Status::Stopped, 5),
            None if self.options.dry_run => Status::DryRun,
            None if rejected => Status::Partial,
            None => Status::Imported,
        };
        (status, if rejected && self.options.max_rejects.is_none() { 3 } else { 0 })
    }

    fn line(
        &self,
        outcome: &Outcome,
        rejects: Option<String>,
        render: &impl Fn(&Outcome) -> String,
    ) -> HistoryLine {
        let files: Vec<&str> = outcome.sources.iter().map(|source| source.name.as_str()).collect();
        HistoryLine {
            kind: "import",
            status: outcome.status.as_str(),
            exit_code: outcome.exit_code,
            started_at: self.started_at.clone(),
            finished_at: now(),
            operator: std::env::var("USER").ok().filter(|name| !name.is_empty()),
            options: serde_json::json!(self.options.as_given).to_string(),
            files: serde_json::json!(files).to_string(),
            key: Some(outcome.key),
            report: render(outcome),
            rejects,
        }
    }
}

/// What became of each column, for the report.
fn columns(plan: &Plan, seen: &[bool]) -> Vec<ColumnOutcome> {
    plan.mapping
        .columns
        .iter()
        .map(|column| {
            let planned = match &column.target {
                Target::Custom(name) => plan.attributes.iter().position(|a| a.name == *name),
                _ => None,
            };
            let planned = planned.map(|at| (&plan.attributes[at], seen[at]));
            let is_standard = matches!(column.target, Target::Standard(_) | Target::FullName);
            ColumnOutcome {
                column: column.label(),
                index: column.index,
                attribute: column.target.attribute().map(str::to_owned),
                standard: is_standard,
                kind: planned.map_or(ValueType::String, |(a, _)| a.spec.kind).as_str(),
                how: column.how,
                type_reason: planned.map(|(attribute, _)| match attribute.source {
                    TypeSource::Declared => "declared".to_owned(),
                    TypeSource::Catalogue => "as in the store".to_owned(),
                    TypeSource::Inferred => attribute.reason.clone(),
                }),
                type_hint: planned
                    .filter(|(a, _)| a.source != TypeSource::Declared)
                    .and_then(|(attribute, _)| attribute.hint.clone()),
                has_values: planned.is_none_or(|(_, seen)| seen),
            }
        })
        .collect()
}
