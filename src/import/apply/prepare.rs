//! Prepares for a batch: requests everything that its records need from the store.

use super::identity::StoredKey;
use super::merger::Merger;
use crate::import::plan::Plan;
use crate::import::validate::{AcceptedRecord, Validation, Validations};
use crate::store::{KeyMatch, Slot, StoreError, Wanted};
use crate::value::Key;

impl Merger<'_> {
    /// Looks up the keys of a batch that are not known, and loads the customers that its records
    /// name.
    ///
    /// Anything else that a record needs is loaded when the record is merged.
    pub(crate) fn prepare(
        &mut self,
        validations: &Validations,
        plan: &Plan,
    ) -> Result<(), StoreError> {
        if self.customers.is_full() {
            self.customers.write()?;
        }
        let accepted = || {
            validations.results.iter().filter_map(|result| match result {
                Validation::Accepted(accepted) => Some(accepted),
                Validation::Unchanged(_) | Validation::Rejected(_) => None,
            })
        };
        self.identities.added.warm(accepted().map(|accepted| accepted.key_hash));
        let (mut keys, mut uids, mut wanted) = (Vec::new(), Vec::new(), Vec::new());
        for record in accepted() {
            let key = validations.text(record.key);
            if let Some(slot) = self.identities.added.candidate(record.key_hash, key) {
                wanted.push(want(slot, record));
                continue;
            }
            match self.identities.stored(record.key_hash, record.known) {
                StoredKey::None if self.identities.is_store_empty || plan.key == Key::Uid => {}
                StoredKey::None => {
                    uids.extend(self.identities.uids_of_new(&validations.patch(record, plan)));
                }
                StoredKey::Likely(slot) => wanted.push(want(slot, record)),
                StoredKey::Ask => keys.push((key, record)),
            }
        }
        let asked: Vec<&str> = keys.iter().map(|(key, _)| *key).collect();
        self.identities.ask(self.customers.session, &asked, &uids)?;
        for (key, record) in keys {
            let found = self.identities.look_up(self.customers.session, key)?;
            if let KeyMatch::One(slot) = found {
                wanted.push(want(slot, record));
            }
        }
        wanted.extend(self.named_again(validations).map(|slot| Wanted { slot, devices: true }));
        self.customers.load(wanted)
    }

    /// The customers of unchanged records that other records name too, so that those records must
    /// be merged.
    fn named_again(&self, validations: &Validations) -> impl Iterator<Item = Slot> {
        let mut unchanged: Vec<Slot> = validations
            .results
            .iter()
            .filter_map(|result| match result {
                Validation::Unchanged(slot) => Some(*slot),
                Validation::Accepted(_) | Validation::Rejected(_) => None,
            })
            .collect();
        unchanged.sort_unstable();
        let twice: Vec<Slot> =
            unchanged.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
        unchanged.retain(|slot| self.touched.contains(*slot));
        unchanged.into_iter().chain(twice)
    }
}

fn want(slot: Slot, record: &AcceptedRecord) -> Wanted {
    let devices = record.device.is_some()
        || record.exported.as_ref().is_some_and(|exported| !exported.further_devices.is_empty());
    Wanted { slot, devices }
}
