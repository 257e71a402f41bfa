//! What a session writes at once: new customers, changed ones, and proofs.

use super::slot::Slot;
use super::stored_customer::StoredCustomer;
use crate::customer::{Customer, Diff, Patch};
use crate::value::{Device, DevicePlatform};
use std::ops::Range;

/// A change set with this many bytes of text is written before more is added.
const MAX_BYTES: usize = 1 << 20;

/// The bytes of text that an empty change set may keep allocated.
const KEPT_BYTES: usize = 2 << 20;

/// A piece of the text that new customers share.
type Piece = Range<usize>;

/// What proves that a record changes nothing: it is the record that the customer was last made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proof {
    /// The hash of the record's key, as of [`key_hash`](super::key_hash).
    pub key_hash: u64,
    /// The hash of the whole record; never 0.
    pub record_hash: u64,
}

/// The new proof of a customer that a record of the plan has named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProofChange {
    /// The customer.
    pub slot: Slot,
    /// What proves the record; `None` drops the proof that the plan had.
    pub proof: Option<Proof>,
    /// Whether the customer has changed, so that the proofs of all other plans are dropped.
    pub changed: bool,
}

/// What happens to the before-image that the import keeps of a customer: what the customer was before
/// the import, where that differs.
#[derive(Debug)]
pub enum BeforeImage {
    /// It stays as it is. Also for a customer that the import has inserted: those have no before-image.
    Keep,
    /// This is the first.
    Record(Diff),
    /// This one takes the place of the one that the import has written.
    Replace(Diff),
    /// The customer is again as before the import: it has no before-image.
    Withdraw,
}

/// A changed customer.
#[derive(Debug)]
pub struct CustomerUpdate {
    /// The customer.
    pub slot: Slot,
    /// All of it, as it is now.
    pub after: StoredCustomer,
    /// Whether its devices have changed too. If not, `after` may lack them.
    pub has_new_devices: bool,
    /// What the customer was before the import.
    pub before: BeforeImage,
}

/// A new customer, in pieces of the change set's text.
#[derive(Debug)]
struct Insertion {
    uid: Piece,
    first_name: Option<Piece>,
    last_name: Option<Piece>,
    number: Option<Piece>,
    email: Option<Piece>,
    archived_at: Option<Piece>,
    attributes: Piece,
    /// When an own export says that it was first imported, and last changed.
    times: Option<Box<[Piece; 2]>>,
    /// Its places in the list of devices.
    devices: Range<usize>,
}

/// A new customer.
#[derive(Debug, Clone, Copy)]
pub struct NewCustomer<'c> {
    /// Its slot.
    pub slot: Slot,
    /// The identifier.
    pub uid: &'c str,
    /// First name, last name, number and email.
    pub columns: [Option<&'c str>; 4],
    /// The custom attributes: a JSON object, its names sorted.
    pub attributes: &'c str,
    /// When it was archived, if an own export says so.
    pub archived_at: Option<&'c str>,
    /// When it was first imported: UTC, RFC 3339.
    pub first_imported_at: &'c str,
    /// When it last changed.
    pub last_changed_at: &'c str,
    /// The devices by rank.
    devices: &'c [(Piece, DevicePlatform)],
    text: &'c str,
}

impl<'c> NewCustomer<'c> {
    /// The devices by rank, last seen first.
    pub fn devices(self) -> impl ExactSizeIterator<Item = (&'c str, DevicePlatform)> {
        let text = self.text;
        self.devices.iter().map(move |(token, platform)| (&text[token.clone()], *platform))
    }

    /// The same as an independent customer.
    pub fn to_stored(self) -> StoredCustomer {
        let [first_name, last_name, number, email] = self.columns.map(|it| it.map(str::to_owned));
        let devices = self.devices();
        let customer = Customer {
            first_name,
            last_name,
            number,
            email,
            attributes: self.attributes.to_owned(),
            devices: devices
                .map(|(token, platform)| Device { token: token.to_owned(), platform })
                .collect(),
            archived_at: self.archived_at.map(str::to_owned),
        };
        StoredCustomer {
            uid: self.uid.to_owned(),
            customer,
            last_changed_at: self.last_changed_at.to_owned(),
        }
    }
}

/// What a session writes at once.
#[derive(Debug)]
pub struct ChangeSet {
    /// When the import began: UTC, RFC 3339.
    now: String,
    first_new: Slot,
    insertions: Vec<Insertion>,
    text: String,
    devices: Vec<(Piece, DevicePlatform)>,
    /// The changed customers.
    pub updates: Vec<CustomerUpdate>,
    /// The proofs, in the order in which they came to be: of several for a customer the last counts.
    pub proofs: Vec<ProofChange>,
}

impl ChangeSet {
    /// An empty one of an import that began then. The first new customer gets that slot.
    pub fn new(now: &str, first_new: Slot) -> Self {
        Self {
            now: now.to_owned(),
            first_new,
            insertions: Vec::new(),
            text: String::new(),
            devices: Vec::new(),
            updates: Vec::new(),
            proofs: Vec::new(),
        }
    }

    /// When the import began: UTC, RFC 3339.
    pub fn now(&self) -> &str {
        &self.now
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.insertions.is_empty() && self.updates.is_empty() && self.proofs.is_empty()
    }

    /// Whether it has so many customers, or so much text, that it should be written.
    pub fn is_full(&self, customers: usize) -> bool {
        self.proofs.len().max(self.insertions.len()) >= customers || self.text.len() >= MAX_BYTES
    }

