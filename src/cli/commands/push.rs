//! `engage push`.

mod args;
mod outcome;
mod warnings;

use crate::cli::{CommandError, Global, Output, Progress, with_progress};
use crate::exit::Exit;
use crate::push::{PushMeter, PushOptions, PushResult, dry_run, dry_run_events, push, push_events};
use crate::report::terminal::push_forecast;
use crate::store::{Interrupt, now};
pub(crate) use args::Args;
use outcome::{PushRun, finish, finish_dry_run, report_failure};
use warnings::warn_of_consent;

pub(crate) fn run(
    args: &Args,
    global: &Global,
    as_given: &[String],
    output: &mut Output,
) -> Result<Exit, CommandError> {
    global.format.require_single_result("push")?;
    let started_at = now();
    let options = args.options(global)?;
    if args.events.is_none() && args.segment.is_none() {
        warn_of_consent(&global.reader()?, output)?;
    }
    if args.dry_run {
        let outcome = match &args.events {
            Some(file) => dry_run_events(&options, file)?,
            None => dry_run(&options)?,
        };
        return finish_dry_run(outcome, args, global, output);
    }
    let interrupt = global.interrupt()?;
    // From here on, a signal ends the push gracefully instead of killing the process.
    interrupt.begin()?;
    let destination = options.url.to_string();
    let result = match push_with_progress(args, options, global, &interrupt) {
        Ok(result) => result,
        Err(error) => return Err(report_failure(error, destination, args, global, output)),
    };
    let run = PushRun { result, started_at, as_given, interrupt: &interrupt };
    finish(run, args, global, output)
}

fn push_with_progress(
    args: &Args,
    options: PushOptions,
    global: &Global,
    interrupt: &Interrupt,
) -> Result<PushResult, CommandError> {
    let progress = if global.quiet { Progress::Off } else { args.progress };
    let note = global.notes();
    let name = options.url.host().to_owned();
    let meter = PushMeter::default();
    let is_batched = options.batch;
    let announce = |outcome: &crate::outcome::PushOutcome, requests: u64| {
        note(&push_forecast(outcome, requests, is_batched));
    };
    let result = with_progress(progress, &name, &meter, note, || match &args.events {
        Some(file) => push_events(options, file, &meter, interrupt, announce, Box::new(note)),
        None => push(options, &meter, interrupt, announce, Box::new(note)),
    });
    Ok(result?)
}
