//! A store in memory: the simplest implementation of a session, as a reference.

use engage::customer::{Customer, Diff};
use engage::mapping::RememberedColumns;
use engage::outcome::{Outcome, Report, Status};
use engage::store::{
    Attribute, BeforeImage, BlockedUids, ChangeSet, EachKnown, HistoryLine, KeyMatch, LoadBefore,
    Loaded, PendingOutput, Proof, RejectsWriter, Removal, Session, SessionStart, Slot, StoreError,
    StoreSettings, StoredCustomer, Wanted, key_hash,
};
use engage::value::Key;
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

#[derive(Debug, Clone, Default)]
struct State {
    customers: BTreeMap<Slot, StoredCustomer>,
    first_imported: BTreeMap<Slot, String>,
    last_slot: u32,
    settings: StoreSettings,
    /// By the digest of the plan.
    proofs: HashMap<Vec<u8>, BTreeMap<Slot, Proof>>,
    history: Vec<HistoryLine>,
}

/// A store in memory. Clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct MemoryStore(Arc<Mutex<State>>);

impl MemoryStore {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// Begins a session that writes and loads `batch` customers at once.
    pub(crate) fn begin(&self, batch: usize) -> Box<MemorySession> {
        let state = self.state().clone();
        let start = SessionStart {
            import_id: i64::try_from(state.history.len()).unwrap() + 1,
            customers: state.customers.len() as u64,
            first_new: Slot(state.last_slot + 1),
            batch,
        };
        let before = state.customers.clone();
        Box::new(MemorySession {
            store: self.clone(),
            state,
            start,
            before,
            images: BTreeMap::new(),
            plan: Vec::new(),
            failing: None,
        })
    }

    /// All customers by uid.
    pub(crate) fn customers(&self) -> BTreeMap<String, StoredCustomer> {
        let state = self.state();
        state.customers.values().map(|it| (it.uid.clone(), it.clone())).collect()
    }
}

pub(crate) struct MemorySession {
    store: MemoryStore,
    state: State,
    start: SessionStart,
    before: BTreeMap<Slot, StoredCustomer>,
    images: BTreeMap<Slot, Diff>,
    plan: Vec<u8>,
    /// Counts the writes, the first of which fails.
    failing: Option<Arc<AtomicUsize>>,
}

fn key_of(key: Key, stored: &StoredCustomer) -> Option<&str> {
    match key {
        Key::Uid => Some(&stored.uid),
        Key::Email => stored.customer.email.as_deref(),
        Key::Number => stored.customer.number.as_deref(),
    }
}

impl MemorySession {
    /// Lets the first write fail, and counts all of them.
    pub(crate) fn fail_first_write(&mut self, writes: &Arc<AtomicUsize>) {
        self.failing = Some(Arc::clone(writes));
    }

    /// Loads customers as they were when the session began.
    pub(crate) fn load_before(&self) -> LoadBefore {
        let before = self.before.clone();
        Box::new(move |wanted| {
            let load = |wanted: &Wanted| Loaded {
                slot: wanted.slot,
                stored: before[&wanted.slot].clone(),
                has_devices: true,
            };
            Ok(wanted.iter().map(load).collect())
        })
    }

    fn keys(&self, key: Key) -> impl Iterator<Item = (Slot, &StoredCustomer, &str)> {
        self.before
            .iter()
            .filter_map(move |(slot, stored)| Some((*slot, stored, key_of(key, stored)?)))
    }
}

impl Session for MemorySession {
    fn start(&self) -> SessionStart {
        self.start
    }

    fn settings(&self) -> Result<StoreSettings, StoreError> {
        Ok(self.state.settings.clone())
    }

    fn last_report(
        &self,
        is_match: &dyn Fn(&[String]) -> bool,
    ) -> Result<Option<Outcome>, StoreError> {
        let newest = self.state.history.iter().rev().find(|line| is_match(&line.files));
        Ok(newest.and_then(|line| match &line.report {
            Some(Report::Import(outcome)) => Some((**outcome).clone()),
            _ => None,
        }))
    }

    fn pending_outputs(&self) -> Result<Vec<PendingOutput>, StoreError> {
        Ok(Vec::new())
    }

    fn clear_pending(&self, _: &[i64]) -> Result<(), StoreError> {
        Ok(())
    }

    fn is_known_file(&self, sha256: &str) -> Result<bool, StoreError> {
        let is_known = |line: &HistoryLine| match &line.report {
            Some(Report::Import(outcome)) => {
                let read = outcome.sources.iter().filter_map(|source| source.sha256.as_deref());
                outcome.rejects.sha256.iter().map(String::as_str).chain(read).any(|it| it == sha256)
            }
            _ => false,
        };
        Ok(self.state.history.iter().any(is_known))
    }

