//! State shared by all connections of a push: the rate, the wait that the server asked for, the
//! stop.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Why a push stops before everything is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StopReason {
    /// A signal.
    Interrupted,
    /// Too many customers or lines were refused.
    Guard,
    /// The API rejects the keys, with this status.
    Unauthorised(u16),
    /// The certificate is not trusted, for this reason.
    Certificate(String),
    /// No connection could be made; with the last error.
    Unreachable(String),
    /// Many requests in a row failed; with the last error.
    Unavailable(String),
    /// The store cannot be read or written.
    Store,
}

/// The push has stopped: no further request is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stopped;

/// The state that all connections share.
#[derive(Debug)]
pub(crate) struct Control {
    state: Mutex<State>,
    changed: Condvar,
    /// The time between two requests.
    interval: Duration,
    /// All waits are multiplied by this.
    time_scale: f64,
}

#[derive(Debug)]
struct State {
    stop: Option<StopReason>,
    /// When the next request may be sent.
    next_request: Instant,
    /// The server asked to send nothing before this time.
    waits_until: Instant,
}

impl Control {
    /// `rate` is in requests per second; 0 for no limit.
    pub(crate) fn new(rate: f64, time_scale: f64) -> Self {
        let interval =
            if rate > 0.0 { Duration::from_secs_f64(1.0 / rate) } else { Duration::ZERO };
        let now = Instant::now();
        let state = State { stop: None, next_request: now, waits_until: now };
        Self { state: Mutex::new(state), changed: Condvar::new(), interval, time_scale }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stops the push. Only the first reason is kept.
    pub(crate) fn stop(&self, reason: StopReason) {
        self.state().stop.get_or_insert(reason);
        self.changed.notify_all();
    }

    /// Why the push stops, if it does.
    pub(crate) fn stop_reason(&self) -> Option<StopReason> {
        self.state().stop.clone()
    }

    pub(crate) fn check(&self) -> Result<(), Stopped> {
        if self.state().stop.is_some() { Err(Stopped) } else { Ok(()) }
    }

    /// Waits until a request may be sent. Waiting requests are sent at the rate, not in a burst.
    pub(crate) fn wait_for_turn(&self) -> Result<(), Stopped> {
        let mut state = self.wait_until(|state| state.next_request.max(state.waits_until))?;
        state.next_request = Instant::now() + self.interval;
        Ok(())
    }

    /// Waits until `due`, which may change during the wait.
    fn wait_until(
        &self,
        due: impl Fn(&State) -> Instant,
    ) -> Result<MutexGuard<'_, State>, Stopped> {
        let mut state = self.state();
        loop {
            if state.stop.is_some() {
                return Err(Stopped);
            }
            let left = due(&state).saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(state);
            }
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Holds back the requests of all connections for `wait`, as the server asked.
    pub(crate) fn hold_all(&self, wait: Duration) {
        let until = Instant::now() + wait.mul_f64(self.time_scale);
        let mut state = self.state();
        state.waits_until = state.waits_until.max(until);
    }

    /// Waits for `wait`, scaled.
    pub(crate) fn sleep(&self, wait: Duration) -> Result<(), Stopped> {
        self.sleep_unscaled(wait.mul_f64(self.time_scale))
    }

    /// Waits for `wait`, unscaled.
    pub(crate) fn sleep_unscaled(&self, wait: Duration) -> Result<(), Stopped> {
        let until = Instant::now() + wait;
        self.wait_until(|_| until).map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_follow_at_the_rate_without_a_burst() {
        let control = Control::new(100.0, 1.0);
        std::thread::sleep(Duration::from_millis(50));
        let started = Instant::now();
        for _ in 0..6 {
            control.wait_for_turn().unwrap();
        }
        assert!(started.elapsed() >= Duration::from_millis(50));
    }

    #[test]
    fn a_stop_ends_every_wait() {
        let control = Control::new(0.001, 1.0);
        control.wait_for_turn().unwrap();
        std::thread::scope(|scope| {
            let waits = scope.spawn(|| control.wait_for_turn());
            control.stop(StopReason::Interrupted);
            control.stop(StopReason::Guard);
            assert_eq!(waits.join().unwrap(), Err(Stopped));
        });
        assert_eq!(control.stop_reason(), Some(StopReason::Interrupted));
        assert_eq!(control.sleep(Duration::from_secs(60)), Err(Stopped));
    }
}
