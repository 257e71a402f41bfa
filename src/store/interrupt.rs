//! Cancels a change of a store from another thread.

use super::error::StoreError;
use std::fmt;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

const READING: u8 = 0;
const WRITING: u8 = 1;
const REQUESTED: u8 = 2;
const COMMITTING: u8 = 3;
const COMMITTED: u8 = 4;
const REQUESTED_LATE: u8 = 5;

/// How far a change was when it was asked to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interrupted {
    /// The change has not begun: there is nothing to wait for.
    BeforeWriting,
    /// The change is rolled back.
    WhileWriting,
    /// The change is being committed and can no longer be stopped.
    TooLate,
    /// The change is committed; the work after the commit stops.
    AfterCommit,
}

/// A request to stop a change. Clones share one request.
#[derive(Clone, Default)]
pub struct Interrupt(Arc<State>);

#[derive(Default)]
struct State {
    phase: AtomicU8,
    /// Cancels the statement that the store is running.
    canceller: Mutex<Option<Box<dyn Fn() + Send>>>,
}

impl fmt::Debug for Interrupt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Interrupt").field("phase", &self.0.phase).finish_non_exhaustive()
    }
}

impl Interrupt {
    /// Asks the change to stop; returns how far it had got.
    pub fn request(&self) -> Interrupted {
        let requested =
            self.0.phase.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |phase| match phase {
                READING | WRITING => Some(REQUESTED),
                COMMITTED => Some(REQUESTED_LATE),
                _ => None,
            });
        let met = match requested {
            Ok(READING) => return Interrupted::BeforeWriting,
            Ok(COMMITTED) | Err(REQUESTED_LATE) => Interrupted::AfterCommit,
            Ok(_) | Err(REQUESTED) => Interrupted::WhileWriting,
            Err(_) => return Interrupted::TooLate,
        };
        let canceller = self.0.canceller.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cancel) = &*canceller {
            cancel();
        }
        met
    }

    /// Whether the change was asked to stop, before its commit.
    pub fn is_requested(&self) -> bool {
        self.0.phase.load(Ordering::SeqCst) == REQUESTED
    }

    /// Whether the change was asked to stop after its commit.
    pub(crate) fn is_requested_late(&self) -> bool {
        self.0.phase.load(Ordering::SeqCst) == REQUESTED_LATE
    }

    /// Fails with [`StoreError::Interrupted`] if the change was asked to stop.
    pub fn check(&self) -> Result<(), StoreError> {
        if self.is_requested() { Err(StoreError::Interrupted) } else { Ok(()) }
    }

    /// Marks the start of the change: from now on, a request rolls it back. Fails like
    /// [`Interrupt::check`].
    pub fn begin(&self) -> Result<(), StoreError> {
        self.advance(READING, WRITING)
    }

    /// Sets the function that a request calls to cancel a running statement, which then fails.
    pub fn set_canceller(&self, cancel: impl Fn() + Send + 'static) {
        let mut canceller = self.0.canceller.lock().unwrap_or_else(PoisonError::into_inner);
        *canceller = Some(Box::new(cancel));
    }

    /// Marks the start of the commit: from now on, a request is too late. Fails like
    /// [`Interrupt::check`].
    pub fn commit(&self) -> Result<(), StoreError> {
        self.advance(WRITING, COMMITTING)
    }

    /// Marks the end of the commit: from now on, a request stops the work after it.
    pub fn committed(&self) {
        self.0.phase.store(COMMITTED, Ordering::SeqCst);
    }

    fn advance(&self, from: u8, to: u8) -> Result<(), StoreError> {
        let phase = &self.0.phase;
        let advanced = phase.compare_exchange(from, to, Ordering::SeqCst, Ordering::SeqCst);
        advanced.map(|_| ()).map_err(|_| StoreError::Interrupted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_stops_a_change_until_it_commits() {
        let interrupt = Interrupt::default();
        interrupt.begin().unwrap();
        assert!(interrupt.check().is_ok());
        interrupt.commit().unwrap();
        assert_eq!(interrupt.request(), Interrupted::TooLate);
        assert!(!interrupt.is_requested());
        interrupt.committed();
        assert_eq!(interrupt.request(), Interrupted::AfterCommit);
        assert!(interrupt.is_requested_late() && !interrupt.is_requested());

        let interrupt = Interrupt::default();
        assert_eq!(interrupt.request(), Interrupted::BeforeWriting);
        assert!(interrupt.begin().is_err());

        let interrupt = Interrupt::default();
        interrupt.begin().unwrap();
        assert_eq!(interrupt.request(), Interrupted::WhileWriting);
        assert!(interrupt.check().is_err() && interrupt.commit().is_err());
    }
}