    /// Empties it once it is written: the next new customer gets the next slot.
    pub fn clear(&mut self) {
        self.first_new = Slot(self.next_slot());
        self.insertions.clear();
        self.text.clear();
        self.text.shrink_to(KEPT_BYTES);
        self.devices.clear();
        self.updates.clear();
        self.proofs.clear();
    }

    /// The bytes of all text in it, before-images aside.
    pub(crate) fn text_bytes(&self) -> usize {
        let updates = self.updates.iter().map(|update| update.after.customer.attributes.len());
        self.text.len() + updates.sum::<usize>()
    }

    /// Moves everything to an empty change set, and reuses that one's memory: the next new
    /// customer gets the next slot.
    pub(crate) fn hand_over(&mut self, empty: &mut Self) {
        self.now.clone_into(&mut empty.now);
        empty.first_new = Slot(self.next_slot());
        std::mem::swap(self, empty);
    }

    fn next_slot(&self) -> u32 {
        // A change set is written long before it has four thousand million customers.
        self.first_new.0 + u32::try_from(self.insertions.len()).unwrap_or(u32::MAX)
    }

    /// Adds the customer that a first record makes.
    pub fn insert(&mut self, uid: &str, patch: &Patch<'_>) -> Slot {
        let slot = Slot(self.next_slot());
        let now = patch.restored.as_ref().map(|_| self.now.clone());
        let times = patch.restored.as_ref().zip(now.as_deref()).map(|(restored, now)| {
            [restored.first_imported_at, restored.last_changed_at].map(|it| it.unwrap_or(now))
        });
        let devices = self.push_devices(patch.devices());
        let insertion = self.insertion(uid, patch.first_values(), patch.attributes, times, devices);
        self.insertions.push(insertion);
        slot
    }

    /// Replaces a new customer of this change set by what a later record has made of it.
    pub fn replace(&mut self, slot: Slot, stored: &StoredCustomer) {
        let Some(place) = self.place(slot) else { return };
        let times = self.insertions[place].times.as_deref().cloned();
        let times = times.map(|times| times.map(|time| self.text[time].to_owned()));
        let times = times.as_ref().map(|times| times.each_ref().map(String::as_str));
        let Customer { first_name, last_name, number, email, attributes, devices, archived_at } =
            &stored.customer;
        let columns = [first_name, last_name, number, email, archived_at].map(Option::as_deref);
        let devices = devices.iter().map(|device| (device.token.as_str(), device.platform));
        let devices = self.push_devices(devices);
        self.insertions[place] = self.insertion(&stored.uid, columns, attributes, times, devices);
    }

    fn insertion(
        &mut self,
        uid: &str,
        columns: [Option<&str>; 5],
        attributes: &str,
        times: Option<[&str; 2]>,
        devices: Range<usize>,
    ) -> Insertion {
        let mut piece = |text: &str| {
            let start = self.text.len();
            self.text.push_str(text);
            start..self.text.len()
        };
        let [first_name, last_name, number, email, archived_at] =
            columns.map(|value| value.map(&mut piece));
        Insertion {
            uid: piece(uid),
            first_name,
            last_name,
            number,
            email,
            archived_at,
            attributes: piece(attributes),
            times: times.map(|times| Box::new(times.map(&mut piece))),
            devices,
        }
    }

    fn push_devices<'d>(
        &mut self,
        devices: impl Iterator<Item = (&'d str, DevicePlatform)>,
    ) -> Range<usize> {
        let first = self.devices.len();
        for (token, platform) in devices {
            let start = self.text.len();
            self.text.push_str(token);
            self.devices.push((start..self.text.len(), platform));
        }
        first..self.devices.len()
    }

    fn place(&self, slot: Slot) -> Option<usize> {
        let place = usize::try_from(slot.0.checked_sub(self.first_new.0)?).ok()?;
        (place < self.insertions.len()).then_some(place)
    }

    /// The new customer with that slot, if it is in this change set.
    pub fn inserted(&self, slot: Slot) -> Option<NewCustomer<'_>> {
        self.place(slot).map(|place| self.new_customer(slot, &self.insertions[place]))
    }

    /// The new customers, in the order of their slots, which have no gaps.
    pub fn insertions(&self) -> impl Iterator<Item = NewCustomer<'_>> {
        let slots = (self.first_new.0..).map(Slot);
        self.insertions
            .iter()
            .zip(slots)
            .map(|(insertion, slot)| self.new_customer(slot, insertion))
    }

    /// How many new customers there are.
    pub fn insertion_count(&self) -> usize {
        self.insertions.len()
    }

    fn new_customer<'c>(&'c self, slot: Slot, insertion: &'c Insertion) -> NewCustomer<'c> {
        let text = |piece: &Piece| &self.text[piece.clone()];
        let optional = |piece: &Option<Piece>| piece.as_ref().map(text);
        let Insertion { first_name, last_name, number, email, .. } = insertion;
        let times = insertion.times.as_deref();
        let [first_imported_at, last_changed_at] =
            times.map_or([self.now.as_str(); 2], |times| times.each_ref().map(text));
        NewCustomer {
            slot,
            uid: text(&insertion.uid),
            columns: [first_name, last_name, number, email].map(optional),
            attributes: text(&insertion.attributes),
            archived_at: optional(&insertion.archived_at),
            first_imported_at,
            last_changed_at,
            devices: &self.devices[insertion.devices.clone()],
            text: &self.text,
        }
    }
}
