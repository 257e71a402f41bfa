//! Ends an import early, from another thread.

use super::error::ImportError;
use crate::store::Interrupter;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

const READING: u8 = 0;
const WRITING: u8 = 1;
const REQUESTED: u8 = 2;
const COMMITTING: u8 = 3;

/// What a request to end an import meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interrupted {
    /// It has not begun to write: whoever waits for its input need not wait on.
    BeforeWriting,
    /// It takes back what it has written.
    WhileWriting,
    /// It is about to be whole, and goes on.
    TooLate,
}

/// A request to end an import. Cloning gives the same request.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<State>);

#[derive(Debug, Default)]
struct State {
    phase: AtomicU8,
    statement: Mutex<Option<Interrupter>>,
}

impl Interrupt {
    /// Asks the import to end. Says what that meets.
    pub fn request(&self) -> Interrupted {
        let requested = self.0.phase.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |phase| {
            (phase != COMMITTING).then_some(REQUESTED)
        });
        match requested {
            Err(_) => return Interrupted::TooLate,
            Ok(READING) => return Interrupted::BeforeWriting,
            Ok(_) => {}
        }
        let statement = self.0.statement.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(statement) = &*statement {
            statement.interrupt();
        }
        Interrupted::WhileWriting
    }

    /// Whether it was asked to end.
    pub fn is_requested(&self) -> bool {
        self.0.phase.load(Ordering::SeqCst) == REQUESTED
    }

    pub(super) fn check(&self) -> Result<(), ImportError> {
        if self.is_requested() { Err(ImportError::Interrupted) } else { Ok(()) }
    }

    /// The import begins to write.
    pub(super) fn begin(&self) -> Result<(), ImportError> {
        self.go_on(READING, WRITING)
    }

    /// Takes what ends a statement of the store that is under way.
    pub(super) fn ends(&self, statement: Interrupter) {
        *self.0.statement.lock().unwrap_or_else(PoisonError::into_inner) = Some(statement);
    }

    /// From here on it is too late to ask.
    pub(super) fn commit(&self) -> Result<(), ImportError> {
        self.go_on(WRITING, COMMITTING)
    }

    fn go_on(&self, from: u8, to: u8) -> Result<(), ImportError> {
        let gone = self.0.phase.compare_exchange(from, to, Ordering::SeqCst, Ordering::SeqCst);
        gone.map(|_| ()).map_err(|_| ImportError::Interrupted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_heeded_until_the_import_commits() {
        let interrupt = Interrupt::default();
        interrupt.begin().unwrap();
        assert!(interrupt.check().is_ok());
        interrupt.commit().unwrap();
        assert_eq!(interrupt.request(), Interrupted::TooLate);
        assert!(!interrupt.is_requested());

        let interrupt = Interrupt::default();
        assert_eq!(interrupt.request(), Interrupted::BeforeWriting);
        assert!(interrupt.begin().is_err());

        let interrupt = Interrupt::default();
        interrupt.begin().unwrap();
        assert_eq!(interrupt.request(), Interrupted::WhileWriting);
        assert!(interrupt.check().is_err() && interrupt.commit().is_err());
    }
}
