//! A push of customers from beginning to end.

use super::batch::{Batch, Gathered};
use super::control::Stopped;
use super::customers::Work;
use super::error::PushError;
use super::http::Request;
use super::options::PushOptions;
use super::plan::{CustomerPlan, Decision, decide};
use super::queue::WorkQueue;
use super::running_push::{PushResult, RunningPush, STOP_GRACE, spawn_worker};
use super::sender::{Note, Sender};
use super::tally::{PushMeter, RequestKind, count_request};
use crate::outcome::{PushOutcome, RequestCounts, RequestExample};
use crate::store::{
    Candidate, CandidateFilter, DeliveryStore, Interrupt, Reader, StoreError, StoreVersion,
    open_for_reading,
};
use crate::value::Key;
use std::sync::Arc;
use std::time::Instant;

/// The most requests that a dry run shows.
pub(crate) const SHOWN_REQUESTS: usize = 3;

/// What a push will send, counted before it begins.
#[derive(Debug, Default)]
struct Forecast {
    customers: u64,
    unchanged: u64,
    refused_before: u64,
    beyond_limit: u64,
    cleared_with_null: u64,
    invalid_created_at: u64,
    requests: RequestCounts,
    first_requests: Vec<RequestExample>,
    /// The customers of the batch that is being gathered.
    batch: Batch,
}

impl Forecast {
    fn add(&mut self, decision: Decision, options: &PushOptions) {
        let plan = match decision {
            Decision::Unchanged => {
                self.unchanged += 1;
                return;
            }
            Decision::StillRefused => {
                self.refused_before += 1;
                return;
            }
            Decision::Send(plan) => *plan,
        };
        if options.limit.is_some_and(|limit| self.customers >= limit) {
            self.beyond_limit += 1;
            return;
        }
        self.customers += 1;
        self.cleared_with_null += plan.nulls;
        self.invalid_created_at += u64::from(plan.has_invalid_sign_up);
        if options.batch {
            match self.batch.gather(plan, None) {
                Gathered::Waits => {}
                Gathered::Full(batch) => self.add_batch(&batch, options),
                Gathered::Single(plan) => self.add_steps(&plan, options),
            }
        } else {
            self.add_steps(&plan, options);
        }
    }

    fn add_batch(&mut self, batch: &Batch, options: &PushOptions) {
        count_request(&mut self.requests, RequestKind::Batch);
        if self.first_requests.len() < SHOWN_REQUESTS {
            self.first_requests.push(example(&batch.request(), options));
        }
    }

    fn add_steps(&mut self, plan: &CustomerPlan, options: &PushOptions) {
        for step in &plan.steps {
            count_request(&mut self.requests, RequestKind::Step(step.kind()));
            if self.first_requests.len() < SHOWN_REQUESTS {
                self.first_requests.push(example(&step.request(&plan.uid), options));
            }
        }
    }

    fn finish(&mut self, options: &PushOptions) {
        let batch = std::mem::take(&mut self.batch);
        if !batch.is_empty() {
            self.add_batch(&batch, options);
        }
    }

    fn outcome(&self, options: &PushOptions) -> PushOutcome {
        PushOutcome {
            destination: options.url.to_string(),
            unchanged: self.unchanged,
            refused: self.refused_before,
            refused_before: self.refused_before,
            beyond_limit: self.beyond_limit,
            cleared_with_null: self.cleared_with_null,
            invalid_created_at: self.invalid_created_at,
            expected_seconds: expected_seconds(self.requests.total, options.rate),
            ..PushOutcome::default()
        }
    }
}

/// The least time that the requests take at this rate, in seconds; `None` if the rate is unlimited.
pub(crate) fn expected_seconds(requests: u64, rate: f64) -> Option<f64> {
    (rate > 0.0).then(|| requests as f64 / rate)
}

pub(crate) fn example(request: &Request, options: &PushOptions) -> RequestExample {
    RequestExample {
        method: request.method.as_str().to_owned(),
        url: format!("{}{}", options.url, request.path),
        body: request.body.clone(),
    }
}

/// Which customers to consider. Fails if `--uid-from` is missing or does not match the store's key.
fn filter(reader: &Reader, options: &PushOptions) -> Result<CandidateFilter, PushError> {
    let key = reader.key()?.unwrap_or(Key::Uid);
    match options.uid_from {
        None if key == Key::Uid => {}
        Some(given) if given == key && key != Key::Uid => {}
        None => return Err(PushError::NoUids { key: key.to_string() }),
        Some(given) => {
            return Err(PushError::OtherUids { given: given.to_string(), key: key.to_string() });
        }
    }
    Ok(match &options.segment {
        Some(segment) => reader.candidate_filter(segment)?,
        None => CandidateFilter::default(),
    })
}

