//! The session: the interface between an import and a store.
//!
//! A session is one transaction. It begins with the lock of the store, so that there is only one
//! at a time, and until [`Session::commit`] no other process sees any of its changes. A session
//! that is dropped, [aborted](Session::abort) or killed has changed no customer. The rules of
//! merging are in `import`; a session only finds and stores. Its calls take many customers at
//! once, so that a store can process them in its own order, and a store behind a network answers a
//! batch in one round trip.
//!
//! # The calls of an import
//!
//! 1. [`settings`](Session::settings) and the calls about files and columns, in any order; in a
//!    new store [`set_key`](Session::set_key); then [`choose_plan`](Session::choose_plan).
//! 2. [`scan`](Session::scan) reads the keys and proofs of all customers, unless there are too
//!    many for the memory. It is called before the first write.
//! 3. For each batch of records: [`lookup`](Session::lookup) finds the customers of the keys that
//!    were not scanned. [`load`](Session::load) reads the customers that the records may change,
//!    and [`before_images`](Session::before_images) the earlier values of those that this session
//!    has already changed. The import merges in memory, and [`write`](Session::write) stores a
//!    full [`ChangeSet`].
//! 4. For a snapshot: [`unnamed`](Session::unnamed) and [`remove`](Session::remove).
//! 5. [`record_attributes`](Session::record_attributes),
//!    [`remember_columns`](Session::remember_columns), [`complete`](Session::complete),
//!    [`commit`](Session::commit). Then the import renames its output files and calls
//!    [`outputs_done`](Session::outputs_done). After an error in any call it only aborts.
//!
//! # Terms
//!
//! - **Slot**: the number of a customer. Slots of deleted customers are not reused. The import
//!   numbers new customers itself, from [`SessionStart::first_new`] on, so that it needs no answer
//!   to go on.
//! - **Proof**: the hash of the last record that was applied to a customer, next to the hash of
//!   its key. The same record under the same plan changes nothing, so it is neither validated nor
//!   loaded. Proofs are set by [`write`](Session::write). A write that changes a customer drops
//!   the proofs of all other plans.
//! - **Before-image**: the values that a customer had before the session and that differ from its
//!   current ones. [`BeforeImage`](crate::store::BeforeImage) says when a write records, replaces
//!   or withdraws it. A new customer has none: an undo deletes it.
//!
//! A dry run is a session around another one: it keeps what is written in a temporary file, and
//! answers as if the store had it.

mod customer_set;
mod write_behind;

pub(crate) use customer_set::CustomerSet;
pub use write_behind::{LoadBefore, WriteBehind};

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
use crate::store::stored_customer::StoredCustomer;
use crate::value::Key;

/// The state of a store when a session begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionStart {
    /// The number that the import gets in the history.
    pub import_id: i64,
    /// About how many customers there are, archived ones included; 0 only if there are none.
    pub customers: u64,
    /// The slot of the first customer that the session adds. Existing customers have lower slots,
    /// and further new ones follow without a gap.
    pub first_new: Slot,
    /// How many changed customers to collect for one [write](Session::write).
    pub batch: usize,
}

/// The stored customers with a given value of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyMatch {
    /// No customer.
    None,
    /// One customer.
    One(Slot),
    /// More than one, archived ones included: the value does not identify a customer.
    Several,
}

/// What happens to the customers that a snapshot does not name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// They are archived.
    Archive,
    /// They are deleted. Their before-images hold everything about them.
    Delete,
}

/// A customer to load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wanted {
    /// The customer.
    pub slot: Slot,
    /// Whether to load its devices too, which takes a separate query in some stores.
    pub devices: bool,
}

/// A loaded customer.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The customer.
    pub slot: Slot,
    /// Its data.
    pub stored: StoredCustomer,
    /// Whether its devices were loaded.
    pub has_devices: bool,
}

/// An import that wrote a rejects file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectsWriter {
    /// Its number in the history.
    pub import: i64,
    /// Whether it changed the store and was not undone. A guard may have stopped it.
    pub is_done: bool,
    /// The files that it read, as they were named.
    pub files: Vec<String>,
}

/// The bytes of custom attributes after which [`Session::load`] loads no more.
pub const LOADED_BYTES: usize = 1 << 20;

/// Called with the hash of the key, the customer, and the hash of the record that would leave it
/// unchanged, or 0.
pub type EachKnown<'e> = dyn FnMut(u64, Slot, u64) + 'e;

/// The transaction of an import.
pub trait Session {
    /// What the store held when the session began.
    fn start(&self) -> SessionStart;

    /// The key, the catalogue, and what is remembered about columns.
    fn settings(&self) -> Result<StoreSettings, StoreError>;

    /// The report of the newest import that changed the store, was not undone, and whose files
    /// satisfy `is_match`. `None` if there is none, or none that this version can read.
    fn last_report(
        &self,
        is_match: &dyn Fn(&[String]) -> bool,
    ) -> Result<Option<Outcome>, StoreError>;

