//! Plans the requests for a customer: the difference between the store and the destination.

use super::http::path_segment;
use super::http::{Method, Request};
use crate::customer::{Customer, each_attribute, write_member};
use crate::store::{Candidate, Change, DeliveredFields, Delivery, DeliveryStatus};
use crate::value::DevicePlatform;
use crate::value::typed::{ValueType, write_json_string};
use std::hash::Hasher as _;
use std::sync::Arc;
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

/// The prefix of custom attributes among delivered fields.
const META: &str = "meta.";

/// The sign-up date. Engage expects it next to the standard attributes, not in `meta`.
const CREATED_AT: &str = "created_at";

/// Which customers are sent, and how those that are gone are treated.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PlanOptions {
    /// Send every customer in full.
    pub(crate) all: bool,
    /// Send customers again that were refused unchanged.
    pub(crate) retry_refused: bool,
    /// Delete customers that are gone, instead of archiving them.
    pub(crate) deletes: bool,
}

/// One request for a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// Sets attributes. `fields` are what the destination has afterwards.
    Put { body: String, fields: DeliveredFields },
    /// Removes a custom attribute.
    DeleteAttribute(Arc<str>),
    /// Removes the token of a device.
    DeleteToken(String),
    /// Adds a device.
    PutDevice { token: String, platform: DevicePlatform },
    /// Archives the customer.
    Archive,
    /// Deletes the customer.
    Delete,
}

/// The requests to send for a customer.
#[derive(Debug, Clone)]
pub(crate) struct CustomerPlan {
    pub(crate) uid: String,
    /// The requests, in order. In [`Decision::Send`] there is at least one.
    pub(crate) steps: Vec<Step>,
    /// What the destination has now.
    pub(crate) delivery: Delivery,
    /// A digest of what the destination should have.
    pub(crate) state: i64,
    /// Whether `created_at` is not a date, so that it is not sent.
    pub(crate) has_invalid_sign_up: bool,
    /// How many standard attributes are cleared with `null`.
    pub(crate) nulls: u64,
}

impl CustomerPlan {
    /// The approximate size of its requests, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        let body = |step: &Step| match step {
            Step::Put { body, .. } => body.len(),
            _ => 0,
        };
        self.steps.iter().map(body).sum()
    }
}

/// Whether a push sends a customer.
#[derive(Debug)]
pub(crate) enum Decision {
    /// The destination already has the customer.
    Unchanged,
    /// The customer was refused and has not changed since.
    StillRefused,
    /// The customer will be sent.
    Send(Box<CustomerPlan>),
}

/// Decides what to send of a customer. Fails if its attributes are not a JSON object.
pub(crate) fn decide(
    candidate: Candidate,
    options: PlanOptions,
) -> Result<Decision, serde_json::Error> {
    let Candidate { uid, customer, delivery } = candidate;
    let plan = match customer {
        Some(customer) => plan_present(uid, &customer, delivery, options)?,
        None => plan_gone(uid, delivery, options),
    };
    if plan.steps.is_empty() {
        return Ok(Decision::Unchanged);
    }
    let is_refused = plan.delivery.refusal.as_ref().is_some_and(|it| it.state == plan.state);
    if is_refused && !options.all && !options.retry_refused {
        return Ok(Decision::StillRefused);
    }
    Ok(Decision::Send(Box::new(plan)))
}

/// The requests for a customer that is gone from the store.
fn plan_gone(uid: String, delivery: Delivery, options: PlanOptions) -> CustomerPlan {
    let step = match (delivery.status, options.deletes) {
        (DeliveryStatus::New, _) | (DeliveryStatus::Archived, false) => None,
        (_, true) => Some(Step::Delete),
        (DeliveryStatus::Delivered | DeliveryStatus::Queued, false) => Some(Step::Archive),
    };
    CustomerPlan {
        uid,
        steps: step.into_iter().collect(),
        delivery,
        state: i64::from(options.deletes),
        has_invalid_sign_up: false,
        nulls: 0,
    }
}

