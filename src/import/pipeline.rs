//! Records on their way: one thread reads and splits, others judge, the caller's brings them to the
//! store in the file's order. Queues are bounded, and batches go round, so memory stays flat.

use super::judge::{Judge, Judgement};
use super::known::KnownCustomers;
use super::plan::Plan;
use crate::source::{Record, Source};
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// Records of a batch, and the bytes after which a batch of long ones is full.
const BATCH_RECORDS: usize = 512;
const BATCH_BYTES: usize = 1 << 20;
const QUEUED_BATCHES: usize = 4;

/// A batch of records and, once judged, what they say.
#[derive(Debug, Default)]
pub(super) struct Batch {
    index: u64,
    records: Vec<Record>,
    /// How many of them are of this batch; the rest is kept for reuse.
    pub(super) length: usize,
    pub(super) judgement: Judgement,
}

impl Batch {
    pub(super) fn records(&self) -> &[Record] {
        &self.records[..self.length]
    }

    /// Reads records until the batch is full, the limit is reached or the source has ended.
    fn fill(&mut self, reading: &mut Reading<'_>) -> io::Result<()> {
        self.length = 0;
        let mut bytes = 0;
        while self.length < BATCH_RECORDS && bytes < BATCH_BYTES && reading.left > 0 {
            if self.records.len() == self.length {
                self.records.push(Record::default());
            }
            let record = &mut self.records[self.length];
            match reading.sampled.pop_front() {
                Some(sampled) => *record = sampled,
                None if !reading.source.read(record)? => break,
                None => {}
            }
            bytes += record.bytes().len();
            self.length += 1;
            reading.left -= 1;
        }
        Ok(())
    }
}

/// A source that is being read: its sample first, then the rest.
pub(super) struct Reading<'s> {
    pub(super) source: &'s mut Source,
    pub(super) sampled: VecDeque<Record>,
    /// How many records may still be read.
    pub(super) left: u64,
}

/// Why a run ended early.
pub(super) enum RunError<E> {
    /// The source could not be read.
    Reading(io::Error),
    /// A batch could not be written.
    Writing(E),
}

/// Judges every record of the source on so many threads and hands the batches to `each`, in order.
/// Stops at the first error of the source or of `each`.
pub(super) fn run<E>(
    mut reading: Reading<'_>,
    plan: &Plan,
    known: Option<&KnownCustomers>,
    threads: usize,
    mut each: impl FnMut(&Batch) -> Result<(), E>,
) -> Result<(), RunError<E>> {
    let (to_judges, read) = sync_channel::<Batch>(QUEUED_BATCHES);
    let (to_writer, judged) = sync_channel::<Batch>(QUEUED_BATCHES);
    let (to_reader, used) = channel::<Batch>();
    let read = Arc::new(Mutex::new(read));
    thread::scope(|scope| {
        let reader = scope.spawn(move || read_batches(&mut reading, &used, &to_judges));
        for _ in 0..threads.max(1) {
            let (read, to_writer) = (Arc::clone(&read), to_writer.clone());
            scope.spawn(move || judge_batches(&Judge::new(plan, known), &read, &to_writer));
        }
        // Without this the channel would never end for whoever waits on it.
        drop((to_writer, read));
        let written = write_batches(judged, &to_reader, &mut each);
        match reader.join() {
            Ok(read) => written.map_err(RunError::Writing).and(read.map_err(RunError::Reading)),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

fn read_batches(
    reading: &mut Reading<'_>,
    used: &Receiver<Batch>,
    to_judges: &SyncSender<Batch>,
) -> io::Result<()> {
    for index in 0.. {
        let mut batch = match used.try_recv() {
            Ok(batch) => batch,
            Err(TryRecvError::Empty) => Batch::default(),
            Err(TryRecvError::Disconnected) => return Ok(()),
        };
        batch.index = index;
        batch.fill(reading)?;
        if batch.length == 0 || to_judges.send(batch).is_err() {
            break;
        }
    }
    Ok(())
}

fn judge_batches(judge: &Judge<'_>, read: &Mutex<Receiver<Batch>>, to_writer: &SyncSender<Batch>) {
    loop {
        let received = read.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(mut batch) = received else { return };
        let mut judgement = std::mem::take(&mut batch.judgement);
        judge.judge(batch.records(), &mut judgement);
        batch.judgement = judgement;
        if to_writer.send(batch).is_err() {
            return;
        }
    }
}

fn write_batches<E>(
    judged: Receiver<Batch>,
    to_reader: &std::sync::mpsc::Sender<Batch>,
    each: &mut impl FnMut(&Batch) -> Result<(), E>,
) -> Result<(), E> {
    let mut early: BTreeMap<u64, Batch> = BTreeMap::new();
    let mut next = 0;
    for batch in judged {
        early.insert(batch.index, batch);
        while let Some(batch) = early.remove(&next) {
            each(&batch)?;
            next += 1;
            // The reader may have ended; then nobody needs the batch.
            let _ = to_reader.send(batch);
        }
    }
    Ok(())
}
