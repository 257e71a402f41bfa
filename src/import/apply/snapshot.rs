//! A snapshot is the whole truth: whom it does not name is missing.

use crate::import::ImportError;
use crate::import::apply::known::{CustomerSet, key_hash};
use crate::import::{Bound, Snapshot};
use crate::outcome::{MissingAction, SnapshotOutcome, Warning};
use crate::store::sqlite::ImportTransaction;
use crate::store::sqlite::customers::CustomerId;
use crate::store::{Interrupt, StoreError};
use crate::value::Key;
use std::collections::HashSet;

/// How many of the missing are named to a person.
const NAMED: usize = 3;

/// Whom the rejected records of an import name.
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

/// Whom an import named.
pub(crate) struct Presence {
    /// The customers of its accepted and skipped records.
    pub(crate) named: [CustomerSet; 2],
    pub(crate) rejected: RejectedKeys,
}

impl Presence {
    /// How many records name nobody that can be read: each of them may name anybody.
    pub(crate) fn unreadable(&self) -> u64 {
        self.rejected.unreadable
    }
}

/// The customers whom a snapshot does not name.
#[derive(Debug, Default)]
pub(crate) struct Missing {
    pub(crate) customers: Vec<CustomerId>,
    /// The keys of a few of them.
    pub(crate) examples: Vec<String>,
    /// How many could be missing: those who were not archived and have a value of the key.
    pub(crate) of: u64,
}

impl Missing {
    /// Finds them among the customers who were there before the import. Who is archived is not
    /// missing, nor is anybody without a value of the key.
    pub(crate) fn find(
        transaction: &ImportTransaction,
        key: Key,
        presence: &Presence,
    ) -> Result<Self, StoreError> {
        let Presence { named, rejected } = presence;
        let first_new = transaction.first_new_customer();
        let mut missing = Self::default();
        let mut archived = Ok(());
        transaction.keys(key, |customer, value| {
            if customer >= first_new || archived.is_err() {
                return;
            }
            missing.of += 1;
            let is_named = named.iter().any(|set| set.contains(customer));
            if is_named || rejected.hashes.contains(&key_hash(&key.compared(value))) {
                return;
            }
            match transaction.is_archived(customer) {
                Ok(true) => missing.of -= 1,
                Ok(false) => {
                    missing.customers.push(customer);
                    if missing.examples.len() < NAMED {
                        missing.examples.push(value.to_owned());
                    }
                }
                Err(error) => archived = Err(error),
            }
        })?;
        archived?;
        Ok(missing)
    }

    /// The bound that there are more of them than, if that is to stop the import.
    pub(crate) fn exceeded(&self, snapshot: Snapshot) -> Option<Bound> {
        let bound = match (snapshot.max_missing, snapshot.action) {
            (None, MissingAction::Report) => return None,
            (bound, _) => bound.unwrap_or(Snapshot::MAX_MISSING),
        };
        bound.is_exceeded(self.customers.len() as u64, self.of).then_some(bound)
    }

    /// What a person should know: that they are many, or that they stay since some records, as many
    /// as `unreadable`, may name any of them.
    pub(crate) fn warning(&self, snapshot: Snapshot, unreadable: u64) -> Option<Warning> {
        let count = self.customers.len() as u64;
        let are = if count == 1 { "is" } else { "are" };
        let message = match snapshot.action {
            MissingAction::Report if Snapshot::MAX_MISSING.is_exceeded(count, self.of) => {
                format!("{count} of {} customers {are} missing: is the export complete?", self.of)
            }
            MissingAction::Archive | MissingAction::Delete if unreadable > 0 && count > 0 => {
                let done = match snapshot.action {
                    MissingAction::Delete => "deleted",
                    _ => "archived",
                };
                format!(
                    "{count} missing {are} not {done}: {unreadable} rejected {} any of them; mend \
                     the rejects, or allow them with --max-rejects",
                    if unreadable == 1 { "record may name" } else { "records may name" },
                )
            }
            _ => return None,
        };
        Some(Warning::new("snapshot.missing", message, count))
    }

    /// Parts with them, as was asked.
    pub(crate) fn part(
        &self,
        transaction: &mut ImportTransaction,
        action: MissingAction,
        now: &str,
        interrupt: &Interrupt,
    ) -> Result<(), ImportError> {
        for customer in &self.customers {
            interrupt.check()?;
            match action {
                MissingAction::Report => return Ok(()),
                MissingAction::Archive => transaction.archive(*customer, now)?,
                MissingAction::Delete => transaction.delete(*customer)?,
            }
        }
        Ok(())
    }

    pub(crate) fn outcome(self, snapshot: Snapshot, last_records: Option<u64>) -> SnapshotOutcome {
        let Self { of, examples, .. } = self;
        SnapshotOutcome { action: snapshot.action, of, last_records, examples }
    }
}
