//! State shared by the threads of a push, and sending a request with retries.

use super::control::{Control, StopReason, Stopped};
use super::error::PushError;
use super::http::{Answer, Client, Connector, Failure, Request};
use super::http::{LONGEST_WAIT, MAX_ATTEMPTS, backoff, requested_wait};
use super::options::PushOptions;
use super::tally::{PushMeter, RequestKind, Tally, count_request};
use crate::store::{Change, DeliveryStore, StoreError};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a paused push waits before it tries the store again.
const PAUSE_INTERVAL: Duration = Duration::from_millis(200);

/// How long after a check the store is assumed to be unlocked.
const UNLOCKED_FOR: Duration = Duration::from_millis(100);

/// The push stops after this many customers or lines in a row that it could not send.
pub const MAX_EXHAUSTED_IN_A_ROW: u64 = 20;

/// How a request ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    Accepted,
    Refused {
        status: u16,
        text: String,
    },
    /// All attempts failed; it is left for the next push.
    Exhausted,
}

/// Shows a message to the user.
pub(crate) type Note = Box<dyn Fn(&str) + Send + Sync>;

/// State shared by the threads of a push.
pub(crate) struct Sender {
    pub(crate) options: PushOptions,
    pub(crate) control: Control,
    pub(crate) connector: Connector,
    pub(crate) meter: PushMeter,
    /// `None` once the push has ended: a thread that still waits for an answer records nothing.
    store: Mutex<Option<DeliveryStore>>,
    tally: Mutex<Tally>,
    /// When the store was last found unlocked; `None` while the push is paused.
    unlocked_at: Mutex<Option<Instant>>,
    store_error: Mutex<Option<StoreError>>,
    note: Note,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Sender {
    pub(crate) fn new(
        options: PushOptions,
        connector: Connector,
        store: DeliveryStore,
        meter: PushMeter,
        note: Note,
    ) -> Self {
        Self {
            control: Control::new(options.rate, options.time_scale),
            options,
            connector,
            meter,
            store: Mutex::new(Some(store)),
            tally: Mutex::default(),
            unlocked_at: Mutex::new(Some(Instant::now())),
            store_error: Mutex::default(),
            note,
        }
    }

    /// Closes the store.
    pub(crate) fn close_store(&self) {
        *locked(&self.store) = None;
    }

    pub(crate) fn tally(&self) -> MutexGuard<'_, Tally> {
        locked(&self.tally)
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.control.check().is_err()
    }

    /// Stops the push at an error of the store.
    pub(crate) fn fail(&self, error: StoreError) -> Stopped {
        locked(&self.store_error).get_or_insert(error);
        self.control.stop(StopReason::Store);
        Stopped
    }

    /// The error of a push that has stopped.
    pub(crate) fn stop_error(&self) -> PushError {
        let url = self.options.url.to_string();
        match self.control.stop_reason() {
            Some(StopReason::Unauthorised(status)) => PushError::Unauthorised(status),
            Some(StopReason::Certificate(reason)) => PushError::Certificate { url, reason },
            Some(StopReason::Unreachable(reason) | StopReason::Unavailable(reason)) => {
                PushError::Unreachable { url, reason }
            }
            Some(StopReason::Store) => {
                let error = locked(&self.store_error).take();
                error.unwrap_or(StoreError::Interrupted).into()
            }
            Some(StopReason::Interrupted | StopReason::Guard) | None => PushError::Interrupted,
        }
    }

    /// Runs `work` on the store, and pauses while another program writes to it.
    pub(crate) fn with_store<T>(
        &self,
        mut work: impl FnMut(&mut DeliveryStore) -> Result<T, StoreError>,
    ) -> Result<T, Stopped> {
        loop {
            let worked = match &mut *locked(&self.store) {
                Some(store) => work(store),
                None => return Err(Stopped),
            };
            match worked {
                Ok(result) => return Ok(result),
                Err(StoreError::Busy { .. }) => {
                    if locked(&self.unlocked_at).take().is_some() {
                        (self.note)("paused while another program writes to the store");
                    }
                    self.control.sleep_unscaled(PAUSE_INTERVAL)?;
                }
                Err(error) => return Err(self.fail(error)),
            }
        }
    }

