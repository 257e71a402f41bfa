//! Signals stop a command, unless its change is being committed.

use super::error::CommandError;
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

/// How long a command that has not begun to write may take to end on its own: it may be waiting for
/// input.
const GRACE: Duration = Duration::from_millis(300);

/// How long a command may take to report a committed change.
const REPORT_GRACE: Duration = Duration::from_secs(1);

/// From now on, SIGINT, SIGTERM and SIGHUP ask the command to stop. `output` writes the messages.
///
/// Fails if the operating system does not accept a handler.
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
                    let error = CommandError::unreported(
                        "interrupted: done, but its report was not written",
                    )
                    .hint("engage history shows the result");
                    end(&mut output(), &error);
                }
            }
        }
    });
    Ok(())
}

/// Ends the process while the thread of the command is waiting.
fn end(output: &mut Output, error: &CommandError) {
    remove_unfinished();
    let exit = output.error(error);
    #[expect(clippy::exit, reason = "the command is waiting, and cannot return")]
    std::process::exit(i32::from(exit.code()));
}

/// Makes a file that reaches a size limit (`ulimit -f`) an error instead of the end of the process.
pub(crate) fn report_full_files() -> io::Result<()> {
    signal_hook::flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false))).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;

    #[test]
    fn an_interruption_before_the_commit_is_a_failure() {
        assert_eq!(CommandError::from(StoreError::Interrupted).exit, Exit::Failed);
    }
}