    /// The rejects files that earlier imports may not have renamed.
    fn pending_outputs(&self) -> Result<Vec<PendingOutput>, StoreError>;

    /// Clears the pending outputs of these imports.
    fn clear_pending(&self, imports: &[i64]) -> Result<(), StoreError>;

    /// Whether an import wrote a rejects file with this SHA-256, or read it.
    fn is_known_file(&self, sha256: &str) -> Result<bool, StoreError>;

    /// The imports whose reports name a rejects file by its absolute path or its SHA-256, the
    /// newest first.
    fn rejects_writers(&self, file: &str) -> Result<Vec<RejectsWriter>, StoreError>;

    /// The uids whose records are left out.
    fn blocked_uids(&self) -> Result<BlockedUids, StoreError>;

    /// Keeps no before-images beyond this session: this import and all earlier ones can no longer
    /// be undone.
    fn disable_undo(&mut self) -> Result<(), StoreError>;

    /// Sets the key that identifies the store's customers, which is not set yet.
    fn set_key(&mut self, key: Key) -> Result<(), StoreError>;

    /// Chooses the plan whose proofs are read and set. Its digest covers everything that shapes a
    /// value, so that records with the same proof have the same outcome within a plan.
    fn choose_plan(&mut self, digest: &[u8]) -> Result<(), StoreError>;

    /// Calls `each` with all customers that have a value of the key and existed when the session
    /// began, with their proofs in the chosen plan.
    fn scan(&mut self, key: Key, each: &mut EachKnown<'_>) -> Result<(), StoreError>;

    /// Calls `each` with the customers that have a value of the key, existed when the session
    /// began, and are not `named`: with the customer, its value, and whether it is archived.
    /// Returns how many customers have a value.
    fn unnamed(
        &mut self,
        key: Key,
        named: &mut dyn FnMut(Slot, &str) -> bool,
        each: &mut dyn FnMut(Slot, &str, bool),
    ) -> Result<u64, StoreError>;

    /// Looks up values of a key, in the form in which keys are compared, among the customers that
    /// existed when the session began. Returns a match for each value.
    fn lookup(&mut self, key: Key, values: &[&str]) -> Result<Vec<KeyMatch>, StoreError>;

    /// How many of these values of a key, in the form in which keys are compared, belong to a
    /// customer that existed when the session began.
    fn count_known(&mut self, key: Key, values: &[&str]) -> Result<usize, StoreError>;

    /// Loads customers in any order, as they are now, with everything that was written so far.
    /// Stops after [`LOADED_BYTES`], but loads at least one: the caller asks again for the rest.
    ///
    /// Fails if there is no such customer.
    fn load(&mut self, wanted: &[Wanted]) -> Result<Vec<Loaded>, StoreError>;

    /// The before-images of customers that this session has changed, in the same order. `changed`
    /// has the customers as they are now, with their devices. Fails if one of them was not changed.
    fn before_images(&mut self, changed: &[&Loaded]) -> Result<Vec<Diff>, StoreError>;

    /// Calls `each` with every value of a custom attribute, as JSON.
    fn values_of(
        &mut self,
        attribute: &str,
        each: &mut dyn FnMut(Slot, &str),
    ) -> Result<(), StoreError>;

    /// Writes the changes of a batch, each customer at most once, and empties the change set.
    fn write(&mut self, changes: &mut ChangeSet) -> Result<(), StoreError>;

    /// Archives or deletes customers that no record has named, and drops their proofs. A record
    /// that names an archived customer brings it back.
    fn remove(&mut self, slots: &[Slot], removal: Removal, now: &str) -> Result<(), StoreError>;

    /// Adds the attributes of the import to the catalogue, or updates them there.
    fn record_attributes(&mut self, seen: &[Attribute]) -> Result<(), StoreError>;

    /// Remembers what columns became in this import, by their compared headers. `known` is what the
    /// store remembers already.
    fn remember_columns(
        &mut self,
        columns: &RememberedColumns,
        known: &RememberedColumns,
    ) -> Result<(), StoreError>;

    /// Writes what is still buffered, and creates the indexes of a new store.
    fn complete(&mut self) -> Result<(), StoreError>;

    /// Writes the history line and commits. If that fails, the session must still be
    /// [aborted](Session::abort).
    fn commit(&mut self, line: &HistoryLine) -> Result<(), StoreError>;

    /// Clears the pending outputs of this import, after its commit. If that fails, the next change
    /// does it.
    fn outputs_done(&self);

    /// Ends the session without changing customers. Writes the history line, if there is one, to an
    /// existing store, and returns its number.
    fn abort(self: Box<Self>, line: Option<&HistoryLine>) -> Result<Option<i64>, StoreError>;

    /// The error for a store that holds something that engage never writes.
    fn damaged(&self, what: &str) -> StoreError;
}
