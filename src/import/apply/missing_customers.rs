//! A snapshot is a complete list of customers: those that it does not name are missing.

use crate::import::{Bound, Snapshot};
use crate::outcome::{CustomerCounts, MissingAction, SnapshotOutcome, Warning, counted};
use crate::store::{CustomerSet, Removal, Session, Slot, StoreError, key_hash};
use crate::value::Key;
use std::collections::HashSet;

/// How many of the missing are shown as examples.
const EXAMPLES: usize = 3;

/// The keys of the rejected records.
#[derive(Debug, Default)]
pub(crate) struct RejectedKeys {
    hashes: HashSet<u64>,
    unreadable: u64,
}

impl RejectedKeys {
    pub(crate) fn count(&mut self, key_hash: Option<u64>) {
        match key_hash {
            Some(hash) => {
                self.hashes.insert(hash);
            }
            None => self.unreadable += 1,
        }
    }
}

/// The customers that the records of an import name.
pub(crate) struct NamedCustomers {
    /// The customers of accepted records, and those of skipped and rejected ones.
    pub(crate) customers: [CustomerSet; 2],
    pub(crate) rejected: RejectedKeys,
}

impl NamedCustomers {
    /// How many records have no readable key: each of them may name any customer.
    pub(crate) fn unreadable(&self) -> u64 {
        self.rejected.unreadable
    }
}

/// The customers that a snapshot does not name.
#[derive(Debug)]
pub(crate) struct MissingCustomers {
    snapshot: Snapshot,
    customers: Vec<Slot>,
    /// The keys of a few of them, as examples.
    examples: Vec<String>,
    /// How many customers could be missing: those that were not archived and have the key.
    of: u64,
}

impl MissingCustomers {
    /// Finds the missing among the customers that the store had before the import. An archived
    /// customer is not missing, nor is one without the key.
    pub(crate) fn find(
        session: &mut dyn Session,
        key: Key,
        named: &NamedCustomers,
        snapshot: Snapshot,
    ) -> Result<Self, StoreError> {
        let NamedCustomers { customers, rejected } = named;
        let mut missing = Self { snapshot, customers: Vec::new(), examples: Vec::new(), of: 0 };
        let mut archived = 0;
        let with_key = session.unnamed(
            key,
            &mut |slot, value| {
                customers.iter().any(|set| set.contains(slot))
                    || rejected.hashes.contains(&key_hash(&key.compared(value)))
            },
            &mut |slot, value, is_archived| {
                if is_archived {
                    archived += 1;
                    return;
                }
                missing.customers.push(slot);
                if missing.examples.len() < EXAMPLES {
                    missing.examples.push(value.to_owned());
                }
            },
        )?;
        missing.of = with_key - archived;
        Ok(missing)
    }

    /// How many customers are missing.
    pub(crate) fn count(&self) -> u64 {
        self.customers.len() as u64
    }

    /// The bound that their number exceeds, if that must stop the import. An import that only
    /// reports them has no default bound.
    pub(crate) fn exceeded_bound(&self) -> Option<Bound> {
        let bound = match (self.snapshot.max_missing, self.snapshot.action) {
            (Some(bound), _) => bound,
            (None, MissingAction::Archive | MissingAction::Delete) => Snapshot::MAX_MISSING,
            (None, MissingAction::Report) => return None,
        };
        bound.is_exceeded(self.count(), self.of).then_some(bound)
    }

    /// Warns that many customers are missing, or that none of them is archived or deleted because
    /// `unreadable` records may name any of them.
    pub(crate) fn warning(&self, unreadable: u64) -> Option<Warning> {
        let count = self.count();
        let are = if count == 1 { "is" } else { "are" };
        let removed = match self.snapshot.action {
            MissingAction::Archive => "archived",
            MissingAction::Delete => "deleted",
            MissingAction::Report => {
                let is_large = Snapshot::MAX_MISSING.is_exceeded(count, self.of);
                let of = self.of;
                let message =
                    format!("{count} of {of} customers {are} missing: is the export complete?");
                return is_large.then(|| Warning::new("snapshot.missing", message, count));
            }
        };
        if unreadable == 0 || count == 0 {
            return None;
        }
        let message = format!(
            "{} {are} not {removed}: {unreadable} rejected {} any of them; fix the rejects, or allow \
             them with --max-rejects",
            counted(count, "missing customer"),
            if unreadable == 1 { "record may name" } else { "records may name" },
        );
        Some(Warning::new("snapshot.missing", message, count))
    }

    /// Archives or deletes the missing customers, and counts them.
    pub(crate) fn archive_or_delete(
        &self,
        session: &mut dyn Session,
        counts: &mut CustomerCounts,
        now: &str,
    ) -> Result<(), StoreError> {
        let (removal, count) = match self.snapshot.action {
            MissingAction::Report => return Ok(()),
            MissingAction::Archive => (Removal::Archive, &mut counts.archived),
            MissingAction::Delete => (Removal::Delete, &mut counts.deleted),
        };
        session.remove(&self.customers, removal, now)?;
        *count += self.count();
        Ok(())
    }

    /// The snapshot's part of the report. `last_records` is the number of records in the last
    /// import of such a file.
    pub(crate) fn outcome(self, last_records: Option<u64>) -> SnapshotOutcome {
        let Self { snapshot, of, examples, .. } = self;
        SnapshotOutcome { action: snapshot.action, of, last_records, examples }
    }
}
