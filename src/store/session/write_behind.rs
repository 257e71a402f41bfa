//! Writes the changes of a batch in a separate thread, while the next batch is merged.

use super::{
    CustomerSet, EachKnown, KeyMatch, Loaded, RejectsWriter, Removal, Session, SessionStart, Wanted,
};
use crate::customer::Diff;
use crate::mapping::RememberedColumns;
use crate::outcome::Outcome;
use crate::store::blocked_uids::BlockedUids;
use crate::store::change_set::ChangeSet;
use crate::store::error::StoreError;
use crate::store::history_line::HistoryLine;
use crate::store::pending_output::PendingOutput;
use crate::store::settings::{Attribute, StoreSettings};
use crate::store::slot::Slot;
use crate::value::Key;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};

/// Loads customers as they were when the session began, while another thread writes. It may load
/// only some of the wanted customers, or none.
pub type LoadBefore = Box<dyn FnMut(&[Wanted]) -> Result<Vec<Loaded>, StoreError>>;

/// A change set with more text is written immediately, so that it is not in memory together with
/// the next one.
const MAX_BYTES: usize = 2 << 20;

/// A session that wraps another one and does not wait for [writes](Session::write). If a write
/// fails, a later call returns the error, at the latest [`Session::complete`].
pub struct WriteBehind<S> {
    start: SessionStart,
    load_before: Option<LoadBefore>,
    /// `None` until the second write: small imports have only one.
    thread: Option<WritingThread>,
    has_begun: bool,
    below: Arc<Mutex<Below<S>>>,
    /// The customers that existed when the session began and were written since.
    written: CustomerSet,
}

/// The wrapped session, and the changes that it has not written yet.
struct Below<S> {
    session: Box<S>,
    changes: ChangeSet,
    /// The error of a write that no call has returned yet.
    failed: Option<StoreError>,
    /// Whether a write has failed. Nothing is written any longer, and the import aborts.
    has_failed: bool,
}

/// The thread that writes. Dropping it waits for the thread, so that the wrapped session ends with
/// this one.
struct WritingThread {
    /// Wakes the thread.
    wake: Option<SyncSender<()>>,
    handle: Option<JoinHandle<()>>,
}

impl WritingThread {
    fn spawn(write: impl Fn() + Send + 'static) -> Self {
        let (wake, woken) = sync_channel(1);
        let handle = thread::spawn(move || woken.iter().for_each(|()| write()));
        Self { wake: Some(wake), handle: Some(handle) }
    }

    /// Wakes the thread. If it was woken before and has not run yet, it writes the new changes as
    /// well.
    fn wake(&self) {
        let _ = self.wake.as_ref().map(|wake| wake.try_send(()));
    }
}

impl Drop for WritingThread {
    fn drop(&mut self) {
        self.wake = None;
        let _ = self.handle.take().map(JoinHandle::join);
    }
}

impl<S: Session> Below<S> {
    /// Writes the changes, unless a write has failed. The transaction may be gone then: SQLite rolls
    /// back on its own after some errors, and would commit later statements one by one.
    fn write(&mut self) {
        if self.has_failed || self.changes.is_empty() {
            return;
        }
        if let Err(error) = self.session.write(&mut self.changes) {
            self.has_failed = true;
            self.failed = Some(error);
        }
    }
}

impl<S: Session + Send + 'static> WriteBehind<S> {
    /// Wraps a session. With `load_before`, customers that this session has not written are loaded
    /// without waiting for a write.
    pub fn new(session: Box<S>, load_before: Option<LoadBefore>) -> Self {
        let start = session.start();
        let changes = ChangeSet::new("", start.first_new);
        let below = Below { session, changes, failed: None, has_failed: false };
        let below = Arc::new(Mutex::new(below));
        let written = CustomerSet::default();
        Self { start, load_before, thread: None, has_begun: false, below, written }
    }

    /// The wrapped session, once all changes are written.
    fn below(&self) -> Result<MutexGuard<'_, Below<S>>, StoreError> {
        let mut below = lock(&self.below);
        below.write();
        below.failed.take().map_or(Ok(below), Err)
    }

    fn is_written(&self, slot: Slot) -> bool {
        slot >= self.start.first_new || self.written.contains(slot)
    }
}

/// Locks the wrapped session. Panics if the thread that writes has panicked.
fn lock<S>(below: &Mutex<Below<S>>) -> MutexGuard<'_, Below<S>> {
    below.lock().unwrap_or_else(|_| panic!("the thread that writes has panicked"))
}

