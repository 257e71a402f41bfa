//! The summary of a push.

use crate::outcome::{PushOutcome, RequestCounts, RequestExample, counted, grouped};
use crate::report::Screen;
use crate::text::{escaped, paragraph, shortened};
use std::fmt::Write as _;

/// The maximum width of the body of a request.
const BODY_WIDTH: usize = 2000;

/// If a push takes longer, in seconds, the forecast mentions `--batch`.
const LONG_SECONDS: f64 = 600.0;

/// The word for what a push sends: a customer, or an event.
fn unit(outcome: &PushOutcome) -> &'static str {
    if outcome.events_sha256.is_some() { "event" } else { "customer" }
}

/// How long the requests take, and what would be quicker; one line without a line end.
pub fn push_forecast(outcome: &PushOutcome, requests: u64, is_batched: bool) -> String {
    let mut line = format!("{} to {}", counted(requests, "request"), outcome.destination);
    match outcome.expected_seconds {
        Some(seconds) => {
            let _ = write!(line, ", at least {} at this rate", duration(seconds));
            if seconds > LONG_SECONDS && !is_batched && outcome.events_sha256.is_none() {
                line.push_str("; --batch sends many customers in one request");
            }
        }
        None => line.push_str(", as fast as the API answers"),
    }
    escaped(&line)
}

/// A push, line ends included.
pub fn push_summary(outcome: &PushOutcome, screen: Screen) -> String {
    let PushOutcome { delivered, queued, .. } = *outcome;
    let mut text = String::new();
    push_counts(outcome, screen, &mut text);
    let done = format!("Pushed: {}", counted(delivered + queued, unit(outcome)));
    let done = screen.palette().done(&done);
    let _ =
        writeln!(text, "{done} to {}. ({:.1} s)", escaped(&outcome.destination), outcome.seconds);
    text
}

/// What a push sent, in lines.
pub(super) fn push_counts(outcome: &PushOutcome, screen: Screen, text: &mut String) {
    let PushOutcome { delivered, queued, refused, pending, unchanged, .. } = *outcome;
    let mut parts: Vec<String> = [
        (delivered, "delivered"),
        (queued, "queued"),
        (refused, "refused"),
        (pending, "pending"),
        (outcome.beyond_limit, "beyond the limit"),
        (unchanged, "unchanged"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, what)| format!("{} {what}", grouped(count)))
    .collect();
    if parts.is_empty() {
        parts.push(format!("no {}", unit(outcome)));
    }
    let _ = writeln!(text, "{}", paragraph(&parts.join(" · "), screen.width, 2));
    requests(outcome, screen, text);
    notes(outcome, screen, text);
}

/// What a push would send, line ends included.
pub fn push_dry_run(outcome: &PushOutcome, screen: Screen, is_batched: bool) -> String {
    let mut text = String::new();
    let PushOutcome { pending, refused, unchanged, .. } = *outcome;
    let parts = [
        (pending, "to send"),
        (refused, "refused before"),
        (outcome.beyond_limit, "beyond the limit"),
        (unchanged, "unchanged"),
    ];
    let parts: Vec<String> =
        parts.into_iter().map(|(count, what)| format!("{} {what}", grouped(count))).collect();
    let _ = writeln!(text, "{}", paragraph(&parts.join(" · "), screen.width, 2));
    requests(outcome, screen, &mut text);
    notes(outcome, screen, &mut text);
    if outcome.requests.total > 0 {
        let line = push_forecast(outcome, outcome.requests.total, is_batched);
        let _ = writeln!(text, "{}", paragraph(&line, screen.width, 2));
    }
    if !outcome.first_requests.is_empty() {
        text.push_str("\nThe first requests:\n");
        for RequestExample { method, url, body } in &outcome.first_requests {
            let _ = writeln!(text, "  {method} {}", escaped(url));
            text.push_str("  Authorization: Basic (hidden)\n");
            if let Some(body) = body {
                let _ = writeln!(text, "  {}", shortened(&escaped(body), BODY_WIDTH));
            }
        }
        text.push('\n');
    }
    text.push_str("Dry run: nothing was sent.\n");
    text
}

fn requests(outcome: &PushOutcome, screen: Screen, text: &mut String) {
    let RequestCounts {
        total,
        put,
        devices,
        attributes_deleted,
        tokens_deleted,
        archived,
        deleted,
        batches,
        events,
    } = outcome.requests;
    if total == 0 {
        return;
    }
    let mut parts: Vec<String> = [
        (put, "of attributes"),
        (devices, "of devices"),
        (attributes_deleted, "to remove attributes"),
        (tokens_deleted, "to remove devices"),
        (archived, "to archive"),
        (deleted, "to delete"),
        (batches, "of batches"),
        (events, "of events"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, what)| format!("{} {what}", grouped(count)))
    .collect();
    if outcome.retries > 0 {
        parts.push(format!("{} retried", grouped(outcome.retries)));
    }
    let line = format!("{}: {}", counted(total, "request"), parts.join(" · "));
    let _ = writeln!(text, "{}", paragraph(&line, screen.width, 2));
}

/// Details on their own lines.
fn notes(outcome: &PushOutcome, screen: Screen, text: &mut String) {
    let mut lines = Vec::new();
    if !outcome.refused_statuses.is_empty() {
        let statuses = outcome.refused_statuses.iter();
        let statuses: Vec<String> =
            statuses.map(|it| format!("status {} for {}", it.status, grouped(it.count))).collect();
        lines.push(format!("refused with {}", statuses.join(", ")));
    }
    if outcome.refused_before > 0 {
        lines.push(format!(
            "{} refused before and not sent again: --retry-refused sends them",
            grouped(outcome.refused_before)
        ));
    }
    if !outcome.refused_lines.is_empty() {
        const SHOWN: usize = 10;
        let shown = outcome.refused_lines.iter().take(SHOWN);
        let shown: Vec<String> =
            shown.map(|refused| format!("{} ({})", refused.line, refused.status)).collect();
        let more = if outcome.refused_lines.len() > SHOWN { ", …" } else { "" };
        lines.push(format!("refused lines: {}{more}", shown.join(", ")));
    }
    for refusal in &outcome.refusals {
        lines.push(format!("{}: status {}: {}", refusal.uid, refusal.status, refusal.text));
    }
    if outcome.queued > 0 {
        lines.push(
            "queued is not delivered: Engage answers a batch before validating it, \
             and later refusals are not reported"
                .to_owned(),
        );
    }
    if outcome.lost_answers > 0 {
        let events = counted(outcome.lost_answers, "event");
        lines.push(format!(
            "{events} sent again after a lost answer, and possibly duplicated: Engage \
             has no idempotency keys"
        ));
    }
    for line in lines {
        let _ = writeln!(text, "{}", paragraph(&escaped(&line), screen.width, 2));
    }
}

/// A duration: `45 s`, `12 min`, `13.9 h`.
fn duration(seconds: f64) -> String {
    if seconds < 120.0 {
        format!("{:.0} s", seconds.ceil())
    } else if seconds < 7200.0 {
        format!("{:.0} min", seconds / 60.0)
    } else {
        format!("{:.1} h", seconds / 3600.0)
    }
}
