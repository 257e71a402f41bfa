//! The changes that a session writes together: new customers, changed customers, and proofs.

use super::slot::Slot;
use super::stored_customer::StoredCustomer;
use crate::customer::{Customer, Diff, Patch};
use crate::value::{Device, DevicePlatform};
use std::ops::Range;

/// A change set with this many bytes of text is written before more is added.
const MAX_BYTES: usize = 1 << 20;

/// The bytes of text that an empty change set may keep allocated.
const KEPT_BYTES: usize = 2 << 20;

/// A range of the text that new customers share.
type Piece = Range<usize>;

/// Proof that a record changes nothing: it is the last record that was applied to its customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proof {
    /// The hash of the record's key, from [`key_hash`](super::key_hash).
    pub key_hash: u64,
    /// The hash of the whole record; never 0.
    pub record_hash: u64,
}

/// A change of a customer's proof in the chosen plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProofChange {
    /// The customer.
    pub slot: Slot,
    /// The new proof; `None` drops the proof.
    pub proof: Option<Proof>,
    /// Whether the customer has changed, which drops its proofs in all other plans.
    pub changed: bool,
}

/// How an update changes the import's before-image of the customer: the values from before the
/// import that differ now.
#[derive(Debug)]
pub enum BeforeImage {
    /// It stays unchanged. Also used for a customer that the import inserted, which has no
    /// before-image.
    Keep,
    /// The customer's first before-image of this import.
    Record(Diff),
    /// Replaces the before-image that the import has written.
    Replace(Diff),
    /// Removes the before-image: the customer is again as it was before the import.
    Withdraw,
}

/// A changed customer.
#[derive(Debug)]
pub struct CustomerUpdate {
    /// The customer.
    pub slot: Slot,
    /// The customer as it is now.
    pub after: StoredCustomer,
    /// Whether its devices have changed too. If not, `after` may lack them.
    pub has_new_devices: bool,
    /// What happens to its before-image.
    pub before: BeforeImage,
}

impl CustomerUpdate {
    /// Whether only custom attributes, devices and the time of the last change differ from what the
    /// store has.
    pub(crate) fn changes_custom_only(&self) -> bool {
        match &self.before {
            BeforeImage::Record(before) => {
                before.columns.iter().all(|(name, _)| name == "last_changed_at")
            }
            // The before-image is relative to the state before the import.
            _ => false,
        }
    }
}

/// A new customer, as ranges of the change set's text.
#[derive(Debug)]
struct Insertion {
    uid: Piece,
    first_name: Option<Piece>,
    last_name: Option<Piece>,
    number: Option<Piece>,
    email: Option<Piece>,
    archived_at: Option<Piece>,
    attributes: Piece,
    /// The times of its first import and its last change, if engage's own export has them.
    times: Option<Box<[Piece; 2]>>,
    /// Its range in the list of devices.
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
    /// The custom attributes: a JSON object with sorted names.
    pub attributes: &'c str,
    /// When it was archived, if engage's own export has it.
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

    /// Copies it to a customer that does not borrow from the change set.
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

/// The changes that a session writes together.
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
    /// The proofs, oldest first; the last proof of a customer counts.
    pub proofs: Vec<ProofChange>,
}

impl ChangeSet {
    /// An empty change set of an import that began at `now`. The first new customer gets the slot
    /// `first_new`.
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

    /// Whether it has no changes.
    pub fn is_empty(&self) -> bool {
        self.insertions.is_empty() && self.updates.is_empty() && self.proofs.is_empty()
    }

    /// Whether it should be written: it has at least that many customers, or a lot of text.
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

    /// The bytes of its text and of the updated customers' attributes.
    pub(crate) fn text_bytes(&self) -> usize {
        let updates = self.updates.iter().map(|update| update.after.customer.attributes.len());
        self.text.len() + updates.sum::<usize>()
    }

    /// Moves all changes to an empty change set and takes over its memory. The next new customer
    /// gets the next slot.
    pub(crate) fn hand_over(&mut self, empty: &mut Self) {
        self.now.clone_into(&mut empty.now);
        empty.first_new = Slot(self.next_slot());
        std::mem::swap(self, empty);
    }

    fn next_slot(&self) -> u32 {
        // A change set is written long before it has 2^32 customers.
        self.first_new.0 + u32::try_from(self.insertions.len()).unwrap_or(u32::MAX)
    }

    /// Adds the new customer that a record describes; returns its slot.
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

    /// Replaces a new customer of this change set that a later record has changed.
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

    /// The new customer with this slot, if it is in this change set.
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
