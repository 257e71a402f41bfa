//! The progress of a long command: a bar on a terminal, or lines.

use crate::import::Meter;
use crate::outcome::grouped;
use crate::text::quoted;
use clap::ValueEnum;
use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use std::io::{self, IsTerminal};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Progress {
    /// A bar on a terminal, nothing elsewhere
    Auto,
    /// A bar
    Bar,
    /// A line every few seconds
    Plain,
    /// Nothing
    Off,
}

const BAR_INTERVAL: Duration = Duration::from_millis(100);
const PLAIN_INTERVAL: Duration = Duration::from_secs(2);

/// Runs the work and shows its meter, as a bar on standard error or in lines that `note` writes.
pub(crate) fn with_progress<T>(
    progress: Progress,
    name: &str,
    meter: &(impl Measured + Sync),
    note: impl Fn(&str) + Send,
    work: impl FnOnce() -> T,
) -> T {
    let has_bar = match progress {
        Progress::Auto if io::stderr().is_terminal() => true,
        Progress::Bar => true,
        Progress::Plain => false,
        Progress::Auto | Progress::Off => return work(),
    };
    let (done, wait) = channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            let started = Instant::now();
            let bar = if has_bar { new_bar(name) } else { ProgressBar::hidden() };
            let interval = if has_bar { BAR_INTERVAL } else { PLAIN_INTERVAL };
            // The channel closes when the work ends, even if it panics.
            while wait.recv_timeout(interval) == Err(RecvTimeoutError::Timeout) {
                if has_bar {
                    update(&bar, meter);
                } else {
                    note(&plain_line(name, meter, started.elapsed()));
                }
            }
            bar.finish_and_clear();
        });
        let result = work();
        drop(done);
        result
    })
}

fn new_bar(name: &str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    let template = "{prefix}  {wide_bar:.green/dim}  {percent:>3} %  {msg}  {left} left";
    let style = ProgressStyle::with_template(template).map(|style| {
        style.progress_chars("━╸─").with_key(
            "left",
            |state: &ProgressState, text: &mut dyn std::fmt::Write| {
                let _ = write!(text, "{:#}", HumanDuration(state.eta()));
            },
        )
    });
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar.set_prefix(quoted(name, 30).trim_matches('\'').to_owned());
    bar
}

fn update(bar: &ProgressBar, meter: &impl Measured) {
    let (done, total) = meter.position();
    bar.set_length(total.max(done));
    bar.set_position(done);
    let seconds = bar.elapsed().as_secs().max(1);
    bar.set_message(format!("{}  {}/s", meter.counts(), grouped(meter.count() / seconds)));
}

fn plain_line(name: &str, meter: &impl Measured, elapsed: Duration) -> String {
    let share = match meter.position() {
        (_, 0) => String::new(),
        (done, total) => format!("{} %, ", done.min(total) * 100 / total),
    };
    let name = quoted(name, 60);
    format!("{name}: {share}{}, {} s", meter.counts(), elapsed.as_secs())
}

/// The progress that is shown.
pub(crate) trait Measured {
    /// How much is done, and the total; 0 if the total is unknown.
    fn position(&self) -> (u64, u64);
    /// The count for the rate per second.
    fn count(&self) -> u64;
    /// The counts in words.
    fn counts(&self) -> String;
}

impl Measured for Meter {
    fn position(&self) -> (u64, u64) {
        (self.bytes.bytes(), self.total_bytes())
    }

    fn count(&self) -> u64 {
        self.records()
    }

    fn counts(&self) -> String {
        let records = grouped(self.records());
        match self.rejected() {
            0 => format!("{records} records"),
            rejected => format!("{records} records  {} rejected", grouped(rejected)),
        }
    }
}

#[cfg(feature = "push")]
impl Measured for crate::push::PushMeter {
    fn position(&self) -> (u64, u64) {
        (self.done(), self.total())
    }

    fn count(&self) -> u64 {
        self.done()
    }

    fn counts(&self) -> String {
        let sent = format!("{} of {}", grouped(self.done()), grouped(self.total()));
        match self.refused() {
            0 => sent,
            refused => format!("{sent}  {} refused", grouped(refused)),
        }
    }
}
