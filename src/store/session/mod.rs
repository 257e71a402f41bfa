//! The session in which an import meets a store.
//!
//! An import reads its file in batches. For each batch it [looks up](Session::lookup) the keys that it
//! does not know, [loads](Session::load) the customers that the records name, merges the records in
//! memory, and [writes](Session::write) what has changed. All calls take many customers at once, so that
//! a store can go through them in its own order, and so that a store behind a network answers a batch
//! in one round trip. The rules of merging are above the session, in `import`; a session only keeps what
//! it is told.
//!
//! A session is one transaction: until [`Session::commit`] no other process sees any of it, and a session
//! that is dropped, or [ended](Session::abort), has changed nothing.

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

/// What a store holds when a session begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionStart {
    /// The number that the import gets in the history.
    pub import_id: i64,
    /// How many customers there are, archived ones included.
    pub customers: u64,
    /// The slot of the first customer that the session adds. Those of customers who were there before
    /// are lower, those of further new ones follow without a gap.
    pub first_new: Slot,
    /// How many changed customers are worth a [write](Session::write) of their own.
    pub batch: usize,
}

/// The stored customers with a value of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyMatch {
    /// No customer.
    None,
    /// One customer.
    One(Slot),
    /// More than one: the value does not identify a customer.
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
    /// Whether its devices are wanted too, which cost a query of their own in some stores.
    pub devices: bool,
}

/// A loaded customer.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The customer.
    pub slot: Slot,
    /// All of it.
    pub stored: StoredCustomer,
    /// Whether its devices are among it.
    pub has_devices: bool,
}

/// An import that wrote a rejects file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectsWriter {
    /// Its number in the history.
    pub import: i64,
    /// Whether it changed the store and was not undone: a guard has not stopped it.
    pub is_done: bool,
    /// The files that it read, as they were named.
    pub files: Vec<String>,
}

/// The bytes of custom attributes after which [`Session::load`] loads no more.
pub const LOADED_BYTES: usize = 1 << 20;

/// Calls with the key's hash, the customer, and the hash of the record that leaves it unchanged, or 0.
pub type EachKnown<'e> = dyn FnMut(u64, Slot, u64) + 'e;

/// The transaction of an import.
pub trait Session {
    /// What the store held when the session began.
    fn start(&self) -> SessionStart;

    /// The key, the catalogue, and what is remembered of columns.
    fn settings(&self) -> Result<StoreSettings, StoreError>;

    /// The report of the newest import whose files `is_match`, that changed the store and was not
    /// undone. `None` if there is none, or none that this version can read.
    fn last_report(
        &self,
        is_match: &dyn Fn(&[String]) -> bool,
    ) -> Result<Option<Outcome>, StoreError>;

    /// The rejects files that earlier imports on this host may not have renamed.
    fn pending_outputs(&self) -> Result<Vec<PendingOutput>, StoreError>;

    /// Clears the pending outputs of these imports.
    fn clear_pending(&self, imports: &[i64]) -> Result<(), StoreError>;

    /// Whether an import wrote a rejects file of this SHA-256, or has read it.
    fn is_known_file(&self, sha256: &str) -> Result<bool, StoreError>;

    /// The imports whose reports name a rejects file by its absolute path or its SHA-256, the newest
    /// first.
    fn rejects_writers(&self, file: &str) -> Result<Vec<RejectsWriter>, StoreError>;

    /// The uids whose records are left out.
    fn blocked_uids(&self) -> Result<BlockedUids, StoreError>;

    /// Keeps no before-images beyond this session: this import and all before it cannot be undone.
    fn disable_undo(&mut self) -> Result<(), StoreError>;

    /// Sets what identifies the store's customers, which is not set yet.
    fn set_key(&mut self, key: Key) -> Result<(), StoreError>;

    /// Chooses the plan whose proofs are read and set. Its digest covers everything that shapes a
    /// value, so that records with one proof and one plan have one outcome.
    fn choose_plan(&mut self, digest: &[u8]) -> Result<(), StoreError>;

    /// Calls `each` with all customers that have the key and were there when the session began, with
    /// their proofs of the chosen plan.
    fn scan(&mut self, key: Key, each: &mut EachKnown<'_>) -> Result<(), StoreError>;

    /// Calls `each` with the customers that have the key, were there when the session began, and are
    /// not `named`: the customer, its key, whether it is archived. Returns how many have the key.
    fn unnamed(
        &mut self,
        key: Key,
        named: &mut dyn FnMut(Slot, &str) -> bool,
        each: &mut dyn FnMut(Slot, &str, bool),
    ) -> Result<u64, StoreError>;

    /// Looks values of a key up, in the form in which keys are compared, among the customers that were
    /// there when the session began: for each value what it finds.
    fn lookup(&mut self, key: Key, values: &[&str]) -> Result<Vec<KeyMatch>, StoreError>;

    /// How many of these values of a key customers have, in the form in which keys are compared.
    fn count_known(&mut self, key: Key, values: &[&str]) -> Result<usize, StoreError>;

    /// Loads customers as they are now, with all that was written so far, in any order. After
    /// [`LOADED_BYTES`] it stops; at least one is loaded.
    ///
    /// Fails if there is no such customer.
    fn load(&mut self, wanted: &[Wanted]) -> Result<Vec<Loaded>, StoreError>;

    /// The earlier values of customers that this session has changed, each in the place of
    /// its customer, which is given as it is now, with its devices. Fails if one of them is not changed.
    fn before_images(&mut self, changed: &[&Loaded]) -> Result<Vec<Diff>, StoreError>;

    /// Calls `each` with every value of a custom attribute, as JSON.
    fn values_of(
        &mut self,
        attribute: &str,
        each: &mut dyn FnMut(Slot, &str),
    ) -> Result<(), StoreError>;

    /// Writes what a batch has changed, and empties the change set.
    fn write(&mut self, changes: &mut ChangeSet) -> Result<(), StoreError>;

    /// Archives or deletes customers that no record has named, and drops their proofs. A record that
    /// names an archived customer brings it back.
    fn remove(&mut self, slots: &[Slot], removal: Removal, now: &str) -> Result<(), StoreError>;

    /// Adds attributes that the import has seen values of to the catalogue.
    fn record_attributes(&mut self, seen: &[Attribute]) -> Result<(), StoreError>;

    /// Remembers what columns became in this import, by their compared headers. `known` is what the
    /// store knows already.
    fn remember_columns(
        &mut self,
        columns: &RememberedColumns,
        known: &RememberedColumns,
    ) -> Result<(), StoreError>;

    /// Writes what is still buffered, and creates the indexes of a new store.
    fn complete(&mut self) -> Result<(), StoreError>;

    /// Writes the history line and commits. If it fails, the session is still to be ended.
    fn commit(&mut self, line: &HistoryLine) -> Result<(), StoreError>;

    /// Clears the pending outputs of this import, after its commit. If that fails, the next change
    /// does it.
    fn outputs_done(&self);

    /// Ends the session without any change of customers. An existing store gets the history line, if
    /// there is one, whose number is returned.
    fn abort(self: Box<Self>, line: Option<&HistoryLine>) -> Result<Option<i64>, StoreError>;

    /// The error of a store that holds something that this program does not write.
    fn damaged(&self, what: &str) -> StoreError;
}
