//! Writes validated batches in the order of the file: to the store, or to the rejects file.

use super::blocked_records::BlockedRecords;
use super::contradictions::Contradictions;
use super::merge_step::{Hashes, MergeResult};
use super::merger::Merger;
use super::missing_customers::{NamedCustomers, RejectedKeys};
use super::reject_cures::RejectCures;
use crate::import::Batch;
use crate::import::ImportError;
use crate::import::Warnings;
use crate::import::output::{
    AcceptedFile, FinishedRejects, RejectCounts, RejectsFile, StagedFiles,
};
use crate::import::plan::{Plan, SourceRules};
use crate::import::validate::{
    AcceptedRecord, RecordError, RejectedRecord, Validation, Validations, Validator, too_much,
};
use crate::input::csv::Record;
use crate::mapping::Column;
use crate::outcome::{CustomerCounts, DeviceCounts, RecordCounts};
use crate::store::BlockedUids;
use std::collections::VecDeque;

/// How many finished rejects files stay open, so that they outlive the removal of their temporary
/// names. Some systems allow only 256 open files, and inputs and outputs need some.
const OPEN_REJECTS: usize = 16;

/// The results for the records of all inputs.
pub(crate) struct RecordsSummary {
    pub(crate) records: RecordCounts,
    pub(crate) customers: CustomerCounts,
    pub(crate) devices: DeviceCounts,
    /// Which attributes of the plan had a value.
    pub(crate) has_values: Vec<bool>,
    /// How many values each attribute had in validated records.
    pub(crate) values: Vec<u64>,
    pub(crate) named: NamedCustomers,
    pub(crate) rejects: RejectCounts,
    pub(crate) warnings: Warnings,
    pub(crate) contradictions: Contradictions,
    pub(crate) cures: RejectCures,
    /// How many records were left out because their uid is blocked.
    pub(crate) blocked: u64,
    pub(crate) files: StagedFiles,
}

/// Writes batches, one after the other.
pub(crate) struct BatchWriter<'a> {
    plan: &'a Plan,
    validator: Validator<'a>,
    merger: Merger<'a>,
    records: RecordCounts,
    values: Vec<u64>,
    counts: RejectCounts,
    warnings: Warnings,
    contradictions: Contradictions,
    cures: RejectCures,
    /// The rejects files of the current input and of later ones.
    rejects: VecDeque<RejectsFile>,
    finished: Vec<FinishedRejects>,
    rejected_keys: RejectedKeys,
    accepted: Option<AcceptedFile>,
    blocked: BlockedRecords,
    /// The buffer for records that are validated a second time.
    revalidations: Validations,
}

impl<'a> BatchWriter<'a> {
    pub(crate) fn new(
        plan: &'a Plan,
        merger: Merger<'a>,
        rejects: Vec<RejectsFile>,
        accepted: Option<AcceptedFile>,
    ) -> Self {
        Self {
            plan,
            validator: Validator::new(plan, None),
            merger,
            records: RecordCounts::default(),
            values: vec![0; plan.attributes.len()],
            counts: RejectCounts::default(),
            warnings: Warnings::default(),
            contradictions: Contradictions::default(),
            cures: RejectCures::new(plan),
            rejects: rejects.into(),
            finished: Vec::new(),
            rejected_keys: RejectedKeys::default(),
            accepted,
            blocked: BlockedRecords::default(),
            revalidations: Validations::default(),
        }
    }

    /// Leaves out the records of these uids.
    pub(crate) fn without(self, uids: BlockedUids) -> Self {
        Self { blocked: BlockedRecords::new(uids), ..self }
    }

    /// How many records were rejected so far.
    pub(crate) fn rejected(&self) -> u64 {
        self.records.rejected
    }

    pub(crate) fn write(&mut self, batch: &mut Batch) -> Result<(), ImportError> {
        let validations = &batch.validations;
        for (values, in_batch) in self.values.iter_mut().zip(&validations.values) {
            *values += in_batch;
        }
        self.merger.prepare(validations, self.plan)?;
        while self.finished.len() < batch.source {
            self.finish_rejects()?;
        }
        for place in 0..batch.length {
            let (record, validations) = (&batch.records()[place], &batch.validations);
            let Some(result) = validations.results.get(place) else { break };
            self.records.read += 1;
            match result {
                Validation::Unchanged(slot) => match self.merger.unchanged(*slot) {
                    Some(result) => self.count(record, result, None)?,
                    None => self.revalidate(record, batch.rules())?,
                },
                Validation::Accepted(accepted) => self.accept(record, accepted, validations)?,
                Validation::Rejected(rejected) => self.reject(record, rejected, validations)?,
            }
            if self.merger.is_full() {
                batch.release(place);
                self.merger.write()?;
            }
        }
        Ok(())
    }

