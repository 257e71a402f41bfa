//! The progress of an import: a bar on a terminal, or lines.

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

/// Runs the work while its meter is shown: as a bar on standard error, or in lines that `note` writes.
pub(crate) fn with_progress<T>(
    progress: Progress,
    name: &str,
    meter: &Meter,
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
            // The channel ends with the work, whichever way that ends.
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

fn update(bar: &ProgressBar, meter: &Meter) {
    bar.set_length(meter.total_bytes().max(meter.bytes.bytes()));
    bar.set_position(meter.bytes.bytes());
    let seconds = bar.elapsed().as_secs().max(1);
    bar.set_message(format!("{}  {}/s", counts(meter), grouped(meter.records() / seconds)));
}

fn counts(meter: &Meter) -> String {
    let records = grouped(meter.records());
    match meter.rejected() {
        0 => format!("{records} records"),
        rejected => format!("{records} records  {} rejected", grouped(rejected)),
    }
}

fn plain_line(name: &str, meter: &Meter, elapsed: Duration) -> String {
    let share = match meter.total_bytes() {
        0 => String::new(),
        total => format!("{} %, ", meter.bytes.bytes().min(total) * 100 / total),
    };
    let name = quoted(name, 60);
    format!("{name}: {share}{}, {} s", counts(meter), elapsed.as_secs())
}
