//! Deletes customers at a destination before the store forgets them.

use super::error::PushError;
use super::http::{Method, Request, path_segment};
use super::options::PushOptions;
use super::plan::StepKind;
use super::running_push::open;
use super::sender::{Note, Sent};
use super::tally::{PushMeter, RequestKind};
use crate::store::{Change, Interrupt};

/// Deletes customers at a destination; returns their number. A customer that the destination does
/// not have counts as deleted.
///
/// Stops at the first customer that cannot be deleted; earlier ones stay deleted.
pub fn delete_remotely(
    options: PushOptions,
    uids: &[String],
    note: Note,
) -> Result<u64, PushError> {
    let url = options.url.clone();
    let (_lock, sender) = open(options, &PushMeter::default(), &Interrupt::default(), note)?;
    let client = sender.connector.client();
    let failed = |reason: String| PushError::NotDeleted { url: url.to_string(), reason };
    for uid in uids {
        let path = format!("/users/{}", path_segment(uid));
        let request =
            Request { method: Method::Delete, path, body: None, takes_empty_answer: true };
        let kind = RequestKind::Step(StepKind::Delete);
        let sent = sender.send(&client, &request, kind).map_err(|_| sender.stop_error());
        match sent? {
            Sent::Accepted | Sent::Refused { status: 404, .. } => {}
            Sent::Refused { status, .. } => return Err(failed(format!("status {status}"))),
            Sent::Exhausted => return Err(failed("the server did not answer".to_owned())),
        }
        let deleted = Change::Delete;
        sender.record(&[(uid, &deleted)]).map_err(|_| sender.stop_error())?;
    }
    Ok(uids.len() as u64)
}
