//! The threads that send.

use super::control::Stopped;
use super::http::Client;
use super::queue::WorkQueue;
use super::sender::Sender;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// How long requests under way may take once the push stops.
pub(crate) const STOP_GRACE: Duration = Duration::from_secs(2);

/// Starts a thread with a connection of its own, which ends with the queue or with the push. It is
/// left alone where it waits for an answer for too long.
pub(crate) fn spawn_worker<T: Send + 'static>(
    sender: &Arc<Sender>,
    queue: &Arc<WorkQueue<T>>,
    work: impl Fn(&Sender, &Client, T) -> Result<(), Stopped> + Send + 'static,
) {
    let (sender, queue) = (sender.clone(), queue.clone());
    thread::spawn(move || {
        let client = sender.connector.client();
        while let Some(next) = queue.take(|| sender.is_stopped()) {
            if work(&sender, &client, next).is_err() {
                break;
            }
        }
        queue.worker_ended();
    });
}