    fn rejects_writers(&self, file: &str) -> Result<Vec<RejectsWriter>, StoreError> {
        let writer = |(place, line): (usize, &HistoryLine)| match &line.report {
            Some(Report::Import(outcome)) => {
                let names = outcome.rejects.files.iter().map(|path| path.display().to_string());
                let mut names = names.chain(outcome.rejects.sha256.iter().cloned());
                names.any(|name| name == file).then(|| RejectsWriter {
                    import: i64::try_from(place).unwrap() + 1,
                    is_done: matches!(line.status, Status::Imported | Status::Partial),
                    files: line.files.clone(),
                })
            }
            _ => None,
        };
        Ok(self.state.history.iter().enumerate().rev().filter_map(writer).collect())
    }

    fn blocked_uids(&self) -> Result<BlockedUids, StoreError> {
        Ok(BlockedUids::default())
    }

    fn disable_undo(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    fn set_key(&mut self, key: Key) -> Result<(), StoreError> {
        self.state.settings.key = Some(key);
        Ok(())
    }

    fn choose_plan(&mut self, digest: &[u8]) -> Result<(), StoreError> {
        self.plan = digest.to_vec();
        Ok(())
    }

    fn scan(&mut self, key: Key, each: &mut EachKnown<'_>) -> Result<(), StoreError> {
        let none = BTreeMap::new();
        let proofs = self.state.proofs.get(&self.plan).unwrap_or(&none);
        for (slot, _, value) in self.keys(key) {
            let proof = proofs.get(&slot).map_or(0, |proof| proof.record_hash);
            each(key_hash(&key.compared(value)), slot, proof);
        }
        Ok(())
    }

    fn unnamed(
        &mut self,
        key: Key,
        named: &mut dyn FnMut(Slot, &str) -> bool,
        each: &mut dyn FnMut(Slot, &str, bool),
    ) -> Result<u64, StoreError> {
        let mut count = 0;
        for (slot, stored, value) in self.keys(key) {
            count += 1;
            if !named(slot, value) {
                each(slot, value, stored.customer.archived_at.is_some());
            }
        }
        Ok(count)
    }

    fn lookup(&mut self, key: Key, values: &[&str]) -> Result<Vec<KeyMatch>, StoreError> {
        let find = |value: &&str| {
            let mut found = self.keys(key).filter(|(_, _, own)| key.compared(own) == *value);
            match (found.next(), found.next()) {
                (None, _) => KeyMatch::None,
                (Some((slot, ..)), None) => KeyMatch::One(slot),
                (Some(_), Some(_)) => KeyMatch::Several,
            }
        };
        Ok(values.iter().map(find).collect())
    }

    fn count_known(&mut self, key: Key, values: &[&str]) -> Result<usize, StoreError> {
        let found = self.lookup(key, values)?;
        Ok(found.iter().filter(|found| **found != KeyMatch::None).count())
    }

    fn load(&mut self, wanted: &[Wanted]) -> Result<Vec<Loaded>, StoreError> {
        let load = |wanted: &Wanted| {
            let mut stored = self.state.customers[&wanted.slot].clone();
            if !wanted.devices {
                stored.customer.devices.clear();
            }
            Loaded { slot: wanted.slot, stored, has_devices: wanted.devices }
        };
        Ok(wanted.iter().take(self.start.batch).map(load).collect())
    }

    fn before_images(&mut self, changed: &[&Loaded]) -> Result<Vec<Diff>, StoreError> {
        let image = |changed: &&Loaded| {
            let image = self.images[&changed.slot].clone();
            // Reverting must restore the customer.
            assert_same(&changed.stored.reverted(&image).unwrap(), &self.before[&changed.slot]);
            image
        };
        Ok(changed.iter().map(image).collect())
    }

    fn values_of(&mut self, _: &str, _: &mut dyn FnMut(Slot, &str)) -> Result<(), StoreError> {
        unreachable!("an import does not convert values")
    }

    fn write(&mut self, changes: &mut ChangeSet) -> Result<(), StoreError> {
        if let Some(writes) = &self.failing
            && writes.fetch_add(1, Ordering::Relaxed) == 0
        {
            return Err(self.damaged("a write fails"));
        }
        for new in changes.insertions() {
            assert_eq!(new.slot, Slot(self.start.first_new.0.max(self.state.last_slot + 1)));
            self.state.last_slot = new.slot.0;
            self.state.first_imported.insert(new.slot, new.first_imported_at.to_owned());
            self.state.customers.insert(new.slot, new.to_stored());
        }
        for update in &changes.updates {
            let stored = self.state.customers.get_mut(&update.slot).unwrap();
            let devices = std::mem::take(&mut stored.customer.devices);
            *stored = update.after.clone();
            if !update.has_new_devices {
                stored.customer.devices = devices;
            }
            match &update.before {
                BeforeImage::Keep => assert!(update.slot >= self.start.first_new),
                BeforeImage::Record(before) => {
                    assert!(update.slot < self.start.first_new && !before.is_empty());
                    assert!(self.images.insert(update.slot, before.clone()).is_none());
                }
                BeforeImage::Replace(before) => {
                    assert!(!before.is_empty());
                    assert!(self.images.insert(update.slot, before.clone()).is_some());
                }
                BeforeImage::Withdraw => {
                    assert!(self.images.remove(&update.slot).is_some());
                    assert_same(stored, &self.before[&update.slot]);
                }
            }
        }
        for change in &changes.proofs {
            for (plan, proofs) in &mut self.state.proofs {
                if change.changed && *plan != self.plan {
                    proofs.remove(&change.slot);
                }
            }
            let proofs = self.state.proofs.entry(self.plan.clone()).or_default();
            match change.proof {
                Some(proof) => proofs.insert(change.slot, proof),
                None => proofs.remove(&change.slot),
            };
        }
        changes.clear();
        Ok(())
    }

    fn remove(&mut self, slots: &[Slot], removal: Removal, now: &str) -> Result<(), StoreError> {
        for slot in slots {
            for proofs in self.state.proofs.values_mut() {
                proofs.remove(slot);
            }
            match removal {
                Removal::Archive => {
                    let stored = self.state.customers.get_mut(slot).unwrap();
                    stored.customer.archived_at = Some(now.to_owned());
                    now.clone_into(&mut stored.last_changed_at);
                }
                Removal::Delete => drop(self.state.customers.remove(slot)),
            }
        }
        Ok(())
    }

    fn record_attributes(&mut self, seen: &[Attribute]) -> Result<(), StoreError> {
        let seen = seen.iter().map(|attribute| (attribute.name.clone(), attribute.kind));
        self.state.settings.catalogue.extend(seen);
        Ok(())
    }

    fn remember_columns(
        &mut self,
        columns: &RememberedColumns,
        known: &RememberedColumns,
    ) -> Result<(), StoreError> {
        let all = known.iter().chain(columns.iter());
        let all = all.map(|(header, column)| (header.to_owned(), column.clone())).collect();
        self.state.settings.remembered = RememberedColumns::new(all);
        Ok(())
    }

    fn complete(&mut self) -> Result<(), StoreError> {
        // A customer without a before-image must be unchanged.
        for (slot, original) in &self.before {
            if !self.images.contains_key(slot)
                && let Some(stored) = self.state.customers.get(slot)
                && stored.customer.archived_at == original.customer.archived_at
            {
                assert_same(stored, original);
            }
        }
        Ok(())
    }

    fn commit(&mut self, line: &HistoryLine) -> Result<(), StoreError> {
        self.state.history.push(line.clone());
        *self.store.state() = self.state.clone();
        Ok(())
    }

    fn outputs_done(&self) {}

    fn abort(self: Box<Self>, line: Option<&HistoryLine>) -> Result<Option<i64>, StoreError> {
        let mut state = self.store.state();
        let Some(line) = line.filter(|_| self.start.import_id > 1) else { return Ok(None) };
        // A failed import has a number in the history, but later imports do not compare their files
        // with it.
        state.history.push(HistoryLine { files: Vec::new(), ..line.clone() });
        Ok(Some(self.start.import_id))
    }

    fn damaged(&self, what: &str) -> StoreError {
        StoreError::Damaged { path: PathBuf::new(), what: what.to_owned() }
    }
}

fn assert_same(one: &StoredCustomer, other: &StoredCustomer) {
    assert_eq!(shown(one), shown(other));
}

/// A customer as text, to be compared.
pub(crate) fn shown(stored: &StoredCustomer) -> String {
    let StoredCustomer { uid, customer, last_changed_at } = stored;
    let Customer { first_name, last_name, number, email, attributes, devices, archived_at } =
        customer;
    format!(
        "{uid} {first_name:?} {last_name:?} {number:?} {email:?} {attributes} {devices:?} \
         {archived_at:?} {last_changed_at}"
    )
}