fn plan_present(
    uid: String,
    customer: &Customer,
    delivery: Delivery,
    options: PlanOptions,
) -> Result<CustomerPlan, serde_json::Error> {
    let is_archived = customer.archived_at.is_some();
    let is_new = delivery.status == DeliveryStatus::New;
    let returns = delivery.status == DeliveryStatus::Archived && !is_archived;
    let is_whole = options.all || is_new || returns;
    let mut put = PutBody::new(&delivery.fields, is_whole);
    put.add_all(customer, is_new)?;
    let (state, has_invalid_sign_up) = (put.state(customer), put.has_invalid_sign_up);
    let has_token = |token: &str| customer.devices.iter().any(|device| device.token == token);
    let mut steps = Vec::new();
    for token in delivery.tokens.iter().filter(|token| !has_token(token)) {
        steps.push(Step::DeleteToken(token.clone()));
    }
    let removed = put.removed_attributes();
    let nulls = put.clear_standard();
    if put.is_changed || is_whole {
        let (body, fields) = put.finish();
        steps.push(Step::Put { body, fields });
    }
    steps.extend(removed.into_iter().map(Step::DeleteAttribute));
    // Engage keeps the last five devices, so the newest is sent last.
    for device in customer.devices.iter().rev() {
        if options.all || returns || !delivery.tokens.contains(&device.token) {
            let (token, platform) = (device.token.clone(), device.platform);
            steps.push(Step::PutDevice { token, platform });
        }
    }
    let is_put = |step: &Step| matches!(step, Step::Put { .. } | Step::PutDevice { .. });
    let is_put = steps.iter().any(is_put);
    if is_archived && (is_put || delivery.status != DeliveryStatus::Archived) {
        steps.push(Step::Archive);
    }
    if is_archived && is_new {
        // Engage does not have this customer and does not need it.
        steps.clear();
    }
    Ok(CustomerPlan { uid, steps, delivery, state, has_invalid_sign_up, nulls })
}

/// The body of a `PUT` with the attributes of a customer.
struct PutBody<'a> {
    delivered: &'a DeliveredFields,
    is_whole: bool,
    top: String,
    meta: String,
    fields: DeliveredFields,
    is_changed: bool,
    has_invalid_sign_up: bool,
}

impl<'a> PutBody<'a> {
    fn new(delivered: &'a DeliveredFields, is_whole: bool) -> Self {
        Self {
            delivered,
            is_whole,
            top: String::new(),
            meta: String::new(),
            fields: DeliveredFields::new(),
            is_changed: false,
            has_invalid_sign_up: false,
        }
    }

    fn add_all(&mut self, customer: &Customer, is_new: bool) -> Result<(), serde_json::Error> {
        for (name, value) in standard(customer) {
            if let Some(value) = value {
                let mut json = String::with_capacity(value.len() + 2);
                write_json_string(value, &mut json);
                self.add(name, None, &json);
            }
        }
        each_attribute(&customer.attributes, |name, value| {
            if name == CREATED_AT {
                self.has_invalid_sign_up = is_new && !is_date_or_time(value);
                if is_new && is_date_or_time(value) {
                    write_member(CREATED_AT, value, &mut self.top);
                }
            } else if is_scalar(value) {
                self.add(&format!("{META}{name}"), Some(name), value);
            }
            Ok(())
        })
    }

    /// Adds a field. The body gets it only if it has changed or the body is whole.
    fn add(&mut self, field: &str, meta: Option<&str>, json: &str) {
        let digest = xxh3_64(json.as_bytes());
        let known = self.delivered.get_key_value(field);
        let is_known = known.is_some_and(|(_, delivered)| *delivered == digest);
        if !is_known || self.is_whole {
            match meta {
                Some(name) => write_member(name, json, &mut self.meta),
                None => write_member(field, json, &mut self.top),
            }
        }
        self.is_changed |= !is_known;
        let name = known.map_or_else(|| Arc::from(field), |(name, _)| name.clone());
        self.fields.insert(name, digest);
    }

    /// The delivered custom attributes that the customer no longer has.
    fn removed_attributes(&mut self) -> Vec<Arc<str>> {
        let delivered = self.delivered.iter();
        let removed = delivered
            .filter(|(name, _)| name.starts_with(META) && !self.fields.contains_key(*name));
        let removed: Vec<(Arc<str>, u64)> =
            removed.map(|(name, digest)| (name.clone(), *digest)).collect();
        // The destination has them until `Step::DeleteAttribute` is accepted.
        self.fields.extend(removed.iter().cloned());
        removed.into_iter().map(|(name, _)| name).collect()
    }

    /// Clears the delivered standard attributes that the customer no longer has; returns their
    /// number.
    fn clear_standard(&mut self) -> u64 {
        let mut cleared = 0;
        for name in self.delivered.keys().filter(|name| !name.starts_with(META)) {
            if !self.fields.contains_key(name) {
                write_member(name, "null", &mut self.top);
                cleared += 1;
            }
        }
        self.is_changed |= cleared > 0;
        cleared
    }

