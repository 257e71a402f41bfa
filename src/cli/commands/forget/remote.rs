//! `engage forget --remote`.

use crate::cli::{ApiArgs, CommandError, Global};
use crate::push::{DEFAULT_MAX_REFUSED, DEFAULT_RATE, PushOptions, delete_remotely};
use crate::store::{Destination, Interrupt, open_for_writing};
use std::time::Duration;

/// What is deleted at Engage.
#[derive(Debug, clap::Args)]
pub(super) struct RemoteArgs {
    /// Delete the customers at Engage first; if that fails, nothing is erased here
    #[arg(long, conflicts_with = "unblock")]
    remote: bool,
    #[command(flatten)]
    api: ApiArgs,
    /// What waits and timeouts are multiplied by
    #[arg(long, hide = true, env = "ENGAGE_TIME_SCALE", value_name = "N", default_value_t = 1.0)]
    time_scale: f64,
}

impl RemoteArgs {
    /// The digest of the destination from which customers are deleted.
    pub(super) fn destination(&self) -> Result<Option<Vec<u8>>, CommandError> {
        if !self.remote {
            return Ok(None);
        }
        let public_key = self.api.public_key()?.unwrap_or_default();
        let digest = Destination::digest_of(self.api.url()?.as_str(), &public_key);
        Ok(Some(digest.to_vec()))
    }

    /// Deletes those customers at Engage that the store knows, and returns their number.
    pub(super) fn delete(
        &self,
        uids: &[String],
        wait: u64,
        global: &Global,
    ) -> Result<u64, CommandError> {
        if !self.remote {
            return Ok(0);
        }
        let wait = Duration::from_secs(wait);
        let credentials = self.api.credentials()?;
        let options = PushOptions {
            store: global.store.clone(),
            url: self.api.url()?,
            public_key: Some(credentials.public().to_owned()),
            credentials: Some(credentials),
            ca_file: self.api.ca_file.clone(),
            segment: None,
            all: false,
            deletes: true,
            batch: false,
            limit: None,
            rate: DEFAULT_RATE,
            max_refused: DEFAULT_MAX_REFUSED,
            retry_refused: true,
            uid_from: None,
            wait,
            connections: 1,
            time_scale: self.time_scale,
        };
        let known = known_uids(uids, wait, global)?;
        if known.is_empty() {
            return Ok(0);
        }
        Ok(delete_remotely(options, &known, Box::new(global.notes()))?)
    }
}

/// The uids that the store knows, found by forgetting them without a commit.
fn known_uids(
    uids: &[String],
    wait: Duration,
    global: &Global,
) -> Result<Vec<String>, CommandError> {
    let writer = open_for_writing(&global.store, wait, &Interrupt::default())?;
    let unknown = writer.forget(uids)?.unknown.unwrap_or_default();
    Ok(uids.iter().filter(|uid| !unknown.contains(uid)).cloned().collect())
}
