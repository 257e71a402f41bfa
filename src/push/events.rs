//! Sends the events of a file. The events of one customer are sent in order, by one thread.

use super::control::Stopped;
use super::error::PushError;
use super::event_file::{Event, EventFile};
use super::http::Client;
use super::job::{SHOWN_REQUESTS, example, expected_seconds};
use super::options::PushOptions;
use super::queue::WorkQueue;
use super::running_push::{PushResult, RunningPush, STOP_GRACE, spawn_worker};
use super::sender::{Note, Sender, Sent};
use super::tally::{PushMeter, RequestKind};
use crate::outcome::{PushOutcome, RequestCounts};
use crate::store::{EventProgress, Interrupt, LineStatus, open_for_reading};
use crate::text::hexadecimal;
use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use xxhash_rust::xxh3::xxh3_64;

/// The most lines that wait for one thread.
const WAITING_LINES: usize = 8;

/// How many lines of a file will be sent, and the counts known before sending.
struct Forecast {
    to_send: u64,
    outcome: PushOutcome,
}

fn forecast(file: &EventFile, progress: EventProgress, options: &PushOptions) -> Forecast {
    let EventProgress { done, refused } = progress;
    let left = file.lines.saturating_sub(done);
    let (open, refused_before) =
        if options.retry_refused { (left + refused, 0) } else { (left, refused) };
    let to_send = options.limit.map_or(open, |limit| open.min(limit));
    let outcome = PushOutcome {
        destination: options.url.to_string(),
        unchanged: done - refused,
        refused: refused_before,
        refused_before,
        beyond_limit: open - to_send,
        expected_seconds: expected_seconds(to_send, options.rate),
        events_sha256: Some(hexadecimal(&file.sha256)),
        ..PushOutcome::default()
    };
    Forecast { to_send, outcome }
}

/// Reports what a push of a file of events would send. Opens no connection and writes nothing.
pub fn dry_run_events(options: &PushOptions, path: &Path) -> Result<PushOutcome, PushError> {
    let mut file = EventFile::open(path)?;
    let reader = open_for_reading(&options.store)?;
    let destination = reader.destination(options.url.as_str(), options.digest())?;
    let progress = match options.all {
        true => EventProgress::default(),
        false => reader.event_progress(&destination, &file.sha256)?,
    };
    let Forecast { to_send, mut outcome } = forecast(&file, progress, options);
    outcome.pending = to_send;
    outcome.requests =
        RequestCounts { total: to_send, events: to_send, ..RequestCounts::default() };
    // Only the push itself looks up which lines are open. The examples assume that the sent lines
    // are the first ones of the file.
    let skipped = progress.done;
    file.each(|line, event| {
        if line > skipped {
            outcome.first_requests.push(example(&event.request(), options));
        }
        (outcome.first_requests.len() as u64) < to_send.min(SHOWN_REQUESTS as u64)
    })?;
    outcome.first_requests.truncate(usize::try_from(to_send).unwrap_or(SHOWN_REQUESTS));
    Ok(outcome)
}

/// Sends the lines of a file of events that were not sent yet. `announce` gets the expected totals
/// before the first request; `note` writes messages.
///
/// An error means that nothing was sent. An error that ends the push later is in the result.
pub fn push_events(
    options: PushOptions,
    path: &Path,
    meter: &PushMeter,
    interrupt: &Interrupt,
    announce: impl FnOnce(&PushOutcome, u64),
    note: Note,
) -> Result<PushResult, PushError> {
    let started = Instant::now();
    let mut file = EventFile::open(path)?;
    let running_push = RunningPush::begin(started, options, meter, interrupt, note)?;
    let sender = &running_push.sender;
    let sha256 = file.sha256;
    let begun = sender.begin_events(&sha256);
    let Forecast { to_send, outcome } = forecast(&file, begun.unwrap_or_default(), &sender.options);
    meter.expect(to_send);
    let mut changed = None;
    if begun.is_ok() && to_send > 0 {
        announce(&outcome, to_send);
        let threads: Vec<_> = (0..sender.options.connections.max(1))
            .map(|_| {
                let queue = Arc::new(WorkQueue::new(WAITING_LINES, 1));
                let waiting = Mutex::new(HashSet::new());
                spawn_worker(sender, &queue, move |sender, client, (line, event)| {
                    let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
                    sender.send_event(client, &sha256, line, &event, &mut waiting)
                });
                queue
            })
            .collect();
        changed = sender.produce_events(&mut file, to_send, &threads).err();
        for queue in &threads {
            queue.close();
        }
        for queue in &threads {
            queue.wait_for_workers(|| sender.is_stopped(), STOP_GRACE);
        }
    }
    let mut result = running_push.finish(outcome, to_send);
    if result.error.is_none() {
        result.error = changed;
    }
    Ok(result)
}

impl Sender {
    /// How much of the file was sent already; with `--all`, it is sent again from its beginning.
    fn begin_events(&self, sha256: &[u8; 32]) -> Result<EventProgress, Stopped> {
        if self.options.all {
            self.write(|store| store.restart_event_file(sha256))?;
        }
        self.with_store(|store| store.event_progress(sha256))
    }

    /// Distributes the lines to the threads; all lines of a customer go to the same thread.
    fn produce_events(
        &self,
        file: &mut EventFile,
        to_send: u64,
        threads: &[Arc<WorkQueue<(u64, Event)>>],
    ) -> Result<(), PushError> {
        let mut left = to_send;
        let sha256 = file.sha256;
        file.each(|line, event| {
            match self.with_store(|store| store.line_status(&sha256, line)) {
                Err(Stopped) => return false,
                Ok(LineStatus::Accepted) => return true,
                Ok(LineStatus::Refused) if !self.options.retry_refused => return true,
                Ok(LineStatus::Open | LineStatus::Refused) => {}
            }
            left -= 1;
            let place = xxh3_64(event.uid.as_bytes()) % threads.len() as u64;
            let queue = &threads[usize::try_from(place).unwrap_or_default()];
            let bytes = event.bytes();
            queue.push((line, event), bytes, || self.is_stopped()).is_ok() && left > 0
        })
    }

    /// Sends a line. If it cannot be sent, the later lines of the same customer wait for the next
    /// push, too.
    fn send_event(
        &self,
        client: &Client,
        sha256: &[u8; 32],
        line: u64,
        event: &Event,
        waiting: &mut HashSet<u64>,
    ) -> Result<(), Stopped> {
        let customer = xxh3_64(event.uid.as_bytes());
        if waiting.contains(&customer) {
            return Ok(());
        }
        let refused = match self.send(client, &event.request(), RequestKind::Event)? {
            Sent::Accepted => None,
            Sent::Refused { status, .. } => Some(status),
            Sent::Exhausted => {
                waiting.insert(customer);
                return Ok(());
            }
        };
        self.write(|store| store.record_line(sha256, line, refused))?;
        self.count(|tally| match refused {
            Some(status) => tally.refuse_line(line, status),
            None => tally.delivered += 1,
        });
        Ok(())
    }
}
