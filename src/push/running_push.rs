//! A running push: its state, the threads that send, and its outcome.

use super::control::{StopReason, Stopped};
use super::error::PushError;
use super::http::{Client, Connector, CredentialsError, PRIVATE_KEY};
use super::lock::DestinationLock;
use super::options::PushOptions;
use super::queue::WorkQueue;
use super::sender::{Note, Sender};
use super::tally::PushMeter;
use crate::outcome::PushOutcome;
use crate::store::{DeliveryStore, Interrupt, StoreError};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// The interval between checks for a signal or for a free store.
const WATCH_INTERVAL: Duration = Duration::from_millis(50);

/// How long running requests may take after the push has stopped.
pub(crate) const STOP_GRACE: Duration = Duration::from_secs(2);

/// The result of a push.
#[derive(Debug)]
pub struct PushResult {
    /// What was sent.
    pub outcome: PushOutcome,
    /// The error that ended it early. Too many refusals and a failing server are not errors here.
    pub error: Option<PushError>,
    /// Whether it stopped because too many customers or lines were refused.
    pub is_guarded: bool,
    /// The last error, if the push stopped because the server kept failing.
    pub unavailable: Option<String>,
}

/// A running push, which holds the lock of its destination.
pub(crate) struct RunningPush {
    pub(crate) sender: Arc<Sender>,
    started: Instant,
    watch: Watch,
    _lock: DestinationLock,
}

impl RunningPush {
    /// Begins a push. `started` is when the command was started.
    pub(crate) fn begin(
        started: Instant,
        options: PushOptions,
        meter: &PushMeter,
        interrupt: &Interrupt,
        note: Note,
    ) -> Result<Self, PushError> {
        let (lock, sender) = open(options, meter, interrupt, note)?;
        let sender = Arc::new(sender);
        let watch = Watch::start(&sender, interrupt);
        Ok(Self { sender, started, watch, _lock: lock })
    }

    /// Ends the push. `to_send` is how many customers or lines it should have sent.
    pub(crate) fn finish(self, mut outcome: PushOutcome, to_send: u64) -> PushResult {
        let Self { sender, started, watch, _lock } = self;
        drop(watch);
        sender.close_store();
        sender.tally().fill(&mut outcome);
        outcome.seconds = started.elapsed().as_secs_f64();
        outcome.pending = to_send.saturating_sub(sender.tally().tried());
        let reason = sender.control.stop_reason();
        let unavailable = match &reason {
            Some(StopReason::Unavailable(reason)) => Some(reason.clone()),
            _ => None,
        };
        let is_guarded = reason == Some(StopReason::Guard);
        let is_error = reason.is_some() && !is_guarded && unavailable.is_none();
        PushResult {
            outcome,
            error: is_error.then(|| sender.stop_error()),
            is_guarded,
            unavailable,
        }
    }
}

/// Takes the lock of the destination and opens the store. No connection is opened yet.
pub(crate) fn open(
    options: PushOptions,
    meter: &PushMeter,
    interrupt: &Interrupt,
    note: Note,
) -> Result<(DestinationLock, Sender), PushError> {
    let (digest, url) = (options.digest(), options.url.as_str());
    let lock = DestinationLock::take(&options.store, url, &digest, options.wait, interrupt)?;
    let connector = connector(&options)?;
    let store = open_store(&options, interrupt, &note)?;
    Ok((lock, Sender::new(options, connector, store, meter.clone(), note)))
}

/// Reads the keys and certificates for connections. Opens no connection.
fn connector(options: &PushOptions) -> Result<Connector, PushError> {
    let credentials = options.credentials.as_ref();
    let credentials = credentials.ok_or(CredentialsError::Missing(PRIVATE_KEY))?;
    let ca_file = options.ca_file.as_deref();
    Ok(Connector::new(&options.url, credentials, ca_file, options.time_scale)?)
}

/// Opens the store once no other program writes to it.
fn open_store(
    options: &PushOptions,
    interrupt: &Interrupt,
    note: &Note,
) -> Result<DeliveryStore, PushError> {
    let mut is_paused = false;
    loop {
        let opened = DeliveryStore::open(&options.store, options.url.as_str(), &options.digest());
        match opened {
            Err(StoreError::Busy { lock_owner, .. }) => {
                if !is_paused {
                    let owner = lock_owner.map_or(String::new(), |owner| format!(" ({owner})"));
                    note(&format!("waiting while another program writes to the store{owner}"));
                }
                is_paused = true;
                if interrupt.is_requested() {
                    return Err(PushError::Interrupted);
                }
                thread::sleep(WATCH_INTERVAL);
            }
            opened => return Ok(opened?),
        }
    }
}

/// Stops a push on a signal, until it is dropped.
struct Watch(Arc<AtomicBool>);

impl Watch {
    fn start(sender: &Arc<Sender>, interrupt: &Interrupt) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let (sender, interrupt, over) = (sender.clone(), interrupt.clone(), is_over.clone());
        thread::spawn(move || {
            while !over.load(Ordering::Relaxed) {
                if interrupt.is_requested() {
                    sender.control.stop(StopReason::Interrupted);
                    return;
                }
                thread::sleep(WATCH_INTERVAL);
            }
        });
        Self(is_over)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Starts a thread that sends work from the queue over its own connection. It ends when the queue
/// or the push does; a thread that waits too long for an answer is abandoned.
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
