//! One import from beginning to end.

use super::error::ImportError;
use super::inputs::Inputs;
use super::meter::Meter;
use super::options::{History, ImportOptions};
use super::own_export::OwnExport;
use super::pipeline;
use crate::import::apply::Missing;
use crate::import::apply::Reconciler;
use crate::import::apply::{Done, Writing};
use crate::import::output::AcceptedFile;
use crate::import::output::RejectsFile;
use crate::import::output::Written;
use crate::import::output::finish_outputs;
use crate::import::output::{check_report, planned_outputs};
use crate::import::plan::Plan;
use crate::import::plan::Settled;
use crate::import::plan::build;
use crate::import::plan::columns;
use crate::import::plan::drift;
use crate::mapping::Mapping;
use crate::outcome::{
    ErrorReport, Guard, Outcome, RecordCounts, Rejects, Report, SourceOutcome, Status, Timing,
};
use crate::output::{PlannedOutput, Purpose, TemporaryFiles, folder_of};
use crate::store::Interrupt;
use crate::store::sqlite::history::HistoryLine;
use crate::store::sqlite::{Attribute, ImportTransaction};
use crate::value::Standard;
use crate::value::phone::PhoneNumber;
use crate::value::typed::ValueType;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::thread;
use std::time::Instant;

/// Imports the inputs into a store, or says what an import would do. `explain` gives the exit code of
/// an error and what the history keeps of it.
///
/// An error says that no customer was changed; so does a [`Guard`] in the outcome.
pub fn import(
    options: &ImportOptions,
    meter: &Meter,
    interrupt: &Interrupt,
    explain: &dyn Fn(&ImportError) -> (u8, ErrorReport),
) -> Result<Outcome, ImportError> {
    let temporary = TemporaryFiles::of_store(&options.store);
    check_report(options, &temporary)?;
    let job = Job {
        options,
        meter,
        interrupt,
        temporary,
        started: Instant::now(),
        started_at: crate::store::sqlite::history::now(),
    };
    let limit = options.limit.unwrap_or(u64::MAX);
    let chosen = &options.chosen;
    let inputs = Inputs::open(&options.inputs, &chosen.read, limit, meter)?;
    let mut layouts = inputs.layouts().iter();
    if options.snapshot.is_some()
        && let Some(rejects) = layouts.find(|layout| layout.description.is_rejects_file)
    {
        return Err(ImportError::SnapshotOfRejects(rejects.name.clone()));
    }
    let (rejects, accepted) = planned_outputs(options, inputs.layouts(), &job.temporary)?;
    let drift = drift::mapping(inputs.name(), inputs.header(), chosen, &options.store)?;
    if let Some(changed) = drift.changed.filter(|_| options.strict) {
        return Err(changed);
    }
    let mapping = drift.mapping;
    if let Some(evidence) = build::evidence(&mapping, &inputs.sample(), chosen.key) {
        let name = inputs.name().to_owned();
        return Err(ImportError::EventData { name, evidence: Box::new(evidence) });
    }
    let own = build::own_export(inputs.name(), &mapping, &inputs.sample())?;
    let files: Vec<String> = inputs.layouts().iter().map(|layout| layout.name.clone()).collect();
    let mut transaction = job.begin()?;
    let imported = job
        .clear_up(&transaction, &rejects, accepted.as_ref())
        .and_then(|()| job.prepare(&mut transaction, mapping, own, &inputs))
        .and_then(|plan| {
            let (done, inputs) =
                job.run(&mut transaction, &plan, inputs, rejects, accepted.as_ref())?;
            job.conclude(&mut transaction, &plan, done, inputs.finish()?)
        })
        .and_then(|(mut outcome, written)| {
            interrupt.check()?;
            if outcome.guard.is_some() {
                // While the store is locked: the next import clears files without a name.
                written.place(&mut outcome);
                return Ok((outcome, None));
            }
            transaction.commit(&job.line(&outcome, written.pending()))?;
            written.protect_rejects();
            Ok((outcome, Some(written)))
        });
    match imported {
        Ok((mut outcome, written)) => {
            match written {
                Some(written) => {
                    let is_pending = written.pending().is_some();
                    if written.place(&mut outcome) && is_pending {
                        transaction.outputs_done();
                    }
                }
                None => {
                    outcome.import_id = transaction.roll_back(&job.line(&outcome, None))?;
                }
            }
            outcome.timing = job.timing(outcome.records);
            Ok(outcome)
        }
        Err(error) => {
            let error = if interrupt.is_requested() { ImportError::Interrupted } else { error };
            // Why it failed is worth more than that its line could not be written either.
            let _ = transaction.roll_back(&job.failed_line(explain(&error), &files));
            Err(error)
        }
    }
}

