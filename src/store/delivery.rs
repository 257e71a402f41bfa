//! What a destination of `engage push` knows about a customer.

use std::collections::BTreeMap;
use std::sync::Arc;

/// The delivery status of a customer at a destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DeliveryStatus {
    /// The destination has never accepted anything about the customer.
    #[default]
    New,
    /// It has accepted [`Delivery::fields`].
    Delivered,
    /// The same in a batch, which the destination accepts before it validates it.
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

    /// The status with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}

/// The name of each delivered field with a digest of its value.
pub type DeliveredFields = BTreeMap<Arc<str>, u64>;

/// What a destination knows about a customer: digests of the values, not the values themselves.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Delivery {
    /// The delivery status.
    pub status: DeliveryStatus,
    /// The delivered attributes by name. Custom attributes have the prefix `meta.`.
    pub fields: DeliveredFields,
    /// The delivered device tokens, which are needed to delete them there.
    pub tokens: Vec<String>,
    /// The refusal, if the destination refused the customer when it was last sent.
    pub refusal: Option<Refusal>,
}

/// A destination's answer to a request that it refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The text of the API, escaped and shortened. It may quote personal data.
    pub text: String,
    /// A digest of what was sent. The customer is not sent again until it changes.
    pub state: i64,
}

/// A customer's delivery, as `engage show` lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryLine {
    /// The URL of the API.
    pub destination: String,
    /// The delivery status.
    pub status: DeliveryStatus,
    /// When the status last changed: UTC, RFC 3339.
    pub changed_at: String,
    /// The refusal, if it was refused since then.
    pub refusal: Option<Refusal>,
}
