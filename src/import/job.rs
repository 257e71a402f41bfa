//! One import from beginning to end.

use super::error::ImportError;
use super::inputs::Inputs;
use super::known::known_customers;
use super::meter::Meter;
use super::options::{History, ImportOptions};
use super::pipeline;
use crate::import::apply::{BatchWriter, Merger, RecordsSummary};
use crate::import::output::{
    AcceptedFile, PlannedOutputs, RejectsOrigin, check_report, older_rejects_warnings,
    plan_outputs, rename_pending_outputs,
};
use crate::import::plan::{
    ColumnDrift, Decision, LastReport, Plan, SampledInput, build_plan, decide, saved_types,
    whole_records,
};
use crate::mapping::{KeyChoice, Mapping};
use crate::outcome::{Outcome, RecordCounts, Report, Timing};
use crate::output::{Purpose, TemporaryFiles, folder_of};
use crate::own_export::ExportReader;
use crate::settings::file::SavedMapping;
use crate::store::{
    HistoryKind, HistoryLine, Interrupt, Session, StoreError, StoreSettings, begin_dry_run,
    begin_import, now,
};
use std::collections::BTreeSet;
use std::path::{Path, absolute};
use std::time::Instant;

/// Imports the inputs into a store, or reports what an import would do.
///
/// An error means that no customer was changed; so does a [guard](Outcome::guard) in the outcome.
pub fn import(
    options: &ImportOptions,
    meter: &Meter,
    interrupt: &Interrupt,
) -> Result<Outcome, ImportError> {
    let ImportOptions { store, wait, dry_run, inputs, .. } = options;
    let name = match inputs.as_slice() {
        [input] => format!("import {}", input.display()),
        inputs => format!("import of {} files", inputs.len()),
    };
    let begin = || match dry_run {
        true => begin_dry_run(store, &name, *wait, interrupt),
        false => begin_import(store, &name, *wait, interrupt),
    };
    import_into(&begin, options, meter, interrupt)
}

/// Imports in a session of any store, which `begin` starts once the inputs are open. It is a
/// [`DryRun`](crate::store::DryRun) if the options ask for one.
pub fn import_into(
    begin: &dyn Fn() -> Result<Box<dyn Session>, StoreError>,
    options: &ImportOptions,
    meter: &Meter,
    interrupt: &Interrupt,
) -> Result<Outcome, ImportError> {
    let temporary = TemporaryFiles::of_store(&options.store);
    let (started, started_at) = (Instant::now(), now());
    let job = Job { options, meter, interrupt, temporary, started, started_at };
    check_report(options, &job.temporary)?;
    let inputs = job.open_inputs()?;
    let outputs = plan_outputs(options, inputs.layouts(), &job.temporary)?;
    let files: Vec<String> = inputs.layouts().iter().map(|layout| layout.name.clone()).collect();

    let mut session = job.begin(begin)?;
    let planned = match job.decide(&mut *session, &inputs) {
        Ok(planned) => planned,
        Err(error) => {
            // Nothing was written yet, so the history needs no entry. A session that cannot be
            // aborted ends with its connection.
            let _ = session.abort(None);
            return Err(error);
        }
    };
    let mut outcome = match job.run(&mut *session, inputs, planned, outputs) {
        Ok(outcome) if outcome.guard.is_some() => job.stop(session, outcome)?,
        Ok(outcome) => outcome,
        Err(error) => return Err(job.fail(session, error, &files)),
    };
    outcome.timing = job.timing(outcome.records);
    Ok(outcome)
}

/// An import in progress.
pub(crate) struct Job<'a> {
    pub(crate) options: &'a ImportOptions,
    meter: &'a Meter,
    pub(crate) interrupt: &'a Interrupt,
    temporary: TemporaryFiles,
    started: Instant,
    pub(crate) started_at: String,
}

/// What was decided before the records are read.
struct Planned {
    decision: Decision,
    key: KeyChoice,
    known: StoreSettings,
    /// The report of the last import of such a file.
    last: Option<LastReport>,
}

