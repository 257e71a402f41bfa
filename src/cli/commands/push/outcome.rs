//! Reports and records what a push came to.

use super::args::{Args, is_human};
use crate::cli::{CommandError, Global, Output};
use crate::exit::Exit;
use crate::outcome::{CommandReport, ErrorReport, PushOutcome, Report, Status, counted, to_json};
use crate::output::{Notation, write};
use crate::push::PushResult;
use crate::report::terminal::{push_dry_run, push_summary};
use crate::settings::Bound;
use crate::store::sqlite::open_for_writing;
use crate::store::{HistoryKind, HistoryLine, Interrupt, StoreError};
use std::path::Path;
use std::time::Duration;

/// How long the line of the history waits for another program before a signal is looked for again.
const LINE_WAIT: Duration = Duration::from_millis(300);

/// A push that has ended.
pub(super) struct PushRun<'a> {
    pub(super) result: PushResult,
    pub(super) started_at: String,
    pub(super) as_given: &'a [String],
    pub(super) interrupt: &'a Interrupt,
}

/// Reports what a dry run found.
pub(super) fn finish_dry_run(
    mut outcome: PushOutcome,
    args: &Args,
    global: &Global,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    warn(&outcome, output);
    if !is_human(global) && !args.show_values {
        outcome = outcome.without_values();
    }
    let report = CommandReport::new("push", Status::DryRun, Exit::Done, outcome);
    if let Some(path) = &args.report {
        let stored = CommandReport { outcome: report.outcome.without_values(), ..report.clone() };
        write_report(path, if args.show_values { &report } else { &stored }, global, output);
    }
    output.report(&report, |screen| push_dry_run(&report.outcome, screen, args.batch))?;
    Ok(Exit::Done)
}

/// Reports a push that has sent nothing; gives its error back.
pub(super) fn report_failure(
    error: CommandError,
    destination: String,
    args: &Args,
    global: &Global,
    output: &mut Output,
) -> CommandError {
    let said = ErrorReport { message: error.message.clone(), hints: error.hints.clone() };
    let outcome = PushOutcome { destination, error: Some(said), ..PushOutcome::default() };
    let report = CommandReport::new("push", Status::Failed, error.exit, outcome);
    if let Some(path) = &args.report {
        write_report(path, &report, global, output);
    }
    // The error says more than that its report cannot be written.
    let _ = output.program_report(&report);
    error
}

/// Reports and records what a push came to; gives the exit code.
pub(super) fn finish(
    run: PushRun<'_>,
    args: &Args,
    global: &Global,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let PushRun { result, started_at, as_given, interrupt } = run;
    let PushResult { mut outcome, error, is_guarded, unavailable } = result;
    let error = match error {
        Some(error) => Some(CommandError::from_error(&error)),
        None if is_guarded => Some(guard_error(&outcome, args)),
        None => None,
    };
    let is_left = outcome.refused > 0 || outcome.pending > 0;
    let (status, exit) = match &error {
        Some(error) if error.exit == Exit::Stopped => (Status::Stopped, Exit::Stopped),
        Some(error) => (Status::Failed, error.exit),
        None if is_left => (Status::Partial, Exit::Incomplete),
        None => (Status::Pushed, Exit::Done),
    };
    outcome.error = error
        .as_ref()
        .map(|error| ErrorReport { message: error.message.clone(), hints: error.hints.clone() });
    if !args.show_values {
        outcome = outcome.without_values();
    }
    let report = CommandReport::new("push", status, exit, outcome);
    record(&report, &started_at, as_given, args, global, interrupt, output);
    output.mark_done();
    let is_reported = match &args.report {
        Some(path) => write_report(path, &report, global, output),
        None => true,
    };
    warn(&report.outcome, output);
    if let Some(reason) = unavailable {
        output.warning(&format!(
            "the server did not answer for many in a row, so the rest was left: {reason}"
        ));
    }
    // What was not delivered needs action, so that --quiet does not suppress it.
    if is_human(global) && exit != Exit::Done {
        output.result(&push_summary(&report.outcome, output.screen()))?;
    } else {
        output.report(&report, |screen| push_summary(&report.outcome, screen))?;
    }
    match error {
        Some(error) => Err(error),
        None if exit == Exit::Done && !is_reported => Ok(Exit::Unreported),
        None => Ok(exit),
    }
}

fn warn(outcome: &PushOutcome, output: &mut Output) {
    if outcome.cleared_with_null > 0 {
        output.warning(&format!(
            "{} cleared with null, which Engage does not document: look at such a customer there",
            counted(outcome.cleared_with_null, "standard attribute")
        ));
    }
    if outcome.invalid_created_at > 0 {
        output.warning(&format!(
            "created_at of {} is not a date and is not sent",
            counted(outcome.invalid_created_at, "customer")
        ));
    }
}

fn guard_error(outcome: &PushOutcome, args: &Args) -> CommandError {
    let bound = args.max_refused.unwrap_or(Bound::Percent(20.0));
    let tried = outcome.delivered + outcome.queued + outcome.refused - outcome.refused_before;
    let error = ErrorReport {
        message: format!(
            "stopped: {} of {tried} were refused, which is more than {bound}",
            outcome.refused - outcome.refused_before
        ),
        hints: vec![
            "engage show UID says why one was refused; if they are meant: --max-refused 100%"
                .to_owned(),
        ],
    };
    CommandError::stopped(error, Vec::new())
}

/// Writes the line of the history, once no other program writes to the store.
fn record(
    report: &CommandReport<PushOutcome>,
    started_at: &str,
    as_given: &[String],
    args: &Args,
    global: &Global,
    interrupt: &Interrupt,
    output: &mut Output,
) {
    let stored = CommandReport { outcome: report.outcome.without_values(), ..report.clone() };
    let stored = Report::Push(Box::new(stored));
    let line = HistoryLine {
        exit_code: report.exit.code(),
        files: args.events.iter().map(|file| file.display().to_string()).collect(),
        ..HistoryLine::done(HistoryKind::Push, report.status, started_at, as_given, stored)
    };
    loop {
        let written = open_for_writing(&global.store, LINE_WAIT, &Interrupt::default())
            .and_then(|writer| writer.commit(Some(&line)).map(|_| ()));
        match written {
            Ok(()) => return,
            Err(StoreError::Busy { .. }) if !interrupt.is_requested() => {}
            Err(error) => {
                output.warning(&format!("the history has no line of this push: {error}"));
                return;
            }
        }
    }
}

/// Writes the report file; gives whether that succeeded.
fn write_report(
    path: &Path,
    report: &CommandReport<PushOutcome>,
    global: &Global,
    output: &mut Output,
) -> bool {
    let content = format!("{}\n", to_json(report));
    let files = global.temporary_files();
    let written =
        write(path, &files, Notation::Json, |writer| writer.write_all(content.as_bytes()));
    if let Err(error) = &written {
        output.warning(&format!("the report {} cannot be written: {error}", path.display()));
    }
    written.is_ok()
}
