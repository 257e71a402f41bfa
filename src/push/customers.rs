//! Sends customers. The requests of one customer are sent in order, on one connection.

use super::batch::{Batch, Gathered, queued};
use super::control::Stopped;
use super::http::{Client, Method};
use super::plan::{CustomerPlan, Decision, decide};
use super::sender::{Sender, Sent};
use super::tally::RequestKind;
use crate::store::{Change, Refusal, StoreVersion};

/// A unit of work for one thread.
pub(crate) enum Work {
    Customer(Box<CustomerPlan>, StoreVersion),
    Batch(Batch),
}

impl Work {
    /// Its approximate size in memory, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Customer(plan, _) => plan.bytes(),
            Self::Batch(batch) => 2 * batch.plans.iter().map(CustomerPlan::bytes).sum::<usize>(),
        }
    }
}

impl Sender {
    /// Sends a customer or a batch; what has changed in the store since it was planned is planned
    /// again.
    pub(crate) fn work(&self, client: &Client, work: Work) -> Result<(), Stopped> {
        match work {
            Work::Customer(plan, version) => match self.present(*plan, version)? {
                Some(plan) => self.send_customer(client, plan),
                None => Ok(()),
            },
            Work::Batch(batch) => match batch.version {
                Some(version) if self.is_stale(version)? => self.send_stale(client, batch),
                _ => self.send_batch(client, batch),
            },
        }
    }

    /// Whether another program has changed the store since this version.
    fn is_stale(&self, version: StoreVersion) -> Result<bool, Stopped> {
        Ok(self.with_store(|store| store.version())? != version)
    }

    /// An up-to-date plan for a customer; `None` if nothing is left to send.
    fn present(
        &self,
        plan: CustomerPlan,
        version: StoreVersion,
    ) -> Result<Option<CustomerPlan>, Stopped> {
        if !self.is_stale(version)? {
            return Ok(Some(plan));
        }
        let candidate = self.with_store(|store| store.candidate(&plan.uid))?;
        match decide(candidate, self.options.plan()).map_err(|_| self.damaged())? {
            Decision::Send(plan) => Ok(Some(*plan)),
            Decision::Unchanged | Decision::StillRefused => {
                self.count(|tally| tally.delivered += 1);
                Ok(None)
            }
        }
    }

    /// Stops the push because the attributes of a customer are not JSON.
    pub(crate) fn damaged(&self) -> Stopped {
        self.fail(self.options.damaged_attributes())
    }

    fn send_customer(&self, client: &Client, plan: CustomerPlan) -> Result<(), Stopped> {
        let CustomerPlan { uid, steps, mut delivery, state, .. } = plan;
        for step in &steps {
            let request = step.request(&uid);
            let is_delete = request.method == Method::Delete;
            match self.send(client, &request, RequestKind::Step(step.kind()))? {
                Sent::Exhausted => return Ok(()),
                Sent::Refused { status: 404, .. } if is_delete => {}
                Sent::Refused { status, text } => {
                    self.count(|tally| tally.refuse(status, &uid, &text));
                    delivery.refusal = Some(Refusal { status, text, state });
                    return self.record(&[(&uid, &Change::Deliver(delivery))]);
                }
                Sent::Accepted => {}
            }
            let change = step.apply(&delivery);
            self.record(&[(&uid, &change)])?;
            if let Change::Deliver(after) = change {
                delivery = after;
            }
        }
        self.count(|tally| tally.delivered += 1);
        Ok(())
    }

    /// Sends a batch. A refused batch is sent again in halves, to find the customers that are
    /// refused.
    fn send_batch(&self, client: &Client, batch: Batch) -> Result<(), Stopped> {
        if batch.is_empty() {
            return Ok(());
        }
        match self.send(client, &batch.request(), RequestKind::Batch)? {
            Sent::Exhausted => {
                // The request was counted once; count its other customers too.
                self.tally().exhausted += batch.plans.len() as u64 - 1;
                Ok(())
            }
            Sent::Accepted => {
                let changes: Vec<Change> = batch.plans.iter().map(queued).collect();
                let uids = batch.plans.iter().map(|plan| plan.uid.as_str());
                let changes: Vec<(&str, &Change)> = uids.zip(&changes).collect();
                self.record(&changes)?;
                self.count(|tally| tally.queued += changes.len() as u64);
                Ok(())
            }
            Sent::Refused { status, text } => {
                let [plan] = batch.plans.as_slice() else {
                    let (first, second) = batch.halves();
                    self.send_batch(client, first)?;
                    return self.send_batch(client, second);
                };
                let mut delivery = plan.delivery.clone();
                self.count(|tally| tally.refuse(status, &plan.uid, &text));
                delivery.refusal = Some(Refusal { status, text, state: plan.state });
                self.record(&[(&plan.uid, &Change::Deliver(delivery))])
            }
        }
    }

    /// Plans the customers of a batch again, and sends them.
    fn send_stale(&self, client: &Client, batch: Batch) -> Result<(), Stopped> {
        let version = self.with_store(|store| store.version())?;
        let Some(before) = batch.version else { return Ok(()) };
        let mut fresh = Batch::default();
        for plan in batch.plans {
            let Some(plan) = self.present(plan, before)? else { continue };
            match fresh.gather(plan, Some(version)) {
                Gathered::Waits => {}
                Gathered::Full(full) => self.send_batch(client, full)?,
                Gathered::Single(plan) => self.send_customer(client, plan)?,
            }
        }
        self.send_batch(client, fresh)
    }
}