/// Reports what a push would send. Opens no connection and writes nothing.
pub fn dry_run(options: &PushOptions) -> Result<PushOutcome, PushError> {
    let reader = open_for_reading(&options.store)?;
    let filter = filter(&reader, options)?;
    let destination = reader.destination(options.url.as_str(), options.digest())?;
    let mut forecast = Forecast::default();
    let mut add = |candidate: Candidate| -> Result<(), StoreError> {
        let decision =
            decide(candidate, options.plan()).map_err(|_| options.damaged_attributes())?;
        forecast.add(decision, options);
        Ok(())
    };
    reader.each_candidate(&destination, &filter, &mut add)?;
    if filter.takes_all() {
        reader.each_gone(&destination, add)?;
    }
    forecast.finish(options);
    Ok(PushOutcome {
        pending: forecast.customers,
        requests: forecast.requests,
        first_requests: std::mem::take(&mut forecast.first_requests),
        ..forecast.outcome(options)
    })
}

/// Sends what the destination does not have yet. `announce` gets the expected totals before the
/// first request; `note` writes messages.
///
/// An error means that nothing was sent. An error that ends the push later is in the result.
pub fn push(
    options: PushOptions,
    meter: &PushMeter,
    interrupt: &Interrupt,
    announce: impl FnOnce(&PushOutcome, u64),
    note: Note,
) -> Result<PushResult, PushError> {
    let started = Instant::now();
    let reader = open_for_reading(&options.store)?;
    let filter = filter(&reader, &options)?;
    drop(reader);
    let running_push = RunningPush::begin(started, options, meter, interrupt, note)?;
    let sender = &running_push.sender;
    let mut forecast = Forecast::default();
    let counted = sender.each_decision(&filter, |decision, _| {
        forecast.add(decision, &sender.options);
        Ok(())
    });
    forecast.finish(&sender.options);
    let outcome = forecast.outcome(&sender.options);
    meter.expect(forecast.customers);
    if counted.is_ok() && forecast.customers > 0 {
        announce(&outcome, forecast.requests.total);
        let threads = sender.options.connections.max(1);
        let queue = Arc::new(WorkQueue::new(2 * threads, threads));
        for _ in 0..threads {
            spawn_worker(sender, &queue, Sender::work);
        }
        let produced = sender.produce(&filter, &queue);
        queue.close();
        queue.wait_for_workers(|| sender.is_stopped(), STOP_GRACE);
        if produced.is_ok() && !sender.is_stopped() {
            let _ = sender.write(DeliveryStore::drop_undelivered_gone);
        }
    }
    Ok(running_push.finish(outcome, forecast.customers))
}

impl Sender {
    /// Decides what to send of every customer, then of those that are gone. Reads the store in
    /// chunks.
    fn each_decision(
        &self,
        filter: &CandidateFilter,
        mut each: impl FnMut(Decision, StoreVersion) -> Result<(), Stopped>,
    ) -> Result<(), Stopped> {
        let options = self.options.plan();
        let mut decided = |candidate: Candidate, version| {
            each(decide(candidate, options).map_err(|_| self.damaged())?, version)
        };
        let mut after = 0;
        loop {
            self.control.check()?;
            let (version, chunk) =
                self.with_store(|store| Ok((store.version()?, store.chunk(filter, after)?)))?;
            let Some((last, _)) = chunk.last() else { break };
            after = *last;
            chunk.into_iter().try_for_each(|(_, candidate)| decided(candidate, version))?;
        }
        let mut after = String::new();
        while filter.takes_all() {
            self.control.check()?;
            let (version, chunk) =
                self.with_store(|store| Ok((store.version()?, store.gone_chunk(&after)?)))?;
            let Some(last) = chunk.last() else { break };
            after.clone_from(&last.uid);
            chunk.into_iter().try_for_each(|candidate| decided(candidate, version))?;
        }
        Ok(())
    }

    /// Distributes all work to the threads.
    fn produce(&self, filter: &CandidateFilter, queue: &WorkQueue<Work>) -> Result<(), Stopped> {
        let mut batch = Batch::default();
        let mut left = self.options.limit.unwrap_or(u64::MAX);
        let hand_over = |work: Work| {
            let bytes = work.bytes();
            queue.push(work, bytes, || self.is_stopped()).map_err(|_| Stopped)
        };
        self.each_decision(filter, |decision, version| {
            let Decision::Send(plan) = decision else { return Ok(()) };
            if left == 0 {
                return Ok(());
            }
            left -= 1;
            if !self.options.batch {
                return hand_over(Work::Customer(plan, version));
            }
            match batch.gather(*plan, Some(version)) {
                Gathered::Waits => Ok(()),
                Gathered::Full(full) => hand_over(Work::Batch(full)),
                Gathered::Single(plan) => hand_over(Work::Customer(Box::new(plan), version)),
            }
        })?;
        if batch.is_empty() { Ok(()) } else { hand_over(Work::Batch(batch)) }
    }
}
