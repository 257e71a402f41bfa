//! SIGINT, SIGTERM and SIGHUP: an import ends with a word, or goes on where it is about to be whole.

use super::Exit;
use super::output::Output;
use crate::import::{ImportError, Interrupt, Interrupted};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::thread;
use std::time::Duration;

/// How long an import that has not begun to write may take to end by itself: it may wait for its
/// input for ever.
const GRACE: Duration = Duration::from_millis(300);

/// From now on a signal asks the import to end. `output` says what a person is told.
///
/// Fails where the operating system takes no handler.
pub(super) fn heed(
    interrupt: Interrupt,
    output: impl Fn() -> Output + Send + 'static,
) -> std::io::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    thread::spawn(move || {
        for _ in &mut signals {
            match interrupt.request() {
                Interrupted::TooLate => output().note("all records are in: finishing"),
                Interrupted::WhileWriting => {}
                Interrupted::BeforeWriting => {
                    thread::sleep(GRACE);
                    output().fail(&(&ImportError::Interrupted).into());
                    #[expect(clippy::exit, reason = "the import waits for its input")]
                    std::process::exit(Exit::Failed as i32);
                }
            }
        }
    });
    Ok(())
}
