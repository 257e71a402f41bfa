//! Reports and records the outcome of a push.

use super::args::{Args, is_human};
use crate::cli::{CommandError, Global, Output, write_report};
use crate::exit::Exit;
use crate::outcome::{CommandReport, ErrorReport, PushOutcome, Report, Status, counted, to_json};
use crate::push::{DEFAULT_MAX_REFUSED, MAX_EXHAUSTED_IN_A_ROW, PushResult};
use crate::report::terminal::{push_dry_run, push_summary};
use crate::store::{HistoryKind, HistoryLine, Interrupt, StoreError, open_for_writing};
use std::time::Duration;

/// How long to wait for another program that writes to the store before checking for a signal
/// again.
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
    if args.show_values {
        write_report_file(&report, args, global, output);
    } else {
        write_report_file(&without_values(&report), args, global, output);
    }
    output.report(&report, |screen| push_dry_run(&report.outcome, screen, args.batch))?;
    Ok(Exit::Done)
}

/// Reports a push that sent nothing, and returns its error.
pub(super) fn report_failure(
    error: CommandError,
    destination: String,
    args: &Args,
    global: &Global,
    output: &mut Output,
) -> CommandError {
    let outcome =
        PushOutcome { destination, error: Some(reported(&error)), ..PushOutcome::default() };
    let report = CommandReport::new("push", Status::Failed, error.exit, outcome);
    write_report_file(&report, args, global, output);
    // The error is more important than a report that cannot be written.
    let _ = output.program_report(&report);
    error
}

/// Reports and records the outcome of a push. Returns the exit code.
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
    outcome.error = error.as_ref().map(reported);
    if !args.show_values {
        outcome = outcome.without_values();
    }
    let report = CommandReport::new("push", status, exit, outcome);
    record(&report, &started_at, as_given, args, global, interrupt, output);
    output.mark_done();
    let is_reported = write_report_file(&report, args, global, output);
    warn(&report.outcome, output);
    if let Some(reason) = unavailable {
        output.warning(&format!(
            "{MAX_EXHAUSTED_IN_A_ROW} customers in a row could not be sent, so the push stopped: {reason}"
        ));
    }
    // Customers that were not delivered need action, so --quiet does not suppress them.
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
            "{} cleared with null, which Engage does not document: check one of these customers in Engage",
            counted(outcome.cleared_with_null, "standard attribute")
        ));
    }
    if outcome.invalid_created_at > 0 {
        output.warning(&format!(
            "created_at of {} is not a date, so it is not sent",
            counted(outcome.invalid_created_at, "customer")
        ));
    }
}

fn guard_error(outcome: &PushOutcome, args: &Args) -> CommandError {
    let bound = args.max_refused.unwrap_or(DEFAULT_MAX_REFUSED);
    let tried = outcome.delivered + outcome.queued + outcome.refused - outcome.refused_before;
    let error = ErrorReport {
        message: format!(
            "stopped: {} of {tried} were refused, more than {bound}",
            outcome.refused - outcome.refused_before
        ),
        hints: vec![
            "engage show UID shows why a customer was refused; to push anyway: --max-refused 100%"
                .to_owned(),
        ],
    };
    CommandError::stopped(error, Vec::new())
}

/// The error as it appears in a report.
fn reported(error: &CommandError) -> ErrorReport {
    ErrorReport { message: error.message.clone(), hints: error.hints.clone() }
}

/// The report without personal data.
fn without_values(report: &CommandReport<PushOutcome>) -> CommandReport<PushOutcome> {
    CommandReport { outcome: report.outcome.without_values(), ..report.clone() }
}

/// Records the push in the history, once no other program writes to the store.
fn record(
    report: &CommandReport<PushOutcome>,
    started_at: &str,
    as_given: &[String],
    args: &Args,
    global: &Global,
    interrupt: &Interrupt,
    output: &mut Output,
) {
    let stored = Report::Push(Box::new(without_values(report)));
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
                output.warning(&format!("this push could not be recorded in the history: {error}"));
                return;
            }
        }
    }
}

/// Writes the report file if requested. Returns false if that failed.
fn write_report_file(
    report: &CommandReport<PushOutcome>,
    args: &Args,
    global: &Global,
    output: &mut Output,
) -> bool {
    let Some(path) = &args.report else { return true };
    write_report(path, &format!("{}\n", to_json(report)), &global.temporary_files(), output)
}
