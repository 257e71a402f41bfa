//! The pipeline of an import: one thread reads and splits records, others validate them, and the
//! caller's thread writes them to the store in the order of the file. Queues are bounded in bytes
//! and in batches, and batches are reused, so memory use does not depend on the length of records.

use super::error::ImportError;
use super::inputs::Inputs;
use crate::import::known::KnownCustomers;
use crate::import::plan::{Plan, SourceRules};
use crate::import::validate::Validations;
use crate::import::validate::Validator;
use crate::input::csv::Record;
use crate::store::Interrupt;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{
    Receiver, RecvTimeoutError, Sender, SyncSender, TryRecvError, channel, sync_channel,
};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// A batch is full at this many records or this many bytes.
const BATCH_RECORDS: usize = 512;
const BATCH_BYTES: usize = 256 << 10;
/// The bytes of a full batch at least: those of 512 short records.
const SMALLEST_BATCH: usize = 8 << 10;
const QUEUED_BATCHES: usize = 4;
/// Reading pauses while the batches in flight have more bytes than this.
const BYTES_IN_FLIGHT: usize = 2 << 20;
/// The bytes that an empty batch may keep allocated.
const KEPT_BYTES: usize = 1 << 20;

/// A batch of records of one input and, once they are validated, the results.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    index: u64,
    records: Vec<Record>,
    /// How many of the records belong to this batch; the rest is kept for reuse.
    pub(crate) length: usize,
    /// The bytes of these records.
    bytes: usize,
    /// The index of their input.
    pub(crate) source: usize,
    rules: SourceRules,
    pub(crate) validations: Validations,
}

impl Batch {
    pub(crate) fn records(&self) -> &[Record] {
        &self.records[..self.length]
    }

    /// What the input adds to the plan.
    pub(crate) fn rules(&self) -> SourceRules {
        self.rules
    }

    /// Reads records until the batch is full or the input ends. It stays empty if all inputs have
    /// ended.
    fn fill(&mut self, inputs: &mut Inputs, rules: &[SourceRules]) -> Result<(), ImportError> {
        self.length = 0;
        self.bytes = 0;
        while self.length == 0
            && let Some(source) = inputs.place()
        {
            self.source = source;
            self.rules = rules[source];
            while self.length < BATCH_RECORDS && self.bytes < BATCH_BYTES {
                if self.records.len() == self.length {
                    self.records.push(Record::default());
                }
                let record = &mut self.records[self.length];
                if !inputs.read(record)? {
                    inputs.advance()?;
                    break;
                }
                self.bytes += record.bytes().len();
                self.length += 1;
            }
        }
        Ok(())
    }

    /// Frees what long records have allocated.
    fn shrink(&mut self) {
        self.validations.shrink();
        if self.records.iter().map(Record::capacity).sum::<usize>() > KEPT_BYTES {
            self.records = Vec::new();
        }
    }

    /// Frees the text of a long record once it is no longer needed. Such a record is the last of
    /// its batch, since it has filled it.
    pub(crate) fn release(&mut self, place: usize) {
        if place + 1 == self.length && self.records[place].bytes().len() > KEPT_BYTES {
            self.records[place] = Record::default();
            self.validations.text = String::new();
        }
    }
}

