//! Takes judged batches in the file's order: to the store, or to the rejects file.

use super::accepted::AcceptedFile;
use super::error::ImportError;
use super::judge::{Accepted, Judge, Judgement, RecordFault, Verdict};
use super::outcome::{CustomerCounts, DeviceCounts, RecordCounts};
use super::pipeline::Batch;
use super::plan::Plan;
use super::reconcile::{Fate, Hashes, Reconciler};
use super::rejects::{FinishedRejects, RejectCounts, RejectsFile};
use super::warnings::Warnings;
use crate::attribute::Fault;
use crate::mapping::Column;
use crate::source::Record;

/// What running a plan over a source came to.
pub(super) struct Done {
    pub(super) records: RecordCounts,
    pub(super) customers: CustomerCounts,
    pub(super) devices: DeviceCounts,
    /// Which attributes of the plan had a value.
    pub(super) seen: Vec<bool>,
    pub(super) counts: RejectCounts,
    pub(super) warnings: Warnings,
    pub(super) rejects: FinishedRejects,
    pub(super) accepted: Option<AcceptedFile>,
}

pub(super) struct Writing<'a> {
    plan: &'a Plan,
    judge: Judge<'a>,
    reconciler: Reconciler<'a>,
    records: RecordCounts,
    seen: Vec<bool>,
    counts: RejectCounts,
    warnings: Warnings,
    rejects: RejectsFile,
    accepted: Option<AcceptedFile>,
    /// Records that have to be judged once more are judged into this.
    again: Judgement,
}

impl<'a> Writing<'a> {
    pub(super) fn new(
        plan: &'a Plan,
        reconciler: Reconciler<'a>,
        rejects: RejectsFile,
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
            rejects,
            accepted,
            again: Judgement::default(),
        }
    }

    /// How many records were rejected so far.
    pub(super) fn rejected(&self) -> u64 {
        self.records.rejected
    }

    pub(super) fn write(&mut self, batch: &Batch) -> Result<(), ImportError> {
        let judgement = &batch.judgement;
        for (seen, in_batch) in self.seen.iter_mut().zip(&judgement.seen) {
            *seen |= in_batch;
        }
        for (record, verdict) in batch.records().iter().zip(&judgement.verdicts) {
            self.records.read += 1;
            match verdict {
                Verdict::Proven(customer) => match self.reconciler.proven(*customer) {
                    Some(fate) => self.settle(record, &fate)?,
                    None => self.judge_again(record)?,
                },
                Verdict::Accepted(accepted) => self.accept(record, accepted, judgement)?,
                Verdict::Rejected(faults) => self.reject(record, faults)?,
            }
        }
        Ok(())
    }

    fn judge_again(&mut self, record: &Record) -> Result<(), ImportError> {
        let mut judgement = std::mem::take(&mut self.again);
        judgement.clear(self.plan);
        match self.judge.judge_anew(record, &mut judgement) {
            Verdict::Accepted(accepted) => self.accept(record, &accepted, &judgement)?,
            Verdict::Rejected(faults) => self.reject(record, &faults)?,
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
        let hashes = Hashes { key: accepted.key_hash, record: proof };
        let patch = judgement.patch(accepted, self.plan);
        let fate = self.reconciler.take(&patch, hashes)?;
        if matches!(fate, Fate::Taken { .. }) {
            if let Some(file) = &mut self.accepted {
                file.write(&patch)?;
            }
            self.warnings.count(record, &accepted.notes);
        }
        self.settle(record, &fate)
    }

    fn settle(&mut self, record: &Record, fate: &Fate) -> Result<(), ImportError> {
        match fate {
            Fate::Taken { merged } => {
                self.records.accepted += 1;
                self.records.merged += u64::from(*merged);
            }
            Fate::Skipped => self.records.skipped += 1,
            Fate::Rejected(fault) => {
                let column = self.plan.mapping.standard(self.plan.key.attribute());
                let column = column.map(|column| column.index);
                let fault: Fault = fault.clone();
                self.reject(record, &[RecordFault { column, fault }])?;
            }
        }
        Ok(())
    }

    fn reject(&mut self, record: &Record, faults: &[RecordFault]) -> Result<(), ImportError> {
        let columns: &[Column] = &self.plan.mapping.columns;
        self.records.rejected += 1;
        self.counts.count(record, columns, faults);
        Ok(self.rejects.write(record, columns, faults)?)
    }

    /// Writes the rejects to the disk.
    pub(super) fn finish(self) -> Result<Done, ImportError> {
        Ok(Done {
            records: self.records,
            customers: self.reconciler.customers,
            devices: self.reconciler.devices,
            seen: self.seen,
            counts: self.counts,
            warnings: self.warnings,
            rejects: self.rejects.finish()?,
            accepted: self.accepted,
        })
    }
}