impl<S: Session + Send + 'static> Session for WriteBehind<S> {
    fn start(&self) -> SessionStart {
        self.start
    }

    fn settings(&self) -> Result<StoreSettings, StoreError> {
        self.below()?.session.settings()
    }

    fn last_report(
        &self,
        is_match: &dyn Fn(&[String]) -> bool,
    ) -> Result<Option<Outcome>, StoreError> {
        self.below()?.session.last_report(is_match)
    }

    fn pending_outputs(&self) -> Result<Vec<PendingOutput>, StoreError> {
        self.below()?.session.pending_outputs()
    }

    fn clear_pending(&self, imports: &[i64]) -> Result<(), StoreError> {
        self.below()?.session.clear_pending(imports)
    }

    fn is_known_file(&self, sha256: &str) -> Result<bool, StoreError> {
        self.below()?.session.is_known_file(sha256)
    }

    fn rejects_writers(&self, file: &str) -> Result<Vec<RejectsWriter>, StoreError> {
        self.below()?.session.rejects_writers(file)
    }

    fn blocked_uids(&self) -> Result<BlockedUids, StoreError> {
        self.below()?.session.blocked_uids()
    }

    fn disable_undo(&mut self) -> Result<(), StoreError> {
        self.below()?.session.disable_undo()
    }

    fn set_key(&mut self, key: Key) -> Result<(), StoreError> {
        self.below()?.session.set_key(key)
    }

    fn choose_plan(&mut self, digest: &[u8]) -> Result<(), StoreError> {
        self.below()?.session.choose_plan(digest)
    }

    fn scan(&mut self, key: Key, each: &mut EachKnown<'_>) -> Result<(), StoreError> {
        self.below()?.session.scan(key, each)
    }

    fn unnamed(
        &mut self,
        key: Key,
        named: &mut dyn FnMut(Slot, &str) -> bool,
        each: &mut dyn FnMut(Slot, &str, bool),
    ) -> Result<u64, StoreError> {
        self.below()?.session.unnamed(key, named, each)
    }

    fn lookup(&mut self, key: Key, values: &[&str]) -> Result<Vec<KeyMatch>, StoreError> {
        self.below()?.session.lookup(key, values)
    }

    fn count_known(&mut self, key: Key, values: &[&str]) -> Result<usize, StoreError> {
        self.below()?.session.count_known(key, values)
    }

    fn load(&mut self, wanted: &[Wanted]) -> Result<Vec<Loaded>, StoreError> {
        let is_unwritten = wanted.iter().all(|wanted| !self.is_written(wanted.slot));
        if let Some(load_before) = self.load_before.as_mut().filter(|_| is_unwritten) {
            let loaded = load_before(wanted)?;
            if !loaded.is_empty() {
                return Ok(loaded);
            }
        }
        self.below()?.session.load(wanted)
    }

    fn before_images(&mut self, changed: &[&Loaded]) -> Result<Vec<Diff>, StoreError> {
        self.below()?.session.before_images(changed)
    }

    fn values_of(
        &mut self,
        attribute: &str,
        each: &mut dyn FnMut(Slot, &str),
    ) -> Result<(), StoreError> {
        self.below()?.session.values_of(attribute, each)
    }

    fn write(&mut self, changes: &mut ChangeSet) -> Result<(), StoreError> {
        for update in &changes.updates {
            if update.slot < self.start.first_new {
                self.written.insert(update.slot);
            }
        }
        let mut below = self.below()?;
        changes.hand_over(&mut below.changes);
        if below.changes.text_bytes() > MAX_BYTES {
            below.write();
            return below.failed.take().map_or(Ok(()), Err);
        }
        drop(below);
        if std::mem::replace(&mut self.has_begun, true) {
            let shared = &self.below;
            let spawn = || {
                let shared = Arc::clone(shared);
                WritingThread::spawn(move || lock(&shared).write())
            };
            self.thread.get_or_insert_with(spawn).wake();
        }
        Ok(())
    }

    fn remove(&mut self, slots: &[Slot], removal: Removal, now: &str) -> Result<(), StoreError> {
        self.below()?.session.remove(slots, removal, now)
    }

    fn record_attributes(&mut self, seen: &[Attribute]) -> Result<(), StoreError> {
        self.below()?.session.record_attributes(seen)
    }

    fn remember_columns(
        &mut self,
        columns: &RememberedColumns,
        known: &RememberedColumns,
    ) -> Result<(), StoreError> {
        self.below()?.session.remember_columns(columns, known)
    }

    fn complete(&mut self) -> Result<(), StoreError> {
        // The reading connection would keep SQLite from emptying its log after the commit.
        self.load_before = None;
        self.below()?.session.complete()
    }

    fn commit(&mut self, line: &HistoryLine) -> Result<(), StoreError> {
        self.load_before = None;
        self.below()?.session.commit(line)
    }

    fn outputs_done(&self) {
        lock(&self.below).session.outputs_done();
    }

    fn abort(self: Box<Self>, line: Option<&HistoryLine>) -> Result<Option<i64>, StoreError> {
        let Self { below, thread, load_before, .. } = *self;
        drop(load_before);
        lock(&below).changes.clear();
        drop(thread);
        let below = Arc::into_inner(below).and_then(|below| below.into_inner().ok());
        // A session that is dropped has changed nothing.
        below.map_or(Ok(None), |below| below.session.abort(line))
    }

    fn damaged(&self, what: &str) -> StoreError {
        lock(&self.below).session.damaged(what)
    }
}