/// How often a waiting thread checks whether the run has ended.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Validates every record of the inputs on `threads` threads and passes the batches to `each`, in
/// order. Returns the inputs, read to their end. Stops at the first error of the inputs or of
/// `each`, and when interrupted.
///
/// The reader's thread is not joined if the run ends early: it may be waiting for standard input.
pub(crate) fn run(
    mut inputs: Inputs,
    plan: &Plan,
    known: Option<&KnownCustomers>,
    threads: usize,
    interrupt: &Interrupt,
    mut each: impl FnMut(&mut Batch) -> Result<(), ImportError>,
) -> Result<Inputs, ImportError> {
    let (to_validators, read) = sync_channel::<Batch>(QUEUED_BATCHES);
    let (to_writer, validated) = sync_channel::<Batch>(QUEUED_BATCHES);
    let (to_reader, used) = channel::<Batch>();
    let read = Mutex::new(read);
    let ended = AtomicBool::new(false);
    let rules: Vec<SourceRules> = inputs.layouts().iter().map(|l| plan.rules_of(l)).collect();
    // More threads than batches would have nothing to validate.
    let batches = inputs.length().map_or(usize::MAX, |bytes| {
        1 + usize::try_from(bytes).unwrap_or(usize::MAX) / SMALLEST_BATCH
    });
    let reader = thread::spawn(move || {
        read_batches(&mut inputs, &rules, &used, &to_validators).map(|()| inputs)
    });
    thread::scope(|scope| {
        for _ in 0..threads.clamp(1, batches) {
            let (read, ended, to_writer) = (&read, &ended, to_writer.clone());
            scope.spawn(move || {
                validate_batches(&Validator::new(plan, known), read, ended, &to_writer);
            });
        }
        // Otherwise the channel would never close, and the writer would wait forever.
        drop(to_writer);
        let written = write_batches(&validated, &to_reader, interrupt, &mut each);
        ended.store(true, Ordering::Relaxed);
        // This ends the threads that wait to send.
        drop(validated);
        written
    })?;
    match reader.join() {
        Ok(read) => read,
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

fn read_batches(
    inputs: &mut Inputs,
    rules: &[SourceRules],
    used: &Receiver<Batch>,
    to_validators: &SyncSender<Batch>,
) -> Result<(), ImportError> {
    let mut empty: Vec<Batch> = Vec::new();
    let mut in_flight = 0;
    for index in 0.. {
        loop {
            let returned = if in_flight > BYTES_IN_FLIGHT {
                used.recv().map_err(|_| TryRecvError::Disconnected)
            } else {
                used.try_recv()
            };
            match returned {
                Ok(mut batch) => {
                    in_flight -= batch.bytes;
                    batch.shrink();
                    empty.push(batch);
                }
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => return Ok(()),
            }
        }
        let mut batch = empty.pop().unwrap_or_default();
        batch.index = index;
        batch.fill(inputs, rules)?;
        in_flight += batch.bytes;
        if batch.length == 0 || to_validators.send(batch).is_err() {
            break;
        }
    }
    Ok(())
}

fn validate_batches(
    validator: &Validator<'_>,
    read: &Mutex<Receiver<Batch>>,
    ended: &AtomicBool,
    to_writer: &SyncSender<Batch>,
) {
    loop {
        let received =
            read.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(POLL_INTERVAL);
        let mut batch = match received {
            Ok(batch) => batch,
            Err(RecvTimeoutError::Timeout) if !ended.load(Ordering::Relaxed) => continue,
            Err(_) => return,
        };
        let mut validations = std::mem::take(&mut batch.validations);
        validator.validate_batch(batch.records(), batch.rules(), &mut validations);
        batch.validations = validations;
        if to_writer.send(batch).is_err() {
            return;
        }
    }
}

fn write_batches(
    validated: &Receiver<Batch>,
    to_reader: &Sender<Batch>,
    interrupt: &Interrupt,
    each: &mut impl FnMut(&mut Batch) -> Result<(), ImportError>,
) -> Result<(), ImportError> {
    let mut early: BTreeMap<u64, Batch> = BTreeMap::new();
    let mut next = 0;
    loop {
        interrupt.check()?;
        let batch = match validated.recv_timeout(POLL_INTERVAL) {
            Ok(batch) => batch,
            Err(RecvTimeoutError::Timeout) => continue,
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        };
        early.insert(batch.index, batch);
        while let Some(mut batch) = early.remove(&next) {
            each(&mut batch)?;
            next += 1;
            // If the reader has ended, the batch is not needed.
            let _ = to_reader.send(batch);
        }
    }
}
