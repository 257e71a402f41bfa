//! The customers that the records of a batch name, in memory: loaded together, changed one by one,
//! written together.

use crate::customer::{Diff, Patch};
use crate::import::known::CustomerSet;
use crate::store::{
    BeforeImage, ChangeSet, CustomerUpdate, Loaded, NewCustomer, Proof, ProofChange, Session,
    SessionStart, Slot, StoreError, StoredCustomer, Wanted,
};
use std::collections::HashMap;

/// The bytes of custom attributes after which changed customers are written.
const MAX_BYTES: usize = 1 << 20;

/// What of a customer the session does not have yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Unwritten {
    Nothing,
    Values,
    ValuesAndDevices,
}

/// A customer whom a record has named.
#[derive(Debug)]
pub(super) struct BatchCustomer {
    slot: Slot,
    /// The customer as it is now.
    pub(super) stored: StoredCustomer,
    /// What was otherwise before the import; `None` if nothing was.
    pub(super) before: Option<Diff>,
    has_devices: bool,
    /// Whether the session has a before-image of it.
    is_recorded: bool,
    unwritten: Unwritten,
}

impl BatchCustomer {
    /// The customer as it was before the import.
    pub(super) fn original(&self) -> serde_json::Result<Option<StoredCustomer>> {
        self.before.as_ref().map(|before| self.stored.reverted(before)).transpose()
    }

    /// Notes that a record has changed it.
    pub(super) fn note_change(&mut self, has_new_devices: bool) {
        let change = if has_new_devices { Unwritten::ValuesAndDevices } else { Unwritten::Values };
        self.unwritten = self.unwritten.max(change);
    }
}

/// Where a customer is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    /// It is new, and not written yet.
    New(Slot),
    /// It is the customer of that number that was loaded.
    Loaded(usize),
}

/// The customers of a batch, and what has become of them.
pub(super) struct BatchCustomers<'a> {
    pub(super) session: &'a mut dyn Session,
    first_new: Slot,
    /// How many changed customers are written together.
    batch: usize,
    /// Loaded for records to come.
    loaded: HashMap<Slot, Loaded>,
    originals: HashMap<Slot, StoredCustomer>,
    customers: Vec<BatchCustomer>,
    places: HashMap<Slot, usize>,
    bytes: usize,
    changes: ChangeSet,
    /// The customers that differ from what the store had before the import; new ones are not in it.
    pub(super) changed: CustomerSet,
}

impl<'a> BatchCustomers<'a> {
    pub(super) fn new(session: &'a mut dyn Session, now: &str) -> Self {
        let SessionStart { first_new, batch, .. } = session.start();
        Self {
            session,
            first_new,
            batch,
            loaded: HashMap::new(),
            originals: HashMap::new(),
            customers: Vec::new(),
            places: HashMap::new(),
            bytes: 0,
            changes: ChangeSet::new(now, first_new),
            changed: CustomerSet::default(),
        }
    }

    /// Loads the customers whom the records of a batch name.
    pub(super) fn load(&mut self, mut wanted: Vec<Wanted>) -> Result<(), StoreError> {
        self.loaded.clear();
        self.originals.clear();
        for wanted in &mut wanted {
            wanted.devices |= self.needs_devices(wanted.slot);
        }
        wanted.sort_unstable();
        wanted.dedup_by(|later, earlier| {
            let is_same = later.slot == earlier.slot;
            earlier.devices |= is_same && later.devices;
            is_same
        });
        wanted.retain(|wanted| {
            self.changes.inserted(wanted.slot).is_none() && !self.places.contains_key(&wanted.slot)
        });
        if wanted.is_empty() {
            return Ok(());
        }
        for loaded in self.session.load(&wanted)? {
            self.loaded.insert(loaded.slot, loaded);
        }
        let changed = wanted.iter().map(|wanted| wanted.slot);
        let changed: Vec<Slot> = changed
            .filter(|slot| self.changed.contains(*slot) && self.loaded.contains_key(slot))
            .collect();
        if !changed.is_empty() {
            let originals = self.session.originals(&changed)?;
            self.originals.extend(changed.into_iter().zip(originals));
        }
        Ok(())
    }

