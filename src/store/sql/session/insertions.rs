//! Counts the customers that a session adds: their ids must fit in a slot.

use crate::store::sql::database::Database;
use crate::store::{ChangeSet, SessionStart, StoreError};

/// How many customers the session has added, including this change set. Fails if their ids are too
/// large.
pub(super) fn inserted_with(
    changes: &ChangeSet,
    inserted: u32,
    start: &SessionStart,
    database: &Database,
) -> Result<u32, StoreError> {
    let new = u32::try_from(changes.insertion_count()).ok();
    let inserted = new.and_then(|new| inserted.checked_add(new));
    let inserted = inserted.filter(|new| start.first_new.0.checked_add(*new).is_some());
    inserted.ok_or_else(|| too_many(database))
}

pub(super) fn too_many(database: &Database) -> StoreError {
    database.damaged("it has more customers than this program can count")
}
