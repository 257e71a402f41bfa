//! Signals: a change ends with a message, or goes on where it is about to be committed.

use super::error::Failure;
use super::output::Output;
use crate::output::remove_unfinished;
use crate::store::{Interrupt, Interrupted, StoreError};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::iterator::Signals;
use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::Duration;

/// How long a command that has not begun to write may take to end by itself: it may wait for its
/// input for ever.
const GRACE: Duration = Duration::from_millis(300);

/// How long a command may take to report a change that is committed.
const REPORT_GRACE: Duration = Duration::from_secs(1);

/// From now on SIGINT, SIGTERM and SIGHUP ask the command to stop. `output` writes the messages.
///
/// Fails where the operating system takes no handler.
pub(crate) fn install_handlers(
    interrupt: Interrupt,
    output: impl Fn() -> Output + Send + 'static,
) -> io::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    thread::spawn(move || {
        for _ in &mut signals {
            match interrupt.request() {
                Interrupted::TooLate => output().note("the change is being committed: finishing"),
                Interrupted::WhileWriting => {}
                Interrupted::BeforeWriting => {
                    thread::sleep(GRACE);
                    end(&mut output(), &StoreError::Interrupted.into());
                }
                Interrupted::AfterCommit => {
                    thread::sleep(REPORT_GRACE);
                    let failure =
                        Failure::unreported("interrupted: done, but its report was not written")
                            .hint("engage history tells what was done");
                    end(&mut output(), &failure);
                }
            }
        }
    });
    Ok(())
}

/// Ends the process from another thread than that of the command, which waits for something.
fn end(output: &mut Output, failure: &Failure) {
    remove_unfinished();
    let code = output.fail(failure);
    #[expect(clippy::exit, reason = "the command waits, and cannot return")]
    std::process::exit(i32::from(code));
}

/// Makes a file that reaches a limit of its size (`ulimit -f`) an error, not the end of the process.
pub(crate) fn report_full_files() -> io::Result<()> {
    signal_hook::flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false))).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::super::Exit;
    use super::*;

    #[test]
    fn an_interruption_before_the_commit_is_a_failure() {
        assert_eq!(Failure::from(StoreError::Interrupted).exit, Exit::Failed);
    }
}
