//! One import from beginning to end.

use super::accepted::AcceptedFile;
use super::columns::column_outcomes;
use super::error::ImportError;
use super::files::is_same;
use super::meter::Meter;
use super::options::ImportOptions;
use super::outcome::{Guard, Outcome, RecordCounts, Rejects, SourceOutcome, Status};
use super::pipeline::{self, Reading};
use super::plan::Plan;
use super::planning;
use super::reconcile::Reconciler;
use super::rejects::{RejectsFile, default_path};
use super::writing::{Done, Writing};
use crate::attribute::{PhoneNumber, Standard};
use crate::mapping::Mapping;
use crate::source::{Record, Source};
use crate::store::{self, Attribute, HistoryLine, ImportTransaction};
use std::collections::VecDeque;
use std::thread;
use std::time::Instant;

/// Imports a source into a store, or says what an import would do.
///
/// `render` makes the report that the history keeps. An error says that no customer was changed;
/// so does a [`Guard`] in the outcome.
pub fn import(
    options: &ImportOptions,
    meter: &Meter,
    render: impl Fn(&Outcome) -> String,
) -> Result<Outcome, ImportError> {
    let started = Instant::now();
    let chosen = &options.chosen;
    let mut source = Source::open(&options.input, &chosen.read, meter.bytes.clone())?;
    meter.expect_bytes(source.length().unwrap_or_default());
    let mapping = Mapping::new(source.header(), &chosen.mapping)?;
    let rejects = rejects_file(options, &source, &mapping)?;
    let job = Job { options, meter, started, started_at: now(), name: source.name().to_owned() };
    let sample =
        planning::sample(&mut source, options.limit).map_err(|error| job.reading_failed(error))?;
    let beginning: Vec<&Record> = sample.iter().collect();
    if let Some(evidence) = planning::evidence(&mapping, &beginning, chosen.key) {
        return Err(ImportError::EventData { name: job.name, evidence: Box::new(evidence) });
    }
    let mut transaction = match options.dry_run {
        true => store::begin_rehearsal(&options.store)?,
        false => store::begin_import(&options.store, options.wait)?,
    };
    let plan = job.prepare(&mut transaction, mapping, &source, &beginning);
    let run = plan.and_then(|plan| {
        let done = job.run(&mut transaction, &plan, &mut source, sample, rejects)?;
        let description = source.description().clone();
        let summary = source.finish().map_err(|error| job.reading_failed(error))?;
        let source = SourceOutcome {
            name: job.name.clone(),
            description,
            summary: Some(summary),
            records: done.records.read,
        };
        Ok((plan, done, source))
    });
    match run {
        Ok((plan, done, source)) => job.conclude(transaction, &plan, done, source, &render),
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

fn rejects_file(
    options: &ImportOptions,
    source: &Source,
    mapping: &Mapping,
) -> Result<RejectsFile, ImportError> {
    let path = options.rejects.clone().unwrap_or_else(|| default_path(source.path()));
    let outputs = [
        ("the rejects file", Some(&path)),
        ("the file of accepted records", options.accepted.as_ref()),
        ("the report", options.report.as_ref()),
        ("the store", Some(&options.store)),
    ];
    for (index, (what, output)) in outputs.iter().enumerate() {
        let Some(output) = output else { continue };
        let overwrites = |other| ImportError::Overwrites { what, path: (*output).clone(), other };
        if source.path().is_some_and(|input| is_same(input, output)) {
            return Err(overwrites("an input"));
        }
        for (other, taken) in &outputs[index + 1..] {
            if taken.is_some_and(|taken| is_same(taken, output)) {
                return Err(overwrites(other));
            }
        }
    }
    let delimiter = u8::try_from(source.description().delimiter).unwrap_or(b',');
    Ok(RejectsFile::create(path, &mapping.columns, delimiter)?)
}

struct Job<'a> {
    options: &'a ImportOptions,
    meter: &'a Meter,
    started: Instant,
    started_at: String,
    name: String,
}

impl Job<'_> {
    fn reading_failed(&self, source: std::io::Error) -> ImportError {
        ImportError::Reading { name: self.name.clone(), source }
    }

    fn prepare(
        &self,
        transaction: &mut ImportTransaction,
        mapping: Mapping,
        source: &Source,
        sample: &[&Record],
    ) -> Result<Plan, ImportError> {
        let stored = transaction.key()?;
        let key = planning::choose_key(&self.name, &mapping, self.options.chosen.key, stored)?;
        if stored.is_none() {
            transaction.set_key(key)?;
        }
        let catalogue = transaction.catalogue()?;
        let values = &self.options.chosen.values;
        let plan = planning::plan(key, mapping, source, sample, &catalogue, values)?;
        transaction.choose_plan(&plan.digest)?;
        Ok(plan)
    }

    fn run(
        &self,
        transaction: &mut ImportTransaction,
        plan: &Plan,
        source: &mut Source,
        sampled: VecDeque<Record>,
        rejects: RejectsFile,
    ) -> Result<Done, ImportError> {
        let left = self.options.limit.unwrap_or(u64::MAX);
        thread::scope(|scope| {
            if let Some(column) = plan.mapping.standard(Standard::Number)
                && sampled.iter().any(|record| !record.field(column.index).trim().is_empty())
            {
                // It takes a while, and who is known is read meanwhile.
                scope.spawn(PhoneNumber::load_metadata);
            }
            let known = planning::known_customers(transaction, plan.key, source.length())?;
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
            let reading = Reading { source, sampled, left };
            pipeline::run(reading, plan, trusted, self.options.threads, |batch| {
                let before = writing.rejected();
                writing.write(batch)?;
                self.meter.count(batch.length as u64, writing.rejected() - before);
                Ok(())
            })
            .map_err(|error| match error {
                pipeline::RunError::Reading(source) => self.reading_failed(source),
                pipeline::RunError::Writing(error) => error,
            })?;
            writing.finish()
        })
    }

    fn conclude(
        &self,
        mut transaction: ImportTransaction,
        plan: &Plan,
        done: Done,
        source: SourceOutcome,
        render: &impl Fn(&Outcome) -> String,
    ) -> Result<Outcome, ImportError> {
        let Done { records, customers, devices, seen, counts, warnings, rejects, accepted } = done;
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
            warnings: warnings.into_list(plan, &source),
            sources: vec![source],
            key: plan.key,
            mapping: column_outcomes(&plan.mapping, &plan.attributes, &seen),
            choices: self.options.chosen.choices.clone(),
            records,
            customers,
            devices,
            rejects: Rejects {
                file: rejects.names().map(|(_, path)| path.to_owned()),
                groups: counts.into_groups(),
                removed: None,
            },
            accepted: None,
            seconds: self.started.elapsed().as_secs_f64(),
        };
        let pending = rejects.names().map(|names| serde_json::json!([names]).to_string());
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
        outcome.rejects.removed = rejects.place()?;
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
