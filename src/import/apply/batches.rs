//! Takes judged batches in the file's order: to the store, or to the rejects file.

use super::merge::{Fate, Hashes, Reconciler};
use super::snapshot::{Presence, RejectedKeys};
use crate::import::Batch;
use crate::import::ImportError;
use crate::import::Warnings;
use crate::import::output::{AcceptedFile, FinishedAccepted};
use crate::import::output::{FinishedRejects, RejectCounts, RejectsFile};
use crate::import::plan::{Plan, SourceRules};
use crate::import::validate::Judge;
use crate::import::validate::{Accepted, Judgement, RecordFault, Rejected, Verdict};
use crate::input::csv::Record;
use crate::mapping::Column;
use crate::outcome::{CustomerCounts, DeviceCounts, RecordCounts};
use std::collections::VecDeque;

/// How many finished rejects files stay open, so that they outlive the removal of their temporary
/// names. Processes of few open files have 256, and inputs and outputs need some.
const OPEN_REJECTS: usize = 16;

/// What running a plan over a source came to.
pub(crate) struct Done {
    pub(crate) records: RecordCounts,
    pub(crate) customers: CustomerCounts,
    pub(crate) devices: DeviceCounts,
    /// Which attributes of the plan had a value.
    pub(crate) seen: Vec<bool>,
    pub(crate) presence: Presence,
    pub(crate) counts: RejectCounts,
    pub(crate) warnings: Warnings,
    /// One for each input.
    pub(crate) rejects: Vec<FinishedRejects>,
    pub(crate) accepted: Option<FinishedAccepted>,
}

pub(crate) struct Writing<'a> {
    plan: &'a Plan,
    judge: Judge<'a>,
    reconciler: Reconciler<'a>,
    records: RecordCounts,
    seen: Vec<bool>,
    counts: RejectCounts,
    warnings: Warnings,
    /// The rejects files of the input that is being written and of those to come.
    rejects: VecDeque<RejectsFile>,
    finished: Vec<FinishedRejects>,
    rejected_keys: RejectedKeys,
    accepted: Option<AcceptedFile>,
    /// Records that have to be judged once more are judged into this.
    again: Judgement,
}

impl<'a> Writing<'a> {
    pub(crate) fn new(
        plan: &'a Plan,
        reconciler: Reconciler<'a>,
        rejects: Vec<RejectsFile>,
        accepted: Option<AcceptedFile>,
    ) -> Self {
        Self {
            plan,
            judge: Judge::new(plan, None),
            reconciler,
            records: RecordCounts::default(),
            seen: plan.attributes.iter().map(|attribute| attribute.in_sample).collect(),
            counts: RejectCounts::default(),
            warnings: Warnings::default(),
            rejects: rejects.into(),
            finished: Vec::new(),
            rejected_keys: RejectedKeys::default(),
            accepted,
            again: Judgement::default(),
        }
    }

    /// How many records were rejected so far.
    pub(crate) fn rejected(&self) -> u64 {
        self.records.rejected
    }

    pub(crate) fn write(&mut self, batch: &Batch) -> Result<(), ImportError> {
        let judgement = &batch.judgement;
        for (seen, in_batch) in self.seen.iter_mut().zip(&judgement.seen) {
            *seen |= in_batch;
        }
        self.reconciler.expect(judgement.verdicts.iter().filter_map(|verdict| match verdict {
            Verdict::Accepted(accepted) => Some(accepted.key_hash),
            Verdict::Proven(_) | Verdict::Rejected(_) => None,
        }));
        while self.finished.len() < batch.source {
            self.finish_rejects()?;
        }
        for (record, verdict) in batch.records().iter().zip(&judgement.verdicts) {
            self.records.read += 1;
            match verdict {
                Verdict::Proven(customer) => match self.reconciler.proven(*customer) {
                    Some(fate) => self.settle(record, fate, None)?,
                    None => self.judge_again(record, batch.rules())?,
                },
                Verdict::Accepted(accepted) => self.accept(record, accepted, judgement)?,
                Verdict::Rejected(rejected) => self.reject(record, rejected, judgement)?,
            }
        }
        Ok(())
    }

    fn judge_again(&mut self, record: &Record, rules: SourceRules) -> Result<(), ImportError> {
        let mut judgement = std::mem::take(&mut self.again);
        judgement.clear(self.plan);
        match self.judge.judge_anew(record, rules, &mut judgement) {
            Verdict::Accepted(accepted) => self.accept(record, &accepted, &judgement)?,
            Verdict::Rejected(rejected) => self.reject(record, &rejected, &judgement)?,
            Verdict::Proven(_) => {}
        }
        self.again = judgement;
        Ok(())
    }

    fn accept(
        &mut self,
        record: &Record,
        accepted: &Accepted,
        judgement: &Judgement,
    ) -> Result<(), ImportError> {
        // What was noted of a record has to be noted again the next time, so it leaves no proof.
        let proof = accepted.notes.is_empty().then_some(accepted.record_hash);
        let hashes = Hashes { known: accepted.known, key: accepted.key_hash, record: proof };
        let patch = judgement.patch(accepted, self.plan);
        let fate = self.reconciler.take(&patch, hashes)?;
        if matches!(fate, Fate::Taken { .. }) {
            if let Some(file) = &mut self.accepted {
                file.write(&patch)?;
            }
            self.warnings.count(self.finished.len(), record, &accepted.notes);
        }
        self.settle(record, fate, Some(accepted.key_hash))
    }

    fn settle(
        &mut self,
        record: &Record,
        fate: Fate,
        key_hash: Option<u64>,
    ) -> Result<(), ImportError> {
        match fate {
            Fate::Taken { merged } => {
                self.records.accepted += 1;
                self.records.merged += u64::from(merged);
            }
            Fate::Skipped => self.records.skipped += 1,
            Fate::Rejected(conflict) => {
                let key = self.plan.key;
                let column = self.plan.mapping.standard(conflict.attribute(key));
                let column = column.map(|column| column.index);
                let faults = [RecordFault { column, fault: conflict.fault(key) }];
                self.write_reject(record, &faults, key_hash)?;
            }
        }
        Ok(())
    }

    fn reject(
        &mut self,
        record: &Record,
        rejected: &Rejected,
        judgement: &Judgement,
    ) -> Result<(), ImportError> {
        if let Some(uid) = rejected.uid {
            self.reconciler.mention(judgement.text(uid))?;
        }
        self.write_reject(record, &rejected.faults, rejected.key_hash)
    }

    fn write_reject(
        &mut self,
        record: &Record,
        faults: &[RecordFault],
        key_hash: Option<u64>,
    ) -> Result<(), ImportError> {
        self.rejected_keys.count(key_hash);
        let columns: &[Column] = &self.plan.mapping.columns;
        self.records.rejected += 1;
        self.counts.count(self.finished.len(), record, columns, faults);
        match self.rejects.front_mut() {
            Some(file) => Ok(file.write(record, columns, faults)?),
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

    /// Writes rejected and accepted records to the disk.
    pub(crate) fn finish(mut self) -> Result<Done, ImportError> {
        while !self.rejects.is_empty() {
            self.finish_rejects()?;
        }
        Ok(Done {
            records: self.records,
            customers: self.reconciler.customers,
            devices: self.reconciler.devices,
            seen: self.seen,
            presence: Presence { named: self.reconciler.named(), rejected: self.rejected_keys },
            counts: self.counts,
            warnings: self.warnings,
            rejects: self.finished,
            accepted: self.accepted.map(AcceptedFile::finish).transpose()?,
        })
    }
}