/// The attributes of the plan that the import has seen a value of, and those that were known: a
/// record with a proof is not looked into.
fn seen_attributes(
    plan: &Plan,
    seen: &[bool],
    known: &BTreeMap<String, ValueType>,
) -> Vec<Attribute> {
    let attributes = plan.attributes.iter().zip(seen);
    let attributes = attributes.filter_map(|(attribute, seen)| {
        let kind = match seen {
            true => attribute.spec.kind,
            false => *known.get(&attribute.name)?,
        };
        Some(Attribute { name: attribute.name.clone(), kind })
    });
    attributes.collect()
}

struct Job<'a> {
    options: &'a ImportOptions,
    meter: &'a Meter,
    interrupt: &'a Interrupt,
    temporary: TemporaryFiles,
    started: Instant,
    started_at: String,
}

impl Job<'_> {
    /// Begins the transaction. From here on an interruption takes it back.
    fn begin(&self) -> Result<ImportTransaction, ImportError> {
        let ImportOptions { store, wait, dry_run, .. } = self.options;
        let begun = match dry_run {
            true => crate::store::sqlite::begin_rehearsal(store, *wait, self.interrupt),
            false => crate::store::sqlite::begin_import(store, *wait, self.interrupt),
        };
        let mut transaction = begun.map_err(|error| match self.interrupt.is_requested() {
            true => ImportError::Interrupted,
            false => error.into(),
        })?;
        if self.options.history == History::None {
            transaction.keep_no_trail()?;
        }
        Ok(transaction)
    }

    /// Finishes and clears what a killed command has left beside the files of this import. A dry run
    /// does not hold the store's lock, so that it leaves the files of imports alone.
    fn clear_up(
        &self,
        transaction: &ImportTransaction,
        rejects: &[RejectsFile],
        accepted: Option<&PlannedOutput>,
    ) -> Result<(), ImportError> {
        let options = self.options;
        let paths = rejects.iter().map(RejectsFile::path).chain(accepted.map(PlannedOutput::path));
        let mut folders: BTreeSet<&Path> =
            paths.chain(options.report.as_deref()).map(folder_of).collect();
        if options.dry_run {
            for folder in folders {
                self.temporary.clear(folder, Purpose::Copy, &[]);
            }
            return Ok(());
        }
        let finished = finish_outputs(&options.store, &transaction.pending_outputs()?);
        transaction.clear_pending(&finished.imports)?;
        folders.insert(folder_of(&options.store));
        for folder in folders {
            self.temporary.clear(folder, Purpose::Import, &finished.kept);
        }
        Ok(())
    }

    fn prepare(
        &self,
        transaction: &mut ImportTransaction,
        mapping: Mapping,
        own: Option<OwnExport>,
        inputs: &Inputs,
    ) -> Result<Plan, ImportError> {
        let chosen = &self.options.chosen;
        let stored = transaction.key()?;
        let key = build::choose_key(inputs.name(), &mapping, chosen.key, stored)?;
        if stored.is_none() {
            let exported = own.as_ref().and_then(OwnExport::key);
            transaction.set_key(chosen.key.or(exported).unwrap_or(key))?;
        }
        let (sample, catalogue) = (inputs.sample(), transaction.catalogue()?);
        let plan = build::plan(key, mapping, &sample, &catalogue, &chosen.values, own)?;
        if let Some(path) = &self.options.save_mapping {
            let settled = Settled {
                name: inputs.name(),
                description: &inputs.layouts()[0].description,
                chosen,
                key,
                mapping: &plan.mapping,
                attributes: &plan.attributes,
            };
            settled.save(path, &self.temporary)?;
        }
        transaction.choose_plan(&plan.digest)?;
        Ok(plan)
    }

    fn run(
        &self,
        transaction: &mut ImportTransaction,
        plan: &Plan,
        inputs: Inputs,
        rejects: Vec<RejectsFile>,
        accepted: Option<&PlannedOutput>,
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
            let expected = inputs.expected_records();
            let known =
                crate::import::apply::known::known_customers(transaction, plan.key, expected)?;
            let known = known.as_ref();
            let (key, mode) = (plan.key, self.options.mode);
            let reconciler =
                Reconciler::new(transaction, key, mode, &self.started_at, known, expected);
            let accepted = match (accepted, &self.options.accepted) {
                (Some(output), Some(asked)) => {
                    Some(AcceptedFile::create(output, asked.spreadsheet_safe, plan)?)
                }
                _ => None,
            };
            // Who wants every accepted record has none passed over.
            let trusted = known.filter(|_| accepted.is_none());
            let mut writing = Writing::new(plan, reconciler, rejects, accepted);
            let threads = self.options.threads;
            let inputs = pipeline::run(inputs, plan, trusted, threads, self.interrupt, |batch| {
                let before = writing.rejected();
                writing.write(batch)?;
                self.meter.count(batch.length as u64, writing.rejected() - before);
                Ok(())
            })?;
            Ok((writing.finish()?, inputs))
        })
    }

    /// Does what is done once all records are, and sums the import up.
    fn conclude(
        &self,
        transaction: &mut ImportTransaction,
        plan: &Plan,
        done: Done,
        sources: Vec<SourceOutcome>,
    ) -> Result<(Outcome, Written), ImportError> {
        let Done { records, mut customers, devices, seen, presence, counts, warnings, .. } = done;
        let written = Written { rejects: done.rejects, accepted: done.accepted };
        let mut warnings = warnings.into_list(plan, &sources);
        let mut guard = self.guard(records);
        let mut snapshot = None;
        if let Some(asked) = self.options.snapshot.filter(|_| guard.is_none()) {
            let missing = Missing::find(transaction, plan.key, &presence)?;
            customers.missing = missing.customers.len() as u64;
            let mut last_records = None;
            if let Some(bound) = missing.exceeded(asked) {
                let name = sources.first().map_or("", |source| source.path.as_str());
                last_records = drift::last_records(&self.options.store, name)?;
                guard = Some(Guard::MaxMissing { bound: bound.to_string() });
            } else {
                let trusted = self.options.max_rejects.is_some();
                let unreadable = if trusted { 0 } else { presence.unreadable() };
                warnings.extend(missing.warning(asked, unreadable));
                if unreadable == 0 {
                    missing.part(transaction, asked.action, &self.started_at, self.interrupt)?;
                    customers.count_missing(asked.action);
                }
            }
            snapshot = Some(missing.outcome(asked, last_records));
        }
        if guard.is_none() {
            transaction.see_attributes(&seen_attributes(plan, &seen, &transaction.catalogue()?))?;
            transaction.complete()?;
        }
        let (status, exit_code) = self.status(guard.as_ref(), records);
        let recorded = guard.is_none() && !self.options.dry_run;
        let mut outcome = Outcome {
            status,
            exit_code,
            guard,
            import_id: recorded.then(|| transaction.import_id()),
            store: self.options.store.clone(),
            new_store: transaction.customers() == 0,
            warnings,
            sources,
            key: Some(plan.key),
            mapping: columns(&plan.mapping, &plan.attributes, &seen),
            choices: self.options.chosen.choices.clone(),
            records,
            customers,
            snapshot,
            devices,
            rejects: Rejects {
                files: written.rejects_paths(),
                groups: counts.into_groups(),
                removed: Vec::new(),
            },
            accepted: None,
            saved_mapping: self.options.save_mapping.clone(),
            timing: self.timing(records),
            ..Outcome::new()
        };
        outcome.error = outcome.guard_error();
        Ok((outcome, written))
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

    fn timing(&self, records: RecordCounts) -> Timing {
        Timing::new(self.started.elapsed().as_secs_f64(), records.read)
    }

    fn line(&self, outcome: &Outcome, rejects: Option<String>) -> HistoryLine {
        let files = outcome.sources.iter().map(|source| source.path.as_str());
        HistoryLine {
            status: outcome.status.as_str(),
            exit_code: outcome.exit_code,
            key: outcome.key,
            report: Some(Report::Import(Box::new(outcome.clone()))),
            rejects,
            ..self.bare_line(files)
        }
    }

    fn failed_line(&self, (exit_code, error): (u8, ErrorReport), files: &[String]) -> HistoryLine {
        let report = Report::Import(Box::new(Outcome::failed(exit_code, error, files)));
        HistoryLine {
            exit_code,
            report: Some(report),
            ..self.bare_line(files.iter().map(String::as_str))
        }
    }

    fn bare_line<'f>(&self, files: impl Iterator<Item = &'f str>) -> HistoryLine {
        HistoryLine {
            files: serde_json::json!(files.collect::<Vec<_>>()).to_string(),
            ..HistoryLine::new("import", &self.started_at, &self.options.as_given)
        }
    }
}
