//! The customers that the records of a batch name, in memory: loaded together, changed one by one,
//! written together.

use crate::customer::{Diff, Patch};
use crate::store::{
    BeforeImage, ChangeSet, CustomerSet, CustomerUpdate, Loaded, Proof, ProofChange, Session,
    SessionStart, Slot, StoreError, StoredCustomer, Wanted,
};
use foldhash::{HashMap, HashMapExt};

/// The bytes of custom attributes after which changed customers are written.
const MAX_BYTES: usize = 1 << 20;

/// Which part of a customer has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Changed {
    Nothing,
    Values,
    ValuesAndDevices,
}

impl Changed {
    /// `before` has the values that differed.
    pub(super) fn of(before: &Diff) -> Self {
        match before.devices {
            Some(_) => Self::ValuesAndDevices,
            None if before.is_empty() => Self::Nothing,
            None => Self::Values,
        }
    }
}

/// A customer that a record has named.
#[derive(Debug)]
pub(super) struct BatchCustomer {
    slot: Slot,
    /// The customer as it is now.
    pub(super) stored: StoredCustomer,
    /// The values that differed before the import; `None` if none did.
    pub(super) before: Option<Diff>,
    has_devices: bool,
    /// Whether the session has a before-image of it.
    is_recorded: bool,
    /// The changes that are not written to the session yet.
    unwritten: Changed,
}

impl BatchCustomer {
    /// The customer as it was before the import.
    pub(super) fn original(&self) -> serde_json::Result<Option<StoredCustomer>> {
        self.before.as_ref().map(|before| self.stored.reverted(before)).transpose()
    }

    /// Notes what a record has changed.
    pub(super) fn note(&mut self, changed: Changed) {
        self.unwritten = self.unwritten.max(changed);
    }
}

/// Where a customer is.
#[derive(Debug)]
pub(super) enum Place {
    /// It is new, and not written yet: this is a copy of it.
    New(Box<StoredCustomer>),
    /// It was loaded, and has this index among the customers of the batch.
    Loaded(usize),
}

/// The customers of a batch, and what happened to them.
pub(super) struct BatchCustomers<'a> {
    pub(super) session: &'a mut dyn Session,
    first_new: Slot,
    /// How many changed customers are written together.
    batch: usize,
    /// The customers that were loaded for later records.
    loaded: HashMap<Slot, Loaded>,
    before_images: HashMap<Slot, Diff>,
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
            before_images: HashMap::new(),
            customers: Vec::new(),
            places: HashMap::new(),
            bytes: 0,
            changes: ChangeSet::new(now, first_new),
            changed: CustomerSet::default(),
        }
    }

    /// Loads the customers that the records of a batch name.
    pub(super) fn load(&mut self, mut wanted: Vec<Wanted>) -> Result<(), StoreError> {
        self.loaded.clear();
        self.before_images.clear();
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
        let loaded = self.loaded.values();
        let changed: Vec<&Loaded> = loaded.filter(|it| self.changed.contains(it.slot)).collect();
        if !changed.is_empty() {
            let images = self.session.before_images(&changed)?;
            self.before_images.extend(changed.into_iter().map(|it| it.slot).zip(images));
        }
        Ok(())
    }

    /// Finds a customer, with its devices if they are wanted. Loads it if that was not done for the
    /// batch.
    pub(super) fn find(&mut self, wanted: Wanted) -> Result<Place, StoreError> {
        let Wanted { slot, devices } = wanted;
        if let Some(new) = self.changes.inserted(slot) {
            return Ok(Place::New(Box::new(new.to_stored())));
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

    /// Whether the devices are needed to compare a customer with its state before the import.
    fn needs_devices(&self, slot: Slot) -> bool {
        self.changed.contains(slot)
    }

    fn load_one(&mut self, wanted: Wanted) -> Result<Loaded, StoreError> {
        let loaded = self.session.load(&[wanted])?.pop();
        loaded.ok_or_else(|| self.session.damaged("a customer is missing"))
    }

    fn add(&mut self, loaded: Loaded) -> Result<Place, StoreError> {
        let is_recorded = self.changed.contains(loaded.slot);
        let before = if is_recorded { Some(self.before_image(&loaded)?) } else { None };
        let Loaded { slot, stored, has_devices } = loaded;
        let place = self.customers.len();
        self.places.insert(slot, place);
        self.bytes += stored.customer.attributes.len();
        self.customers.push(BatchCustomer {
            slot,
            stored,
            before,
            has_devices,
            is_recorded,
            unwritten: Changed::Nothing,
        });
        Ok(Place::Loaded(place))
    }

    fn before_image(&mut self, changed: &Loaded) -> Result<Diff, StoreError> {
        let image = match self.before_images.remove(&changed.slot) {
            Some(image) => Some(image),
            None => self.session.before_images(&[changed])?.pop(),
        };
        image.ok_or_else(|| self.session.damaged("a changed customer has no before-image"))
    }

    /// The customer at a place.
    pub(super) fn stored<'p>(&'p self, place: &'p Place) -> &'p StoredCustomer {
        match place {
            Place::New(stored) => stored,
            Place::Loaded(place) => &self.customers[*place].stored,
        }
    }

    /// Whether the import has added a customer.
    pub(super) fn is_added(&self, slot: Slot) -> bool {
        slot >= self.first_new
    }

    pub(super) fn customer(&mut self, place: usize) -> &mut BatchCustomer {
        &mut self.customers[place]
    }

    /// Adds a new customer from its first record.
    pub(super) fn insert(&mut self, uid: &str, patch: &Patch<'_>) -> Slot {
        self.changes.insert(uid, patch)
    }

    pub(super) fn replace_inserted(&mut self, slot: Slot, stored: &StoredCustomer) {
        self.changes.replace(slot, stored);
    }

    /// Notes the proof of a customer's record.
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
        let (now, first_new) = (self.changes.now().to_owned(), self.first_new);
        for customer in self.customers.drain(..) {
            if customer.unwritten == Changed::Nothing {
                continue;
            }
            let has_new_devices = customer.unwritten == Changed::ValuesAndDevices;
            let BatchCustomer { slot, stored: mut after, before, .. } = customer;
            let before = match before {
                _ if slot >= first_new => BeforeImage::Keep,
                Some(before) => {
                    now.clone_into(&mut after.last_changed_at);
                    if customer.is_recorded {
                        BeforeImage::Replace(before)
                    } else {
                        BeforeImage::Record(before)
                    }
                }
                None if customer.is_recorded => BeforeImage::Withdraw,
                // Another record of the same batch reverted the change.
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