    /// Finds a customer, with its devices where they are wanted; loads it if it was not expected.
    pub(super) fn find(&mut self, wanted: Wanted) -> Result<Place, StoreError> {
        let Wanted { slot, devices } = wanted;
        if self.changes.inserted(slot).is_some() {
            return Ok(Place::New(slot));
        }
        if let Some(place) = self.places.get(&slot) {
            if self.customers[*place].has_devices || !devices {
                return Ok(Place::Loaded(*place));
            }
            self.write()?;
        }
        let devices = devices || self.needs_devices(slot);
        let loaded = match self.loaded.remove(&slot) {
            Some(loaded) if loaded.has_devices || !devices => loaded,
            _ => self.load_one(Wanted { slot, devices })?,
        };
        self.add(loaded)
    }

    /// Whether a customer is compared with what it was before the import, devices included.
    fn needs_devices(&self, slot: Slot) -> bool {
        self.changed.contains(slot)
    }

    fn load_one(&mut self, wanted: Wanted) -> Result<Loaded, StoreError> {
        let loaded = self.session.load(&[wanted])?.pop();
        loaded.ok_or_else(|| self.session.damaged("a customer is gone"))
    }

    fn add(&mut self, loaded: Loaded) -> Result<Place, StoreError> {
        let Loaded { slot, stored, has_devices } = loaded;
        let is_recorded = self.changed.contains(slot);
        let before = if is_recorded { Some(self.before(slot, &stored)?) } else { None };
        let place = self.customers.len();
        self.places.insert(slot, place);
        self.bytes += stored.customer.attributes.len();
        self.customers.push(BatchCustomer {
            slot,
            stored,
            before,
            has_devices,
            is_recorded,
            unwritten: Unwritten::Nothing,
        });
        Ok(Place::Loaded(place))
    }

    /// What was otherwise before the import of a customer that the session has as changed.
    fn before(&mut self, slot: Slot, stored: &StoredCustomer) -> Result<Diff, StoreError> {
        let original = match self.originals.remove(&slot) {
            Some(original) => Some(original),
            None => self.session.originals(&[slot])?.pop(),
        };
        let original = original.ok_or_else(|| self.session.damaged("a customer is gone"))?;
        let mut before =
            original.customer.diff(&stored.customer).map_err(|_| self.invalid_attributes())?;
        let time = Some(original.last_changed_at);
        before.columns.insert("last_changed_at".to_owned(), time);
        Ok(before)
    }

    pub(super) fn customer(&mut self, place: usize) -> &mut BatchCustomer {
        &mut self.customers[place]
    }

    /// Adds the customer that a first record makes.
    pub(super) fn insert(&mut self, uid: &str, patch: &Patch<'_>) -> Slot {
        self.changes.insert(uid, patch)
    }

    /// The new customer, if it is not written yet.
    pub(super) fn inserted(&self, slot: Slot) -> Option<StoredCustomer> {
        self.changes.inserted(slot).map(NewCustomer::to_stored)
    }

    pub(super) fn replace_inserted(&mut self, slot: Slot, stored: &StoredCustomer) {
        self.changes.replace(slot, stored);
    }

    /// Notes what proves a record of a customer.
    pub(super) fn prove(&mut self, slot: Slot, proof: Option<Proof>, changed: bool) {
        self.changes.proofs.push(ProofChange { slot, proof, changed });
    }

    pub(super) fn count_bytes(&mut self, bytes: usize) {
        self.bytes += bytes;
    }

    /// Whether so much has changed that it should be written.
    pub(super) fn is_full(&self) -> bool {
        self.changes.is_full(self.batch) || self.bytes >= MAX_BYTES
    }

    /// Writes what has changed.
    pub(super) fn write(&mut self) -> Result<(), StoreError> {
        self.places.clear();
        self.bytes = 0;
        let now = self.changes.now().to_owned();
        for customer in self.customers.drain(..) {
            if customer.unwritten == Unwritten::Nothing {
                continue;
            }
            let has_new_devices = customer.unwritten == Unwritten::ValuesAndDevices;
            let BatchCustomer { slot, stored: mut after, before, .. } = customer;
            let before = match before {
                _ if slot >= self.first_new => BeforeImage::Keep,
                Some(before) => {
                    now.clone_into(&mut after.last_changed_at);
                    if customer.is_recorded {
                        BeforeImage::Replace(before)
                    } else {
                        BeforeImage::Record(before)
                    }
                }
                None if customer.is_recorded => BeforeImage::Withdraw,
                // Another record of the same batch has taken the change back.
                None => continue,
            };
            self.changes.updates.push(CustomerUpdate { slot, after, has_new_devices, before });
        }
        if !self.changes.is_empty() {
            self.session.write(&mut self.changes)?;
        }
        Ok(())
    }

    pub(super) fn invalid_attributes(&self) -> StoreError {
        self.session.damaged("attributes that are not JSON")
    }
}
