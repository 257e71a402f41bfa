//! What a destination of `engage push` has of a customer.

use std::collections::BTreeMap;
use std::sync::Arc;

/// How far a customer is at a destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DeliveryStatus {
    /// The destination has never accepted anything of the customer.
    #[default]
    New,
    /// It has accepted what [`Delivery::fields`] names.
    Delivered,
    /// The same in a batch, which is accepted before it is looked at.
    Queued,
    /// The customer is archived there.
    Archived,
}

impl DeliveryStatus {
    const ALL: [Self; 4] = [Self::New, Self::Delivered, Self::Queued, Self::Archived];

    /// The word in the store and in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Delivered => "delivered",
            Self::Queued => "queued",
            Self::Archived => "archived",
        }
    }

    /// The status of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}

/// The name of each delivered field with a digest of its value.
pub type DeliveredFields = BTreeMap<Arc<str>, u64>;

/// What a destination has of a customer: digests of the values, not the values.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Delivery {
    /// How far the customer is.
    pub status: DeliveryStatus,
    /// The delivered standard attributes by name, custom ones with `meta.` before theirs.
    pub fields: DeliveredFields,
    /// The delivered device tokens, which are needed to delete them there.
    pub tokens: Vec<String>,
    /// Why the destination has refused the customer as it was last sent, if it has.
    pub refusal: Option<Refusal>,
}

/// What a destination has answered to a request that it does not accept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The text of the API, escaped and shortened. It may quote personal data.
    pub text: String,
    /// A digest of the customer as it was to be sent: until that changes, it is not sent again.
    pub state: i64,
}

/// A customer's delivery, as `engage show` tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryLine {
    /// The URL of the API.
    pub destination: String,
    /// How far the customer is.
    pub status: DeliveryStatus,
    /// When that last changed: UTC, RFC 3339.
    pub changed_at: String,
    /// Why it was refused since, if it was.
    pub refusal: Option<Refusal>,
}
