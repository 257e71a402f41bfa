//! Gathers customers into `POST /batch` requests, up to the size limit.

use super::http::{Method, Request};
use super::plan::{CustomerPlan, Step, device_body};
use crate::store::{Change, Delivery, DeliveryStatus, StoreVersion};
use crate::value::typed::write_json_string;

/// The size limit of the body of a batch, in bytes. The body must be smaller.
const BATCH_BYTES: usize = 100_000;

const START: &str = "{\"data\":[";
const END: &str = "]}";

/// Customers that become one request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Batch {
    pub(crate) plans: Vec<CustomerPlan>,
    /// For each customer, its items, separated by commas.
    items: Vec<String>,
    bytes: usize,
    pub(crate) version: Option<StoreVersion>,
}

/// The result of gathering a customer.
pub(crate) enum Gathered {
    /// The customer was added, and the batch waits for more.
    Waits,
    /// The batch is full and must be sent; the customer is in the next one.
    Full(Batch),
    /// The customer cannot be in a batch.
    Single(CustomerPlan),
}

impl Batch {
    pub(crate) fn is_empty(&self) -> bool {
        self.plans.is_empty()
    }

    /// Adds a customer, unless it needs other requests than those of a batch or is too long for
    /// one.
    pub(crate) fn gather(&mut self, plan: CustomerPlan, version: Option<StoreVersion>) -> Gathered {
        let items =
            items(&plan).filter(|items| items.len() + START.len() + END.len() < BATCH_BYTES);
        let Some(items) = items else { return Gathered::Single(plan) };
        let after = self.bytes + items.len() + 1;
        let fits = START.len() + after + END.len() < BATCH_BYTES && self.version == version;
        let full = if self.is_empty() || fits { Self::default() } else { std::mem::take(self) };
        self.bytes += items.len() + 1;
        self.version = version;
        self.plans.push(plan);
        self.items.push(items);
        if full.is_empty() { Gathered::Waits } else { Gathered::Full(full) }
    }

    pub(crate) fn request(&self) -> Request {
        let body = format!("{START}{}{END}", self.items.join(","));
        let path = "/batch".to_owned();
        Request { method: Method::Post, path, body: Some(body), takes_empty_answer: false }
    }

    /// Splits a batch of more than one customer into two halves, to be sent as they are.
    pub(crate) fn halves(mut self) -> (Self, Self) {
        let middle = self.plans.len() / 2;
        let second = Self {
            plans: self.plans.split_off(middle),
            items: self.items.split_off(middle),
            bytes: 0,
            version: self.version,
        };
        (self, second)
    }
}

/// A customer as items of a batch; `None` if it needs other requests, such as a deletion.
fn items(plan: &CustomerPlan) -> Option<String> {
    let mut kind = if plan.delivery.status == DeliveryStatus::New { "create" } else { "update" };
    let mut items = String::new();
    for step in &plan.steps {
        let body = match step {
            Step::Put { body, .. } => body.clone(),
            Step::PutDevice { token, platform } => device_body(token, *platform),
            _ => return None,
        };
        if !items.is_empty() {
            items.push(',');
        }
        items.push_str("{\"type\":\"");
        items.push_str(kind);
        items.push_str("\",\"id\":");
        write_json_string(&plan.uid, &mut items);
        if body == "{}" {
            items.push('}');
        } else {
            items.push(',');
            items.push_str(&body[1..]);
        }
        kind = "update";
    }
    Some(items)
}

/// What the destination has of a customer once its batch was accepted.
pub(crate) fn queued(plan: &CustomerPlan) -> Change {
    let mut delivery = plan.delivery.clone();
    for step in &plan.steps {
        if let Change::Deliver(after) = step.apply(&delivery) {
            delivery = after;
        }
    }
    Change::Deliver(Delivery { status: DeliveryStatus::Queued, ..delivery })
}
