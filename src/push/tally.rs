//! The counts of a push.

use super::plan::StepKind;
use crate::outcome::{PushOutcome, RefusalExample, RefusedLine, RefusedStatus, RequestCounts};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The most refusals that a report names.
const MAX_EXAMPLES: usize = 20;

/// The most refused lines that a report names.
const MAX_LINES: usize = 10_000;

/// The progress of a running push. Clones share their counts.
#[derive(Debug, Clone, Default)]
pub struct PushMeter(Arc<Counters>);

#[derive(Debug, Default)]
struct Counters {
    total: AtomicU64,
    done: AtomicU64,
    refused: AtomicU64,
}

impl PushMeter {
    pub(crate) fn expect(&self, total: u64) {
        self.0.total.store(total, Ordering::Relaxed);
    }

    pub(crate) fn count(&self, done: u64, refused: u64) {
        self.0.done.fetch_add(done, Ordering::Relaxed);
        self.0.refused.fetch_add(refused, Ordering::Relaxed);
    }

    /// How many customers or lines to send.
    pub fn total(&self) -> u64 {
        self.0.total.load(Ordering::Relaxed)
    }

    /// How many of them were answered.
    pub fn done(&self) -> u64 {
        self.0.done.load(Ordering::Relaxed)
    }

    /// How many of them were refused.
    pub fn refused(&self) -> u64 {
        self.0.refused.load(Ordering::Relaxed)
    }
}

/// A kind of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RequestKind {
    Step(StepKind),
    Batch,
    Event,
}

/// Counts a request.
pub(crate) fn count_request(counts: &mut RequestCounts, kind: RequestKind) {
    counts.total += 1;
    let count = match kind {
        RequestKind::Step(StepKind::Put) => &mut counts.put,
        RequestKind::Step(StepKind::PutDevice) => &mut counts.devices,
        RequestKind::Step(StepKind::DeleteAttribute) => &mut counts.attributes_deleted,
        RequestKind::Step(StepKind::DeleteToken) => &mut counts.tokens_deleted,
        RequestKind::Step(StepKind::Archive) => &mut counts.archived,
        RequestKind::Step(StepKind::Delete) => &mut counts.deleted,
        RequestKind::Batch => &mut counts.batches,
        RequestKind::Event => &mut counts.events,
    };
    *count += 1;
}

/// The counts of a push over all its connections.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) delivered: u64,
    pub(crate) queued: u64,
    pub(crate) refused: u64,
    /// Customers or lines that were given up in this push.
    pub(crate) exhausted: u64,
    /// Requests that were given up since the last answer.
    pub(crate) exhausted_in_a_row: u64,
    /// Whether the server has ever accepted or refused a request.
    pub(crate) has_answer: bool,
    pub(crate) requests: RequestCounts,
    pub(crate) retries: u64,
    pub(crate) lost_answers: u64,
    statuses: BTreeMap<u16, u64>,
    examples: Vec<RefusalExample>,
    pub(crate) lines: Vec<RefusedLine>,
}

impl Tally {
    /// How many customers or lines were answered.
    pub(crate) fn tried(&self) -> u64 {
        self.delivered + self.queued + self.refused
    }

    pub(crate) fn answered(&mut self) {
        self.has_answer = true;
        self.exhausted_in_a_row = 0;
    }

    pub(crate) fn refuse(&mut self, status: u16, uid: &str, text: &str) {
        self.refused += 1;
        *self.statuses.entry(status).or_default() += 1;
        if self.examples.len() < MAX_EXAMPLES && !uid.is_empty() {
            let (uid, text) = (uid.to_owned(), text.to_owned());
            self.examples.push(RefusalExample { uid, status, text });
        }
    }

    pub(crate) fn refuse_line(&mut self, line: u64, status: u16) {
        self.refuse(status, "", "");
        if self.lines.len() < MAX_LINES {
            self.lines.push(RefusedLine { line, status });
        }
    }

    /// Writes the counts into a report.
    pub(crate) fn fill(&mut self, outcome: &mut PushOutcome) {
        outcome.delivered = self.delivered;
        outcome.queued = self.queued;
        outcome.refused += self.refused;
        outcome.requests = self.requests;
        outcome.retries = self.retries;
        outcome.lost_answers = self.lost_answers;
        let statuses = self.statuses.iter();
        outcome.refused_statuses = statuses
            .map(|(status, count)| RefusedStatus { status: *status, count: *count })
            .collect();
        outcome.refusals = std::mem::take(&mut self.examples);
        outcome.refused_lines.append(&mut self.lines);
        outcome.refused_lines.sort_by_key(|refused| refused.line);
    }
}