    fn revalidate(&mut self, record: &Record, rules: SourceRules) -> Result<(), ImportError> {
        let mut validations = std::mem::take(&mut self.revalidations);
        validations.clear(self.plan);
        match self.validator.validate_record(record, rules, &mut validations) {
            Validation::Accepted(accepted) => self.accept(record, &accepted, &validations)?,
            Validation::Rejected(rejected) => self.reject(record, &rejected, &validations)?,
            Validation::Unchanged(_) => {}
        }
        validations.shrink();
        self.revalidations = validations;
        Ok(())
    }

    fn accept(
        &mut self,
        record: &Record,
        accepted: &AcceptedRecord,
        validations: &Validations,
    ) -> Result<(), ImportError> {
        // Without a proof, the next import of the record repeats its warnings.
        let proof = accepted.notes.is_empty().then_some(accepted.record_hash);
        let hashes = Hashes { known: accepted.known, key: accepted.key_hash, record: proof };
        let patch = validations.patch(accepted, self.plan);
        if self.blocked.leaves_out(patch.uid.unwrap_or(patch.key)) {
            return self.count(record, MergeResult::Skipped, Some(accepted.key_hash));
        }
        let (result, merged) = self.merger.merge(&patch, hashes)?;
        if let Some(merged) = merged {
            if merged.is_repeated {
                let customer = validations.text(accepted.key);
                let source = self.finished.len();
                let (comparison, overwrites) = (&merged.comparison, merged.overwrites);
                self.contradictions.count_repeat(comparison, overwrites, record, source, customer);
            } else if merged.is_first {
                self.contradictions.count_first(&merged.comparison);
            }
        }
        if matches!(result, MergeResult::Accepted { .. }) {
            self.warnings.count(self.finished.len(), record, &accepted.notes);
        }
        self.count(record, result, Some(accepted.key_hash))
    }

    fn count(
        &mut self,
        record: &Record,
        result: MergeResult,
        key_hash: Option<u64>,
    ) -> Result<(), ImportError> {
        match result {
            MergeResult::Accepted { merged } => {
                self.records.accepted += 1;
                self.records.merged += u64::from(merged);
            }
            MergeResult::Skipped => self.records.skipped += 1,
            MergeResult::TooLong => {
                let errors = [RecordError { column: None, reason: too_much() }];
                self.write_reject(record, &errors, key_hash)?;
            }
            MergeResult::Rejected(conflict) => {
                let key = self.plan.key;
                let column = self.plan.mapping.standard(conflict.attribute(key));
                let column = column.map(|column| column.index);
                let errors = [RecordError { column, reason: conflict.reason(key) }];
                self.write_reject(record, &errors, key_hash)?;
            }
        }
        Ok(())
    }

    fn reject(
        &mut self,
        record: &Record,
        rejected: &RejectedRecord,
        validations: &Validations,
    ) -> Result<(), ImportError> {
        if self.blocked.leaves_out_record(record, self.plan) {
            return self.count(record, MergeResult::Skipped, rejected.key_hash);
        }
        if let Some(uid) = rejected.uid {
            self.merger.mention(validations.text(uid))?;
        }
        self.write_reject(record, &rejected.errors, rejected.key_hash)
    }

    fn write_reject(
        &mut self,
        record: &Record,
        errors: &[RecordError],
        key_hash: Option<u64>,
    ) -> Result<(), ImportError> {
        self.rejected_keys.count(key_hash);
        self.cures.count(record, errors);
        let columns: &[Column] = &self.plan.mapping.columns;
        self.records.rejected += 1;
        self.counts.count(self.finished.len(), record, columns, errors);
        match self.rejects.front_mut() {
            Some(file) => Ok(file.write(record, columns, errors)?),
            None => Ok(()),
        }
    }

    fn finish_rejects(&mut self) -> Result<(), ImportError> {
        if let Some(file) = self.rejects.pop_front() {
            let mut finished = file.finish()?;
            if self.finished.len() >= OPEN_REJECTS {
                finished.close();
            }
            self.finished.push(finished);
        }
        Ok(())
    }

    /// Writes what is left: customers, rejected and accepted records.
    pub(crate) fn finish(mut self) -> Result<RecordsSummary, ImportError> {
        self.merger.finish()?;
        while !self.rejects.is_empty() {
            self.finish_rejects()?;
        }
        let accepted = match self.accepted.take() {
            Some(mut file) => {
                self.merger.each_accepted(|uid, customer| Ok(file.write(uid, customer)?))?;
                Some(file.finish()?)
            }
            None => None,
        };
        let attributes = self.plan.attributes.iter().zip(&self.values);
        let has_values = attributes.map(|(a, values)| a.in_sample || *values > 0).collect();
        Ok(RecordsSummary {
            records: self.records,
            customers: self.merger.customers(),
            devices: self.merger.devices(),
            has_values,
            values: self.values,
            named: NamedCustomers { customers: self.merger.named(), rejected: self.rejected_keys },
            rejects: self.counts,
            warnings: self.warnings,
            contradictions: self.contradictions,
            cures: self.cures,
            blocked: self.blocked.count(),
            files: StagedFiles { rejects: self.finished, accepted },
        })
    }
}
