//! The options of a push.

use super::http::ApiUrl;
use super::http::Credentials;
use super::plan::PlanOptions;
use crate::segment::Segment;
use crate::settings::Bound;
use crate::store::{Destination, DestinationDigest, StoreError, StoreLocation};
use crate::value::Key;
use std::path::PathBuf;
use std::time::Duration;

/// The default number of requests per second.
pub const DEFAULT_RATE: f64 = 20.0;

/// The default for [`PushOptions::max_refused`].
pub const DEFAULT_MAX_REFUSED: Bound = Bound::Percent(20.0);
/// A percentage stops a push only after this number of answered customers or lines.
pub(crate) const TRIED_BEFORE_SHARE: u64 = 50;

/// The options of a push.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct PushOptions {
    /// The store.
    pub store: StoreLocation,
    /// The API.
    pub url: ApiUrl,
    /// The keys; `None` in a dry run without them.
    pub credentials: Option<Credentials>,
    /// Only the public key, if there is one.
    pub public_key: Option<String>,
    /// A file of PEM certificates to trust in addition to the system's.
    pub ca_file: Option<PathBuf>,
    /// Send only the members of this segment.
    pub segment: Option<Segment>,
    /// Send every customer or line in full, even if it was delivered.
    pub all: bool,
    /// Delete customers that are gone, instead of archiving them.
    pub deletes: bool,
    /// Send new and changed customers in batches.
    pub batch: bool,
    /// The most customers or lines to send.
    pub limit: Option<u64>,
    /// Requests per second over all connections; 0 for no limit.
    pub rate: f64,
    /// The push stops if more customers or lines are refused.
    pub max_refused: Bound,
    /// Send customers or lines again that were refused unchanged.
    pub retry_refused: bool,
    /// The store's key, if its values are also the uids in Engage; `None` if the key is the uid.
    pub uid_from: Option<Key>,
    /// How long to wait for another push to the same destination.
    pub wait: Duration,
    /// How many connections send.
    pub connections: usize,
    /// Waits and timeouts are multiplied by this; for tests.
    pub time_scale: f64,
}

impl PushOptions {
    pub(crate) fn plan(&self) -> PlanOptions {
        let Self { all, retry_refused, deletes, .. } = *self;
        PlanOptions { all, retry_refused, deletes }
    }

    /// The error of a store in which the attributes of a customer are not JSON.
    pub(crate) fn damaged_attributes(&self) -> StoreError {
        let what = "a customer's attributes are not JSON".to_owned();
        StoreError::Damaged { path: self.store.to_path_buf(), what }
    }

    /// The digest of the destination. Without a public key it matches no known destination.
    pub(crate) fn digest(&self) -> DestinationDigest {
        let key = self.public_key.as_deref().unwrap_or_default();
        Destination::digest_of(self.url.as_str(), key)
    }

    /// Whether this many refusals stop the push.
    pub(crate) fn is_guarded(&self, refused: u64, tried: u64) -> bool {
        match self.max_refused {
            Bound::Percent(_) if tried < TRIED_BEFORE_SHARE => false,
            bound => bound.is_exceeded(refused, tried),
        }
    }
}