impl Job<'_> {
    fn open_inputs(&self) -> Result<Inputs, ImportError> {
        let ImportOptions { inputs, settings, limit, snapshot, .. } = self.options;
        let limit = limit.unwrap_or(u64::MAX);
        let inputs = Inputs::open(inputs, &settings.read, limit, self.meter)?;
        let mut layouts = inputs.layouts().iter();
        let rejects = layouts.find(|layout| layout.description.is_rejects_file);
        if let (Some(rejects), Some(_)) = (rejects, snapshot) {
            return Err(ImportError::SnapshotOfRejects(rejects.name.clone()));
        }
        Ok(inputs)
    }

    /// Decides what the columns are and what identifies a customer, and refuses event data.
    fn decide(&self, session: &mut dyn Session, inputs: &Inputs) -> Result<Planned, ImportError> {
        let settings = &self.options.settings;
        let name = inputs.name();
        let known = session.settings()?;
        let last = LastReport::read(session, name)?;
        let records = whole_records(&inputs.sample());
        let input = SampledInput { name, header: inputs.header(), records: &records };
        let mut before = || Ok(last.as_ref().map_or_else(Vec::new, LastReport::columns));
        let mut decision = decide(input, settings, &known, Some(session), &mut before)?;
        let path = inputs.layouts().first().and_then(|layout| layout.path.as_deref());
        decision.refuse_events(name, path, &settings.read)?;
        let mapping = &mut decision.mapping;
        let drift = ColumnDrift::from_mapping_file(mapping, settings)
            .or_else(|| ColumnDrift::from_last_import(mapping, settings, last.as_ref()));
        self.check_drift(drift, mapping, name)?;
        let key = decision.key(name, settings.key, known.key)?;
        Ok(Planned { decision, key, known, last })
    }

    /// Warns of columns that are new or gone; with `--strict` they are an error.
    fn check_drift(
        &self,
        drift: Option<ColumnDrift>,
        mapping: &mut Mapping,
        name: &str,
    ) -> Result<(), ImportError> {
        match drift {
            Some(_) if self.options.accept_columns => {}
            Some(drift) if self.options.strict => {
                return Err(drift.error(name, &self.options.settings));
            }
            Some(drift) => drift.warn(mapping),
            None => {}
        }
        Ok(())
    }

    /// Begins the session. From here on an interruption rolls it back.
    fn begin(
        &self,
        begin: &dyn Fn() -> Result<Box<dyn Session>, StoreError>,
    ) -> Result<Box<dyn Session>, ImportError> {
        let mut session = begin().map_err(|error| {
            if self.interrupt.is_requested() { ImportError::Interrupted } else { error.into() }
        })?;
        if self.options.history == History::None {
            session.disable_undo()?;
        }
        Ok(session)
    }

    /// Imports the records and commits, unless a guard stops the import.
    fn run(
        &self,
        session: &mut dyn Session,
        inputs: Inputs,
        planned: Planned,
        outputs: PlannedOutputs,
    ) -> Result<Outcome, ImportError> {
        self.finish_earlier_outputs(session, &outputs)?;
        let outputs = outputs.keep_edited(|sha256| rejects_origin(session, sha256))?;
        let older_rejects = older_rejects_warnings(session, inputs.layouts())?;
        let Planned { decision, key, known, last } = planned;
        let plan = self.make_plan(session, decision, key, &known, &inputs)?;
        let (summary, inputs) = self.import_records(session, &plan, inputs, outputs)?;
        let sources = inputs.finish()?;
        let (mut outcome, files) =
            self.conclude(session, &plan, &known, summary, sources, last.as_ref())?;
        outcome.warnings.extend(older_rejects);
        self.interrupt.check()?;
        if outcome.guard.is_some() {
            // While the store is locked: the next import removes files with temporary names.
            files.publish(&mut outcome);
            return Ok(outcome);
        }
        let pending = files.pending();
        let is_pending = !pending.is_empty();
        if let Err(error) = session.commit(&self.line(&outcome, pending)) {
            if matches!(error, StoreError::CommitUnknown { .. }) {
                files.keep_rejects();
            }
            return Err(error.into());
        }
        files.protect_rejects();
        if files.publish(&mut outcome) && is_pending {
            session.outputs_done();
        }
        Ok(outcome)
    }

    /// Rolls back an import that a guard stopped.
    fn stop(
        &self,
        session: Box<dyn Session>,
        mut outcome: Outcome,
    ) -> Result<Outcome, ImportError> {
        outcome.import_id = session.abort(Some(&self.line(&outcome, Vec::new())))?;
        Ok(outcome)
    }

    /// Rolls back an import that failed, and returns the error to report.
    fn fail(&self, session: Box<dyn Session>, error: ImportError, files: &[String]) -> ImportError {
        let interrupted = self.interrupt.is_requested();
        let error = if interrupted { ImportError::Interrupted } else { error };
        // If the history line cannot be written either, the first error says more.
        let _ = session.abort(Some(&self.failed_line(&error, files)));
        error
    }

    /// Renames or removes what a killed command has left next to the files of this import. A dry
    /// run does not hold the lock of the store, so it leaves the files of imports alone.
    fn finish_earlier_outputs(
        &self,
        session: &dyn Session,
        outputs: &PlannedOutputs,
    ) -> Result<(), ImportError> {
        let options = self.options;
        let paths = outputs.paths().chain(options.report.as_deref());
        let mut folders: BTreeSet<&Path> = paths.map(folder_of).collect();
        if options.dry_run {
            for folder in folders {
                self.temporary.clear(folder, Purpose::Copy, &[]);
            }
            return Ok(());
        }
        let pending = session.pending_outputs()?;
        let finished = rename_pending_outputs(&options.store, &pending, |sha256| {
            session.is_known_file(sha256).unwrap_or(false)
        });
        session.clear_pending(&finished.imports)?;
        folders.extend(options.store.file().map(folder_of));
        for folder in folders {
            self.temporary.clear(folder, Purpose::Import, &finished.kept);
        }
        Ok(())
    }

    /// Makes the plan, and saves the mapping file if one was asked for.
    fn make_plan(
        &self,
        session: &mut dyn Session,
        decision: Decision,
        key: KeyChoice,
        known: &StoreSettings,
        inputs: &Inputs,
    ) -> Result<Plan, ImportError> {
        let settings = &self.options.settings;
        let attribute = key.key;
        if known.key.is_none() {
            let exported = decision.own.as_ref().and_then(ExportReader::key);
            session.set_key(settings.key.or(exported).unwrap_or(attribute))?;
        }
        let plan = build_plan(key, decision, &inputs.sample(), known, &settings.values)?;
        if let Some(error) = plan.numbers.error(inputs.name(), &plan.mapping) {
            return Err(error);
        }
        if let Some(path) = &self.options.save_mapping {
            let saved = SavedMapping {
                name: inputs.name(),
                description: &inputs.layouts()[0].description,
                settings,
                key: attribute,
                mapping: &plan.mapping,
                types: saved_types(&plan.attributes),
            };
            saved.save(path, &self.temporary)?;
        }
        session.choose_plan(&plan.digest)?;
        Ok(plan)
    }

    /// Validates all records and merges them into the store. Returns the inputs, read to their end.
    fn import_records(
        &self,
        session: &mut dyn Session,
        plan: &Plan,
        inputs: Inputs,
        outputs: PlannedOutputs,
    ) -> Result<(RecordsSummary, Inputs), ImportError> {
        let expected = inputs.expected_records();
        let known = known_customers(session, plan.key, expected)?;
        let known = known.as_ref();
        let blocked = session.blocked_uids()?;
        let (mode, now) = (self.options.mode, self.started_at.as_str());
        let merger = Merger::new(session, plan.key, mode, now, known, expected);
        let accepted = match (&outputs.accepted, &self.options.accepted) {
            (Some(output), Some(options)) => {
                Some(AcceptedFile::create(output, options.spreadsheet_safe, plan)?)
            }
            _ => None,
        };
        // The file of accepted records needs the values of unchanged records too.
        let trusted = known.filter(|_| accepted.is_none());
        let mut writer = BatchWriter::new(plan, merger, outputs.rejects, accepted).without(blocked);
        let threads = self.options.threads;
        let inputs = pipeline::run(inputs, plan, trusted, threads, self.interrupt, |batch| {
            let before = writer.rejected();
            writer.write(batch)?;
            self.meter.count(batch.length as u64, writer.rejected() - before);
            Ok(())
        })?;
        Ok((writer.finish()?, inputs))
    }

    pub(crate) fn timing(&self, records: RecordCounts) -> Timing {
        Timing::new(self.started.elapsed().as_secs_f64(), records.read)
    }

    fn line(&self, outcome: &Outcome, pending_outputs: Vec<[String; 2]>) -> HistoryLine {
        let files = outcome.sources.iter().map(|source| source.path.clone());
        let mut report = outcome.clone();
        // Another command looks for the rejects, possibly from another folder.
        for file in &mut report.rejects.files {
            if let Ok(absolute) = absolute(&*file) {
                *file = absolute;
            }
        }
        HistoryLine {
            status: outcome.status,
            exit_code: outcome.exit.code(),
            key: outcome.key,
            report: Some(Report::Import(Box::new(report))),
            pending_outputs,
            ..self.bare_line(files.collect())
        }
    }

    fn failed_line(&self, error: &ImportError, files: &[String]) -> HistoryLine {
        let outcome = Outcome::failed(error, files);
        HistoryLine {
            exit_code: outcome.exit.code(),
            report: Some(Report::Import(Box::new(outcome))),
            ..self.bare_line(files.to_vec())
        }
    }

    fn bare_line(&self, files: Vec<String>) -> HistoryLine {
        let options = &self.options.as_given;
        HistoryLine { files, ..HistoryLine::failed(HistoryKind::Import, &self.started_at, options) }
    }
}

/// Where a rejects file of this SHA-256 comes from.
fn rejects_origin(session: &dyn Session, sha256: &str) -> Result<RejectsOrigin, StoreError> {
    if !session.is_known_file(sha256)? {
        return Ok(RejectsOrigin::Unknown);
    }
    let writers = session.rejects_writers(sha256)?;
    let is_of_stopped = !writers.is_empty() && !writers.iter().any(|writer| writer.is_done);
    Ok(if is_of_stopped { RejectsOrigin::StoppedImport } else { RejectsOrigin::Import })
}