    /// A digest of what the destination should have.
    fn state(&self, customer: &Customer) -> i64 {
        let mut hasher = Xxh3::new();
        for (name, digest) in &self.fields {
            hasher.write(name.as_bytes());
            hasher.write_u64(*digest);
        }
        for device in &customer.devices {
            hasher.write(device.token.as_bytes());
            hasher.write_u8(0);
        }
        hasher.write_u8(u8::from(customer.archived_at.is_some()));
        hasher.finish().cast_signed()
    }

    fn finish(self) -> (String, DeliveredFields) {
        let Self { mut top, mut meta, fields, .. } = self;
        if !meta.is_empty() {
            meta.push('}');
            write_member("meta", &meta, &mut top);
        }
        if top.is_empty() {
            top.push('{');
        }
        top.push('}');
        (top, fields)
    }
}

fn standard(customer: &Customer) -> [(&'static str, Option<&str>); 4] {
    [
        ("first_name", customer.first_name.as_deref()),
        ("last_name", customer.last_name.as_deref()),
        ("number", customer.number.as_deref()),
        ("email", customer.email.as_deref()),
    ]
}

fn is_date_or_time(json: &str) -> bool {
    ValueType::Date.is_stored_json(json) || ValueType::Datetime.is_stored_json(json)
}

/// Whether `meta` may have a value: a string, a number or a boolean.
fn is_scalar(json: &str) -> bool {
    json.starts_with(|c: char| matches!(c, '"' | '-' | 't' | 'f' | '0'..='9'))
}

impl Step {
    /// The HTTP request.
    pub(crate) fn request(&self, uid: &str) -> Request {
        let user = format!("/users/{}", path_segment(uid));
        let (method, path, body) = match self {
            Self::Put { body, .. } => (Method::Put, user, Some(body.clone())),
            Self::PutDevice { token, platform } => {
                (Method::Put, user, Some(device_body(token, *platform)))
            }
            Self::DeleteAttribute(field) => {
                let name = field.strip_prefix(META).unwrap_or(field);
                (Method::Delete, format!("{user}/attributes/{}", path_segment(name)), None)
            }
            Self::DeleteToken(token) => {
                (Method::Delete, format!("{user}/tokens/{}", path_segment(token)), None)
            }
            Self::Archive => (Method::Post, format!("{user}/archive"), None),
            Self::Delete => (Method::Delete, user, None),
        };
        Request { method, path, takes_empty_answer: body.is_none(), body }
    }

    /// What to record when the request is accepted.
    pub(crate) fn apply(&self, delivery: &Delivery) -> Change {
        let mut after = delivery.clone();
        after.refusal = None;
        match self {
            Self::Put { fields, .. } => {
                after.fields.clone_from(fields);
                after.status = DeliveryStatus::Delivered;
            }
            Self::DeleteAttribute(field) => {
                after.fields.remove(field);
            }
            Self::DeleteToken(token) => after.tokens.retain(|other| other != token),
            Self::PutDevice { token, .. } => {
                after.tokens.retain(|other| other != token);
                after.tokens.push(token.clone());
                after.status = DeliveryStatus::Delivered;
            }
            Self::Archive => after.status = DeliveryStatus::Archived,
            Self::Delete => return Change::Delete,
        }
        Change::Deliver(after)
    }

    /// The kind that reports count it as.
    pub(crate) fn kind(&self) -> StepKind {
        match self {
            Self::Put { .. } => StepKind::Put,
            Self::DeleteAttribute(_) => StepKind::DeleteAttribute,
            Self::DeleteToken(_) => StepKind::DeleteToken,
            Self::PutDevice { .. } => StepKind::PutDevice,
            Self::Archive => StepKind::Archive,
            Self::Delete => StepKind::Delete,
        }
    }
}

/// A kind of request for a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StepKind {
    Put,
    DeleteAttribute,
    DeleteToken,
    PutDevice,
    Archive,
    Delete,
}

pub(crate) fn device_body(token: &str, platform: DevicePlatform) -> String {
    let mut body = "{\"device_token\":".to_owned();
    write_json_string(token, &mut body);
    body.push_str(",\"device_platform\":\"");
    body.push_str(platform.as_str());
    body.push_str("\"}");
    body
}
