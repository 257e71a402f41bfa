//! The queue of work from the thread that reads the store to the threads that send.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a thread waits before it checks for a stop.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// The size limit of all waiting work, in bytes. A single larger item may wait in an empty queue.
const MAX_BYTES: usize = 4 << 20;

/// A bounded queue, and the number of threads that take from it.
#[derive(Debug)]
pub(crate) struct WorkQueue<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
    capacity: usize,
}

#[derive(Debug)]
struct State<T> {
    waiting: VecDeque<(T, usize)>,
    bytes: usize,
    is_closed: bool,
    workers: usize,
}

impl<T> WorkQueue<T> {
    pub(crate) fn new(capacity: usize, workers: usize) -> Self {
        let state = State { waiting: VecDeque::new(), bytes: 0, is_closed: false, workers };
        Self { state: Mutex::new(state), changed: Condvar::new(), capacity }
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State<T>>) -> MutexGuard<'a, State<T>> {
        let waited = self.changed.wait_timeout(state, POLL_INTERVAL);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// Adds work of about `bytes` bytes, and waits for room first; returns the work if
    /// `is_stopped`.
    pub(crate) fn push(
        &self,
        work: T,
        bytes: usize,
        is_stopped: impl Fn() -> bool,
    ) -> Result<(), T> {
        let mut state = self.state();
        while state.waiting.len() >= self.capacity
            || (state.bytes + bytes > MAX_BYTES && !state.waiting.is_empty())
        {
            if is_stopped() {
                return Err(work);
            }
            state = self.wait(state);
        }
        if is_stopped() {
            return Err(work);
        }
        state.waiting.push_back((work, bytes));
        state.bytes += bytes;
        self.changed.notify_all();
        Ok(())
    }

    /// No more work will be added.
    pub(crate) fn close(&self) {
        self.state().is_closed = true;
        self.changed.notify_all();
    }

    /// Waits for work; `None` if the queue is closed and empty, or if `is_stopped`.
    pub(crate) fn take(&self, is_stopped: impl Fn() -> bool) -> Option<T> {
        let mut state = self.state();
        loop {
            if is_stopped() {
                return None;
            }
            if let Some((work, bytes)) = state.waiting.pop_front() {
                state.bytes -= bytes;
                self.changed.notify_all();
                return Some(work);
            }
            if state.is_closed {
                return None;
            }
            state = self.wait(state);
        }
    }

    /// A thread will not take work again.
    pub(crate) fn worker_ended(&self) {
        self.state().workers -= 1;
        self.changed.notify_all();
    }

    /// Waits until all threads have ended, but no longer than `grace` once `is_stopped`.
    pub(crate) fn wait_for_workers(&self, is_stopped: impl Fn() -> bool, grace: Duration) {
        let mut stopped_at = None;
        let mut state = self.state();
        while state.workers > 0 {
            if is_stopped() {
                let since = *stopped_at.get_or_insert_with(Instant::now);
                if since.elapsed() >= grace {
                    return;
                }
            }
            state = self.wait(state);
        }
    }
}