    /// As [`Self::with_store`], for work that writes: success means that the store is not locked.
    pub(crate) fn write<T>(
        &self,
        work: impl FnMut(&mut DeliveryStore) -> Result<T, StoreError>,
    ) -> Result<T, Stopped> {
        let written = self.with_store(work)?;
        *locked(&self.unlocked_at) = Some(Instant::now());
        Ok(written)
    }

    /// Records in the store what a request has changed at the destination.
    pub(crate) fn record(&self, changes: &[(&str, &Change)]) -> Result<(), Stopped> {
        self.write(|store| store.record(changes.iter().copied()))
    }

    /// Waits until the next request may be sent and no import holds the store.
    fn wait_for_turn(&self) -> Result<(), Stopped> {
        loop {
            self.control.wait_for_turn()?;
            let unlocked_at = *locked(&self.unlocked_at);
            if unlocked_at.is_some_and(|at| at.elapsed() < UNLOCKED_FOR) {
                return Ok(());
            }
            let checked = Instant::now();
            self.write(|store| store.check_unlocked())?;
            if checked.elapsed() < PAUSE_INTERVAL {
                return Ok(());
            }
            // After a pause, wait for a turn again, so that the connections keep to the rate.
        }
    }

    /// Sends a request until it is answered or there are no attempts left.
    pub(crate) fn send(
        &self,
        client: &Client,
        request: &Request,
        kind: RequestKind,
    ) -> Result<Sent, Stopped> {
        let mut attempts = 0;
        let mut is_retry = false;
        let mut is_lost = false;
        loop {
            self.wait_for_turn()?;
            {
                let mut tally = self.tally();
                count_request(&mut tally.requests, kind);
                tally.retries += u64::from(is_retry);
                tally.lost_answers += u64::from(is_lost && kind == RequestKind::Event);
            }
            is_retry = true;
            is_lost = false;
            let (reason, text) = match client.send(request) {
                Answer::Accepted => {
                    self.tally().answered();
                    return Ok(Sent::Accepted);
                }
                Answer::Refused { status, text } => {
                    self.tally().answered();
                    return Ok(Sent::Refused { status, text });
                }
                Answer::Unauthorised(status) => {
                    self.control.stop(StopReason::Unauthorised(status));
                    return Err(Stopped);
                }
                Answer::Certificate(reason) => {
                    self.control.stop(StopReason::Certificate(reason));
                    return Err(Stopped);
                }
                Answer::Wait { status, wait } if wait > LONGEST_WAIT => {
                    let text = format!("status {status}: wait {} s", wait.as_secs());
                    return self.exhausted(Failure::Server, text);
                }
                Answer::Wait { status, wait } => {
                    self.control.hold_all(requested_wait(wait));
                    if status != 408 {
                        continue;
                    }
                    (Failure::Server, format!("status {status}"))
                }
                Answer::Failed { reason, text } => {
                    is_lost = reason == Failure::AnswerLost;
                    (reason, text)
                }
            };
            attempts += 1;
            if attempts >= MAX_ATTEMPTS {
                return self.exhausted(reason, text);
            }
            self.control.sleep(backoff(attempts))?;
        }
    }

    /// Gives up a request. Stops the push if the server was never reached, or after many such
    /// requests in a row.
    fn exhausted(&self, reason: Failure, text: String) -> Result<Sent, Stopped> {
        let mut tally = self.tally();
        tally.exhausted += 1;
        tally.exhausted_in_a_row += 1;
        if reason == Failure::NotSent && !tally.has_answer {
            self.control.stop(StopReason::Unreachable(text));
            return Err(Stopped);
        }
        if tally.exhausted_in_a_row >= MAX_EXHAUSTED_IN_A_ROW {
            self.control.stop(StopReason::Unavailable(text));
        }
        Ok(Sent::Exhausted)
    }

    /// Counts an answered customer or line, and stops the push if too many are refused.
    pub(crate) fn count(&self, change: impl FnOnce(&mut Tally)) {
        let mut tally = self.tally();
        let refused = tally.refused;
        let tried = tally.tried();
        change(&mut tally);
        self.meter.count(tally.tried() - tried, tally.refused - refused);
        if tally.refused > refused && self.options.is_guarded(tally.refused, tally.tried()) {
            self.control.stop(StopReason::Guard);
        }
    }
}
