//! The tables of a customer store. `docs/store.md` explains them to people with an SQL shell.

#[cfg(feature = "postgres")]
pub(crate) mod postgres;
pub(crate) mod sqlite;

use super::database::Database;
use crate::store::StoreError;

/// Creates the view with a column for each custom attribute, in place of an existing view.
/// `attributes` are names and types.
pub(crate) fn create_profiles(
    database: &Database,
    attributes: &[(String, String)],
) -> Result<(), StoreError> {
    #[cfg(feature = "postgres")]
    if database.is_postgres() {
        return postgres::create_profiles(database, attributes);
    }
    sqlite::create_profiles(database, attributes)
}
